"""Our own LaTeX as readable Unicode text for a terminal: fractions on one line, indices below the line,
equalities and tables in 80 columns.

It reads the LaTeX that printing.py and notation.py write, nothing else.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from unicodedata import combining, normalize

_WORDS = {
    "partial": "∂", "eta": "η", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "sigma": "σ", "theta": "θ",
    "lambda": "λ", "mu": "μ", "rho": "ρ", "phi": "φ", "psi": "ψ", "omega": "ω", "epsilon": "ε", "tau": "τ", "nu": "ν",
    "xi": "ξ", "pi": "π", "kappa": "κ", "chi": "χ", "zeta": "ζ", "Delta": "Δ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω", "Gamma": "Γ", "Theta": "Θ", "Lambda": "Λ",
    "times": " × ", "cdot": " · ", "circ": " ∘ ", "prime": "′", "ln": "ln", "tanh": "tanh", "max": "max", "min": "min",
    "sin": "sin", "cos": "cos", "tan": "tan", "lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|", "ge": "≥",
    "le": "≤", "to": "→", "quad": "  ", "left": "", "right": "", "bigl": "", "bigr": "", "top": "ᵀ", "approx": "≈",
}
_BELOW = dict(zip("0123456789", "₀₁₂₃₄₅₆₇₈₉", strict=True))   # words stay legible as _total
_ABOVE = dict(zip("0123456789+-=()T′n,", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵀ′ⁿ,", strict=True))
_TOKEN = re.compile(r"\\begin\{(\w+)\}|\\end\{(\w+)\}|\\([A-Za-z]+)|\\(.)|([{}_^&])|([^\\{}_^&]+)", re.DOTALL)


_WIDTH = 80      # columns of a terminal
_INDENT = 24     # at most, of what goes on on the next line
_OPERATOR = re.compile(r" ([-+×·*∘]) ")
_MATRIX = re.compile(r"\[[^\[\]]*\]")
# of what follows: ½(t - y)², not 1/2(t - y)²
_FRACTIONS = {"1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾"}
_SHARE = re.compile(r"(?<![\w.)/])(\d/\d)(?: ?·)? ?(?=[(‖A-Za-zα-ω])")


def equality(members: Sequence[str], label: str = "") -> str:
    """a = b = c in lines of 80 columns, broken before a sign: before = first, then before an operator."""
    first, *rest = members
    whole = label + " = ".join(members)
    if _columns(whole) <= _WIDTH or not rest:
        return whole
    indent = " " * min(_columns(f"{label}{first} "), _INDENT)
    lines = [_wrapped(f"{label}{first} = {rest[0]}", indent + "    ")]
    return "\n".join([*lines, *(_wrapped(f"{indent}= {member}", indent + "    ") for member in rest[1:])])


def paragraph(text: str) -> str:
    """Running text in lines of 80 columns."""
    return _wrapped(text, "")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Cells in columns; a long last one goes on below itself."""
    columns = [max(map(_columns, column)) for column in zip_longest(*rows, fillvalue="")]
    lines = ["  ".join(cell + " " * (wide - _columns(cell)) for cell, wide in zip(row, columns, strict=False)).rstrip()
             for row in rows]
    return "\n".join(_wrapped(line, " " * min(sum(columns[:-1]) + 2 * len(columns) - 2, _WIDTH // 2))
                     for line in lines)


def _columns(text: str) -> int:
    return sum(not combining(letter) for letter in text)


def _wrapped(text: str, indent: str) -> str:
    if _columns(text) <= _WIDTH:
        return text
    kept = _OPERATOR.sub(" \\1\xa0", _MATRIX.sub(_by_rows, text))   # a sign goes to the next line with what follows it
    lines = textwrap.wrap(kept, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False,
                          drop_whitespace=True, replace_whitespace=False)
    return "\n".join(lines).replace("\xa0", " ")


def _by_rows(matrix: re.Match[str]) -> str:
    """A matrix that is broken between its rows only, where they are short."""
    rows = matrix[0].split("; ")
    return matrix[0].replace(", ", ",\xa0") if max(map(len, rows)) < _WIDTH // 2 else matrix[0]


def unicode(latex: str) -> str:
    """The formula as one line of text (a matrix as [a, b; c, d])."""
    text = re.sub(r" {2,}", " ", _sequence(_Tokens(latex), "")).replace("∂ ", "∂")
    text = _SHARE.sub(lambda m: _FRACTIONS.get(m[1], f"({m[1]})"), text)
    return normalize("NFC", re.sub(r"\(\s+", "(", re.sub(r"\s+\)", ")", text)).strip())


class _Tokens:
    """The tokens with one to look ahead at."""

    def __init__(self, latex: str) -> None:
        self._all: Iterator[re.Match[str]] = _TOKEN.finditer(latex)
        self.next: re.Match[str] | None = next(self._all, None)

    def take(self) -> re.Match[str]:
        token, self.next = self.next, next(self._all, None)
        assert token is not None
        return token


def _sequence(tokens: _Tokens, end: str) -> str:
    """Everything up to the brace, or the \\end, that closes it."""
    text = ""
    while tokens.next is not None:
        token = tokens.next
        if token[0] == end or (end and token[2] == end):
            tokens.take()
            return text
        text += _one(tokens)
    return text


def _argument(tokens: _Tokens) -> str:
    if tokens.next is None:
        return ""
    if tokens.next[0] == "{":
        tokens.take()
        return _sequence(tokens, "}")
    if tokens.next[6]:   # one letter only
        token = tokens.take()
        rest = token[6][1:]
        return token[6][0] + (rest and f"\0{rest}")
    return _one(tokens)


def _one(tokens: _Tokens) -> str:
    token = tokens.take()
    if token[1]:
        return _environment(token[1], _sequence(tokens, token[1]))
    if token[3]:
        return _command(token[3], tokens)
    if token[4]:
        return {",": " ", "!": "", ";": " ", "\\": "; "}.get(token[4], token[4])
    if token[5] == "{":
        return _sequence(tokens, "}")
    if token[5] in ("_", "^"):
        return _script(token[5], _argument(tokens))
    return {"&": ", "}.get(token[0], token[0])


def _command(name: str, tokens: _Tokens) -> str:
    rule = _COMMANDS.get(name)
    return rule(tokens) if rule else _WORDS.get(name, name)


def _fraction(tokens: _Tokens) -> str:
    return f"{_tight(_argument(tokens))}/{_tight(_argument(tokens))}"


def _tight(text: str) -> str:
    """The part of a fraction in brackets, unless it is one name or number."""
    text = text.replace("∂ ", "∂")
    return text.strip() if re.fullmatch(r"\s*d?\s*[^-\s+*/×·][^\s+*/×·]*\s*", text) else f"({text.strip()})"


def _script(sign: str, argument: str) -> str:
    inner, _, rest = argument.partition("\0")
    if inner.startswith("["):
        return inner + rest
    table = _BELOW if sign == "_" else _ABOVE
    if all(letter in table for letter in inner):
        return "".join(table[letter] for letter in inner) + rest
    return f"{sign}{inner}{rest}" if len(inner) == 1 or (sign == "_" and inner.replace(",", "").isalnum()) \
        else f"{sign}({inner}){rest}"


def _environment(name: str, body: str) -> str:
    body = re.sub(r"\s*,\s*", ", ", re.sub(r"\s*;\s*", "; ", body)).strip()
    return f"{{{body}}}" if name == "cases" else f"[{body}]"


_COMMANDS: dict[str, Callable[[_Tokens], str]] = {
    "frac": _fraction, "sqrt": lambda t: f"√({_argument(t)})", "hat": lambda t: f"{_argument(t).strip()}̂",
    **dict.fromkeys(("mathrm", "mathbf", "mathsf", "text", "boldsymbol", "operatorname", "mathcal"), _argument),
}
