"""Names as LaTeX: letters, indices, marks and superscripts put together."""

from __future__ import annotations

import re

from derive.quantities import Quantity

_WORD = re.compile(r"\\(?:mathrm|mathbf|text|mathcal|boldsymbol|operatorname)\s*\{[^{}]*\}"
                   r"|\\[A-Za-z]+|[A-Za-z]{2,}(?: [A-Za-z]+)*")


def upright(latex: str) -> str:
    """Names of several letters stand upright."""
    return _WORD.sub(lambda m: m[0] if m[0][0] == "\\" else rf"\mathrm{{{m[0].replace(' ', chr(92) + ' ')}}}", latex)


def name_latex(name: str) -> str:
    """A plain name as LaTeX: w5 is w_{5}, b_h11 is b_{h11}, learning_rate stays one word."""
    if match := re.fullmatch(r"([A-Za-z]+)_?(\d+|_\w{1,4})?", name):
        base = rf"\{match[1]}" if match[1] in _GREEK else match[1]
        return base + (rf"_{{{match[2].lstrip('_').replace('_', ',')}}}" if match[2] else "")
    if match := re.fullmatch(r"([A-Za-z]+)_(\w+)", name):
        base = rf"\{match[1]}" if match[1] in _GREEK else match[1]
        return rf"{base}_{{{match[2].replace('_', ',')}}}"
    return re.sub(r"_", r"\\_", name)


_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "pi",
    "rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Sigma", "Phi", "Psi",
    "Omega")


def after(d: str, name: str) -> str:
    """∂w but d Error: a letter d keeps a thin space before a word."""
    gap = r"\," if d == "d" and name.startswith(r"\m") else " "
    return f"{d}{gap}{name}"


def of_sample_and_round(name: str, quantity: Quantity) -> str:
    """The name with its sample and with the number of updates done before: out^{(2),[1]}."""
    marks = [f"({quantity.sample})"] if quantity.sample is not None else []
    marks += [rf"[{quantity.round}]"] if quantity.round is not None else []
    return superscript(name, ",".join(marks)) if marks else name


def marked(pattern: str, name: str) -> str:
    """The name with a mark, in one superscript where it has one already."""
    mark = pattern.removeprefix("<name>")
    if mark.startswith("^") or mark == "'":
        return superscript(name, r"\prime" if mark == "'" else mark[1:].strip("{}"))
    if mark.startswith("_") and (match := re.fullmatch(r"(.*)_\{([^{}]*)\}", name)):
        return rf"{match[1]}_{{{match[2]}{mark[1:].strip('{}')}}}"
    if mark.startswith("_") and "_" in name:
        name = f"{{{name}}}"   # TeX takes no second index
    return pattern.replace("<name>", name)


def superscript(name: str, mark: str) -> str:
    """The name with a mark above it, in one superscript where it has one already."""
    mark = rf"\mathrm{{{mark}}}" if mark.isalpha() and len(mark) > 1 else mark
    if match := re.fullmatch(r"(.*)\^\{([^{}]*)\}", name):
        return rf"{match[1]}^{{{match[2]}{'' if mark == chr(92) + 'prime' else ','}{mark}}}"
    return rf"{name}^{{{mark}}}" if len(mark) > 1 else f"{name}^{mark}"
