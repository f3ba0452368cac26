"""The network of a lecture, or the graph of its equations, as a Diagram with the figures found so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from derive.blocks import Diagram, Edge, Node
from derive.notation import places
from derive.quantities import Id, New, Partial, Quantity
from derive.working import Desk

_NAMED = 12   # edges that bear a name beside the number; more would not be legible


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
            yield Node(f"unit[{layer}][{i}]", layer, i - 1, at.names.latex(Quantity("unit", (layer, i))),
                       "output" if layer == len(sizes) - 1 else "unit", above=out, below=bias)


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
    """Names and numbers of the parameters; numbers alone where there are many edges."""
    edges = sum(a * b for a, b in zip(at.names.units, at.names.units[1:], strict=False))

    def show(place: Quantity) -> str:
        name, number = at.names.latex(place), at.figures.written.get(place, "")
        return name if not number else number if edges > _NAMED and place.kind == "w" else f"{name} = {number}"
    return show


def _new(at: Desk) -> Callable[[Quantity], str]:
    """The parameters after the update; one that is held fixed keeps its number."""
    standing = {place: first for place, (first, _) in places(at.lecture).items()}

    def show(place: Quantity) -> str:
        figure = _entry(at, New(standing[place]))
        return figure or at.figures.written.get(place, "") or at.names.latex(place)
    return show


_PARAMETERS: dict[str, Callable[[Desk], Callable[[Quantity], str]]] = {"givens": _given, "outs": _given, "new": _new}


def _figure_of(at: Desk, quantity: Id) -> str:
    return at.figures.found(quantity) if at.figures.known(quantity) else _entry(at, quantity)


def _entry(at: Desk, quantity: Id) -> str:
    """The figure of an entry, at layer level looked up in its layer."""
    if at.figures.known(quantity):
        return at.figures.found(quantity)
    whole = _whole(quantity)
    if whole is None or not at.figures.known(whole):
        return ""
    return next((at.figures.cell(e, v) for row in at.figures.cells(whole) for e, v in row if e == quantity), "")


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


def graph(at: Desk) -> Diagram:
    """The graph of a lecture of equations: values above, gradients below."""
    equations = at.derivation.graph.equations
    depth: dict[Id, int] = {}
    for equation in equations:
        depth[equation.quantity] = 1 + max((depth.setdefault(a, 0) for a in equation.arguments()), default=-1)
    nodes = tuple(_node(at, quantity, column, row) for quantity, column, row in _placed(depth))
    edges = tuple(Edge(str(a), str(e.quantity), "") for e in equations for a in e.arguments())
    words = "; ".join(f"{e.quantity} from {', '.join(map(str, e.arguments()))}" for e in equations)
    return Diagram(nodes, edges, f"Graph of the equations: {words}.", (), "values" if at.derivation.values else "")


def _placed(depth: dict[Id, int]) -> Iterator[tuple[Id, int, int]]:
    rows: dict[int, int] = {}
    for quantity, column in depth.items():
        yield quantity, column, rows.get(column, 0)
        rows[column] = rows.get(column, 0) + 1


def _node(at: Desk, quantity: Id, column: int, row: int) -> Node:
    root = at.derivation.graph.of
    gradient = Partial(root, quantity)
    value = at.figures.found(quantity) if at.figures.known(quantity) else ""
    slope = at.figures.found(gradient) if at.figures.known(gradient) else ""
    kind: Literal["output", "unit", "input"] = "output" if quantity == root else "unit" if column else "input"
    return Node(str(quantity), column, row, at.names.latex(quantity), kind, above=value, below=slope)
