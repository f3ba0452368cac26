"""Whole layers as arrays, and each layer's activation: what a world and a written formula have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from derive.functions import APPLIED
from derive.lecture import Lecture, Network
from derive.network import activated
from derive.quantities import Id, Partial, Quantity, at, core, entry, is_whole
from derive.syntax import Tree
from derive.trees import evaluate

if TYPE_CHECKING:
    from sympy import Expr


class Missing(LookupError):
    """A quantity that has no value here."""


def whole(lecture: Lecture, units: tuple[int, ...], at: Callable[[Id], Any], quantity: Id) -> Any:
    """A whole layer as an array: columns (or rows, where the lecture has row vectors), weights [to][from].

    `units` of each layer, inputs first; `at` gives an entry's value.
    """
    import numpy

    assert lecture.network is not None
    if isinstance(quantity, Partial) and isinstance(quantity.of, Quantity) and is_whole(quantity.of):
        return _elementwise(lecture.network, units, at, quantity)
    inner = core(quantity)
    layers, by_row = lecture.network.layers, lecture.network.vectors == "row"
    if inner.index and not 1 <= inner.index[0] <= len(layers):
        raise Missing(str(quantity))
    if inner.kind == "b" and layers[inner.index[0] - 1].shared_bias:
        return at(entry(quantity, (1,)))
    if inner.kind.endswith("w"):
        rows, columns = units[inner.index[0]], units[inner.index[0] - 1]
        table = [[at(entry(quantity, (i, j))) for j in range(1, columns + 1)] for i in range(1, rows + 1)]
    else:
        count = units[inner.index[0]] if inner.index else units[0] if inner.kind == "x" else units[-1]
        table = [[at(entry(quantity, (i,)))] for i in range(1, count + 1)]
    found = single(numpy.array(table, dtype=object))
    return found.T if by_row and shape_of(found) else found


STACKED = 0  # the number of all samples together: a matrix with a column (or row) for each


def is_stacked(quantity: Id) -> bool:
    """Whether a quantity is meant of all samples together."""
    inner = quantity.by if isinstance(quantity, Partial) else quantity
    return core(inner).sample == STACKED


def stacked(lecture: Lecture, samples: tuple[int, ...], value_of: Callable[[Id], Any], quantity: Id) -> Any:
    """A layer of all samples: side by side, or one below the other where the lecture has row vectors."""
    import numpy

    assert lecture.network is not None
    parts = [value_of(_of_sample(quantity, sample)) for sample in samples]
    tables = [part if shape_of(part) else numpy.array([[part]], dtype=object) for part in parts]
    return numpy.concatenate(tables, axis=0 if lecture.network.vectors == "row" else 1)


def _of_sample(quantity: Id, sample: int) -> Id:
    """One sample's share; the whole loss has no sample."""
    if isinstance(quantity, Partial) and core(quantity.of).sample is None:
        return Partial(quantity.of, at(quantity.by, sample))
    return at(quantity, sample)


def _elementwise(network: Network, units: tuple[int, ...], at: Callable[[Id], Any], quantity: Partial) -> Any:
    """d(out)/d(net) of a whole layer: one slope a unit, of softmax a matrix."""
    import numpy

    of, by = quantity.of, quantity.by
    if not (
        isinstance(of, Quantity)
        and isinstance(by, Quantity)
        and (of.kind, by.kind) == ("out", "net")
        and of.index == by.index
        and of.index
    ):
        raise Missing(str(quantity))
    count = units[of.index[0]]
    full = network.layers[of.index[0] - 1].activation == "softmax"
    slopes = [
        [at(Partial(entry(of, (i,)), entry(by, (j,)))) for j in range(1, count + 1) if full or i == j]
        for i in range(1, count + 1)
    ]
    found = single(numpy.array(slopes, dtype=object))
    return found.T if network.vectors == "row" and shape_of(found) else found


def single(found: Any) -> Any:
    """A layer of one number as that number."""
    return found[0, 0] if shape_of(found) == (1, 1) else found


def shape_of(value: Any) -> tuple[int, ...]:
    """() for a number, rows and columns for a layer."""
    return tuple(getattr(value, "shape", ()))


def adds(lecture: Lecture, a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether shapes can be added; where samples are stacked, a bias is added to each."""
    if not a or not b or a == b:
        return True
    axis = 0 if lecture.network is not None and lecture.network.vectors == "row" else 1
    return len(lecture.inputs) > 1 and a[1 - axis] == b[1 - axis] and 1 in (a[axis], b[axis])


_ONE = Tree("number", (), "1")


def of_ones(factors: tuple[Tree, ...], left: Any, right: Any) -> Any:
    """1ᵀ M and M 1, where 1 is a vector of ones: sums over the rows and over the columns; None for anything else."""
    if shape_of(right) and factors[0] == Tree("transpose", (_ONE,)):
        return single(right.sum(axis=0, keepdims=True))
    return single(left.sum(axis=1, keepdims=True)) if shape_of(left) and factors[1] == _ONE else None


# ---------------------------------------------------------------- activations


def layer_of(quantity: Id | None) -> int | None:
    """The layer that a quantity belongs to; of a derivative, that of what it is by."""
    inner = quantity.by if isinstance(quantity, Partial) else quantity
    place = core(inner) if inner is not None else None
    return place.index[0] if place is not None and place.index and place.kind not in ("x", "target") else None


def functions(lecture: Lecture) -> Iterator[tuple[int, tuple[Callable[[Any], Any], Callable[[Any], Any]]]]:
    import sympy

    net, out = sympy.Symbol("net", real=True), sympy.Symbol("out", real=True)
    for place, layer in enumerate(lecture.network.layers if lecture.network else (), 1):
        if layer.activation != "softmax":
            formula, slope, _ = activated(layer.activation, net, out, layer.kink)
            yield place, (partial(_at, formula, formula), partial(_at, formula, slope))


def _at(formula: Expr, tree: Expr, net: Any) -> Any:
    """A tree in net and out where the net has a value."""
    values = {"net": net, "out": evaluate(formula, lambda atom: net, APPLIED)}
    return evaluate(tree, lambda atom: values[atom.name], APPLIED)
