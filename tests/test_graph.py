"""Equations in dependency order, their values, and what goes wrong with them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from networks import close

from derive.api import derivation as derive_from_python
from derive.api import frames_text
from derive.chain import derivation
from derive.errors import InputError
from derive.graph import arguments, equations_graph, forward, needed, number_of, ordered
from derive.layers import layer_derivation
from derive.lecture import Cell, Derive, FrameSpec, Layer, Lecture, Network, Training, load
from derive.network import unit_graph
from derive.notation import NOTATIONS
from derive.quantities import Partial, Quantity, parse_id, symbol
from derive.trees import add, mul

CHAIN = (("z", "a*y + x"), ("y", "x^2 + b*x"), ("u", "exp(z) * y"))


def equations(*pairs: tuple[str, str], of: str, by: tuple[str, ...], **values: str) -> Lecture:
    return Lecture("e", "e.toml", "E", equations=pairs, derive=Derive(of, by),
                   values=tuple((name, Decimal(value)) for name, value in values.items()))


def test_equations_come_in_the_order_they_are_needed():
    graph = equations_graph(equations(*CHAIN, of="u", by=("x",), a="2", b="3", x="0.1"))
    assert [str(e.quantity) for e in graph.equations] == ["y", "z", "u"]
    assert [str(q) for q in graph.givens] == ["a", "b", "x"]


def test_values_and_derivatives_along_several_paths():
    """u = exp(a y + x) y with y = x² + b x, by hand: u' = e^z (a y' + 1) y + e^z y'."""
    done = derivation(equations_graph(equations(*CHAIN, of="u", by=("x",), a="2", b="3", x="0.1")))
    y, slope = Decimal("0.31"), Decimal("3.2")
    power = (2 * y + Decimal("0.1")).exp()
    assert close(done.values[Quantity("u")], str(power * y), 20)
    assert close(done.values[parse_id("d(u)/d(x)")], str(power * (2 * slope + 1) * y + power * slope), 20)


def test_arguments_in_the_order_of_their_use():
    a, b, c = (symbol(Quantity(name)) for name in "abc")
    assert list(map(str, arguments(add(mul(c, a), mul(b, c))))) == ["c", "a", "b"]


def test_without_values_nothing_is_computed():
    assert forward(equations_graph(load("chain-rule"))) == {} or load("chain-rule").values


def test_a_circle_is_named():
    with pytest.raises(InputError, match="circle: a, b"):
        ordered({"a": ("b",), "b": ("a",), "c": ()})


@pytest.mark.parametrize(("formula", "x", "line"), [
    ("1/(x - x)", "1", "y has no value: it divides by zero; expected a divisor that is not 0"),
    ("log(x)", "-1", "y has no value: it takes the logarithm of -1.0; expected a logarithm of numbers above 0"),
    ("sqrt(x)", "-1", "y has no value: a root of a negative number is no real number; expected a base of at least 0"),
    ("exp(x)", "1e7", "y has no value: it is too large; expected numbers up to 1e300"),
    ("sin(exp(x))", "1e7", "y has no value: sin in it is of a number beyond 1e300; expected numbers up to 1e300"),
    ("exp(exp(exp(x)))", "9", "y has no value: exp in it is of a number beyond 1e300"),
    ("sigmoid(exp(x))", "1e9", "y has no value: exp in it is of a number beyond 1e300"),
    ("exp(x)", "1e5", "y has no value: it is too large; expected numbers up to 1e300"),
    ("exp(exp(x))", "9", "y has no value: it is too large"),
    ("cosh(x)", "1e9", "y has no value: it is too large"),
    ("x^x", "1e4", "y has no value: a power in it is too large"),
    ("0^x", "0.5", "d(y)/d(x) has no value: it takes the logarithm of 0.0"),
    ("sqrt(x)", "0", "d(y)/d(x) has no value: it divides by zero"),
    ("x^x", "0", "d(y)/d(x) has no value"),
])
def test_what_cannot_be_computed_names_file_equation_and_quantity(formula, x, line):
    with pytest.raises(InputError) as caught:
        derivation(equations_graph(equations(("y", formula), of="y", by=("x",), x=x)))
    assert caught.value.line().startswith(f"e.toml: equations.y: {line}")
    assert "; expected " in caught.value.line() and "()" not in caught.value.line()


@pytest.mark.parametrize(("changes", "line"), [
    ({"activation": "log(x - 9)"}, "network.layers[1].activation: out[1][1] has no value: it takes the logarithm of"),
    ({"activation": "1/(x - x)"}, "network.layers[1].activation: out[1][1] has no value: it divides by zero"),
    ({"activation": "sqrt(x^2 - x^2)"}, "network.layers[1].activation: d(out[1][2])/d(net[1][2]) has no value: it div"),
    ({"weight": "1e200"}, "network.loss: error[1] has no value: it is too large; expected numbers up to 1e300"),
    ({"weight": "1e300", "input": "3"}, "network.layers[1].weights: net[1][1] has no value: it is too large"),
    ({"rate": "1e200", "round": 1}, "training.learning_rate: error[1]#1 has no value: it is too large; expected a smaller"),
    ({"rate": "1e300", "weight": "1e9"}, "training.learning_rate: new(w[1][1][1]) has no value: it is too large; expected"),
])
@pytest.mark.parametrize("level", ["unit", "layer"])
def test_what_cannot_be_computed_in_a_network_names_the_key(changes, line, level):
    lecture = one_by_two(**changes)
    work = derivation if level == "unit" else lambda graph: layer_derivation(lecture, NOTATIONS["net-out"].style)
    with pytest.raises(InputError) as caught:
        work(unit_graph(lecture, NOTATIONS["net-out"].style))
    if level == "unit":
        assert caught.value.line().startswith(f"e.toml: {line}")
    assert caught.value.where == f"e.toml: {line.partition(':')[0]}" and " has no value: " in caught.value.what


def one_by_two(activation: str = "linear", weight: str = "1", input: str = "2", rate: str = "0.1", round: int = 0) -> Lecture:
    """One input, two outputs."""
    one = Cell(Decimal(1))
    layer = Layer(2, activation, ((Cell(Decimal(weight)),), (one,)))
    shown = tuple(FrameSpec("F", show=(f"net[1][1]#{round}",)) for _ in range(round))
    return Lecture("e", "e.toml", "E", network=Network(1, (layer,), "half-squared-error"), inputs=((Cell(Decimal(input)),),),
                   targets=((one, one),), training=Training(Cell(Decimal(rate)), rounds=2), frames=shown)


def test_what_is_needed_comes_behind_what_it_uses():
    a, b, c, d = (Quantity(name) for name in "abcd")
    formulas = {d: add(symbol(c), symbol(a)), c: mul(symbol(a), symbol(b)), Quantity("unused"): symbol(b)}
    assert [*needed([d], formulas, ())] == [a, b, c, d]
    assert [*needed([d], formulas, (c,))] == [a, d]


@pytest.mark.parametrize(("formula", "x", "value"), [
    ("1/(1 + exp(-x))", "-1e9", 0), ("1/(1 + exp(-x))", "-1e300", 0), ("sigmoid(x)", "-1e300", 0), ("tanh(x)", "1e300", 1),
    ("1/(1 + exp(x))^2", "2e4", 0), ("softplus(x)", "1e250", "1e250"), ("exp(-x)", "1e9", 0), ("sin(x)^2 + cos(x)^2", "1e300", 1),
])
def test_what_runs_into_its_limit_has_a_value(formula, x, value):
    done = derivation(equations_graph(equations(("y", formula), of="y", by=("x",), x=x)))
    assert close(done.values[Quantity("y")], value, 20) and "y" in frames_text(derive_from_python(equations(
        ("y", formula), of="y", by=("x",), x=x)))


def test_a_long_chain_is_no_trouble():
    """Written from its end to its start; its derivatives are worked from there too."""
    chain = [(f"y{k}", f"sin(y{k + 1})") for k in range(1500)] + [("y1500", "sin(x)")]
    assert [str(q) for q in ordered({f"y{k}": (f"y{k + 1}",) for k in range(5000)})][:2] == ["y4999", "y4998"]
    done = derivation(equations_graph(equations(*chain, of="y0", by=("x",), x="0.5")))
    assert 0 < done.values[parse_id("d(y0)/d(x)")] < 1


def test_givens_at_fifty_digits():
    assert number_of(None) is None
    assert close(number_of(Decimal("0.1")) * 10, 1, 45)


def test_every_equation_of_a_network_stands_behind_what_it_uses():
    graph = unit_graph(load("net-out"), NOTATIONS["net-out"].style)
    known = set(graph.givens)
    for equation in graph.equations:
        assert set(equation.arguments()) <= known
        known.add(equation.quantity)
    assert not any(isinstance(q, Partial) for q in known)
