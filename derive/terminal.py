"""Our own LaTeX as readable Unicode text for a terminal: fractions on one line, indices below the line.

It reads the LaTeX that printing.py and notation.py write, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from unicodedata import normalize

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


def unicode(latex: str) -> str:
    """The formula as one line of text (a matrix as [a, b; c, d])."""
    text = re.sub(r" {2,}", " ", _sequence(_Tokens(latex), "")).replace("∂ ", "∂")
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
