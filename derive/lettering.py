"""Names as LaTeX: letters, indices, marks and superscripts put together."""

from __future__ import annotations

import re

from derive.name_patterns import group, word
from derive.quantities import Quantity

_WORD = re.compile(r"\\(?:mathrm|mathbf|text|mathcal|boldsymbol|operatorname)\s*\{[^{}]*\}"
                   r"|\\[A-Za-z]+|[A-Za-z]{2,}(?: [A-Za-z]+)*")


def upright(latex: str) -> str:
    """Names of several letters stand upright, and keep the spaces between their words."""
    return _WORD.sub(lambda m: _spaced(m[0]) if m[0][0] == "\\" else rf"\mathrm{{{_spaced(m[0])}}}", latex)


def _spaced(name: str) -> str:
    """TeX drops a plain space in a formula."""
    return name if name.startswith(r"\text") else re.sub(r"(?<=[^\\\s{]) +(?=[^\s{}])", r"\\ ", name)


def name_latex(name: str) -> str:
    """A plain name as LaTeX: w5 is w_{5}, b_h11 is b_{h11}, α is \\alpha, größe is one upright word."""
    match = re.fullmatch(r"([^\W\d_]+)(?:_?(\d+|_\w{1,4})|_(\w+))?", name)
    if match is None:
        return word(name).replace("_", r"\_")
    base = rf"\{match[1]}" if match[1] in _GREEK else word(match[1])
    index = word((match[2] or match[3] or "").lstrip("_").replace("_", ","))
    return base + (f"_{{{index}}}" if index else "")


_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "pi",
    "rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Sigma", "Phi", "Psi",
    "Omega")


def after(d: str, name: str) -> str:
    """∂w but d Error: a letter d keeps a thin space before a word."""
    gap = r"\," if d == "d" and name.startswith(r"\m") else " "
    return f"{d}{gap}{name}"


def of_sample_and_round(name: str, quantity: Quantity) -> str:
    """The name with its sample (none for 0, all samples) and with the number of updates done before: out^{(2),[1]}."""
    marks = [f"({quantity.sample})"] if quantity.sample else []
    marks += [rf"[{quantity.round}]"] if quantity.round is not None else []
    return superscript(name, ",".join(marks)) if marks else name


def marked(pattern: str, name: str) -> str:
    """The name with a mark, in one index with the name's own."""
    base, below, above = scripts(pattern)
    if base != "<name>":
        return pattern.replace("{<name>}", group(name)).replace("<name>", group(name))
    name = subscript(name, below) if below else name
    return superscript(name, above) if above else name


def scripts(name: str) -> tuple[str, str, str]:
    """A name without the indices at its end, what stands below and what stands above it."""
    found = {"_": "", "^": ""}
    while script := _last_script(name):
        sign, index, rest = script
        if found[sign]:
            break
        found[sign], name = index, rest
    return name, found["_"], found["^"]


def _last_script(name: str) -> tuple[str, str, str] | None:
    """The sign of the index at the end of a name, the index, and the name without it; None where there is none."""
    if name.endswith("'"):
        return "^", r"\prime", name[:-1]
    start, depth = len(name) - 1, 0
    for start in range(len(name) - 1, -1, -1):
        depth += (name[start] == "}") - (name[start] == "{")
        if depth == 0:
            break
    index = name[start + 1:-1] if name.endswith("}") else name[start:]
    sign = name[start - 1] if start > 0 else ""
    return (sign, index, name[:start - 1]) if sign in ("_", "^") else None


def subscript(name: str, mark: str) -> str:
    """The name with a mark below it, in one index where it has one already."""
    base, below, above = scripts(name)
    if above and below:
        return f"{group(name)}_{{{mark}}}"     # below the index above there is no room
    return f"{base}_{{{below}{mark}}}{f'^{{{above}}}' if above else ''}"


def superscript(name: str, mark: str) -> str:
    """The name with a mark above it, in one index where it has one already."""
    mark = rf"\mathrm{{{mark}}}" if mark.isalpha() and len(mark) > 1 else mark
    base, below, above = scripts(name)
    if above:
        comma = "" if mark == r"\prime" else ","
        return f"{base}{f'_{{{below}}}' if below else ''}^{{{above}{comma}{mark}}}"
    return f"{name}^{{{mark}}}" if len(mark) > 1 else f"{name}^{mark}"
