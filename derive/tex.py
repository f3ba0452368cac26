"""Text and formulas made ready for TeX: escaping, places to break, widths."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

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
_SET = (  # what the T1 fonts set as they are, beyond ASCII
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĂăĄąĆćČčĎďĐđĘęĚěĞğİıĹĺĽľŁłŃńŇňŊŋŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž"
    "¡¿§£€©®«»‹›„“”‘’‚–—…†‡•"
)


def _table() -> dict[str, str]:
    """One character each: what is written for it in TeX."""
    greek = dict(zip("αβγδεζηθικλμνξοπρςστυφχψω", _GREEK, strict=True))
    greek |= dict(zip("ΓΔΘΛΞΠΣΥΦΨΩ", _GREEK_CAPITALS, strict=True))
    math = {sign: rf"\{name}" if name != "o" else "o" for sign, name in greek.items()} | _SIGNS
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

    Letters no engine here can set are transliterated or stand as their code
    point in a small box; control characters are dropped; words of more than
    30 letters may be broken.
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
    plain = [c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c)]
    if plain != [character]:
        return "".join(_character(c) for c in plain)
    return rf"\DvMissing{{{ord(character):04X}}}"


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


_GLYPH = re.compile(r"\\(?:mathrm|mathbf|mathit|text|left|right|displaystyle|operatorname|bigl|bigr|,|;|!)"
                    r"|\\(?:[a-zA-Z]+|.)|[_^]|[{}]|\S")  # fmt: skip


def width(latex: str) -> float:
    """A rough width of a formula in em, indices at two thirds; never measured by TeX."""
    total, scales, small = 0.0, [1.0], False
    for token in _GLYPH.findall(latex):
        if token in ("_", "^"):
            small = True
        elif token == "{":
            scales.append(scales[-1] * (0.68 if small else 1.0))
            small = False
        elif token == "}":
            scales = scales[:-1] or [1.0]
        elif not (len(token) > 1 and _GLYPH_FREE.fullmatch(token)):
            total += _advance(token) * scales[-1] * (0.68 if small else 1.0)
            small = False
    return total


_GLYPH_FREE = re.compile(
    r"\\(?:mathrm|mathbf|mathit|text|left|right|displaystyle|operatorname|bigl|bigr|,|;|!|frac)"
)


def _advance(token: str) -> float:
    return 1.2 if token in ("=", "+", r"\times", r"\cdot") else 0.3 if token in ".,;:'" else 0.55
