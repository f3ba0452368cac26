"""Text and formulas made ready for TeX: escaping, places to break, widths."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from derive.name_patterns import LATIN

_SPECIAL = {
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}",
    "`": r"\textasciigrave{}", "⁄": "/", '"': r"\textquotedbl{}",
}  # fmt: skip
_GREEK = [
    "alpha", "beta", "gamma", "delta", "varepsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
    "mu", "nu", "xi", "o", "pi", "rho", "varsigma", "sigma", "tau", "upsilon", "varphi", "chi", "psi",
    "omega",
]  # fmt: skip
_GREEK_CAPITALS = ["Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"]
_SIGNS = {
    "×": r"\times", "÷": r"\div", "·": r"\cdot", "±": r"\pm", "∓": r"\mp", "−": "-", "∂": r"\partial",
    "∇": r"\nabla", "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "√": r"\surd", "∞": r"\infty", "≈": r"\approx",
    "≠": r"\ne", "≤": r"\le", "≥": r"\ge", "≪": r"\ll", "≫": r"\gg", "≡": r"\equiv", "∝": r"\propto",
    "←": r"\leftarrow", "→": r"\rightarrow", "↔": r"\leftrightarrow", "↑": r"\uparrow", "↓": r"\downarrow",
    "⇒": r"\Rightarrow", "⇐": r"\Leftarrow", "⇔": r"\Leftrightarrow", "↦": r"\mapsto", "∈": r"\in",
    "∉": r"\notin", "⊂": r"\subset", "⊆": r"\subseteq", "∪": r"\cup", "∩": r"\cap", "∅": r"\emptyset",
    "∀": r"\forall", "∃": r"\exists", "¬": r"\neg", "∧": r"\wedge", "∨": r"\vee", "∘": r"\circ",
    "⊙": r"\odot", "⊗": r"\otimes", "⊕": r"\oplus", "∗": r"\ast", "⋅": r"\cdot", "‖": r"\|", "ℓ": r"\ell",
    "′": r"{}'", "″": r"{}''", "°": r"{}^{\circ}", "ϵ": r"\epsilon", "ϑ": r"\vartheta", "ϕ": r"\phi",
    "⟨": r"\langle", "⟩": r"\rangle", "∎": r"\bullet", "∴": r"\bullet", "µ": r"\mu",
}  # fmt: skip
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_CYRILLIC_AS_LATIN = [
    "a", "b", "v", "g", "d", "e", "zh", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f",
    "kh", "ts", "ch", "sh", "shch", "'", "y", "'", "e", "yu", "ya",
]  # fmt: skip
# marks that the fonts can put on any letter, from the letter outwards; above, at its side, below
_ABOVE = {"\u0306": "u", "\u0302": "^", "\u0308": '"', "\u030a": "r", "\u0304": "=", "\u0303": "~", "\u0307": ".",
          "\u0300": "`", "\u0301": "'", "\u030b": "H", "\u030c": "v"}  # fmt: skip
_MARKS = {mark: rf"\DvAccent{{\{name}{{}}}}" for mark, name in _ABOVE.items()} | {
    "\u0309": r"\DvHook", "\u031b": r"\DvHorn",
    "\u0327": r"\c", "\u0328": r"\k", "\u0326": r"\textcommabelow", "\u0331": r"\b", "\u0323": r"\d",
}  # fmt: skip
_SET = LATIN + "¡¿§£€©®«»‹›„“”‘’‚–—…†‡•"  # what the T1 fonts set as it is, beyond ASCII


def _table() -> dict[str, str]:
    """One character each: what is written for it in TeX."""
    greek = dict(zip("αβγδεζηθικλμνξοπρςστυφχψω", _GREEK, strict=True))
    greek |= dict(zip("ΓΔΘΛΞΠΣΥΦΨΩ", _GREEK_CAPITALS, strict=True))
    math = {sign: rf"\{name}" if name != "o" else "o" for sign, name in greek.items()} | _SIGNS
    math |= {sign: f"_{{{digit}}}" for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")}
    math |= {sign: f"^{{{plain}}}" for sign, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾", "0123456789+-()", strict=True)}
    math |= {"ᵀ": r"^{\top}"}
    table = {sign: rf"\ensuremath{{{latex}}}" for sign, latex in math.items()}
    table |= dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧ", "ABEZHIKMNOPTX", strict=True))
    cyrillic = dict(zip(_CYRILLIC, _CYRILLIC_AS_LATIN, strict=True))
    table |= cyrillic | {small.upper(): latin.capitalize() for small, latin in cyrillic.items()}
    return table | _SPECIAL | {letter: letter for letter in _SET} | {"ё": "e", "Ё": "E", "і": "i", "ї": "i"}


_WRITTEN = _table()
_LIGATURE = re.compile(r"(?<=[-<>,!?'`])(?=[-<>,'`])")
_LONG_WORD = re.compile(r"[^\s]{30}(?=[^\s]{5})")
_BREAK = "\N{ZERO WIDTH SPACE}"


@lru_cache(maxsize=4096)
def escape(text: str) -> str:
    """Plain text for TeX, so that it prints as it is written.

    Letters no engine here can set are transliterated, or "?" stands for them (see
    `missing`); control characters are dropped; words of more than 30 letters may be broken.
    """
    words = " ".join("".join(" " if c.isspace() else c for c in text if c.isspace() or _prints(c)).split())
    words = _LONG_WORD.sub(lambda match: match.group() + _BREAK, unicodedata.normalize("NFC", words))
    return "".join(_character(c) for c in _LIGATURE.sub("\N{WORD JOINER}", words))


def _prints(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _character(character: str) -> str:
    if character in _WRITTEN:
        return _WRITTEN[character]
    if character.isascii():
        return character
    if character in (_BREAK, "\N{WORD JOINER}"):
        return r"\allowbreak{}" if character == _BREAK else "{}"
    if unicodedata.combining(character):
        return ""
    if (accented := _accented(character)) is not None:
        return accented
    plain = [c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c)]
    if plain != [character]:
        return "".join(_character(c) for c in plain)
    return "?"


def missing(text: str) -> tuple[str, ...]:
    """The letters of a text for which "?" stands in print, each once."""
    letters = dict.fromkeys(c for c in unicodedata.normalize("NFC", text) if _prints(c))
    return tuple(c for c in letters if "?" in _character(c) and "?" not in unicodedata.normalize("NFKD", c))


def _accented(character: str) -> str | None:
    r"""A Latin letter with marks that make no letter of the fonts, put together: ặ is \d on ă."""
    base, *marks = list(unicodedata.normalize("NFD", character))
    if not (base.isascii() and base.isalpha() and marks) or any(mark not in _MARKS for mark in marks):
        return None
    known = [mark for mark in marks if unicodedata.normalize("NFC", base + mark) in LATIN][:1]
    letter = unicodedata.normalize("NFC", base + known[0]) if known else base
    if letter in "ij" and any(mark in _ABOVE or mark == "\u0309" for mark in marks):
        letter = rf"\{letter} "     # without its dot
    for mark in sorted((mark for mark in marks if mark not in known), key=list(_MARKS).index):
        letter = f"{_MARKS[mark]}{{{letter}}}"
    return rf"\DvLetter{{{ord(character):04X}}}{{{letter}}}"


def utf16(text: str) -> str:
    """Text as the hexadecimal digits of a PDF string, any letter allowed."""
    kept = "".join(c for c in " ".join(text.split()) if _prints(c))
    return "FEFF" + kept.encode("utf-16-be").hex().upper()


_TOKEN = re.compile(r"\\(?:[a-zA-Z]+\s*|.)|[{}()\[\]]|[-+]|[^\s\\{}()\[\]+-]|\s+|\\", re.DOTALL)
_OPERATORS = {"+": 100, "-": 100, r"\times": 300, r"\cdot": 300, r"\circ": 300, r"\odot": 300}
_OPENING = {"(", "[", r"\{"}
_CLOSING = {")", "]", r"\}"}
_DEEPER = {"{", r"\left", r"\begin"}
_SHALLOWER = {"}", r"\right", r"\end"}


@lru_cache(maxsize=4096)
def breakable(latex: str) -> str:
    r"""The formula with `\DvBreak{penalty}` before each operator where a line may end.

    Only outside of braces, `\left … \right` and environments; a place inside of
    round brackets costs more. A sign that begins a term is not an operator.
    """
    out: list[str] = []
    depth = brackets = 0
    before = ""
    for token in _TOKEN.findall(latex):
        name = token.strip()
        depth += (name in _DEEPER) - (name in _SHALLOWER)
        brackets = max(0, brackets + (name in _OPENING) - (name in _CLOSING))
        if depth == 0 and name in _OPERATORS and _ends_term(before):
            out.append(rf"\DvBreak{{{_OPERATORS[name] + 400 * brackets}}}")
        if depth == 1 and name == r"\begin" and before == "}":
            out.append(r"\DvBreak{500}")  # between two matrices
        out.append(token)
        before = name or before
    return "".join(out)


def _ends_term(before: str) -> bool:
    return bool(before) and before not in _OPERATORS and before not in _OPENING and before not in "=<>,^_"


Item = TypeVar("Item")
_MATRIX = re.compile(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", re.DOTALL)


WIDEST = 8   # rows or columns of a matrix that are all shown


@lru_cache(maxsize=4096)
def elided(latex: str, limit: int = WIDEST) -> str:
    """The formula with dots for the middle of a matrix of more than `limit` rows or columns."""
    if latex.count("&") < limit and latex.count(r"\\") < limit:
        return latex
    return _MATRIX.sub(lambda match: _elided(match.group(1), limit), latex)


def _elided(body: str, limit: int) -> str:
    rows = [shortened([cell.strip() for cell in row.split("&")], r"\cdots", limit) for row in body.split(r"\\")]
    dots = [r"\ddots" if cell == r"\cdots" else r"\vdots" for cell in rows[0]]
    lines = " \\\\ ".join(" & ".join(row) for row in shortened(rows, dots, limit))
    return rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}"


def shortened(items: Sequence[Item], dots: Item, limit: int = WIDEST) -> list[Item]:
    """The first items, dots and the last one, where there are more than `limit`."""
    return [*items] if len(items) <= limit else [*items[: limit - 3], dots, items[-1]]


# --- Sizes, in em of the formula's own type: near enough to leave room for what is not printed ---

Size = tuple[float, float]

_PIECE = re.compile(r"\\(?:begin|end)\{[a-z*]+\}|\\[a-zA-Z]+|\\.|\S", re.DOTALL)
_PLAIN = re.compile(r"-?[0-9.]+")
_WIDTHS = {
    ".": 0.28, ",": 0.45, ";": 0.45, "'": 0.3, "(": 0.39, ")": 0.39, "[": 0.28, "]": 0.28, "|": 0.28,
    "=": 1.33, "+": 1.22, "-": 1.22, "<": 1.33, ">": 1.33, r"\times": 1.22, r"\cdot": 0.72, r"\circ": 0.94,
    r"\odot": 1.22, "*": 0.94, "/": 0.5, r"\,": 0.17, r"\;": 0.28, r"\!": -0.17, r"\quad": 1.0, r"\ ": 0.33,
    r"\left": 0.5, r"\right": 0.5,
    r"\sum": 1.44, r"\max": 2.0, r"\exp": 1.8, r"\ln": 0.9, r"\tanh": 2.3,
    "m": 0.86, "w": 0.72, "M": 0.97, "W": 0.94, "E": 0.74, "L": 0.68, "i": 0.33, "j": 0.4, "l": 0.3, "t": 0.37,
}  # fmt: skip
_NO_WIDTH = (
    r"\mathrm", r"\mathbf", r"\mathit", r"\mathsf", r"\boldsymbol", r"\text", r"\operatorname", r"\displaystyle",
    r"\bigl", r"\bigr", r"\Bigl", r"\Bigr", r"\hat", r"\bar", r"\vec",
)  # fmt: skip
_WIDTHS |= dict.fromkeys(_NO_WIDTH, 0.0)
_GLYPH, _LETTER, _ROW, _BRACKETS = 0.55, 0.5, 1.3, 1.4


@lru_cache(maxsize=8192)
def size(latex: str) -> Size:
    """About how wide and how high TeX sets a displayed formula, in em."""
    if _PLAIN.fullmatch(latex):
        return sum(_WIDTHS["."] if c == "." else 0.78 if c == "-" else _LETTER for c in latex), 1.0
    tokens = _PIECE.findall(latex)[::-1]
    wide, high = 0.0, 1.0
    while tokens:
        wide, high = _beside((wide, high), _row(tokens))
        tokens = tokens[:-1]  # a closing sign without its opening one
    return wide, high


def width(latex: str) -> float:
    """About how wide TeX sets a formula, in em."""
    return size(latex)[0]


def _beside(one: Size, other: Size) -> Size:
    return one[0] + other[0], max(one[1], other[1])


def _row(tokens: list[str]) -> Size:
    """The size up to the next closing sign, `&` or end of a row; what was read is taken off the end."""
    wide, high = 0.0, 1.0
    while tokens and tokens[-1] not in ("}", "&", r"\\") and not tokens[-1].startswith(r"\end{"):
        wide, high = _beside((wide, high), _one(tokens))
    return wide, high


def _one(tokens: list[str]) -> Size:
    """The size of the next sign or group."""
    token = tokens.pop()
    if token == "{":
        inner = _row(tokens)
        del tokens[-1:]
        return inner
    if token in ("^", "_"):
        wide, high = _one(tokens) if tokens else (0.0, 1.0)
        return 0.78 * wide, 1.2 * high
    if token == r"\frac" and len(tokens) > 1:
        over, under = _one(tokens), _one(tokens) if tokens else (0.0, 1.0)
        return max(over[0], under[0]) + 0.24, over[1] + under[1] + 0.1
    if token.startswith(r"\begin{"):
        return _array(tokens)
    letters = _LETTER if token.isdigit() or (token.islower() and token.isascii()) else _GLYPH
    return _WIDTHS.get(token, letters), 1.0


def _array(tokens: list[str]) -> Size:
    """The size of a matrix up to its end: its columns beside, its rows below each other."""
    columns: list[float] = []
    high, place, row = 0.0, 0, 1.0
    while tokens:
        wide, tall = _row(tokens)
        columns += [0.0] * (place + 1 - len(columns))
        columns[place], row = max(columns[place], wide), max(row, tall)
        place += 1
        end = tokens.pop() if tokens else r"\\"
        if end != "&":
            high, place, row = high + max(_ROW, row + 0.1), 0, 1.0
        if end.startswith(r"\end{"):
            break
    return sum(columns) + 0.91 * max(0, len(columns) - 1) + _BRACKETS, high + 0.2


def parts(latex: str, short: float = 24.0) -> tuple[Size, ...]:
    """The sizes of what stands between the places where the formula may be broken; a short one is not."""
    whole = size(latex)
    if whole[0] < short:
        return (whole,)
    return tuple(size(part) for part in _BREAKS.split(breakable(latex)))


_BREAKS = re.compile(r"\\DvBreak\{\d+\}")
