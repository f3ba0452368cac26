"""Drawings: where nodes, arrows and labels are placed."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from samples import network

from derive.blocks import Diagram, Edge, Node
from derive.diagram import Box, draw, elide


def labels(drawing) -> list[Box]:
    return [arrow.at for arrow in drawing.arrows if arrow.at is not None]


@pytest.mark.parametrize("values", [False, True])
@pytest.mark.parametrize("units", [(1, 1), (2, 2, 2), (4, 3, 2), (4, 6, 3), (2, 2, 2, 2, 2), (6, 6)], ids=str)
def test_labels_overlap_neither_each_other_nor_a_node(units: tuple[int, ...], values: bool) -> None:
    drawing = draw(network(*units, values=values))
    boxes = labels(drawing)
    circles = [Box(node.x, node.y, drawing.radius, drawing.radius) for node in drawing.nodes]
    assert len(boxes) == sum(a * b for a, b in pairwise(units))
    assert not [pair for pair in combinations(boxes, 2) if pair[0].meets(pair[1])]
    assert not [(box, circle) for box in boxes for circle in circles if box.meets(circle)]


@pytest.mark.parametrize("scale", [1.0, 1.45])
def test_boxes_for_what_is_found_tell_neither_length_nor_sign(scale: float) -> None:
    labels = ["1", "-0.3589", "0.41", "0"]
    nodes = (*(Node(f"i{i}", 0, i, "x", "input") for i in range(2)), *(Node(f"o{i}", 1, i, "y") for i in range(2)))
    edges = tuple(Edge(f"i{i % 2}", f"o{i // 2}", label) for i, label in enumerate(labels))
    drawing = draw(Diagram(nodes, edges, "new weights", found="values"), scale)
    [(wide, high)] = {label.size for label, _ in drawing.labels()}
    assert wide >= len("-0.3589") * 0.14 * scale and high == pytest.approx(0.38 * scale, abs=0.01)


def test_boxes_do_not_hide_arrows_that_cross() -> None:
    drawing = draw(replace(network(2, 2), found="values"), 1.45)
    crossing = [arrow for arrow in drawing.arrows if arrow.start[1] * arrow.end[1] < 0]
    middle = (crossing[0].start[0] + crossing[0].end[0]) / 2
    assert len(crossing) == 2 and not any(arrow.at.holds(middle, 0) for arrow in crossing)


def test_many_arrows_have_no_boxes_to_write_in() -> None:
    crowded = replace(network(4, 4), found="values")
    assert all(arrow.at for arrow in draw(crowded).arrows) and not any(arrow.at for arrow in draw(crowded, 1.45).arrows)


def test_a_label_lies_on_its_own_arrow() -> None:
    for arrow in draw(network(3, 4)).arrows:
        (x0, y0), (x1, y1) = arrow.start, arrow.end
        assert arrow.at is not None
        assert y0 + (y1 - y0) * (arrow.at.x - x0) / (x1 - x0) == pytest.approx(arrow.at.y)


def test_the_rows_of_a_column_are_centred() -> None:
    places = draw(network(4, 2, 1)).nodes
    for column in range(3):
        heights = [place.y for place in places if place.node.column == column]
        assert sum(heights) == pytest.approx(0, abs=1e-6)
        assert heights == sorted(heights, reverse=True)


def test_an_arrow_bends_around_a_node_in_its_way() -> None:
    nodes = tuple(Node(name, column, 0, name) for column, name in enumerate("abc"))
    drawing = draw(Diagram(nodes, (Edge("a", "b"), Edge("a", "c")), "three in a row"))
    short, long = drawing.arrows
    assert short.straight and not long.straight
    middle = (long.start[1] + 2 * long.control[1] + long.end[1]) / 4
    assert abs(middle) > drawing.radius


def test_a_head_points_along_its_arrow() -> None:
    arrow = draw(network(1, 1)).arrows[0]
    tip, left, right = arrow.head
    assert tip == arrow.end
    assert left[0] == pytest.approx(right[0]) and left[0] < tip[0]
    assert left[1] == pytest.approx(-right[1])


def test_wide_layers_are_elided() -> None:
    short = elide(network(9, 3), limit=6)
    inputs = [node for node in short.nodes if node.column == 0]
    assert [node.id for node in inputs] == ["0.0", "0.1", "0.2", "dots:0", "0.8"]
    assert [node.row for node in inputs] == list(range(5))
    assert inputs[3].kind == "dots"
    assert len(short.edges) == 4 * 3
    assert {edge.source for edge in short.edges} == {"0.0", "0.1", "0.2", "0.8"}


def test_six_rows_are_kept() -> None:
    assert elide(network(6, 6)) == network(6, 6)


def test_headings_stand_below_everything() -> None:
    drawing = draw(network(2, 3, values=True))
    lowest = min(node.y for node in drawing.nodes) - drawing.radius
    assert [words for words, _, _ in drawing.headings] == ["inputs", "outputs"]
    assert all(y < lowest for _, _, y in drawing.headings)


def test_a_diagram_without_nodes_is_drawn() -> None:
    assert draw(Diagram((), (), "nothing")).nodes == ()


def test_an_arrow_keeps_clear_of_figures_beside_a_node_between() -> None:
    nodes = (Node("a", 0, 0, "a"), Node("b", 1, 0, "b", above="0.1234", below="0.5678"), Node("c", 2, 0, "c"))
    drawing = draw(Diagram(nodes, (Edge("a", "b"), Edge("b", "c"), Edge("a", "c")), "three in a row"))
    long = drawing.arrows[2]
    middle = long.start[1] / 4 + long.control[1] / 2 + long.end[1] / 4
    assert abs(middle) > drawing.radius + 0.24 + 0.19
