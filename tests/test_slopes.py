"""Local derivatives: right at every point, and in the form that is taught."""

from __future__ import annotations

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.expressions import parse, to_sympy
from derive.functions import APPLIED
from derive.printing import Printer
from derive.slopes import product, slope
from derive.trees import context, evaluate

NAMES = {name: sympy.Symbol(name, real=True) for name in ("x", "y", "z", "out")}
PLAIN = Printer(lambda quantity: str(quantity), "*")

# formula, by what, the derivative as it is taught
TAUGHT = [
    ("x*y", "x", "y"), ("x*y", "y", "x"), ("5*x + 3", "x", "5"), ("x^2", "x", "2x"), ("x^3", "x", "3x^{2}"),
    ("-x*y", "y", "-x"), ("x - y*x", "x", "1 - y"), ("x/y", "x", r"\frac{1}{y}"),
    ("x/y", "y", r"-\frac{x}{y^{2}}"), ("x/(x + y)", "x", r"\frac{x + y - x}{(x + y)^{2}}"),
    ("1/x", "x", r"-\frac{1}{x^{2}}"), ("sqrt(x)", "x", r"\frac{1}{2out}"),
    ("sqrt(x^2 + y^2)", "y", r"\frac{y}{out}"), ("exp(x)", "x", "out"), ("exp(-x)", "x", "-out"),
    ("log(x)", "x", r"\frac{1}{x}"), ("sigmoid(x*y)", "y", "out * (1 - out) * x"),
    ("tanh(x)", "x", "1 - out^{2}"), ("sin(2*x)", "x", r"2\cos(2x)"), ("x^y", "y", r"x^{y} * \ln(x)"),
    ("(x - y)^2/2", "y", "-(x - y)"), ("1/2*(x - y)^2", "x", "x - y"),
    ("max(x, y)", "x", r"\begin{cases}1 & \text{if } x \ge y \\ 0 & \text{otherwise}\end{cases}"),
    ("max(x, y)", "y", r"\begin{cases}1 & \text{if } y > x \\ 0 & \text{otherwise}\end{cases}"),
    ("relu(x*y)", "x", r"\begin{cases}y & \text{if } x * y > 0 \\ 0 & \text{otherwise}\end{cases}"),
]
FORMULAS = [*dict.fromkeys(row[0] for row in TAUGHT), "x^y*z", "2^x", "abs(x - 2*y)", "min(x, y, z)",
            "x^-1 + y", "z*(x + y)^(-1)", "x^x", "(x*y)^(x/z)", "e^-x^2", "pi*x^2", "max(x*y, y*z, z)", "x*log(y) + (1 - x)*log(1 + y)", "(x + y)/(y*z)", "softplus(x - y)/z^3",
 "cos(x)*x^-2", "tan(x/9)", "sinh(x) - cosh(x*y)", "3 - x", "x*x*y",
            "exp(x)/(exp(x) + exp(y) + exp(z))", "max(0, x - 1.5)*2 + min(y, 0.7)", "-(x - y)/(z - 5)"]


def tree(formula: str) -> sympy.Expr:
    return to_sympy(parse(formula), NAMES)


@pytest.mark.parametrize(("formula", "by", "taught"), TAUGHT)
def test_a_derivative_has_the_form_that_is_taught(formula, by, taught):
    assert PLAIN.latex(slope(tree(formula), NAMES[by], NAMES["out"])) == taught


NUMBER = st.integers(11, 299).map(lambda n: mpmath.mpf(n) / 97)


@pytest.mark.parametrize("formula", FORMULAS)
@settings(max_examples=12)
@given(x=NUMBER, y=NUMBER, z=NUMBER)
def test_a_derivative_is_the_slope_at_every_point(formula, x, y, z):
    made, step = tree(formula), context().mpf("1e-20")
    point = {NAMES[n]: context().mpf(v) for n, v in zip("xyz", (x, y, z), strict=True)}
    value = evaluate(made, point, APPLIED)
    for by in (NAMES[n] for n in "xyz"):
        behind, ahead = (evaluate(made, {**point, by: point[by] + s}, APPLIED) for s in (-step, step))
        left, right = (value - behind) / step, (ahead - value) / step
        if abs(left - right) > 1e-10:
            continue   # a kink
        found = evaluate(slope(made, by, NAMES["out"]), {**point, NAMES["out"]: value}, APPLIED)
        assert abs(found - (left + right) / 2) < 1e-15 * (1 + abs(found))


@pytest.mark.parametrize(("formula", "by", "at_the_kink"), [
    ("relu(x)", "x", 0), ("max(x, 0)", "x", 1), ("max(0, x)", "x", 0), ("abs(x)", "x", 0),
    ("max(y, x)", "x", 0),
])
def test_a_kink_has_the_value_that_is_said(formula, by, at_the_kink):
    zero = {NAMES["x"]: context().mpf(0), NAMES["y"]: context().mpf(0)}
    assert evaluate(slope(tree(formula), NAMES[by]), zero, APPLIED) == at_the_kink


def test_a_product_is_one_fraction_in_lowest_terms():
    x, y = NAMES["x"], NAMES["y"]
    assert PLAIN.latex(product(sympy.Integer(2), x, sympy.Pow(sympy.Integer(4), -1, evaluate=False))) == \
        r"\frac{x}{2}"
    assert PLAIN.latex(product(sympy.Integer(-1), x, sympy.Integer(-1), y)) == "x * y"
    assert product(sympy.Integer(-1)) == -1
    assert product(x, sympy.Integer(0), y) == 0
