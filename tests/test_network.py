"""A network's equations: their terms in a notation's order, biases, samples, updates."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from derive.lecture import Cell, load
from derive.network import samples, shorts, unit_graph
from derive.notation import NOTATIONS
from derive.quantities import Quantity
from networks import close, examples, lectures, parameters, run

NET_OUT = NOTATIONS["net-out"].style


@pytest.mark.parametrize(("notation", "terms"), [
    ("net-out", ["w[1][1][1]*x[1]", "w[1][1][2]*x[2]", "b[1][1]*1"]),
    ("delta", ["w[1][1][1]*x[1]", "w[1][1][2]*x[2]", "b[1][1]"]),
    ("named-sums", ["x[1]*w[1][1][1]", "x[2]*w[1][1][2]", "b[1][1]"]),
    ("node", ["b[1][1]", "w[1][1][1]*x[1]", "w[1][1][2]*x[2]"]),
])
def test_terms_in_the_order_of_the_notation(notation, terms):
    graph = unit_graph(load("net-out"), NOTATIONS[notation].style)
    factors = [[str(f) for f in (term.args if term.is_Mul else (term,))] for term in graph.equations[0].formula.args]
    assert factors == [term.split("*") for term in terms]


@examples(30)
@given(lectures())
def test_givens_are_the_file_s(lecture):
    graph = unit_graph(lecture, NET_OUT)
    found = run(lecture)
    for quantity, value in graph.givens.items():
        if quantity != Quantity("learning_rate"):
            assert close(value, found[str(quantity)], 40)
    places = dict.fromkeys(parameters(lecture).values())
    assert [str(q) for q in graph.givens if q.kind in ("w", "b")] == list(places)


def test_samples_are_numbered_where_there_are_several():
    lecture = load("net-out")
    assert samples(lecture) == (None,)
    several = replace(lecture, inputs=lecture.inputs * 3, targets=lecture.targets * 3)
    assert samples(several) == (1, 2, 3)
    loss = unit_graph(several, NET_OUT).equations[-1]
    assert str(loss.quantity) == "loss" and list(map(str, loss.arguments())) == ["loss@1", "loss@2", "loss@3"]


def test_biases_that_are_held_fixed_are_no_parameters():
    graph = unit_graph(load("net-out"), NET_OUT)
    assert {q.kind for q in graph.parameters} == {"w"}
    assert Quantity("b", (1, 1)) in graph.givens


@pytest.mark.parametrize(("targets", "form"), [(("0", "1"), "out[2][1] - target[1]"),
                                               (("0.5", "0.9"), "out[2][1]*(target[1] + target[2]) - target[1]")])
def test_softmax_s_short_form_minds_what_the_targets_sum_to(targets, form):
    lecture = load("net-out")
    first, last = lecture.network.layers
    network = replace(lecture.network, layers=(first, replace(last, activation="softmax")), loss="cross-entropy")
    cells = tuple(Cell(Decimal(t)) for t in targets)
    found = dict(shorts(replace(lecture, network=network, targets=(cells,)), None))
    assert str(found[Quantity("net", (2, 1))]) == form
