"""Where everything stands in a drawing: circles, arrows and the labels beside them.

A `Diagram` says what is connected; `draw` finds places (in cm, y upwards) such that
labels lie on their own arrows and hide as little else as possible. The same diagram
always gives the same drawing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from derive.blocks import Diagram, Edge, Node
from derive.tex import width

_EM = 0.30  # cm, of the small type labels are set in
_NAME_EM = 0.39  # cm, of the type names are set in
_HALF_HEIGHT = 0.19
_ROOM_FOR_TEXT = 0.42
_HEAD, _HEAD_SHARE = 0.17, 0.36  # an arrow's head: its length in cm, half its width as a share of that

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle around (x, y) with half its width and half its height."""

    x: float
    y: float
    wide: float
    high: float

    def meets(self, other: Box) -> bool:
        return (
            abs(self.x - other.x) < self.wide + other.wide and abs(self.y - other.y) < self.high + other.high
        )

    def holds(self, x: float, y: float) -> bool:
        return abs(self.x - x) < self.wide and abs(self.y - y) < self.high


@dataclass(frozen=True, slots=True)
class Placed:
    """A node where it is drawn."""

    node: Node
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow from border to border (quadratic: start, control, end) and its label's box."""

    start: Point
    control: Point
    end: Point
    straight: bool
    label: str
    at: Box | None = None

    @property
    def cubic(self) -> tuple[Point, Point]:
        """The two control points TikZ asks for."""
        return _between(self.start, self.control, 2 / 3), _between(self.neck, self.control, 2 / 3)

    @property
    def neck(self) -> Point:
        """Where the line ends and the head begins."""
        return _towards(self.end, self.control, _HEAD)

    @property
    def head(self) -> tuple[Point, Point, Point]:
        """The corners of the arrow's head: its tip first."""
        x, y = self.neck
        across, up = (self.end[0] - x) * _HEAD_SHARE, (self.end[1] - y) * _HEAD_SHARE
        return self.end, (x - up, y + across), (x + up, y - across)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing with every place found; `headings` are words and where they stand."""

    nodes: tuple[Placed, ...]
    arrows: tuple[Arrow, ...]
    radius: float
    headings: tuple[tuple[str, float, float], ...]


def elide(diagram: Diagram, limit: int = 6) -> Diagram:
    """The diagram without columns of more than `limit` rows; dots stand for the units left out."""
    kept: dict[str, Node] = {}
    for column in sorted({node.column for node in diagram.nodes}):
        kept |= {node.id: node for node in _elided(_of_column(diagram.nodes, column), limit)}
    edges = tuple(edge for edge in diagram.edges if edge.source in kept and edge.target in kept)
    return replace(diagram, nodes=tuple(kept.values()), edges=edges)


def _of_column(nodes: Sequence[Node], column: int) -> list[Node]:
    return sorted((node for node in nodes if node.column == column), key=lambda node: node.row)


def _elided(nodes: list[Node], limit: int) -> list[Node]:
    if len(nodes) <= limit:
        return nodes
    first = nodes[: limit - 3]   # fewer than would fit, so that the names stay large
    dots = Node(f"dots:{nodes[0].column}", nodes[0].column, first[-1].row + 1, r"\vdots", kind="dots")
    return [*first, dots, replace(nodes[-1], row=dots.row + 1)]


@lru_cache(maxsize=64)
def draw(diagram: Diagram) -> Drawing:
    """Places for everything in the diagram; columns too high are elided first."""
    diagram = elide(diagram)
    names = [node.label for node in diagram.nodes if node.kind != "target"]
    radius = min(0.62, max([0.40, *(width(name) * 0.36 / 2 + 0.1 for name in names)]))
    places = _places(diagram, radius)
    arrows = tuple(_arrow(edge, places, radius) for edge in diagram.edges)
    nodes = tuple(places.values())
    return Drawing(nodes, _labelled(arrows, nodes, radius), radius, tuple(_headings(diagram, nodes, radius)))


def _places(diagram: Diagram, radius: float) -> dict[str, Placed]:
    pitch = (
        2 * radius
        + 0.5
        + _ROOM_FOR_TEXT
        * (any(node.above for node in diagram.nodes) + any(node.below for node in diagram.nodes))
    )
    across = _columns(diagram, radius)
    rows = {column: max(node.row for node in diagram.nodes if node.column == column) for column in across}
    return {
        node.id: Placed(
            node, round(across[node.column], 3), round((rows[node.column] / 2 - node.row) * pitch, 3)
        )
        for node in diagram.nodes
    }


def _columns(diagram: Diagram, radius: float) -> dict[int, float]:
    """Where each column stands: further apart the longer and the more the labels between."""
    counts = Counter(node.column for node in diagram.nodes)
    column_of = {node.id: node.column for node in diagram.nodes}
    across, x, before = dict[int, float](), 0.0, -1
    for column in sorted(counts):
        into = [edge for edge in diagram.edges if column_of[edge.target] == column]
        longest = max((width(edge.label) * _EM for edge in into), default=0.0)
        crowd = min(counts[column], counts.get(before, 1))
        if across:
            room = 1.7 + longest + 0.40 * crowd if into else 0.5
            x += max(2 * radius + room, _beside(diagram, column, before))
        across[column], before = x, column
    return across


def slot_width(latex: str) -> float:
    """The width in cm of a label's place, so that its figure, or a small box for it, fits in."""
    return width(latex) * _EM + 0.16


def _beside(diagram: Diagram, *columns: int) -> float:
    """The room that words above, below and at the foot of two neighbouring columns need."""
    nodes = [node for node in diagram.nodes if node.column in columns]
    texts = [t for node in nodes for t in (node.above, node.below)]
    words = [len(diagram.columns[c]) * 0.17 for c in columns if 0 <= c < len(diagram.columns)]
    words += [width(node.label) * _NAME_EM for node in nodes if node.kind == "target"]
    return max([slot_width(text) for text in texts] + words, default=0.0) + 0.3


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _point(arrow: Arrow, t: float) -> Point:
    return _between(_between(arrow.start, arrow.control, t), _between(arrow.control, arrow.end, t), t)


def _arrow(edge: Edge, places: Mapping[str, Placed], radius: float) -> Arrow:
    """The straightest of a few arcs that pass no other node, nor what stands beside it."""
    source, target = places[edge.source], places[edge.target]
    left, right = sorted((source.x, target.x))
    others = [place for place in places.values() if left < place.x < right]
    boxes = [box for other in others for box in _node_boxes(other, radius)]
    best, least = _arc(source, target, 0.0, radius, edge.label), float("inf")
    for bend in _BENDS:
        arc = _arc(source, target, bend, radius, edge.label)
        passed = sum(_passes(arc, box) for box in boxes)
        if passed < least:
            best, least = arc, passed
        if not least:
            break
    return best


# How far the middle of an arrow may be moved, in cm: the straightest first.
_BENDS = tuple(sign * 0.1 * step for step in range(37) for sign in ((1, -1) if step else (0,)))


def _arc(source: Placed, target: Placed, bend: float, radius: float, label: str) -> Arrow:
    a, b = (source.x, source.y), (target.x, target.y)
    middle = _between(a, b, 0.5)
    control = (middle[0], middle[1] + 2 * bend)
    start, end = _towards(a, control, radius), _towards(b, control, radius + 0.04)
    return Arrow(start, control if bend else _between(start, end, 0.5), end, not bend, label)


def _towards(start: Point, goal: Point, length: float) -> Point:
    """The point so far from `start` on the way to `goal`."""
    distance = ((goal[0] - start[0]) ** 2 + (goal[1] - start[1]) ** 2) ** 0.5
    return _between(start, goal, length / distance) if distance else start


def _passes(arrow: Arrow, box: Box) -> int:
    """How much of an arrow comes too near to a node or to what stands beside it."""
    wider = Box(box.x, box.y, box.wide + 0.08, box.high + 0.08)
    return sum(wider.holds(*_point(arrow, step / 32)) for step in range(33))


# Where along an arrow its label may stand; best nearer to its source, clear of the crossings.
_BEST = 0.34
_SHARES = tuple(round(0.10 + 0.04 * step, 2) for step in range(21))


def _labelled(arrows: tuple[Arrow, ...], nodes: tuple[Placed, ...], radius: float) -> tuple[Arrow, ...]:
    """Each label where it covers the least, found arrow by arrow, three times over."""
    fixed = [box for placed in nodes for box in _node_boxes(placed, radius)]
    choices = [_candidates(arrow, index, arrows, fixed) for index, arrow in enumerate(arrows)]
    chosen: list[Box | None] = [None] * len(arrows)
    for _ in range(3):
        for index, options in enumerate(choices):
            others = [box for place, box in enumerate(chosen) if box is not None and place != index]
            chosen[index] = _cheapest(options, others)
    return tuple(replace(arrow, at=box) for arrow, box in zip(arrows, chosen, strict=True))


def _cheapest(options: Sequence[tuple[float, Box]], others: Sequence[Box]) -> Box | None:
    """The box that costs least, overlaps with other labels counted; options come cheapest first."""
    best, least = None, float("inf")
    for cost, box in options:
        if cost >= least:
            break
        total = cost + 50 * sum(box.meets(other) for other in others)
        if total < least:
            best, least = box, total
    return best


def _node_boxes(placed: Placed, radius: float) -> Iterator[Box]:
    named = width(placed.node.label) * _NAME_EM / 2 if placed.node.kind == "target" else radius
    yield Box(placed.x, placed.y, named, radius)
    for text, side in ((placed.node.above, 1), (placed.node.below, -1)):
        if text:
            yield Box(placed.x, placed.y + side * (radius + 0.24), slot_width(text) / 2, _HALF_HEIGHT)


def _candidates(
    arrow: Arrow, index: int, arrows: Sequence[Arrow], fixed: Sequence[Box]
) -> list[tuple[float, Box]]:
    """The label's possible boxes, each with what it costs apart from other labels, cheapest first."""
    if not arrow.label:
        return []
    wide = slot_width(arrow.label) / 2
    low, high = sorted((arrow.start[0], arrow.end[0]))
    near = [a for i, a in enumerate(arrows) if i != index and a.start[0] < high and a.end[0] > low]
    options = []
    for share in _SHARES:
        box = Box(*_point(arrow, share), wide, _HALF_HEIGHT)
        cost = 80 * sum(box.meets(other) for other in fixed) + 4 * sum(_crosses(a, box) for a in near)
        options.append((cost + 3 * abs(share - _BEST), box))
    return sorted(options, key=lambda option: option[0])


def _crosses(arrow: Arrow, box: Box) -> bool:
    """Whether an arrow runs behind a label."""
    (x0, y0), (x1, y1) = arrow.start, arrow.end
    if not arrow.straight or x1 - x0 < 0.1:
        return any(box.holds(*_point(arrow, step / 40)) for step in range(41))
    slope = (y1 - y0) / (x1 - x0)
    left, right = max(x0, box.x - box.wide), min(x1, box.x + box.wide)
    a, b = y0 + slope * (left - x0) - box.y, y0 + slope * (right - x0) - box.y
    return left <= right and min(a, b) < box.high and max(a, b) > -box.high


def _headings(diagram: Diagram, nodes: Sequence[Placed], radius: float) -> Iterator[tuple[str, float, float]]:
    """The name of each column, all at the height below the lowest node."""
    if not nodes:
        return
    foot = (
        min(placed.y for placed in nodes) - radius - 0.36 - _ROOM_FOR_TEXT * any(p.node.below for p in nodes)
    )
    for column, words in enumerate(diagram.columns):
        across = [placed.x for placed in nodes if placed.node.column == column]
        if words and across:
            yield words, across[0], round(foot, 3)
