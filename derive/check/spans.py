"""What a written figure may stand for: intervals, and computing with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from derive.check.arrays import shape_of, single
from derive.syntax import Tree
from derive.trees import context

MACHINE_DIGITS = 15  # a print of so many digits is a machine's


MACHINE_ERROR = "1e-14"  # and is held to this, relative


def is_figure(tree: Tree) -> bool:
    """A single number, perhaps negative, or a matrix of them."""
    if tree.op == "matrix":
        return all(is_figure(cell) for row in tree.args for cell in row.args)
    return tree.op == "number" or (tree.op == "neg" and tree.args[0].op == "number")


def figure_text(tree: Tree) -> str:
    """A figure as it is written, with its sign."""
    return f"-{tree.args[0].text}" if tree.op == "neg" else tree.text


@dataclass(frozen=True, slots=True)
class Span:
    """What a figure or a computation with figures may stand for: numbers, or arrays entry by entry."""

    low: Any
    high: Any


def exact(found: Any) -> Span:
    """A value without any slack."""
    return Span(found, found)


@lru_cache(maxsize=100_000)
def span_of(text: str) -> Span:
    """The values a figure may stand for: half a unit of its last place, or one where it was cut off."""
    figure = Decimal(text)
    exponent = figure.as_tuple().exponent
    assert isinstance(exponent, int)
    ctx = context()
    centre, unit = ctx.mpf(text), ctx.mpf(10) ** exponent
    if len(figure.as_tuple().digits) >= MACHINE_DIGITS:
        slack = abs(centre) * ctx.mpf(MACHINE_ERROR)
        return Span(centre - slack, centre + slack)
    whole = unit * (1 - ctx.mpf(10) ** -20)  # 0.50 is cut off from anything below 0.51, not from that itself
    if figure < 0:
        return Span(centre - whole, centre + unit / 2)
    return Span(centre - unit / 2, centre + whole) if figure else Span(-whole, whole)


def figure_span(tree: Tree) -> Span:
    """What a figure, or each entry of a matrix of figures, may stand for."""
    if tree.op != "matrix":
        return span_of(figure_text(tree))
    import numpy

    spans = [[span_of(figure_text(cell)) for cell in row.args] for row in tree.args]
    return Span(
        single(numpy.array([[s.low for s in row] for row in spans], dtype=object)),
        single(numpy.array([[s.high for s in row] for row in spans], dtype=object)),
    )


def spread(compute: Callable[[Mapping[Any, Any]], Any], parts: Mapping[Any, Span]) -> Span:
    """What a computation may give where each of its parts may be anything in its span.

    First order: every part is moved to its ends by itself, the changes are added up.
    """
    middle = {part: (span.low + span.high) / 2 for part, span in parts.items()}
    centre = compute(middle)
    low, high = centre, centre
    for part, span in parts.items():
        ends = [compute({**middle, part: end}) - centre for end in (span.low, span.high)]
        low, high = low + _least(*ends), high + _most(*ends)
    return Span(low, high)


def _least(a: Any, b: Any) -> Any:
    import numpy

    return numpy.minimum(numpy.minimum(a, b), 0) if shape_of(a) else min(a, b, 0)


def _most(a: Any, b: Any) -> Any:
    import numpy

    return numpy.maximum(numpy.maximum(a, b), 0) if shape_of(a) else max(a, b, 0)


def meets(a: Span, b: Span) -> Any:
    """Whether two spans have a value in common, for layers entry by entry; None where shapes differ."""
    if shape_of(a.low) != shape_of(b.low):
        if shape_of(a.low)[::-1] != shape_of(b.low) or 1 not in shape_of(b.low):
            return None  # a vector may lie or stand, a matrix has its rows and columns
        a = Span(a.low.T, a.high.T)
    tiny = context().mpf(10) ** -30
    size = 1 + abs(a.low) + abs(b.low)
    return (a.low <= b.high + size * tiny) & (b.low <= a.high + size * tiny)


def all_meet(a: Span, b: Span) -> bool:
    """Whether two spans have a value in common, in every entry."""
    found = meets(a, b)
    return found is not None and bool(found.all() if shape_of(found) else found)


def same(a: Any, b: Any) -> bool | None:
    """Whether two exact values are one, to 20 digits; None where their shapes differ."""
    if shape_of(a) != shape_of(b):
        return None
    near = abs(a - b) <= (1 + abs(a) + abs(b)) * context().mpf(10) ** -20
    return bool(near.all() if shape_of(near) else near)


def for_each(truth: Any, span: Span) -> Any:
    """The one value of all entries of a layer, where a single number is written for them: a slope of 1."""
    if not shape_of(truth) or shape_of(span.low):
        return truth
    entries = list(truth.flat)
    return entries[0] if all(same(each, entries[0]) for each in entries) else truth
