"""Local derivatives of a formula by rule, in the form that is taught: no derivative is tidied up by SymPy.

    (a b)' = a' b + a b'     (a/b)' = (a' b - a b')/b^2     (a^n)' = n a^(n-1) a'     exp(a)' = exp(a) a'

max(a, b) and its kind are differentiated by cases. Where a kink is hit, the first of the largest
arguments counts, relu'(0) is 0 and |0|' is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from derive.functions import ACTIVATIONS
from derive.trees import add, div, extreme, mul, neg, number, power, sub

if TYPE_CHECKING:
    from sympy import Expr

Rule = Callable[..., "Expr"]


def slope(formula: Expr, atom: Expr, own: Expr | None = None) -> Expr:
    """d(formula)/d(atom), unevaluated, terms in the author's order.

    `own` is what the formula's value is called: d/da of e = exp(a) is then e, of s = sigmoid(a)
    it is s (1 - s).
    """
    if not formula.has(atom):
        return number(0)
    if formula.is_Symbol:
        return number(1)
    name = formula.func.__name__
    if name in _WHOLE:
        return _WHOLE[name](formula.args, atom)
    inner = formula.args[0]
    if name == "Pow" and formula.args[1].has(atom):
        return _general_power(inner, formula.args[1], atom)
    outer = _outer(name, formula, own if own is not None else formula)
    return product(outer, slope(inner, atom))


def _outer(name: str, formula: Any, own: Expr) -> Expr:
    """f'(a) of f(a)."""
    if name in ACTIVATIONS:
        return ACTIVATIONS[name].derivative(formula.args[0], own)
    if name == "Pow":
        return _power(formula.args[0], formula.args[1], own)
    return _OUTER[name](formula.args[0], own)


def _sum(terms: tuple[Expr, ...], atom: Expr) -> Expr:
    parts = [part for term in terms if (part := slope(term, atom)) != number(0)]
    return add(*parts)


def _product(factors: tuple[Any, ...], atom: Expr) -> Expr:
    """The product rule; with a denominator the quotient rule."""
    below = [f.args[0] for f in factors if _is_inverse(f)]
    above = [f for f in factors if not _is_inverse(f)]
    if below:
        return _quotient(product(*above), product(*below), atom)
    return add(*(product(*factors[:n], slope(factor, atom), *factors[n + 1:])
                 for n, factor in enumerate(factors) if factor.has(atom)))


def _quotient(top: Expr, bottom: Expr, atom: Expr) -> Expr:
    if not bottom.has(atom):
        return product(slope(top, atom), power(bottom, -1))
    down = product(top, slope(bottom, atom))
    if not top.has(atom):
        return product(number(-1), down, power(power(bottom, 2), -1))
    return div(sub(product(slope(top, atom), bottom), down), power(bottom, 2))


def _power(base: Any, exponent: Any, own: Expr) -> Expr:
    """d(base^exponent)/d(base) of a constant exponent."""
    if exponent == -1:
        return neg(div(number(1), power(base, 2)))
    if exponent.is_Rational and (exponent.p, exponent.q) == (1, 2):
        return div(number(1), product(number(2), own))
    less = exponent - 1 if exponent.is_Number else sub(exponent, number(1))
    return product(exponent, base if less == 1 else power(base, less))


def _general_power(base: Any, exponent: Any, atom: Expr) -> Expr:
    """base^exponent where the exponent varies, with or without the base."""
    whole = power(base, exponent)
    by_exponent = product(whole, _named("log")(base), slope(exponent, atom))
    if not base.has(atom):
        return by_exponent
    return add(product(_power(base, exponent, whole), slope(base, atom)), by_exponent)


def _extreme(larger: str, atleast: str) -> Rule:
    """By cases: the derivative of the first argument that is the largest (or the smallest) one."""
    def cases(args: tuple[Any, ...], atom: Expr) -> Expr:
        import sympy

        slopes = [slope(arg, atom) for arg in args]
        if len(args) == 2 and slopes[0] == number(0):
            return _cases([(slopes[1], getattr(sympy, larger)(args[1], args[0], evaluate=False))], number(0))
        pairs = [(part, getattr(sympy, atleast)(args[n], _other(args[n + 1:], larger), evaluate=False))
                 for n, part in enumerate(slopes[:-1])]
        return _cases(pairs, slopes[-1])
    return cases


def _other(args: tuple[Any, ...], larger: str) -> Expr:
    first: Expr = args[0]
    return first if len(args) == 1 else extreme("Max" if larger == "Gt" else "Min", *args)


def _cases(pairs: list[Any], otherwise: Expr) -> Expr:
    import sympy

    return sympy.Piecewise(*pairs, (otherwise, True), evaluate=False)


def _absolute(inner: Expr, own: Expr) -> Expr:
    import sympy

    return sympy.sign(inner, evaluate=False)


def _named(name: str) -> Callable[[Expr], Expr]:
    def build(tree: Expr) -> Expr:
        import sympy

        made: Expr = getattr(sympy, name)(tree, evaluate=False)
        return made
    return build


_sin, _cos, _sinh, _cosh = map(_named, ("sin", "cos", "sinh", "cosh"))

# f'(a) by a and by what f(a) is called
_OUTER: Mapping[str, Callable[[Expr, Expr], Expr]] = {
    "exp": lambda a, own: own,
    "log": lambda a, own: div(number(1), a),
    "sin": lambda a, own: _cos(a),
    "cos": lambda a, own: neg(_sin(a)),
    "tan": lambda a, own: add(number(1), power(own, 2)),
    "sinh": lambda a, own: _cosh(a),
    "cosh": lambda a, own: _sinh(a),
    "Abs": _absolute,
}
_WHOLE: Mapping[str, Rule] = {
    "Add": _sum, "Mul": _product, "Max": _extreme("Gt", "Ge"), "Min": _extreme("Lt", "Le"),
}


def product(*factors: Any) -> Expr:
    """The product as it is written: one fraction, its numbers cancelled, a minus in front, no factor 1.

    Factors go into a function by cases.
    """
    above, below = _parts(factors)
    if number(0) in above:
        return number(0)
    for place, factor in enumerate(above):
        if factor.func.__name__ == "Piecewise":
            rest = (*above[:place], *above[place + 1:], *(power(f, -1) for f in below))
            return _cases([(product(value, *rest), holds) for value, holds in factor.args[:-1]],
                          product(factor.args[-1][0], *rest))
    share = _number_of(above) / _number_of(below)
    over = _plain(abs(share.p), [f for f in above if not f.is_Rational])
    under = _plain(share.q, [f for f in below if not f.is_Rational])
    tree = over if under == number(1) else div(over, under)
    return tree if share > 0 else number(-1) if tree == number(1) else neg(tree)


def _parts(factors: Any) -> tuple[list[Any], list[Any]]:
    """The factors above and below the line, inner products opened."""
    above: list[Any] = []
    below: list[Any] = []
    for factor in factors:
        inner = _parts(factor.args) if factor.is_Mul else ([factor], [])
        if _is_inverse(factor):
            inner = _parts(factor.args[:1])[::-1]
        above += inner[0]
        below += inner[1]
    return above, below


def _number_of(factors: list[Any]) -> Any:
    share: Any = number(1)
    for factor in factors:
        share = share * factor if factor.is_Rational else share
    return share


def _plain(coefficient: int, factors: list[Any]) -> Expr:
    return mul(*([] if coefficient == 1 else [number(coefficient)]), *factors)


def _is_inverse(factor: Any) -> bool:
    return bool(factor.is_Pow and factor.args[1] == -1)
