"""Drawings of a lecture: which units, edges and figures stand where, for a network and for a graph of equations."""

from __future__ import annotations

import pytest

from derive.lecture import load, shipped
from derive.pictures import graph, network
from derive.working import desk


def drawn(name: str, what: str, notation: str | None = None):
    return network(desk(load(name), notation), what)


def nodes(diagram) -> dict:
    return {node.id: node for node in diagram.nodes}


def labels(diagram) -> dict:
    return {(edge.source, edge.target): edge.label for edge in diagram.edges}


def test_a_network_has_its_inputs_units_and_targets_in_columns():
    diagram = drawn("net-out", "givens")
    assert [(node.id, node.column, node.row, node.kind) for node in diagram.nodes] == [
        ("x[1]", 0, 0, "input"), ("x[2]", 0, 1, "input"),
        ("unit[1][1]", 1, 0, "unit"), ("unit[1][2]", 1, 1, "unit"),
        ("unit[2][1]", 2, 0, "output"), ("unit[2][2]", 2, 1, "output"),
        ("target[1]", 3, 0, "target"), ("target[2]", 3, 1, "target")]
    assert diagram.columns == ("inputs", "hidden layer", "outputs", "targets") and diagram.found == ""


def test_the_givens_stand_on_edges_and_beside_units():
    diagram = drawn("net-out", "givens")
    edges, units = labels(diagram), nodes(diagram)
    assert len(edges) == 8 and edges["x[2]", "unit[1][1]"] == "w_{2} = 0.20"
    assert edges["unit[1][1]", "unit[2][2]"] == "w_{7} = 0.50"
    assert units["x[1]"].above == "0.05" and units["target[2]"].above == "0.99"
    assert units["unit[1][1]"].below == units["unit[1][2]"].below == "b_{1} = 0.35"
    assert not units["unit[1][1]"].above


def test_outs_stand_above_the_units_and_are_what_a_sheet_asks_for():
    diagram = drawn("net-out", "outs")
    assert diagram.found == "above"
    assert [nodes(diagram)[f"unit[2][{i}]"].above for i in (1, 2)] == ["0.7513", "0.7729"]


def test_new_weights_take_the_place_of_the_old_and_biases_held_fixed_are_left_out():
    diagram = drawn("net-out", "new")
    assert diagram.found == "values" and labels(diagram)["unit[1][1]", "unit[2][1]"] == "0.3589"
    assert not nodes(diagram)["unit[1][1]"].below
    assert nodes(drawn("delta-rule", "new"))["unit[2][1]"].below


def test_a_unit_called_by_its_net_is_called_by_its_out_where_that_is_shown():
    before, after = (nodes(drawn("net-out", what, "named-sums"))["unit[1][1]"].label for what in ("givens", "outs"))
    assert before == "H_{1}" and "output" in after


def test_a_wide_network_bears_numbers_alone():
    edges = labels(drawn("matrix-form", "givens"))
    assert len(edges) == 18 and not any("=" in label for label in edges.values())


def test_a_graph_goes_from_the_givens_to_what_is_derived():
    lecture = load("chain-rule")
    diagram = graph(desk(lecture))
    found = nodes(diagram)
    assert [found[name].column for name in ("t", "x", "y")] == [0, 1, 2]
    assert [found[name].kind for name in ("t", "x", "y")] == ["input", "unit", "output"]
    assert set(labels(diagram)) == {("t", "x"), ("x", "y")}
    assert "y from x" in diagram.alt


def test_a_graph_shows_values_and_gradients_as_it_is_asked_to():
    at = desk(load("attention"))
    given, outs, slopes = (graph(at, what).nodes for what in ("givens", "outs", "gradients"))
    assert all(bool(node.above) <= (node.kind == "input") for node in given)
    assert all(node.above for node in outs) and not any(node.below for node in outs)
    assert any(node.below for node in slopes)


@pytest.mark.parametrize("name", shipped())
def test_every_drawing_has_its_own_places_and_words(name):
    for part in load(name).parts or (load(name),):
        at = desk(part)
        diagram = network(at, "givens") if part.network else graph(at)
        assert len({(node.column, node.row) for node in diagram.nodes}) == len(diagram.nodes)
        assert {place for edge in diagram.edges for place in (edge.source, edge.target)} <= set(nodes(diagram))
        assert diagram.alt.endswith(".") and "\\" not in diagram.alt


def test_a_drawing_by_layers_looks_its_entries_up_and_makes_no_whole_matrix(monkeypatch):
    from derive.figures import Figures

    made = []
    monkeypatch.setattr(Figures, "cells", lambda self, whole: made.append(whole) or iter(()))
    at = desk(load("matrix-form"), level="layer")
    for kind in ("givens", "outs", "new"):
        network(at, kind)
    assert not made
