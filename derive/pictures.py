"""The network of a lecture, or the graph of its equations, as a Diagram with the figures found so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from derive.blocks import Block, Diagram, Edge, Math, Node, Prose, Text
from derive.lecture import places
from derive.quantities import Id, New, Partial, Quantity
from derive.working import Desk

_NAMED = 12   # edges that bear a name beside the number; more would not be legible


def drawn(at: Desk, what: str) -> tuple[Block, ...]:
    """The network of a lecture, or the graph of its equations, with words that say what stands where."""
    diagram = network(at, what) if at.lecture.network else graph(at, what)
    words = _legend(at, what, diagram)
    return (Prose(words, "intro"), diagram) if words else (diagram,)


def _legend(at: Desk, what: str, diagram: Diagram) -> Text:
    """What the figures are that were found; nothing where none were."""
    if not at.lecture.network:
        by = (", below it the derivative of ", Math(at.names.latex(at.derivation.graph.of)), " by it")
        return ("Above each node stands its value", *(by if what == "gradients" else ()), ".") if diagram.found else ()
    if diagram.found == "above":
        several = " for the first sample" if len(at.lecture.inputs) > 1 else ""
        return (f"Above each unit stands what it gives out{several}.",)
    if diagram.found == "values" and len(diagram.edges) <= _NAMED:
        biases = ", below the units the new biases" if any(node.below for node in diagram.nodes) else ""
        return (f"On the arrows stand the new weights{biases}.",)
    return ()


def network(at: Desk, what: str) -> Diagram:
    """The network with the givens, with the outs on its units, or with the new parameters (`what`)."""
    assert at.lecture.network is not None
    show = _PARAMETERS[what](at)
    sizes = at.names.units
    nodes = [*_inputs(at, sizes[0]), *_units(at, sizes, what, show), *_targets(at, sizes)]
    edges = tuple(_edges(at, sizes, show))
    return Diagram(tuple(nodes), edges, _in_words(at, sizes, what), _columns(len(sizes)), _FOUND[what])


_FOUND: dict[str, Literal["", "above", "values"]] = {"givens": "", "outs": "above", "new": "values"}


def _columns(count: int) -> tuple[str, ...]:
    hidden = [f"hidden layer {n}" if count > 3 else "hidden layer" for n in range(1, count - 1)]
    return ("inputs", *hidden, "outputs", "targets")


def _inputs(at: Desk, count: int) -> Iterator[Node]:
    for i in range(1, count + 1):
        quantity = _sampled(at, Quantity("x", (i,)))
        yield Node(str(Quantity("x", (i,))), 0, i - 1, at.names.latex(quantity), "input",
                   above=at.figures.written.get(quantity, ""))


def _units(at: Desk, sizes: tuple[int, ...], what: str, show: Callable[[Quantity], str]) -> Iterator[Node]:
    layers = at.lecture.network.layers if at.lecture.network else ()
    for layer, count in enumerate(sizes[1:], 1):
        for i in range(1, count + 1):
            bias = show(Quantity("b", (layer, i))) if layers[layer - 1].bias else ""
            out = _figure_of(at, _sampled(at, Quantity("out", (layer, i)))) if what == "outs" else ""
            yield Node(f"unit[{layer}][{i}]", layer, i - 1, _unit_name(at, layer, i, what),
                       "output" if layer == len(sizes) - 1 else "unit", above=out, below=bias)


def _unit_name(at: Desk, layer: int, i: int, what: str) -> str:
    """A unit's name; where what it gives out stands above it and the unit is called by its net, the out's name."""
    name = at.names.latex(Quantity("unit", (layer, i)))
    by_net = name == at.names.latex(Quantity("net", (layer, i)))
    return at.names.latex(Quantity("out", (layer, i))) if what == "outs" and by_net else name


def _targets(at: Desk, sizes: tuple[int, ...]) -> Iterator[Node]:
    for i in range(1, sizes[-1] + 1):
        quantity = _sampled(at, Quantity("target", (i,)))
        yield Node(str(Quantity("target", (i,))), len(sizes), i - 1, at.names.latex(quantity), "target",
                   above=at.figures.written.get(quantity, ""))


def _sampled(at: Desk, quantity: Quantity) -> Quantity:
    """The quantity of the first sample, where there are several."""
    first = 1 if len(at.lecture.inputs) > 1 else None
    return Quantity(quantity.kind, quantity.index, first)


def _edges(at: Desk, sizes: tuple[int, ...], show: Callable[[Quantity], str]) -> Iterator[Edge]:
    for layer in range(1, len(sizes)):
        for to in range(1, sizes[layer] + 1):
            for source in range(1, sizes[layer - 1] + 1):
                below = f"x[{source}]" if layer == 1 else f"unit[{layer - 1}][{source}]"
                yield Edge(below, f"unit[{layer}][{to}]", show(Quantity("w", (layer, to, source))))


def _given(at: Desk) -> Callable[[Quantity], str]:
    """Names and numbers of the parameters; numbers alone where there are many edges.

    Where whole layers have the names, an entry's own would be another notation.
    """
    edges = sum(a * b for a, b in zip(at.names.units, at.names.units[1:], strict=False))
    whole = at.level == "layer"

    def show(place: Quantity) -> str:
        name, number = at.names.latex(place), at.figures.written.get(place, "")
        if number and place.kind == "w" and (whole or edges > _NAMED):
            return number
        return f"{'b' if whole and place.kind == 'b' else name} = {number}" if number else name
    return show


def _new(at: Desk) -> Callable[[Quantity], str]:
    """The parameters after the update; biases that are held fixed are not said again."""
    standing = {place: first for place, (first, _) in places(at.lecture).items()}

    def show(place: Quantity) -> str:
        if place.kind == "b" and not at.lecture.training.update_biases:
            return ""
        return _entry(at, New(standing[place])) or at.names.latex(place)
    return show


_PARAMETERS: dict[str, Callable[[Desk], Callable[[Quantity], str]]] = {"givens": _given, "outs": _given, "new": _new}


def _figure_of(at: Desk, quantity: Id) -> str:
    return at.figures.put_in(quantity) if at.figures.known(quantity) else _entry(at, quantity)


def _entry(at: Desk, quantity: Id) -> str:
    """The figure of an entry, at layer level looked up in its layer."""
    if at.figures.known(quantity):
        return at.figures.found(quantity)
    whole = _whole(quantity)
    if whole is None or not at.figures.known(whole):
        return ""
    return at.figures.cell(quantity, at.figures.standing(whole, quantity))


def _whole(quantity: Id) -> Id | None:
    if isinstance(quantity, New):
        return New(Quantity(quantity.of.kind, quantity.of.index[:1]))
    if isinstance(quantity, Quantity) and len(quantity.index) > 1:
        return Quantity(quantity.kind, quantity.index[:1], quantity.sample)
    return None


_WORDS = {"givens": "with its weights and biases", "outs": "with what each unit gives out",
          "new": "with the weights and biases after the update"}


def _in_words(at: Desk, sizes: tuple[int, ...], what: str) -> str:
    hidden = "".join(f", a hidden layer of {n}" for n in sizes[1:-1])
    return f"Network of {sizes[0]} inputs{hidden} and {sizes[-1]} outputs, {_WORDS[what]}."


_LEGIBLE = 15   # nodes of a graph; of a larger one parameters are left out, or all givens
_SWEEPS = 4     # how often the rows of a graph are put in order


def graph(at: Desk, what: str = "gradients") -> Diagram:
    """The graph of a lecture of equations with the givens, with all values (outs) or gradients too (`what`)."""
    equations = at.derivation.graph.equations
    uses: dict[Id, tuple[Id, ...]] = {e.quantity: e.arguments() for e in equations}
    for left_out in (at.derivation.graph.by, at.derivation.graph.givens):
        if len(_all(uses)) > _LEGIBLE:
            uses = {q: tuple(a for a in args if a in uses or a not in left_out) for q, args in uses.items()}
    nodes = tuple(_node(at, quantity, column, row, what) for quantity, column, row in _placed(uses))
    edges = tuple(Edge(str(a), str(quantity), "") for quantity, args in uses.items() for a in args)
    words = "; ".join(f"{q} from {', '.join(map(str, args))}" for q, args in uses.items() if args)
    found: Literal["", "values"] = "" if what == "givens" else "values"
    return Diagram(nodes, edges, f"Graph of the equations: {words}.", (), found)


Uses = Mapping[Id, tuple[Id, ...]]


def _all(uses: Uses) -> dict[Id, None]:
    """The quantities and what they use."""
    return dict.fromkeys([*uses, *(a for args in uses.values() for a in args)])


def _placed(uses: Uses) -> Iterator[tuple[Id, int, int]]:
    """Each quantity's column and row: columns by depth, rows so that arrows cross little."""
    depth = _depths(uses)
    columns = [[q for q, d in depth.items() if d == column] for column in range(max(depth.values()) + 1)]
    near: dict[Id, list[Id]] = {q: list(uses.get(q, ())) for q in depth}
    for quantity, args in uses.items():
        for a in args:
            near[a].append(quantity)
    for _ in range(_SWEEPS):
        at = {q: row - len(rows) / 2 for rows in columns for row, q in enumerate(rows)}
        for rows in columns:
            rows.sort(key=lambda q: sum(at[n] for n in near[q]) / max(len(near[q]), 1))
            at.update((q, row - len(rows) / 2) for row, q in enumerate(rows))
    yield from ((q, column, row) for column, rows in enumerate(columns) for row, q in enumerate(rows))


def _depths(uses: Uses) -> dict[Id, int]:
    """How many equations stand before a quantity; what nothing stands before is just before its first use."""
    depth: dict[Id, int] = {}
    for quantity, args in uses.items():
        depth[quantity] = 1 + max((depth.get(a, 0) for a in args), default=-1)
    users = {a: [q for q, args in uses.items() if a in args] for a in _all(uses) if not uses.get(a)}
    first = {a: min(depth[q] for q in found) - 1 for a, found in users.items() if found}
    return {**first, **{q: d for q, d in depth.items() if q not in first}}


def _node(at: Desk, quantity: Id, column: int, row: int, what: str) -> Node:
    graph, figures = at.derivation.graph, at.figures
    gradient = Partial(graph.of, quantity)
    given = quantity in graph.givens
    value = figures.found(quantity) if figures.known(quantity) and (given or what != "givens") else ""
    slope = figures.found(gradient) if figures.known(gradient) and what == "gradients" else ""
    kind: Literal["unit", "input"] = "input" if given else "unit"
    return Node(str(quantity), column, row, at.names.latex(quantity),
                "output" if quantity == graph.of else kind, above=value, below=slope)
