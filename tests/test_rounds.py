"""Later turns: the same numbers as training in double precision, in batches, online and in either order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from derive.chain import derivation
from derive.layers import layer_derivation
from derive.lecture import FrameSpec, Lecture, load
from derive.network import unit_graph
from derive.notation import NOTATIONS
from derive.quantities import New, Partial, Quantity, parse_id
from derive.rounds import renumbered, round_of, turns_of
from derive.training import ask

STYLE = NOTATIONS["net-out"].style


def trained(name: str, **changes: object) -> Lecture:
    lecture = load(name)
    return replace(lecture, training=replace(lecture.training, **changes))


CASES = {
    "batch": trained("batch", show_rounds=(1, 2, 3)),
    "online": trained("online", show_rounds=(1, 2)),
    "momentum": trained("momentum"),
    "adam": trained("adam"),
    "l2": trained("weight-decay", rounds=3, show_rounds=(1, 2, 3)),
    "sequential": trained("sequential", rounds=3, show_rounds=(1, 2, 3)),
    "online l2": trained("online", l2=Decimal("0.1")),
    "thresholds": trained("thresholds", rounds=2, show_rounds=(1, 2)),
    "one bias": trained("net-out", update_biases=True, rounds=2, show_rounds=(1, 2)),
}


@pytest.mark.parametrize("name", CASES)
def test_every_turn_is_that_of_training(name):
    lecture = CASES[name]
    done = derivation(unit_graph(lecture, STYLE))
    assert done.graph.turns == turns_of(lecture) > 1
    last = done.graph.turns - 1
    kinds = ("net", "out", "error", "loss", "w", "b")
    later = [q for q in done.values if round_of(q) == last and (
        (isinstance(q, New) and q.of.kind in ("w", "b")) or (isinstance(q, Quantity) and q.kind in kinds))]
    assert {q.kind for q in later if isinstance(q, Quantity)} >= {"net", "out", "loss", "w"}
    for quantity in later:
        assert float(done.values[quantity]) == pytest.approx(ask(lecture, quantity), rel=1e-9, abs=1e-12), quantity


@pytest.mark.parametrize("name", CASES)
def test_whole_layers_go_through_the_same_turns(name):
    lecture = CASES[name]
    units, whole = derivation(unit_graph(lecture, STYLE)), layer_derivation(lecture, STYLE)
    for quantity in (q for q in whole.values if isinstance(q, Quantity) and q.kind in ("net", "delta") and q.round):
        for i, value in enumerate(whole.values[quantity].flat, 1):
            unit = replace(quantity, index=(*quantity.index, i))
            assert float(value) == pytest.approx(float(units.values[unit]), rel=1e-12), unit


@pytest.mark.parametrize(("order", "quantity", "figure"), [
    ("simultaneous", "loss#9999", "3.51085e-5"), ("simultaneous", "loss#10000", "3.51019e-5"),
    ("simultaneous", "out[2][1]#10000", "0.015913620"), ("simultaneous", "out[2][2]#10000", "0.984064274"),
    ("sequential", "out[2][1]#10000", "0.015912196"), ("sequential", "out[2][2]#10000", "0.984065734"),
])
def test_the_published_figures_come_out_under_their_two_rules(order, quantity, figure):
    found = Decimal(ask(trained("sequential", order=order), parse_id(quantity)))
    assert found.quantize(Decimal(figure)) == Decimal(figure)


def test_sequential_hidden_signals_go_back_by_the_new_weights():
    done = derivation(unit_graph(load("sequential"), NOTATIONS["delta"].style))
    values = done.values
    new = [values[New(Quantity("w", (2, k, 1)))] for k in (1, 2)]
    out = values[Quantity("out", (1, 1))]
    back = sum(w * values[Quantity("delta", (2, k))] for k, w in enumerate(new, 1))
    assert float(values[Quantity("delta", (1, 1))]) == pytest.approx(float(back * out * (1 - out)), rel=1e-14)


@pytest.mark.parametrize(("changes", "frames", "count"), [
    ({}, (), 1),
    ({"show_rounds": (1, 2, 50)}, (), 2),
    ({"show_rounds": (2, 3)}, (), 1),
    ({"update": "online"}, (), 3),
    ({"update": "online", "show_rounds": (1, 2)}, (), 6),
    ({}, ("net[1][1]#1",), 2),
    ({}, ("new(w[1][1][1]#2)",), 3),
    ({}, ("loss#50", "out[2][1]@1#50"), 1),
    ({}, ("net[1][1]#190",), 12),
])
def test_how_many_turns_are_worked(changes, frames, count):
    changes = {"show_rounds": (), **changes}
    lecture = replace(trained("batch", **changes), frames=(FrameSpec("A frame", show=frames),) if frames else ())
    assert turns_of(lecture) == count


def test_what_no_update_changes_bears_no_round():
    graph = unit_graph(trained("momentum", update_biases=False), STYLE)
    same = ["x[1]", "target[1]", "learning_rate", "beta", "b[1][1]"]
    assert [str(renumbered(graph, parse_id(text), 2)) for text in same] == same
    moved = ["w[1][1][1]", "velocity_w[1][1][1]", "net[1][1]", "loss", "new(w[1][1][1])"]
    assert [str(renumbered(graph, parse_id(text), 2)) for text in moved] == [
        "w[1][1][1]#2", "velocity_w[1][1][1]#2", "net[1][1]#2", "loss#2", "new(w[1][1][1]#2)"]
    assert renumbered(graph, parse_id("d(loss)/d(x[1])"), 1) == Partial(parse_id("loss#1"), parse_id("x[1]"))
