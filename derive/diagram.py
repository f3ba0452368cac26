"""Where everything stands in a drawing: circles, arrows and the labels beside them.

A `Diagram` says what is connected; `draw` finds places (in cm, y upwards) such that
labels lie on their own arrows and hide as little else as possible. The same diagram
always gives the same drawing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from derive.blocks import Diagram, Edge, Node
from derive.tex import width

_EM = 0.30  # cm, of the small type labels are set in
_NAME_EM = 0.39  # cm, of the type names are set in
_HIGH = 0.38  # cm, of a label in small type
_LAYER, _GRAPH = 6, 8   # units of a layer that are all drawn; of a graph, where each has paths of its own, more
_MOST_BOXES = 12    # on arrows; more of them, with room to write, would hide the arrows
_GAP = 0.04   # cm, above and below a label that stands beside a node
_APART = 5    # heights of a box from row to row, so that those on arrows that cross stand clear of the crossing
_MARGIN = 0.16  # cm, left and right of a label together
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


Size = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on an arrow (`side` 0), above a node (1) or below it (-1); `found`: a sheet asks for it."""

    text: str
    side: int
    size: Size
    found: bool


@dataclass(frozen=True, slots=True)
class Room:
    """How much room labels take (cm): each as much as its text, one that is `found` as much as any other found.

    So the size of an empty box says nothing about its figure.
    """

    found: str      # as the diagram has it
    slot: Size

    def on(self, edge: Edge | Arrow) -> Label:
        return self._label(edge.label, 0, self.found == "values")

    def beside(self, node: Node) -> Iterator[Label]:
        above = bool(self.found) and node.kind not in ("input", "target")
        both = self._label(node.above, 1, above), self._label(node.below, -1, self.found == "values")
        return (label for label in both if label.text)

    def _label(self, text: str, side: int, found: bool) -> Label:
        return Label(text, side, self.slot if found else (width(text) * _EM + _MARGIN, _HIGH), found)


def _room(diagram: Diagram, scale: float) -> Room:
    """Room for the longest of the found figures, with a sign; `scale` times as large as in print."""
    nodes = [node for node in diagram.nodes if node.kind not in ("input", "target")]
    found = {"above": [node.above for node in nodes], "values": [
        *(node.above for node in nodes), *(node.below for node in diagram.nodes), *(e.label for e in diagram.edges)]}
    texts = [text for text in found.get(diagram.found, ()) if text]
    longest = max((width("-" + text.removeprefix("-")) for text in texts), default=0.0)
    return Room(diagram.found, (round(longest * _EM * scale + _MARGIN, 2), round(_HIGH * scale, 2)))


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing with every place found; `headings` are words and where they stand."""

    nodes: tuple[Placed, ...]
    arrows: tuple[Arrow, ...]
    radius: float
    headings: tuple[tuple[str, float, float], ...]
    room: Room = Room("", (0.0, _HIGH))

    def labels(self) -> Iterator[tuple[Label, Box]]:
        """Every label and where it stands."""
        yield from ((self.room.on(arrow), arrow.at) for arrow in self.arrows if arrow.at)
        for placed in self.nodes:
            yield from _labels_beside(placed, self.radius, self.room)


def elide(diagram: Diagram, limit: int = _LAYER) -> Diagram:
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
def draw(diagram: Diagram, scale: float = 1.0) -> Drawing:
    """Places for everything in the diagram; columns too high are elided first.

    The figures that are found have room for writing `scale` times as large as print; on too
    many arrows they are left out then.
    """
    diagram = elide(diagram, _LAYER if diagram.columns else _GRAPH)
    room = _room(diagram, scale)
    if scale > 1 and room.found == "values" and len(diagram.edges) > _MOST_BOXES:
        diagram = replace(diagram, edges=tuple(replace(edge, label="") for edge in diagram.edges))
    names = [node.label for node in diagram.nodes if node.kind != "target"]
    radius = min(0.62, max([0.40, *(width(name) * 0.36 / 2 + 0.1 for name in names)]))
    places = _places(diagram, radius, room)
    arrows = tuple(_arrow(edge, places, radius, room) for edge in diagram.edges)
    nodes = tuple(places.values())
    return Drawing(nodes, _labelled(arrows, nodes, radius, room), radius,
                   tuple(_headings(diagram, nodes, radius, room)), room)


def _reach(nodes: Iterable[Node], room: Room, side: int) -> float:
    """The height that labels on one side of the nodes take, 0 where there are none."""
    return max((label.size[1] + _GAP for node in nodes for label in room.beside(node) if label.side == side),
               default=0.0)


def _places(diagram: Diagram, radius: float, room: Room) -> dict[str, Placed]:
    across = _columns(diagram, radius, room)
    rows = {column: max(node.row for node in diagram.nodes if node.column == column) for column in across}
    pitch = {count: _pitch(diagram, [n for n in diagram.nodes if rows[n.column] == count], radius, room)
             for count in rows.values()}
    return {
        node.id: Placed(node, round(across[node.column], 3),
                        round((rows[node.column] / 2 - node.row) * pitch[rows[node.column]], 3))
        for node in diagram.nodes
    }


def _pitch(diagram: Diagram, nodes: Sequence[Node], radius: float, room: Room) -> float:
    """From row to row in the columns of so many rows: what stands beside their nodes has room."""
    apart = 2 * radius + 0.5 + _reach(nodes, room, 1) + _reach(nodes, room, -1)
    boxes = any(room.on(edge).found for edge in diagram.edges if edge.label)
    return max(apart, _APART * room.slot[1]) if boxes else apart


def _columns(diagram: Diagram, radius: float, room: Room) -> dict[int, float]:
    """Where each column stands: further apart the longer and the more the labels between."""
    counts = Counter(node.column for node in diagram.nodes)
    column_of = {node.id: node.column for node in diagram.nodes}
    across, x, before = dict[int, float](), 0.0, -1
    for column in sorted(counts):
        into = [edge for edge in diagram.edges if column_of[edge.target] == column]
        longest = max((room.on(edge).size[0] for edge in into if edge.label), default=_MARGIN) - _MARGIN
        crowd = min(counts[column], counts.get(before, 1))
        if across:
            apart = 1.7 + longest + (room.slot[1] + _GAP / 2) * crowd if into else 0.5
            x += max(2 * radius + apart, _beside(diagram, room, column, before))
        across[column], before = x, column
    return across


def _beside(diagram: Diagram, room: Room, *columns: int) -> float:
    """The room that words above, below and at the foot of two neighbouring columns need."""
    nodes = [node for node in diagram.nodes if node.column in columns]
    texts = [label.size[0] for node in nodes for label in room.beside(node)]
    words = [len(diagram.columns[c]) * 0.17 for c in columns if 0 <= c < len(diagram.columns)]
    words += [width(node.label) * _NAME_EM for node in nodes if node.kind == "target"]
    return max(texts + words, default=0.0) + 0.3


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _point(arrow: Arrow, t: float) -> Point:
    return _between(_between(arrow.start, arrow.control, t), _between(arrow.control, arrow.end, t), t)


def _arrow(edge: Edge, places: Mapping[str, Placed], radius: float, room: Room) -> Arrow:
    """The straightest of a few arcs that pass no other node, nor what stands beside it."""
    source, target = places[edge.source], places[edge.target]
    left, right = sorted((source.x, target.x))
    others = [place for place in places.values() if left < place.x < right]
    boxes = [box for other in others for box in _node_boxes(other, radius, room)]
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


def _labelled(arrows: tuple[Arrow, ...], nodes: tuple[Placed, ...], radius: float,
              room: Room) -> tuple[Arrow, ...]:
    """Each label where it covers the least, found arrow by arrow, three times over."""
    fixed = [box for placed in nodes for box in _node_boxes(placed, radius, room)]
    choices = [_candidates(arrow, index, arrows, fixed, room) for index, arrow in enumerate(arrows)]
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


def _node_boxes(placed: Placed, radius: float, room: Room) -> Iterator[Box]:
    named = width(placed.node.label) * _NAME_EM / 2 if placed.node.kind == "target" else radius
    yield Box(placed.x, placed.y, named, radius)
    yield from (box for _, box in _labels_beside(placed, radius, room))


def _labels_beside(placed: Placed, radius: float, room: Room) -> Iterator[tuple[Label, Box]]:
    for label in room.beside(placed.node):
        wide, high = label.size
        yield label, Box(placed.x, placed.y + label.side * (radius + high / 2 + 0.05), wide / 2, high / 2)


def _candidates(
    arrow: Arrow, index: int, arrows: Sequence[Arrow], fixed: Sequence[Box], room: Room
) -> list[tuple[float, Box]]:
    """The label's possible boxes, each with what it costs apart from other labels, cheapest first."""
    if not arrow.label:
        return []
    wide, high = (part / 2 for part in room.on(arrow).size)
    left, right = sorted((arrow.start[0], arrow.end[0]))
    near = [a for i, a in enumerate(arrows) if i != index and a.start[0] < right and a.end[0] > left]
    options = []
    for share in _SHARES:
        box = Box(*_point(arrow, share), wide, high)
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


def _headings(diagram: Diagram, nodes: Sequence[Placed], radius: float,
              room: Room) -> Iterator[tuple[str, float, float]]:
    """The name of each column, all at the height below the lowest node."""
    if not nodes:
        return
    foot = min(placed.y for placed in nodes) - radius - 0.36 - _reach((p.node for p in nodes), room, -1)
    for column, words in enumerate(diagram.columns):
        across = [placed.x for placed in nodes if placed.node.column == column]
        if words and across:
            yield words, across[0], round(foot, 3)
