"""A working's formulas set in TeX: from the parsed tree alone, nothing of its text goes through.

Names are the lecture's as our printer writes them; other names are letters and digits, set upright.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from derive.notation import Names
from derive.spelling import canonical
from derive.syntax import Tree
from derive.tex import escape

_SIGNS = {"*": r"\cdot", "·": r"\cdot", "×": r"\times", "∘": r"\circ", "⊗": r"\otimes"}
_FUNCTIONS = {"exp": r"\exp", "log": r"\ln", "max": r"\max", "min": r"\min", "sin": r"\sin", "cos": r"\cos",
              "tan": r"\tan", "sinh": r"\sinh", "cosh": r"\cosh", "tanh": r"\tanh", "sigmoid": r"\sigma"}
_HELD, _REST = {"step": "", "same": " = "}, {"step": " > 0", "same": ""}  # one where that holds, else zero
# how tightly an op holds its parts: what stands in a tighter one gets brackets
_TIGHT = {"add": 1, "neg": 1, "compare": 0, "mul": 2, "div": 4, "pow": 3, "transpose": 3, "partial": 4}


_SAID = re.compile(r"\\text\s*\{\s*([^\W\d_][\w ]*?)\s*\}\Z")  # words that are a name


def latex(tree: Tree, names: Names) -> str:
    """The LaTeX of a resolved tree."""
    return _RULES.get(tree.op, _words)(tree, names)


def _held(tree: Tree, names: Names, tightness: int) -> str:
    """A part in brackets where it holds together less than what it stands in."""
    inner = latex(tree, names)
    return rf"\left({inner}\right)" if _TIGHT.get(tree.op, 9) < tightness else inner


def _words(tree: Tree, names: Names) -> str:
    """A name that is not the lecture's: what stands on the line or below it, then above."""
    if match := _SAID.match(tree.text):
        return _plain(match[1])
    main, _, above = canonical(tree.text or (str(tree.ids[0]) if tree.ids else "?")).partition("^")
    match = re.fullmatch(r"([^\W\d]+?)-?(\d\w*)?", main)
    base, below = (match[1], match[2] or "") if match else (main, "")
    base = base if len(base) == 1 and base.isascii() else rf"\mathrm{{{_plain(base)}}}"
    return base + (rf"_{{\mathrm{{{_plain(below)}}}}}" if below else "") \
        + (above if set(above) == {"'"} else rf"^{{\mathrm{{{_plain(above)}}}}}" if above else "")


def _plain(text: str) -> str:
    return r"\mbox{" + escape(text) + "}" if text else ""


def _name(tree: Tree, names: Names) -> str:
    """The lecture's name where it is clear which quantity is meant."""
    return names.latex(tree.ids[0]) if tree.op == "id" or not tree.text else _words(tree, names)


def _number(tree: Tree, names: Names) -> str:
    digits, _, power = tree.text.lower().partition("e")
    return digits + (rf"\cdot 10^{{{int(power)}}}" if power else "")


def _sum(tree: Tree, names: Names) -> str:
    parts = [latex(tree.args[0], names)]
    for arg in tree.args[1:]:
        parts.append(f"- {_held(arg.args[0], names, 2)}" if arg.op == "neg" else f"+ {_held(arg, names, 2)}")
    return " ".join(parts)


def _product(tree: Tree, names: Names) -> str:
    left, right = (_held(arg, names, 2) for arg in tree.args)
    plain = r"\cdot" if right[:1].isdigit() else r"\,"
    return f"{left} {_SIGNS.get(tree.text.strip(), plain)} {right}"


def _call(tree: Tree, names: Names) -> str:
    name = tree.text.rstrip("'")
    marks = "'" * (len(tree.text) - len(name))
    inner = ", ".join(latex(arg, names) for arg in tree.args)
    if name == "sqrt":
        return rf"\sqrt{{{inner}}}"
    if name in _HELD:
        return rf"\mathbf{{1}}\left[{_HELD[name].join(latex(arg, names) for arg in tree.args)}{_REST[name]}\right]"
    if name == "exp" and not marks:
        return rf"e^{{{inner}}}"
    head = _FUNCTIONS.get(name) or r"\mathrm{" + _plain(name) + "}"
    return rf"{head}{marks}\left({inner}\right)"


def _matrix(tree: Tree, names: Names) -> str:
    rows = [" & ".join(latex(cell, names) for cell in row.args) for row in tree.args]
    body = r" \\ ".join(rows)
    return rf"\begin{{bmatrix}}{body}\end{{bmatrix}}"


def _partial(tree: Tree, names: Names) -> str:
    d, (of, by) = names.notation.style.d, tree.args
    if of.op in ("id", "ids", "local"):
        return rf"\frac{{{d} {latex(of, names)}}}{{{d} {latex(by, names)}}}"
    return rf"\frac{{{d}}}{{{d} {latex(by, names)}}}\left({latex(of, names)}\right)"


def _cases(tree: Tree, names: Names) -> str:
    rows = r",\ ".join(latex(row.args[0], names) for row in tree.args)
    return rf"\left\{{{rows}\right\}}"


_RULES: dict[str, Callable[[Tree, Names], str]] = {
    "number": _number,
    "id": _name,
    "ids": _name,
    "local": _words,
    "add": _sum,
    "mul": _product,
    "call": _call,
    "matrix": _matrix,
    "partial": _partial,
    "cases": _cases,
    "item": lambda tree, names: rf"\left({latex(tree.args[0], names)}\right)_{{{_plain(tree.text)}}}",
    "neg": lambda tree, names: f"-{_held(tree.args[0], names, 2)}",
    "div": lambda tree, names: rf"\frac{{{latex(tree.args[0], names)}}}{{{latex(tree.args[1], names)}}}",
    "pow": lambda tree, names: rf"{{{_held(tree.args[0], names, 5)}}}^{{{latex(tree.args[1], names)}}}",
    "transpose": lambda tree, names: rf"{{{_held(tree.args[0], names, 5)}}}^{{\top}}",
    "norm": lambda tree, names: rf"\left\lVert {latex(tree.args[0], names)}\right\rVert",
    "floor": lambda tree, names: rf"\left\lfloor {latex(tree.args[0], names)}\right\rfloor",
    "abs": lambda tree, names: rf"\left\lvert {latex(tree.args[0], names)}\right\rvert",
}
