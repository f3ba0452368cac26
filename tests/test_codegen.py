"""Generated code: every tree computes what it computes at 50 digits, and holds nothing but what we made."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from derive.codegen import CAREFUL, FLOATS, arrays, buffered, function, text
from derive.functions import ACTIVATIONS, APPLIED
from derive.quantities import Quantity, symbol
from derive.trees import add, context, div, evaluate, mul, neg, number, power, sub

A, B = Quantity("a"), Quantity("b")
a, b = symbol(A), symbol(B)
NAMES = {A: "v0", B: "v1"}
TREES = [
    add(a, neg(b)), sub(a, mul(number(3), b)), div(a, mul(b, b)), mul(a, power(b, -1), number(1)),
    neg(mul(a, b)), power(sub(a, b), 2), power(a, 2), power(a, -3), power(add(a, b), number(1, 2)),
    power(a, b), number(-7, 3), mul(number(1, 3), a), add(*[a, b] * 200),
    sympy.exp(neg(a), evaluate=False), sympy.log(add(a, b), evaluate=False),
    sympy.Max(number(0), sub(a, b), evaluate=False), sympy.Min(a, b, evaluate=False), sub(a, sub(a, b)),
    sympy.Abs(sub(b, a), evaluate=False), sympy.sin(a, evaluate=False), sympy.tanh(b, evaluate=False), a,
    *(row.formula(sub(a, b)) for name, row in ACTIVATIONS.items() if name != "softmax"),
    *(row.derivative(sub(a, b), b) for name, row in ACTIVATIONS.items() if name != "softmax"),
]


def exactly(tree: sympy.Expr, x: float, y: float) -> float:
    point = {a: context().mpf(x), b: context().mpf(y)}
    return float(evaluate(tree, point, APPLIED))


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: str(tree)[:40])
@pytest.mark.parametrize("point", [(0.3, 1.7), (2.5, 0.4)])
def test_code_computes_what_the_tree_does(tree, point):
    expected = exactly(tree, *point)
    for dialect in (FLOATS, CAREFUL):
        run = function([f"v2 = {text(tree, NAMES, dialect)}"], ["v0", "v1"], ["v2"], dialect, repeat=False)
        assert run(1, point) == pytest.approx((expected,), rel=1e-14)


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: str(tree)[:40])
def test_arrays_compute_the_same(tree):
    xs, ys = np.array([0.3, 2.5, 1.0]), np.array([1.7, 0.4, 0.9])
    lines = [f"v2 = {text(tree, NAMES, arrays())}", "v3 = v2", f"v4 = (v3 + {text(tree, NAMES, arrays())})"]
    code, buffers = buffered(lines, ["v4"])
    work = np.full((len(buffers), 3), np.nan)
    run = function(code, ["v0", "v1", *buffers], ["v4"], arrays(), repeat=False)
    (found,) = run(1, [xs, ys, *work])
    np.testing.assert_allclose(found + 0 * xs, [2 * exactly(tree, x, y) for x, y in zip(xs, ys, strict=True)],
                               rtol=1e-13)
    assert (xs == [0.3, 2.5, 1.0]).all(), "the givens are not written over"


def test_arrays_are_used_again():
    lines = ["v2 = (v0*v1)", "v3 = (v2*v0)", "v4 = (v3*v0)", "v5 = (v4*v0)"]
    code, buffers = buffered(lines, ["v5"])
    assert len(buffers) == 3
    work = np.empty((3, 1))
    (found,) = function(code, ["v0", "v1", *buffers], ["v5"], arrays(), repeat=False)(
        1, [np.array([2.0]), np.array([3.0]), *work])
    assert found == [48.0]
    assert work[0] == [48.0], "what is kept stands in the first array"


def test_a_loop_runs_as_often_as_it_is_told():
    run = function(["v0 = (v0 + v1)"], ["v0", "v1"], ["v0"], FLOATS, repeat=True)
    assert run(10, [1.0, 0.5]) == (6.0,)
    assert run(0, [1.0, 0.5]) == (1.0,)


def test_a_wide_sum_is_no_trouble():
    wide = add(*[mul(a, b)] * 5000)
    line = f"v2 = {text(wide, NAMES, FLOATS)}"
    assert function([line], ["v0", "v1"], ["v2"], FLOATS, repeat=False)(1, (2.0, 3.0)) == (30000.0,)


@pytest.mark.parametrize("line", ["v0 = __import__('os')", "v0 = w5", "v0 = open(v1)", "v0 = v1.real",
                                  "v0 = [v1]", "import os", "v0 = 'x'"])
def test_nothing_but_our_own_tokens_is_run(line):
    with pytest.raises(ValueError, match="generated code holds"):
        function([line], ["v1"], ["v0"], FLOATS, repeat=False)
