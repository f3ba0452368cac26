"""A lecture's network, unit by unit, as a Graph.

    net[l][i] = sum of w[l][i][j] out[l-1][j] + b[l][i]     out[l][i] = f(net[l][i])
    error[i] = one output's share of the loss               loss = sum of error[i]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

from derive.functions import ACTIVATIONS, LOSSES, apply
from derive.graph import Equation, Graph, number_of
from derive.lecture import Layer, Lecture
from derive.notation import Style, places
from derive.quantities import Id, Quantity, symbol
from derive.trees import add, div, mul, neg, number

if TYPE_CHECKING:
    import sympy

    Expr = sympy.Expr


def samples(lecture: Lecture) -> tuple[int | None, ...]:
    """The numbers of the samples; a single one bears no number."""
    count = len(lecture.inputs)
    return tuple(range(1, count + 1)) if count > 1 else (None,)


def unit_graph(lecture: Lecture, style: Style) -> Graph:
    """The network unit by unit, its terms written in the order of a notation."""
    assert lecture.network is not None
    standing = places(lecture)
    givens = dict(_givens(lecture))
    parameter_at = {place: first for place, (first, _) in standing.items()}
    equations = [equation for sample in samples(lecture)
                 for equation in _Unit(lecture, style, sample, parameter_at).equations()]
    if len(lecture.inputs) > 1:
        equations.append(_over_samples(lecture))
    fixed = () if lecture.training.update_biases else ("b",)
    parameters = tuple(q for q in dict.fromkeys(first for first, _ in standing.values()) if q.kind not in fixed)
    short = {net: tree for sample in samples(lecture) for net, tree in shorts(lecture, sample)}
    return Graph(tuple(equations), givens, parameters, Quantity("loss"), short=short)


def shorts(lecture: Lecture, sample: int | None) -> Iterator[tuple[Id, "Expr"]]:
    """d(loss)/d(net) of each output where loss and activation cancel: out - target.

    With softmax and targets that do not sum to 1 it is out * (sum of targets) - target.
    """
    assert lecture.network is not None
    last, layer = len(lecture.network.layers), lecture.network.layers[-1]
    rule = LOSSES[lecture.network.loss].short.get(layer.activation)
    if rule is None:
        return
    targets = [symbol(Quantity("target", (i,), sample)) for i in range(1, layer.units + 1)]
    cells = [cell.value for cell in lecture.targets[(sample or 1) - 1]]
    whole = layer.activation != "softmax" or None in cells or sum(c for c in cells if c is not None) == 1
    for i, target in enumerate(targets, 1):
        out = symbol(Quantity("out", (last, i), sample))
        yield Quantity("net", (last, i), sample), rule(target, out if whole else mul(out, add(*targets)))


def _givens(lecture: Lecture) -> Iterator[tuple[Id, Any]]:
    for sample, inputs, targets in zip(samples(lecture), lecture.inputs, lecture.targets, strict=True):
        for i, cell in enumerate(inputs, 1):
            yield Quantity("x", (i,), sample), number_of(cell.value)
        for i, cell in enumerate(targets, 1):
            yield Quantity("target", (i,), sample), number_of(cell.value)
    for first, cell in places(lecture).values():
        yield first, number_of(cell.value)
    yield Quantity("learning_rate"), number_of(lecture.training.learning_rate.value)


def _over_samples(lecture: Lecture) -> Equation:
    losses = [symbol(Quantity("loss", (), sample)) for sample in samples(lecture)]
    total = add(*losses)
    mean = lecture.training.reduction == "mean"
    return Equation(Quantity("loss"), mul(number(1, len(losses)), total) if mean else total)


@dataclass(frozen=True, slots=True)
class _Unit:
    """The equations of one sample."""

    lecture: Lecture
    style: Style
    sample: int | None
    parameter_at: Mapping[Quantity, Quantity]

    def equations(self) -> Iterator[Equation]:
        network = self.lecture.network
        assert network is not None
        for number_, layer in enumerate(network.layers, 1):
            for i in range(1, layer.units + 1):
                yield Equation(self.id("net", number_, i), self.net(number_, i, layer))
            for i in range(1, layer.units + 1):
                yield self.out(number_, i, layer)
        yield from self.errors(len(network.layers), network.layers[-1].units)

    def id(self, kind: str, *index: int) -> Quantity:
        return Quantity(kind, index, self.sample)

    def below(self, layer: int, j: int) -> "Expr":
        return symbol(self.id("x", j) if layer == 1 else self.id("out", layer - 1, j))

    def net(self, number_: int, i: int, layer: Layer) -> "Expr":
        terms = []
        for j in range(1, len(layer.weights[i - 1]) + 1):
            pair = symbol(self.parameter_at[Quantity("w", (number_, i, j))]), self.below(number_, j)
            terms.append(mul(*pair) if self.style.weight_first else mul(*reversed(pair)))
        if not layer.bias:
            return add(*terms)
        bias = symbol(self.parameter_at[Quantity("b", (number_, i))])
        if self.style.bias == "first":
            return add(bias, *terms)
        return add(*terms, mul(bias, number(1)) if self.style.bias == "times-one" else bias)

    def out(self, number_: int, i: int, layer: Layer) -> Equation:
        own, net = self.id("out", number_, i), symbol(self.id("net", number_, i))
        if layer.activation == "softmax":
            return self.softmax(number_, i, layer.units)
        formula, taught, forms = activated(layer.activation, net, symbol(own))
        return Equation(own, formula, forms, {self.id("net", number_, i): (taught,)})

    def softmax(self, number_: int, i: int, units: int) -> Equation:
        nets = [symbol(self.id("net", number_, k)) for k in range(1, units + 1)]
        outs = [symbol(self.id("out", number_, k)) for k in range(1, units + 1)]
        own = outs[i - 1]
        taught: dict[Id, tuple[Expr, ...]] = {
            self.id("net", number_, k): (mul(own, add(number(1), neg(own))) if k == i else neg(mul(own, outs[k - 1])),)
            for k in range(1, units + 1)}
        return Equation(self.id("out", number_, i), ACTIVATIONS["softmax"].formula(nets[i - 1], *nets), (), taught)

    def errors(self, last: int, n: int) -> Iterator[Equation]:
        assert self.lecture.network is not None
        row = LOSSES[self.lecture.network.loss]
        swap = self.style.out_first and row.norm is not None
        for i in range(1, n + 1):
            out = self.id("out", last, i)
            target = symbol(self.id("target", i))
            share = row.share(*((symbol(out), target) if swap else (target, symbol(out))), n)
            slope = (row.signal if self.style.out_first else row.derivative)(target, symbol(out), n)
            raw = () if self.style.out_first else (row.raw(target, symbol(out), n),)
            own = self.id("error", i) if n > 1 else self.id("loss")
            yield Equation(own, share, (), {out: (*raw, slope)})
        if n > 1:
            yield Equation(self.id("loss"), add(*(symbol(self.id("error", i)) for i in range(1, n + 1))))


def activated(activation: str, net: "Expr", out: "Expr") -> tuple["Expr", "Expr", tuple["Expr", ...]]:
    """out's formula, its derivative by net as it is taught, and the forms said before the formula.

    `activation` is a row's name or a formula in x; a formula is differentiated.
    """
    if activation in ACTIVATIONS:
        row = ACTIVATIONS[activation]
        forms = () if activation in ("linear",) else (apply(activation, net),)
        return row.formula(net), row.derivative(net, out), forms
    from derive.expressions import parse, to_sympy

    formula = to_sympy(parse(activation), {"x": net})
    return formula, formula.diff(net), ()
