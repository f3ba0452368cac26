"""Equations in dependency order, their values, and what goes wrong with them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from networks import close

from derive.chain import derivation
from derive.errors import InputError
from derive.graph import arguments, equations_graph, forward, number_of, ordered
from derive.lecture import Derive, Lecture, load
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


def test_what_cannot_be_computed_names_its_quantity():
    with pytest.raises(InputError, match="y has no value"):
        forward(equations_graph(equations(("y", "1/(x - x)"), of="y", by=("x",), x="1")))


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
