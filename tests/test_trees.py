"""Unevaluated trees keep the author's order, and their values are right at 50 digits."""

from __future__ import annotations

import numpy
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from networks import close, examples

from derive import trees
from derive.errors import TooLargeError
from derive.expressions import parse, to_sympy
from derive.functions import APPLIED

X, Y = sympy.symbols("x y", real=True)
TABLE = {"x": X, "y": Y}


def value(tree: sympy.Expr, x: object = "1.7", y: object = "-0.3") -> object:
    at = {X: trees.context().mpf(x), Y: trees.context().mpf(y)}
    return trees.evaluate(tree, at, APPLIED)


def formulas() -> st.SearchStrategy[str]:
    """Formulas that have a value everywhere."""
    leaves = st.sampled_from(["x", "y", "2", "0.5", "3/4"])
    return st.recursive(leaves, lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        inner.map(lambda t: f"({t})/(2 + sin({t}))"), inner.map(lambda t: f"exp(sin({t}))"),
        inner.map(lambda t: f"log(1 + ({t})^2)"), inner.map(lambda t: f"sqrt(1 + ({t})^2)"),
        inner.map(lambda t: f"tanh({t})"), inner.map(lambda t: f"max({t}, cos({t}))"), inner.map(lambda t: f"-({t})"),
        inner.map(lambda t: f"abs({t})"), inner.map(lambda t: f"sigmoid({t})")), max_leaves=6)


@examples(60)
@given(formulas())
def test_values_are_sympy_s(text):
    tree = to_sympy(parse(text), TABLE)
    at = {X: sympy.Float("1.7", 60), Y: sympy.Float("-0.3", 60)}
    sigmoid = {f: f.args[0] for f in tree.atoms(sympy.Function) if f.func.__name__ == "sigmoid"}
    plain = tree
    while sigmoid:
        plain = plain.xreplace({f: 1 / (1 + sympy.exp(-arg)) for f, arg in sigmoid.items()})
        sigmoid = {f: f.args[0] for f in plain.atoms(sympy.Function) if f.func.__name__ == "sigmoid"}
    assert close(value(tree), str(plain.subs(at).evalf(50)), 40)


def test_order_is_the_author_s():
    assert trees.add(Y, X, Y).args == (Y, X, Y)
    assert trees.mul(Y, trees.number(2), X).args == (Y, 2, X)
    assert trees.sub(Y, X).args == (Y, trees.neg(X))
    assert trees.div(X, Y).args == (X, trees.power(Y, -1))
    assert trees.power(X, 2).args == (X, 2)
    assert trees.add(X) == X and trees.mul(X) == X and trees.add() == 0 and trees.mul() == 1


@pytest.mark.parametrize("text", ["9^9^9^9", "exp(exp(exp(20)))", "1/(x-x)", "log(x-x)", "log(-x)", "(0-x)^0.5",
                                  "0^(0-1)", "exp(10^7)"])
def test_what_has_no_value_is_said(text):
    with pytest.raises(TooLargeError):
        value(to_sympy(parse(text), TABLE))


def test_whole_layers():
    m = trees.context().mpf
    def array(*rows: tuple[int, ...]) -> numpy.ndarray:
        return numpy.array([[m(n) for n in row] for row in rows], dtype=object)
    at = {X: array((1, 2), (3, 4)), Y: array((5,), (6,))}
    cases = [(trees.matmul(X, Y), [[17], [39]]), (trees.transpose(Y), [[5, 6]]), (trees.hadamard(Y, Y), [[25], [36]]),
             (trees.add(Y, Y), [[10], [12]]), (trees.matrix_function("diagonal")(Y), [[5, 0], [0, 6]]),
             (trees.matrix_function("row_sums")(X), [[3], [7]])]
    for tree, wanted in cases:
        assert trees.evaluate(tree, at, {}).tolist() == wanted
    assert trees.evaluate(trees.matrix_function("squared_norm")(Y), at, {}) == 61
    assert trees.evaluate(trees.matrix_function("total")(X), at, {}) == 10


@pytest.mark.parametrize(("x", "wanted"), [("2", 2), ("-2", "-0.02"), ("0", 0)])
def test_cases(x, wanted):
    tree = sympy.Piecewise((X, X > 0), (X / 100, True), evaluate=False)
    assert close(value(tree, x), wanted, 40)
