"""Whole layers against single units, entry by entry."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st
from networks import close, examples, lectures, smooth

from derive.chain import Derivation, derivation
from derive.layers import layer_derivation, tied
from derive.lecture import Cell, Lecture, load, places, shipped
from derive.network import unit_graph
from derive.notation import NOTATIONS
from derive.quantities import Id, New, Partial, Quantity, core, entry, is_whole, parse_id

STYLES = st.sampled_from([row.style for row in NOTATIONS.values()])
MATRIX = NOTATIONS["matrix"].style
PLAIN = ("x", "target", "net", "out", "delta", "w", "b", "loss", "learning_rate")


def entries(lecture: Lecture, quantity: Id, value: object) -> list[tuple[Id, object]]:
    """A whole layer's entries by id; a number is its own."""
    if not hasattr(value, "shape"):
        return [(quantity, value)]
    kind, turned = core(quantity).kind, lecture.network.vectors == "row"
    if kind == "w":
        table = value.T if turned else value
        return [(entry(quantity, (i, j)), v) for i, row in enumerate(table, 1) for j, v in enumerate(row, 1)]
    assert value.shape[0 if turned else 1] == 1, "a vector is one column, or one row"
    return [(entry(quantity, (i,)), v) for i, v in enumerate(value.flat, 1)]


def by_place(lecture: Lecture, quantity: Id) -> Id:
    """The id of a shared parameter's place as its first place."""
    first = {place: parameter for place, (parameter, _) in places(lecture).items()}
    if isinstance(quantity, Partial):
        return Partial(quantity.of, by_place(lecture, quantity.by))
    return New(first[quantity.of]) if isinstance(quantity, New) else first.get(quantity, quantity)


def differing(lecture: Lecture, whole: Derivation, units: Derivation) -> list[str]:
    """The entries that are another number, or missing, at unit level (before any later turn)."""
    local = [q for q in whole.values if isinstance(q, Partial) and is_whole(q.of)]
    found = []
    for quantity, value in whole.values.items():
        if quantity in local or "#" in str(quantity) or core(quantity).kind not in PLAIN:
            continue
        for each, number in entries(lecture, quantity, value):
            other = units.values.get(by_place(lecture, each))
            if other is None or not close(number, other, 30):
                found.append(f"{each} {number} {other}")
    return found


@examples(40)
@given(lectures(), STYLES)
def test_layers_agree_with_units_entry_by_entry(lecture, style):
    assume(smooth(lecture))
    whole, units = layer_derivation(lecture, style), derivation(unit_graph(lecture, style))
    assert not differing(lecture, whole, units)
    updated = {str(by_place(lecture, each)) for q, value in whole.values.items() if isinstance(q, New)
               for each, _ in entries(lecture, q, value)}
    assert updated == {str(New(q)) for q in units.graph.parameters}


@examples(40)
@given(lectures(), STYLES)
def test_every_way_gives_the_same(lecture, style):
    assume(smooth(lecture))
    done = layer_derivation(lecture, style)
    for step in done.steps:
        for tree in (*step.forms, step.formula):
            value, right = done.graph.value(tree, done.values), done.values[step.lhs]
            pairs = zip(value.flat, right.flat, strict=True) if hasattr(right, "shape") else [(value, right)]
            assert all(close(a, b, 30) for a, b in pairs), (step.lhs, step.reason)


@examples(40)
@given(lectures(depth=2, width=3))
def test_the_derivative_of_an_activation(lecture):
    """d(out)/d(net): each unit's own, or with softmax the whole matrix."""
    assume(smooth(lecture))
    whole = layer_derivation(lecture, MATRIX)
    units = derivation(unit_graph(lecture, MATRIX)).values
    for quantity, value in whole.values.items():
        if isinstance(quantity, Partial) and is_whole(quantity.of):
            n = lecture.network.layers[core(quantity).index[0] - 1].units
            numbers = dict(entries_of(quantity, value, n))
            assert all(close(number, units[each], 30) for each, number in numbers.items()), quantity


def entries_of(quantity: Partial, value: object, n: int) -> list[tuple[Id, object]]:
    if hasattr(value, "shape") and value.shape == (n, n) and n > 1:
        return [(entry(quantity, (i + 1, j + 1)), value[i, j]) for i in range(n) for j in range(n)]
    flat = value.flat if hasattr(value, "shape") else [value] * n
    return [(entry(quantity, (i, i)), v) for i, v in enumerate(flat, 1)]


@pytest.mark.parametrize("vectors", ["column", "row"])
@pytest.mark.parametrize("name", [n for n in shipped() if load(n).network is not None and load(n).figures])
def test_shipped_networks(name, vectors):
    lecture = load(name)
    lecture = replace(lecture, network=replace(lecture.network, vectors=vectors))
    whole = layer_derivation(lecture, MATRIX)
    assert not differing(lecture, whole, derivation(unit_graph(lecture, MATRIX)))


def named(name: str, *rows: tuple[Cell, ...]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(Cell(Decimal("0.4"), name) for _ in row) for row in rows)


def test_layers_that_share_with_each_other():
    lecture = load("net-out")
    layers = tuple(replace(layer, weights=named("s", *layer.weights)) for layer in lecture.network.layers)
    both = replace(lecture, network=replace(lecture.network, layers=layers))
    assert tied(both, "w") == {1: (1, 2), 2: (1, 2)}
    assert tied(lecture, "w") == {}
    assert not differing(both, layer_derivation(both, MATRIX), derivation(unit_graph(both, MATRIX)))


def test_a_bias_shared_by_a_whole_layer_and_a_single_unit():
    lecture = load("net-out")
    first, last = lecture.network.layers
    cell = Cell(Decimal("0.35"), "b")
    layers = (replace(first, bias=(cell, Cell(Decimal("0.2"))), shared_bias=False),
              replace(last, bias=(cell, cell), shared_bias=True))
    mixed = replace(lecture, network=replace(lecture.network, layers=layers),
                    training=replace(lecture.training, update_biases=True))
    assert not differing(mixed, layer_derivation(mixed, MATRIX), derivation(unit_graph(mixed, MATRIX)))


def formula(done: Derivation, lhs: str, reason: str) -> sympy.Expr:
    return done.pick(parse_id(lhs), (reason,)).formula


def test_the_forms_that_the_note_prints():
    done = layer_derivation(load("matrix-form"), MATRIX)
    assert str(formula(done, "net[1]", "equation")) == "b[1] + matmul(w[1], x)"
    assert str(formula(done, "d(loss)/d(w[2])", "signal")) == "matmul(delta[2], transpose(out[1]))"
    back = formula(done, "delta[1]", "error-signal")
    assert back.func.__name__ == "hadamard"
    assert [str(arg) for arg in back.args] == ["matmul(transpose(w[2]), delta[2])", "out[1]", "1 - out[1]"]


def test_rows_turn_every_product_round():
    lecture = load("matrix-form")
    rows = replace(lecture, network=replace(lecture.network, vectors="row"))
    done = layer_derivation(rows, MATRIX)
    assert str(formula(done, "net[1]", "equation")) == "b[1] + matmul(x, w[1])"
    assert str(formula(done, "d(loss)/d(w[2])", "signal")) == "matmul(transpose(out[1]), delta[2])"
    assert done.values[Quantity("x")].shape == (1, 4)


def test_without_figures_there_are_no_values():
    done = layer_derivation(load("three-outputs"), MATRIX)
    assert not done.values and done.steps
