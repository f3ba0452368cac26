"""Parameters that several layers share, at layer level: each of their places has the sum over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from derive.lecture import Lecture, places
from derive.quantities import Quantity


def shares(lecture: Lecture) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The values of the functions `share_w1`, `share_b2`, … of a lecture's shared parameters."""
    for kind in ("w", "b"):
        for number_, layers in tied(lecture, kind).items():
            yield f"share_{kind}{number_}", _share(lecture, kind, number_, layers)


def tied(lecture: Lecture, kind: str) -> dict[int, tuple[int, ...]]:
    """The layers with shared weights (or biases), each with all the layers it shares with."""
    members: dict[Quantity, list[int]] = {}
    for place, (first, _) in places(lecture).items():
        if place.kind == kind:
            members.setdefault(first, []).append(place.index[0])
    shared: dict[int, dict[int, None]] = {}
    for layers in members.values():
        for layer in layers if len(layers) > 1 else ():
            shared.setdefault(layer, {}).update(dict.fromkeys(layers))
    return {layer: tuple(sorted(others)) for layer, others in sorted(shared.items())}


def _share(lecture: Lecture, kind: str, layer: int, layers: tuple[int, ...]) -> Callable[..., Any]:
    assert lecture.network is not None
    turned = (lecture.network.vectors == "row") if kind == "w" else (lecture.network.vectors == "column")
    standing = {place: first for place, (first, _) in places(lecture).items() if place.kind == kind}

    def total(*tables: Any) -> Any:
        sums: dict[Quantity, Any] = {}
        found = {n: (t.T if turned else t) for n, t in zip(layers, tables, strict=True)}
        for place, first in standing.items():
            if place.index[0] in found:
                row, column = (0, *place.index[1:])[-2:] if kind == "b" else place.index[1:]
                value = found[place.index[0]][row - 1 if kind == "w" else 0, column - 1]
                sums[first] = sums.get(first, 0) + value
        result = found[layer].copy()
        for place, first in standing.items():
            if place.index[0] == layer:
                row, column = (place.index[1], place.index[2]) if kind == "w" else (1, place.index[1])
                result[row - 1, column - 1] = sums[first]
        return result.T if turned else result
    return total
