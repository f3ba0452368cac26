"""Everything put into one formula first."""

from __future__ import annotations

import pytest

from derive.errors import TooLargeError
from derive.expressions import parse, to_sympy
from derive.graph import equations_graph
from derive.lecture import load
from derive.quantities import Quantity, parse_id, symbol
from derive.substitution import again, inline, substituted

T, X = symbol(Quantity("t")), symbol(Quantity("x"))


def steps() -> dict[str, object]:
    return {str(step.lhs): step for step in substituted(equations_graph(load("chain-rule")))}


def test_the_note_s_own_example():
    found = steps()
    assert str(found["y"].formula) == "5*t**2 + 3"
    assert str(found["d(y)/d(t)"].formula) == "10*t"
    assert found["d(y)/d(t)"].forms[0].func.__name__ == "differential"
    assert found["d(y)/d(t)"].reason == "substituted"


def test_both_ways_end_at_the_same():
    from derive.chain import derivation

    graph = equations_graph(load("chain-rule"))
    slope = steps()["d(y)/d(t)"].formula
    for given in ("2", "-0.7"):
        figures = {q: given and __import__("mpmath").mpf(given) for q in graph.givens}
        from dataclasses import replace

        done = derivation(replace(graph, givens=figures))
        assert done.values[parse_id("d(y)/d(t)")] == pytest.approx(10 * float(given))
        assert float(slope.subs({T: given})) == pytest.approx(10 * float(given))


def test_names_are_replaced_all_the_way_down():
    formulas = {X: to_sympy(parse("t^2"), {"t": T})}
    assert str(inline(to_sympy(parse("5*x + 3"), {"x": X}), formulas)) == "5*t**2 + 3"
    assert str(again(to_sympy(parse("3 + 2*t*5"), {"t": T}))) == "10*t + 3"


def test_what_grows_too_long_is_refused():
    names = [symbol(Quantity(f"q{i}")) for i in range(20)]
    formulas = {a: b + b * b for a, b in zip(names, names[1:], strict=False)}
    with pytest.raises(TooLargeError, match="too long"):
        inline(names[0], formulas)
