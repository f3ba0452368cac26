"""Formulas as text, plain or LaTeX, to trees and on to SymPy; names against a closed table.

A formula is read in two steps: the grammar (`syntax`) says what stands beside
what, and `folding` says what it means. Nothing of the text is ever evaluated by
Python or SymPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from derive.errors import FormulaError, TooLargeError, nearest
from derive.folding import FUNCTIONS, fold, spelled
from derive.spelling import Vocabulary, canonical
from derive.syntax import Tree, parse_tokens, tokens
from derive.trees import extreme

if TYPE_CHECKING:
    import sympy

__all__ = ["Tree", "Vocabulary", "canonical", "names_in", "parse", "to_sympy"]

LARGEST = 1e300  # constants beyond this are not computed


def parse(text: str, *, where: str = "") -> Tree:
    """The tree of one formula of a lecture file; FormulaError with its column where there is none."""
    try:
        return _folded(text)
    except FormulaError as error:
        raise FormulaError(
            error.what, text=text, column=error.column, where=where, expected=error.expected
        ) from None


@lru_cache(maxsize=10_000)
def _folded(text: str) -> Tree:
    return fold(parse_tokens(tokens(text)), FUNCTIONS)


def names_in(tree: Tree) -> tuple[str, ...]:
    """The names of a formula as they are written, each once, in order; the e of e^x is none."""
    if tree.op == "name":
        return () if canonical(tree.text) in _CONSTANTS else (tree.text,)
    return tuple(dict.fromkeys(name for arg in tree.args for name in names_in(arg)))


# ---------------------------------------------------------------- from trees to SymPy

_CONSTANTS = {"e": "E", "pi": "pi"}


def to_sympy(tree: Tree, names: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """The formula in SymPy, unevaluated and in the author's order.

    `names` is the closed table of names. A decimal keeps 60 digits. FormulaError
    for a name that is not in the table, TooLargeError for a constant beyond 1e300.
    """
    _magnitude(tree)
    table = {canonical(name): value for name, value in names.items()}
    return _expression(tree, table, tuple(names))


def _magnitude(tree: Tree) -> float | None:
    """The size of a constant, None with names in it; TooLargeError before anything large is computed."""
    sizes = [_magnitude(arg) for arg in tree.args]
    if tree.op == "number":
        digits, _, exponent = tree.text.lower().partition("e")
        if len(digits) > 1000 or len(exponent) > 4:
            raise _too_large(tree)
        size: float | None = _checked(tree, lambda: float(tree.text))
    elif not sizes or any(size is None for size in sizes):
        return None
    else:
        known = [size for size in sizes if size is not None]
        size = _checked(
            tree,
            lambda: _ARITHMETIC.get((tree.op, tree.text), _ARITHMETIC.get((tree.op, ""), _unknown))(known),
        )
    return size


def _unknown(sizes: list[float]) -> float | None:
    return None


_ARITHMETIC: dict[tuple[str, str], Callable[[list[float]], float | None]] = {
    ("add", ""): sum,
    ("neg", ""): lambda s: -s[0],
    ("mul", ""): lambda s: s[0] * s[1],
    ("div", ""): lambda s: s[0] / s[1] if s[1] else None,
    ("pow", ""): lambda s: s[0] ** s[1] if s[0] > 0 or (s[0] and s[1].is_integer()) else None,
    ("call", "exp"): lambda s: math.exp(s[0]),
}


def _checked(tree: Tree, compute: Callable[[], float | None]) -> float | None:
    try:
        size = compute()
    except OverflowError:
        size = math.inf
    if size is not None and not abs(size) <= LARGEST:
        raise _too_large(tree)
    return size


def _too_large(tree: Tree) -> TooLargeError:
    return TooLargeError(
        f"a constant is too large to compute (column {tree.column})", expected="a number below 1e300"
    )


def _expression(tree: Tree, names: Mapping[str, sympy.Expr], known: tuple[str, ...]) -> sympy.Expr:
    import sympy

    if tree.op == "number":
        return sympy.Integer(tree.text) if tree.text.isdigit() else sympy.Float(tree.text, 60)
    if tree.op == "name":
        return _named(tree, names, known)
    if tree.op == "pow" and tree.args[0].op == "name" and (key := canonical(_indexed(tree))) in names:
        return names[key]
    if tree.op == "pow" and canonical(tree.args[0].text) == "e" and "e" not in names:
        return sympy.exp(_expression(tree.args[1], names, known), evaluate=False)
    args = [_expression(arg, names, known) for arg in tree.args]
    if tree.op == "call":
        return _applied(tree, args)
    if tree.op not in _BUILT:
        raise FormulaError(
            f"a {tree.op} cannot stand in a formula", column=tree.column, expected="+ - * / ^ and functions"
        )
    if tree.op == "div" and args[1].is_zero:
        raise FormulaError("division by 0", column=tree.args[1].column, expected="a divisor that is not 0")
    return _BUILT[tree.op](args)


def _indexed(tree: Tree) -> str:
    """A power as the name it would be if its exponent were an index."""
    return f"{tree.args[0].text}^{{{spelled(tree.args[1])}}}"


def _named(tree: Tree, names: Mapping[str, sympy.Expr], known: tuple[str, ...]) -> sympy.Expr:
    import sympy

    key = canonical(tree.text)
    if key in names:
        return names[key]
    if key in _CONSTANTS:
        constant: sympy.Expr = getattr(sympy, _CONSTANTS[key])
        return constant
    raise FormulaError(
        f"unknown name {tree.text!r}", column=tree.column, expected=nearest(tree.text, known) or "a number"
    )


def _product(args: list[sympy.Expr]) -> sympy.Expr:
    import sympy

    return sympy.Mul(*args, evaluate=False)


def _quotient(args: list[sympy.Expr]) -> sympy.Expr:
    import sympy

    top, bottom = args
    if top.is_Integer and bottom.is_Integer and bottom > 1 and sympy.igcd(top, bottom) == 1:
        return sympy.Rational(top, bottom)  # the 1/2 of 1/2 (y - t)^2 is one number
    return sympy.Mul(top, sympy.Pow(bottom, -1, evaluate=False), evaluate=False)


def _built(name: str) -> Callable[[list[sympy.Expr]], sympy.Expr]:
    def build(args: list[sympy.Expr]) -> sympy.Expr:
        import sympy

        made: sympy.Expr = getattr(sympy, name)(*args, evaluate=False)
        return made

    return build


def _negated(args: list[sympy.Expr]) -> sympy.Expr:
    import sympy

    return -args[0] if args[0].is_Number else sympy.Mul(-1, args[0], evaluate=False)


_BUILT: dict[str, Callable[[list[sympy.Expr]], sympy.Expr]] = {
    "add": _built("Add"),
    "neg": _negated,
    "mul": _product,
    "div": _quotient,
    "pow": _built("Pow"),
    "abs": _built("Abs"),
}
# functions that are SymPy's own
_SYMPY = {name: name for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh")}
_SYMPY |= {"abs": "Abs", "max": "Max", "min": "Min"}
_SORTED = ("Max", "Min")  # whose arguments SymPy would sort


def _checked_call(tree: Tree) -> None:
    """FormulaError for a function that no formula of numbers has, or with too many or too few arguments."""
    name, several = tree.text, tree.text in ("max", "min")
    if name == "softmax":
        expected = "exp(a)/(exp(a) + exp(b))"
        raise FormulaError("softmax is of a whole layer", column=tree.column, expected=expected)
    if name.endswith("'"):
        what, expected = f"{name} cannot stand in a formula", "the derivative written out"
        raise FormulaError(what, column=tree.column, expected=expected)
    if len(tree.args) != 1 and not several:
        raise FormulaError(f"{name} takes one argument", column=tree.column, expected=f"{name}(…)")
    if len(tree.args) < 2 and several:
        what = f"{name} takes two arguments or more"
        raise FormulaError(what, column=tree.column, expected=f"{name}(a, b)")


def _applied(tree: Tree, args: list[sympy.Expr]) -> sympy.Expr:
    _checked_call(tree)
    name = _SYMPY.get(tree.text, "")
    if name == "sqrt":
        import sympy

        return sympy.Pow(args[0], sympy.Rational(1, 2), evaluate=False)
    if name in _SORTED:
        return extreme(name, *args)
    if name:
        return _built(name)(args)
    from derive import functions

    made: sympy.Expr = functions.function(tree.text)(*args)
    return made
