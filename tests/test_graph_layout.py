"""The drawing and the frames of a lecture of equations."""

from __future__ import annotations

import pytest

from derive.blocks import Diagram, Prose
from derive.diagram import draw
from derive.graph_layout import equation_frames, givens_of, on_the_way
from derive.lecture import load, shipped
from derive.pictures import graph
from derive.working import desk

NAMES = [name for name in shipped() if load(name).equations and load(name).figures]


@pytest.mark.parametrize("name", NAMES)
def test_arrows_lead_to_the_right_and_no_two_nodes_share_a_place(name):
    drawn = graph(desk(load(name)))
    column = {node.id: node.column for node in drawn.nodes}
    assert all(column[edge.source] < column[edge.target] for edge in drawn.edges)
    assert len({(node.column, node.row) for node in drawn.nodes}) == len(drawn.nodes)
    assert max(node.row for node in drawn.nodes) < 8  # the cells of two units have eight rows, and fit the page


@pytest.mark.parametrize("name", NAMES)
def test_values_stand_above_and_gradients_below(name):
    at = desk(load(name))
    givens, all_ = graph(at, "givens"), graph(at, "gradients")
    assert not any(node.below for node in givens.nodes) and givens.found == ""
    assert not any(node.above for node in givens.nodes if node.kind != "input")
    assert all(node.above for node in all_.nodes) and all_.found == "values"
    assert all(node.below for node in all_.nodes if node.kind == "unit")


@pytest.mark.parametrize("name", NAMES)
def test_no_node_of_a_shipped_graph_is_left_out(name):
    drawn = graph(desk(load(name)))
    assert {placed.node.id for placed in draw(drawn).nodes} == {node.id for node in drawn.nodes}


def test_a_node_that_is_used_twice_has_two_arrows():
    edges = [(edge.source, edge.target) for edge in graph(desk(load("fan-out"))).edges]
    assert {("y", "p"), ("y", "s"), ("s", "m"), ("s", "out")} <= set(edges)


def test_of_a_large_graph_parameters_or_all_givens_are_left_out():
    inputs = [node.id for node in graph(desk(load("recurrent-neuron"))).nodes if node.kind == "input"]
    assert sorted(inputs) == ["h_0", "target_3", "x_1", "x_2", "x_3"]
    assert not [node for node in graph(desk(load("lstm-cell"))).nodes if node.kind == "input"]


def test_the_way_back_ends_with_what_is_asked_for():
    at = desk(load("fan-out"))
    assert [str(q) for q in on_the_way(at)] == ["m", "s", "p", "x", "y", "z"]


@pytest.mark.parametrize("notation", ["net-out", "node"])
def test_the_frames_of_a_lecture_in_another_notation(notation):
    titles = [frame.title for frame in equation_frames(desk(load("logistic-regression"), notation))]
    local = [] if notation == "net-out" else ["Local derivatives"]
    assert titles == ["The equations", "The graph", "Forward: the values", *local, "Backward: the chain rule",
                      "Update", "The graph with values and gradients"]
    last = [*equation_frames(desk(load("logistic-regression"), notation))][-1]
    assert isinstance(last.blocks[0], Prose) and "below it the derivative of" in str(last.blocks[0].text)
    assert isinstance(last.blocks[1], Diagram)


def test_givens_say_what_is_updated_and_what_stays():
    [table] = givens_of(desk(load("gru-cell")))
    assert [label for [label], _ in table.rows] == ["Updated", "Held fixed", "", "Training"]
    [table] = givens_of(desk(load("fan-out")))
    assert table.header == (("Given",),) and len(table.rows) == 1
