"""A lecture's network, unit by unit, as a Graph.

    net[l][i] = sum of w[l][i][j] out[l-1][j] + b[l][i]     out[l][i] = f(net[l][i])
    error[i] = one output's share of the loss               loss = sum of error[i]
    penalty = l2/2 times the sum of the squared weights, added to the loss where there is L2
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from derive.errors import InputError
from derive.functions import ACTIVATIONS, LOSSES, apply
from derive.graph import Equation, Graph, equations_graph, forward, number_of
from derive.lecture import Layer, Lecture, places
from derive.notation import Style
from derive.quantities import PENALTY, Id, Quantity, symbol
from derive.rounds import turns_of
from derive.slopes import slope as slope_of
from derive.trees import add, context, mul, neg, number, power
from derive.updating import settings, states

if TYPE_CHECKING:
    from sympy import Expr


# at which key of a lecture file a kind of quantity is given, {} for the layer; all others: by training
KEYS = {"net": "network.layers[{}].weights", "out": "network.layers[{}].activation",
        "delta": "network.layers[{}].activation", "d(loss)/d(net)": "network.layers[{}].activation",
        "error": "network.loss", "loss": "network.loss", "penalty": "training.l2"}


def samples(lecture: Lecture) -> tuple[int | None, ...]:
    """The numbers of the samples; a single one bears no number."""
    count = len(lecture.inputs)
    return tuple(range(1, count + 1)) if count > 1 else (None,)


def scalar_graph(lecture: Lecture, style: Style) -> Graph:
    """The lecture as a graph of single numbers: its network unit by unit, or its equations, with their updates."""
    if lecture.network is not None:
        return unit_graph(lecture, style)
    graph = equations_graph(lecture)
    zeros = {parameter: number_of(Decimal(0)) for parameter in graph.parameters}
    return updated_by(lecture, graph, zeros) if zeros else graph


def no_value(lecture: Lecture, parameters: Mapping[Id, float]) -> str:
    """Why the forward pass has no value with these parameters: *net[1][1] has no value: …*; "" where it has one."""
    graph = scalar_graph(lecture, Style())
    now: dict[Id, Any] = {quantity: context().mpf(parameters[quantity]) for quantity in graph.parameters}
    try:
        forward(replace(graph, givens={**graph.givens, **now}))
    except InputError as error:
        return error.what
    return ""


def unit_graph(lecture: Lecture, style: Style) -> Graph:
    """The network unit by unit, its terms written in the order of a notation."""
    assert lecture.network is not None
    standing = places(lecture)
    givens = dict(_givens(lecture))
    parameter_at = {place: first for place, (first, _) in standing.items()}
    equations = [equation for sample in samples(lecture)
                 for equation in _Unit(lecture, style, sample, parameter_at).equations()]
    if lecture.training.l2:
        equations.insert(0, _penalty(lecture, tuple(dict.fromkeys(parameter_at.values()))))
    if len(lecture.inputs) > 1:
        equations.append(over_samples(lecture))
    fixed = () if lecture.training.update_biases else ("b",)
    parameters = tuple(q for q in dict.fromkeys(first for first, _ in standing.values()) if q.kind not in fixed)
    short = {net: tree for sample in samples(lecture) for net, tree in shorts(lecture, sample)}
    graph = Graph(tuple(equations), givens, parameters, Quantity("loss"), short=short)
    return updated_by(lecture, graph, {parameter: number_of(Decimal(0)) for parameter in parameters})


def updated_by(lecture: Lecture, graph: Graph, zeros: Mapping[Quantity, Any]) -> Graph:
    """The graph with all that its updates need; `zeros` are the values that states begin with."""
    training, network = lecture.training, lecture.network
    extra: dict[Id, Any] = {q: number_of(Decimal(text)) for q, text in settings(training).items()}
    extra |= {state: zeros[p] for p in graph.parameters for state in states(training, p).values()}
    roots = tuple(Quantity("loss", (), sample) for sample in samples(lecture)) \
        if training.update == "online" else ()
    sign = -1 if network is not None and network.error_signal == "negative-gradient" else 1
    return replace(graph, givens={**graph.givens, **extra}, training=training, roots=roots,
                   turns=turns_of(lecture), delta_sign=sign, source=lecture.source, keys={**KEYS, **graph.keys})


def _penalty(lecture: Lecture, parameters: tuple[Quantity, ...]) -> Equation:
    """Half of l2 times the squared weights, those that are shared once; of biases only if that is said."""
    kinds = ("w", "b") if lecture.training.l2_biases else ("w",)
    squares = [power(symbol(q), 2) for q in parameters if q.kind in kinds]
    rate = symbol(Quantity("l2"))
    taught: dict[Id, tuple[Expr, ...]] = {q: (mul(rate, symbol(q)),) for q in parameters if q.kind in kinds}
    return Equation(PENALTY, mul(number(1, 2), rate, add(*squares)), (), taught)


def penalised(lecture: Lecture, total: Expr, sample: int | None) -> Expr:
    """A loss with the penalty: online each sample's, otherwise the one over all samples."""
    whole = sample is None or lecture.training.update == "online"
    several = sample is None and len(lecture.inputs) > 1 and lecture.training.update == "online"
    if not lecture.training.l2 or not whole or several:
        return total
    return add(*(total.args if total.is_Add else (total,)), symbol(PENALTY))


def shorts(lecture: Lecture, sample: int | None) -> Iterator[tuple[Id, Expr]]:
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


def over_samples(lecture: Lecture) -> Equation:
    """The loss over all samples: the sum or the mean of theirs."""
    losses = [symbol(Quantity("loss", (), sample)) for sample in samples(lecture)]
    total = add(*losses)
    mean = lecture.training.reduction == "mean"
    return Equation(Quantity("loss"),
                    penalised(lecture, mul(number(1, len(losses)), total) if mean else total, None))


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

    def below(self, layer: int, j: int) -> Expr:
        return symbol(self.id("x", j) if layer == 1 else self.id("out", layer - 1, j))

    def net(self, number_: int, i: int, layer: Layer) -> Expr:
        terms = []
        for j in range(1, len(layer.weights[i - 1]) + 1):
            pair = symbol(self.parameter_at[Quantity("w", (number_, i, j))]), self.below(number_, j)
            terms.append(mul(*pair) if self.style.weight_first else mul(*reversed(pair)))
        if not layer.bias:
            return add(*terms)
        bias = symbol(self.parameter_at[Quantity("b", (number_, i))])
        if layer.threshold:
            return add(*terms, neg(bias))
        if self.style.bias == "first":
            return add(bias, *terms)
        return add(*terms, mul(bias, number(1)) if self.style.bias == "times-one" else bias)

    def out(self, number_: int, i: int, layer: Layer) -> Equation:
        own, net = self.id("out", number_, i), symbol(self.id("net", number_, i))
        if layer.activation == "softmax":
            return self.softmax(number_, i, layer.units)
        formula, taught, forms = activated(layer.activation, net, symbol(own), layer.kink)
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
        alone = n == 1 and penalised(self.lecture, number(1), self.sample) == 1
        for i in range(1, n + 1):
            out = self.id("out", last, i)
            target = symbol(self.id("target", i))
            share = row.share(*((symbol(out), target) if swap else (target, symbol(out))), n)
            slope = (row.signal if self.style.out_first else row.derivative)(target, symbol(out), n)
            raw = () if self.style.out_first else (row.raw(target, symbol(out), n),)
            own = self.id("loss") if alone else self.id("error", i)
            yield Equation(own, share, (), {out: (*raw, slope)})
        if not alone:
            shares = [symbol(self.id("error", i)) for i in range(1, n + 1)]
            total = add(*shares) if n > 1 else shares[0]
            yield Equation(self.id("loss"), penalised(self.lecture, total, self.sample))


def activated(activation: str, net: Expr, out: Expr,
              kink: Decimal = Decimal(0)) -> tuple[Expr, Expr, tuple[Expr, ...]]:
    """out's formula, its derivative by net as it is taught, and the forms said before the formula.

    `activation` is a row's name or a formula in x; a formula is differentiated. `kink` is the
    slope where the activation has none.
    """
    if activation in ACTIVATIONS:
        row = ACTIVATIONS[activation]
        forms = () if activation in ("linear",) else (apply(activation, net),)
        slope = row.derivative(net, out)
        return row.formula(net), _with_kink(slope, net, kink) if kink else slope, forms
    from derive.expressions import parse, to_sympy

    formula = to_sympy(parse(activation), {"x": net})
    return formula, slope_of(formula, net, out), ()


def _with_kink(slope: Expr, net: Expr, kink: Decimal) -> Expr:
    """A slope by cases with one more: what it is where net is 0."""
    import sympy

    (above, holds), (below, _) = slope.args
    there = sympy.Rational(str(kink))
    at_it = (there, sympy.Eq(net, 0, evaluate=False))
    return sympy.Piecewise((above, holds), at_it, (below, True), evaluate=False)
