"""Unevaluated SymPy trees: built in the author's order, and evaluated at 50 digits.

SymPy sorts sums and multiplies numbers out when it may; a working shows the terms as
they were written. So trees are built here with `evaluate=False`, and numbers are never
put in with `subs`. At layer level a symbol stands for a whole vector or matrix, and the
functions of MATRIX join them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from derive.errors import TooLargeError

if TYPE_CHECKING:
    import sympy

DIGITS = 50
LARGEST = 1e300     # a quantity beyond it is not shown: further rounds and JSON are in double precision
_SMALLER = "numbers up to 1e300"
# products of matrices, elementwise products, transposes …; no algebra is done on them
MATRIX = ("matmul", "hadamard", "transpose", "squared_norm", "diagonal", "row_sums", "total")


@lru_cache(maxsize=1)
def context() -> Any:
    """The mpmath context all figures are computed in: 50 digits."""
    import mpmath

    ctx = mpmath.MPContext()
    ctx.dps = DIGITS
    return ctx


def add(*terms: sympy.Expr) -> sympy.Expr:
    """The sum of the terms in their order; one term is itself, none is 0."""
    import sympy

    # straight from the arguments: Add(…, evaluate=False) spends ten times as long on checks and a cache
    tree: sympy.Expr = sympy.Add._from_args(terms, True)
    return tree


def mul(*factors: sympy.Expr) -> sympy.Expr:
    """The product of the factors in their order; one factor is itself, none is 1."""
    import sympy

    tree: sympy.Expr = sympy.Mul._from_args(factors, True)
    return tree


def power(base: sympy.Expr, exponent: sympy.Expr | int) -> sympy.Expr:
    """base ** exponent, not evaluated."""
    import sympy

    return sympy.Pow(base, number(exponent) if isinstance(exponent, int) else exponent, evaluate=False)


def neg(tree: sympy.Expr) -> sympy.Expr:
    """-tree."""
    return mul(number(-1), tree)


def sub(left: sympy.Expr, right: sympy.Expr) -> sympy.Expr:
    """left - right."""
    return add(left, neg(right))


def div(top: sympy.Expr, bottom: sympy.Expr) -> sympy.Expr:
    """top / bottom, printed as a fraction."""
    return mul(top, power(bottom, -1))


def extreme(name: str, *arguments: sympy.Expr) -> sympy.Expr:
    """Max or Min of the arguments in their order, which SymPy would sort."""
    import sympy

    tree: sympy.Expr = sympy.Basic.__new__(getattr(sympy, name), *arguments)
    return tree


def rebuilt(tree: sympy.Expr, change: Callable[[sympy.Expr], sympy.Expr]) -> sympy.Expr:
    """The tree with every node changed from the leaves upwards; nothing is evaluated."""
    if not tree.args:
        return change(tree)
    parts = tuple(rebuilt(arg, change) for arg in tree.args)
    if all(new is old for new, old in zip(parts, tree.args, strict=True)):
        return change(tree)
    make = {"Add": add, "Mul": mul, "ExprCondPair": tree.func}.get(tree.func.__name__)
    return change(make(*parts) if make else tree.func(*parts, evaluate=False))


def opposite(tree: sympy.Expr) -> sympy.Expr:
    """-tree as it is taught: of (o - t) o (1 - o) it is (t - o) o (1 - o), of -a b it is a b."""
    if tree.is_Add:
        return add(*sorted(map(opposite, tree.args), key=_is_negative))
    if tree.is_Number:
        return -tree
    if not tree.is_Mul:
        return neg(tree)
    first, *rest = tree.args
    if _is_negative(tree):
        return mul(*rest) if first == -1 else mul(-first, *rest)
    for place, factor in enumerate(tree.args):
        if factor.is_Add and any(map(_is_negative, factor.args)):
            return mul(*tree.args[:place], opposite(factor), *tree.args[place + 1:])
    return neg(tree)


def _is_negative(tree: sympy.Expr) -> bool:
    return bool((tree.is_Number and tree < 0) or (tree.is_Mul and tree.args[0].is_Number and tree.args[0] < 0))


@cache
def number(value: int, over: int = 1) -> sympy.Expr:
    """An integer, or a fraction of two."""
    import sympy

    return sympy.Rational(value, over)


@cache
def matrix_function(name: str) -> Any:
    """The SymPy function class of one of MATRIX; its arguments are whole layers."""
    import sympy

    def plain(cls: Any, *args: sympy.Expr, evaluate: bool = False) -> Any:
        return sympy.Basic.__new__(cls, *args)

    return type(name, (sympy.Function,), {"is_commutative": True, "__new__": plain})


def matmul(*factors: sympy.Expr) -> sympy.Expr:
    """The matrix product of the factors."""
    return matrix_function("matmul")(*factors, evaluate=False)


def hadamard(*factors: sympy.Expr) -> sympy.Expr:
    """The elementwise product of the factors."""
    return matrix_function("hadamard")(*factors, evaluate=False)


def transpose(tree: sympy.Expr) -> sympy.Expr:
    """The transpose."""
    return matrix_function("transpose")(tree, evaluate=False)


def evaluate(tree: sympy.Expr, values: Mapping[Any, Any] | Callable[[Any], Any],
             applied: Mapping[str, Callable[..., Any]]) -> Any:
    """The value of a tree at 50 digits.

    `values` gives each symbol's value (mpf, or an object array of mpf for a whole
    layer); `applied` the named functions' (see functions.APPLIED). TooLargeError, which says
    what was expected, where a number outgrows all use or has no value: a division by zero, a
    logarithm of zero.
    """
    look = values if callable(values) else values.__getitem__
    if tree.is_Symbol:
        return look(tree)
    try:
        result = _evaluate(tree, look, applied)
    except ZeroDivisionError:
        raise TooLargeError("it divides by zero", expected="a divisor that is not 0") from None
    except (OverflowError, ValueError) as error:
        raise TooLargeError(f"it cannot be computed ({error})", expected=_SMALLER) from None
    if not size_of(result) <= _largest():
        raise TooLargeError("it is too large", expected=_SMALLER)
    return result


def _evaluate(tree: Any, look: Callable[[Any], Any], applied: Mapping[str, Callable[..., Any]]) -> Any:
    if tree.is_Symbol:
        return look(tree)
    if tree.is_Number:
        return _number(tree)
    arguments = [_evaluate(arg, look, applied) for arg in tree.args]
    name = tree.func.__name__
    return (_RULES.get(name) or applied[name])(*arguments)


@lru_cache(maxsize=10_000)
def _number(atom: Any) -> Any:
    ctx = context()
    if atom.is_Float:
        return ctx.make_mpf(atom._mpf_)
    return ctx.mpf(int(atom.p)) / int(atom.q)


def _sum(*terms: Any) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    if hasattr(total, "shape"):
        return _without_noise(total, max(size_of(term) for term in terms))
    return total if not total or abs(total) > max(map(abs, terms)) * _tiny() else total * 0


@cache
def _largest() -> Any:
    """LARGEST as a number of 50 digits, with which others are compared at once."""
    return context().mpf(LARGEST)


@cache
def _tiny() -> Any:
    """The share of what was added up that is nothing but rounding: no digit of it is right."""
    return context().mpf("1e-44")


def size_of(value: Any) -> Any:
    """The size of a number, or of the largest entry of a layer."""
    return max(map(abs, value.flat)) if hasattr(value, "shape") else abs(value)


def _without_noise(table: Any, size: Any) -> Any:
    """The entries, those that are nothing but rounding beside numbers of a size as 0."""
    return elementwise(lambda v: v if abs(v) > _tiny() * size else v * 0)(table)


def _product(*factors: Any) -> Any:
    total = factors[0]
    for factor in factors[1:]:
        total = total * factor
    return total


_LOW = 64       # powers up to it are computed of any base: 1/(1 + e^20000) is a number


def _power(base: Any, exponent: Any) -> Any:
    ctx = context()
    size = abs(exponent)
    if size > _LOW and not hasattr(base, "shape") and base and size * abs(ctx.log(abs(base), 10)) > 5000:
        raise TooLargeError("a power in it is too large", expected=_SMALLER)
    if exponent == int(exponent) and not hasattr(base, "shape"):
        return base ** int(exponent)
    result = base ** exponent
    if isinstance(result, ctx.mpc):
        raise TooLargeError("a root of a negative number is no real number", expected="a base of at least 0")
    return result


def elementwise(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The function of one number, also of each entry of a vector or matrix."""
    def each(value: Any) -> Any:
        if not hasattr(value, "shape"):
            return function(value)
        import numpy

        return numpy.frompyfunc(function, 1, 1)(value)
    return each


def bounded(name: str) -> Callable[[Any], Any]:
    """mpmath's function, of numbers or entries; beyond 1e300 it would take all memory."""
    def value(argument: Any) -> Any:
        if abs(argument) > LARGEST:
            raise TooLargeError(f"{name} in it is of a number beyond 1e300", expected=_SMALLER)
        return getattr(context(), name)(argument)
    return elementwise(value)


def _log(value: Any) -> Any:
    if value <= 0:
        raise TooLargeError(f"it takes the logarithm of {context().nstr(value, 6)}",
                            expected="a logarithm of numbers above 0")
    return context().log(value)


def _piecewise(*pairs: Any) -> Any:
    for value, holds in pairs:
        if holds:
            return value
    raise TooLargeError("no case of a function by cases holds")


def _squared_norm(vector: Any) -> Any:
    return _sum(*[entry * entry for entry in vector.flat])


def _diagonal(vector: Any) -> Any:
    import numpy

    return numpy.array([[entry if i == j else context().mpf(0) for j in range(vector.size)]
                        for i, entry in enumerate(vector.flat)], dtype=object)


_RULES: dict[str, Callable[..., Any]] = {
    "Add": _sum, "Mul": _product, "Pow": _power,
    **{name: bounded(name) for name in ("exp", "sin", "cos", "tan", "tanh", "sinh", "cosh")},
    "log": elementwise(_log),
    "Abs": elementwise(abs), "sign": elementwise(lambda v: context().sign(v)),
    "Max": max, "Min": min,
    "Heaviside": lambda v, at=0: context().mpf(1 if v > 0 else at if v == 0 else 0),
    "Piecewise": _piecewise, "ExprCondPair": lambda value, holds: (value, holds),
    "floor": elementwise(lambda v: context().floor(v)), "Equality": lambda a, b: a == b,
    "StrictGreaterThan": lambda a, b: a > b, "GreaterThan": lambda a, b: a >= b,
    "StrictLessThan": lambda a, b: a < b, "LessThan": lambda a, b: a <= b,
    "Pi": lambda: +context().pi, "Exp1": lambda: +context().e, "BooleanTrue": lambda: True,
    "BooleanFalse": lambda: False,
    "matmul": lambda *factors: _chain(*factors), "transpose": lambda m: m.T,
    "hadamard": _product, "squared_norm": _squared_norm, "diagonal": _diagonal,
    "row_sums": lambda m: m.sum(axis=1, keepdims=True), "total": lambda m: m.sum(),
}


def _chain(*factors: Any) -> Any:
    result = factors[0]
    for factor in factors[1:]:
        result = result.dot(factor)
    return result


def differential(tree: sympy.sympy.Expr, by: sympy.sympy.Expr) -> sympy.sympy.Expr:
    """d/d(by) (tree), the differentiation not yet done; it is only printed."""
    return matrix_function("differential")(tree, by, evaluate=False)


def by_entries(tree: sympy.Expr) -> sympy.Expr:
    """A tree of numbers as one of whole layers: products and squares of vectors entry by entry."""
    args = [by_entries(arg) for arg in tree.args]
    if tree.is_Mul:
        numbers = [arg for arg in args if arg.is_Number]
        vectors = [arg for arg in args if not arg.is_Number]
        return mul(*numbers, hadamard(*vectors)) if len(vectors) > 1 and not _divides(vectors) else mul(*args)
    if tree.is_Pow and tree.args[1] == 2:
        return hadamard(args[0], args[0])
    return tree.func(*args, evaluate=False) if args else tree


def _divides(factors: list[sympy.Expr]) -> bool:
    return any(factor.is_Pow and factor.args[1] == -1 for factor in factors)
