"""The same derivation by whole layers: W a + b, (ŷ - y) ∘ ŷ ∘ (1 - ŷ), δ aᵀ.

Symbols stand for vectors (columns, or rows where the lecture says so) and matrices. In row
vectors net = x W + b and every product turns round. A parameter shared by several places has
the sum over its places in each of them: the function `share`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from derive.errors import InputError
from derive.functions import ACTIVATIONS, APPLIED, LOSSES, apply
from derive.graph import Equation, Graph, number_of
from derive.lecture import Cell, Layer, Lecture, places
from derive.network import over_samples, penalised, samples, updated_by
from derive.notation import Style
from derive.quantities import PENALTY, Id, New, Partial, Quantity, is_whole, symbol
from derive.rounds import turns
from derive.sharing import shares, tied
from derive.steps import Derivation, Step, evaluated, ready, undisturbed
from derive.trees import (
    add,
    by_entries,
    elementwise,
    evaluate,
    hadamard,
    matmul,
    matrix_function,
    mul,
    neg,
    number,
    opposite,
    power,
    sub,
    transpose,
)

if TYPE_CHECKING:
    from sympy import Expr


def layer_derivation(lecture: Lecture, style: Style) -> Derivation:
    """The derivation of a lecture's network by whole layers."""
    wholes = [_Sample(lecture, style, sample) for sample in samples(lecture)]
    equations = [equation for whole in wholes for equation in whole.equations()]
    loss = Quantity("loss")
    if len(wholes) > 1:
        equations.append(over_samples(lecture))
    if lecture.training.l2:
        equations.insert(0, _penalty(lecture))
    givens, updated = dict(_givens(lecture)), parameters(lecture)
    graph = Graph(tuple(equations), givens, updated, loss, applied=dict(_applied(lecture)))
    zeros = {parameter: None if givens[parameter] is None else 0 * givens[parameter] for parameter in updated}
    graph = updated_by(lecture, graph, zeros)
    with undisturbed():
        return evaluated(graph, turns(graph, tuple(_steps(graph, wholes, lecture))))


def _penalty(lecture: Lecture) -> Equation:
    """Half of l2 times the squared norms of the weights; of the biases too if that is said."""
    if tied(lecture, "w"):
        raise InputError("l2 with weights that several places share", where=f"{lecture.source}: training.l2",
                         expected="the level unit")
    found = [q for q in _givens_of(lecture) if q.kind == "w" or (q.kind == "b" and lecture.training.l2_biases)]
    squares = [matrix_function("squared_norm")(symbol(q), evaluate=False) if is_whole(q) else power(symbol(q), 2)
               for q in found]
    return Equation(PENALTY, mul(number(1, 2), symbol(Quantity("l2")), add(*squares)))


def _givens_of(lecture: Lecture) -> Iterator[Quantity]:
    return (q for q, _ in _givens(lecture) if isinstance(q, Quantity))


def _mean(lecture: Lecture, parts: list[Expr]) -> Expr:
    mean = lecture.training.reduction == "mean"
    return mul(number(1, len(parts)), add(*parts)) if mean else add(*parts)


def parameters(lecture: Lecture) -> tuple[Quantity, ...]:
    """The matrices and bias vectors that are updated; a bias that is one number for its layer stays one."""
    assert lecture.network is not None
    found = []
    for number_, layer in enumerate(lecture.network.layers, 1):
        found.append(Quantity("w", (number_,)))
        if layer.bias and lecture.training.update_biases:
            found.append(_bias(lecture, number_))
    return tuple(dict.fromkeys(found))


def _bias(lecture: Lecture, number_: int) -> Quantity:
    """A layer's bias: a vector, or one number that serves whole layers and nothing else."""
    assert lecture.network is not None
    layers, standing = lecture.network.layers, places(lecture)
    first = standing[Quantity("b", (number_, 1))][0]
    users = (place.index[0] for place, (parameter, _) in standing.items() if parameter == first)
    return first if all(layers[user - 1].shared_bias for user in users) else Quantity("b", (number_,))


def _givens(lecture: Lecture) -> Iterator[tuple[Id, Any]]:
    assert lecture.network is not None
    by_row = lecture.network.vectors == "row"
    for sample, inputs, targets in zip(samples(lecture), lecture.inputs, lecture.targets, strict=True):
        yield Quantity("x", (), sample), _array([inputs], not by_row)
        yield Quantity("target", (), sample), _array([targets], not by_row)
    for number_, layer in enumerate(lecture.network.layers, 1):
        yield Quantity("w", (number_,)), _array(layer.weights, by_row)
        if layer.bias:
            bias = _bias(lecture, number_)
            yield bias, _array([layer.bias], not by_row) if is_whole(bias) else number_of(layer.bias[0].value)
    yield Quantity("learning_rate"), number_of(lecture.training.learning_rate.value)


def _array(rows: Any, turned: bool) -> Any:
    """Cells as an object array of mpf; None where one has no value."""
    import numpy

    if any(cell.value is None for row in rows for cell in row):
        return None
    table = numpy.array([[number_of(cell.value) for cell in row] for row in rows], dtype=object)
    return table.T if turned else table


def _applied(lecture: Lecture) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The values of slopes, of activations that a lecture brings itself, and of sums over shared places."""
    import sympy

    from derive.network import activated

    assert lecture.network is not None
    x, y = sympy.Symbol("x", real=True), sympy.Symbol("y", real=True)
    for number_, layer in enumerate(lecture.network.layers, 1):
        if layer.activation != "softmax":
            formula, slope, _ = activated(layer.activation, x, y, layer.kink)
            at = _slope_name(number_, layer)
            yield f"f{number_}", elementwise(partial(_value, formula, x))
            yield at, elementwise(partial(_slope_value, slope, formula, x, y))
    yield from shares(lecture)


def _slope_name(number_: int, layer: Layer) -> str:
    """What an activation's derivative is called; a slope of its own at the kink makes it the layer's."""
    plain = layer.activation in ACTIVATIONS and not layer.kink
    return f"slope_{layer.activation}" if plain else f"slope{number_}"


def _steps(graph: Graph, wholes: list[_Sample], lecture: Lecture) -> Iterator[Step]:
    for equation in graph.equations:
        yield ready(equation.quantity, equation.formula, "equation", equation.forms)
    for whole in wholes:
        yield from whole.backward()
    for parameter in graph.parameters if len(wholes) > 1 else ():
        parts = [symbol(Partial(whole.loss, parameter)) for whole in wholes]
        total = _decayed(lecture, parameter, _mean(lecture, parts), None)
        yield ready(Partial(graph.of, parameter), total, "sum-samples")


def _decayed(lecture: Lecture, parameter: Quantity, gradient: Expr, sample: int | None) -> Expr:
    """A gradient with that of the penalty, where the sample's loss has one."""
    none = penalised(lecture, number(1), sample) == 1
    if none or (parameter.kind == "b" and not lecture.training.l2_biases):
        return gradient
    terms = gradient.args if gradient.is_Add else (gradient,)
    return add(*terms, mul(symbol(Quantity("l2")), symbol(parameter)))


@dataclass(frozen=True, slots=True)
class _Sample:
    """The equations and derivatives of one sample."""

    lecture: Lecture
    style: Style
    sample: int | None

    @property
    def loss(self) -> Quantity:
        return Quantity("loss", (), self.sample)

    @property
    def layers(self) -> tuple[Layer, ...]:
        assert self.lecture.network is not None
        return self.lecture.network.layers

    @property
    def by_row(self) -> bool:
        return self.lecture.network is not None and self.lecture.network.vectors == "row"

    def of(self, kind: str, layer: int) -> Expr:
        return symbol(Quantity(kind, (layer,), None if kind == "w" else self.sample))

    def below(self, layer: int) -> Expr:
        return symbol(Quantity("x", (), self.sample)) if layer == 1 else self.of("out", layer - 1)

    def partial(self, of: Quantity, kind: str, layer: int) -> Partial:
        return Partial(of, Quantity(kind, (layer,), None if kind in "wb" else self.sample))

    def product(self, left: Expr, right: Expr) -> Expr:
        """left right for columns, right left for rows."""
        return matmul(right, left) if self.by_row else matmul(left, right)

    def equations(self) -> Iterator[Equation]:
        for number_, layer in enumerate(self.layers, 1):
            net = self.product(self.of("w", number_), self.below(number_))
            if layer.bias:
                bias = symbol(_bias(self.lecture, number_))
                net = add(net, neg(bias)) if layer.threshold else \
                    add(bias, net) if self.style.bias == "first" else add(net, bias)
            yield Equation(Quantity("net", (number_,), self.sample), net)
            yield Equation(Quantity("out", (number_,), self.sample), self.activated(number_, layer))
        yield Equation(self.loss, penalised(self.lecture, self.total(), self.sample))

    def activated(self, number_: int, layer: Layer) -> Expr:
        net = self.of("net", number_)
        if layer.activation == "linear":
            return net
        if layer.activation in ACTIVATIONS:
            return apply(layer.activation, net)
        result: Expr = matrix_function(f"f{number_}")(net, evaluate=False)
        return result

    def total(self) -> Expr:
        """The loss of whole layers: a factor times a squared norm, or a sum of logarithms."""
        import sympy

        assert self.lecture.network is not None
        row, out = LOSSES[self.lecture.network.loss], self.of("out", len(self.layers))
        target = symbol(Quantity("target", (), self.sample))
        if row.norm is not None:
            pair = (out, target) if self.style.out_first else (target, out)
            factor = number(row.norm[0], row.norm[1] or self.layers[-1].units)
            norm = matrix_function("squared_norm")(sub(*pair), evaluate=False)
            return norm if factor == 1 else mul(factor, norm)
        share = by_entries(row.share(target, out))
        if isinstance(share, sympy.Mul) and share.args[0] == -1:
            return neg(matrix_function("total")(mul(*share.args[1:]), evaluate=False))
        total: Expr = matrix_function("total")(share, evaluate=False)
        return total

    def slope(self, number_: int) -> Expr:
        """d(out)/d(net), elementwise; for softmax the matrix diag(out) - out outᵀ."""
        layer, out, net = self.layers[number_ - 1], self.of("out", number_), self.of("net", number_)
        if layer.activation == "softmax":
            outer = matmul(transpose(out), out) if self.by_row else matmul(out, transpose(out))
            return sub(matrix_function("diagonal")(out, evaluate=False), outer)
        if layer.activation in ACTIVATIONS and not ACTIVATIONS[layer.activation].kink:
            return by_entries(ACTIVATIONS[layer.activation].derivative(net, out))
        result: Expr = matrix_function(_slope_name(number_, layer))(net, evaluate=False)
        return result

    def backward(self) -> Iterator[Step]:
        for number_ in range(len(self.layers), 0, -1):
            yield from self.by_out(number_)
            yield from self.by_net(number_)
            # what layers share waits for the lowest of them
            for layer in range(len(self.layers), number_ - 1, -1):
                yield from self.by_weights(layer) if self.lowest("w", layer) == number_ else ()
                yield from self.by_bias(layer) if self.lowest("b", layer) == number_ else ()
        first = symbol(self.partial(self.loss, "net", 1))
        for upstream, reason in ((first, "sum-nets"), (self.of("delta", 1), "signal")):
            back = self.product(transpose(self.of("w", 1)), upstream)
            back = self.signed(back) if reason == "signal" else back
            yield ready(Partial(self.loss, Quantity("x", (), self.sample)), back, reason)

    def by_out(self, number_: int) -> Iterator[Step]:
        lhs = self.partial(self.loss, "out", number_)
        if number_ < len(self.layers):
            onward = symbol(self.partial(self.loss, "net", number_ + 1))
            yield ready(lhs, self.product(transpose(self.back_weights(number_ + 1)), onward), "sum-nets")
        else:
            yield ready(lhs, self.error(), "loss-by-out")

    def back_weights(self, number_: int) -> Expr:
        """The weights by which error signals go back: with a sequential order of updates the new ones."""
        old = Quantity("w", (number_,))
        return symbol(New(old) if self.lecture.training.order == "sequential" else old)

    def signed(self, tree: Expr) -> Expr:
        """A derivative as an error signal, and back: the same, or with the other sign."""
        assert self.lecture.network is not None
        return opposite(tree) if self.lecture.network.error_signal == "negative-gradient" else tree

    def error(self) -> Expr:
        assert self.lecture.network is not None
        row, n = LOSSES[self.lecture.network.loss], self.layers[-1].units
        rule = row.signal if self.style.out_first else row.derivative
        return by_entries(rule(symbol(Quantity("target", (), self.sample)), self.of("out", len(self.layers)), n))

    def by_net(self, number_: int) -> Iterator[Step]:
        out, net = Quantity("out", (number_,), self.sample), Quantity("net", (number_,), self.sample)
        slope, lhs = self.slope(number_), Partial(self.loss, net)
        yield ready(Partial(out, net), slope, "local")
        upstream, local = symbol(Partial(self.loss, out)), symbol(Partial(out, net))
        yield ready(lhs, self.through(number_, upstream, local), "net-chain")
        yield ready(lhs, self.through(number_, upstream, slope), "net-chain-spelt",
                   (self.through(number_, upstream, local),))
        signal = Quantity("delta", (number_,), self.sample)
        back = self.signed(self.error()) if number_ == len(self.layers) else self.product(
            transpose(self.back_weights(number_ + 1)), self.of("delta", number_ + 1))
        short = self.short() if number_ == len(self.layers) else None
        if short is not None:
            yield ready(signal, self.signed(short), "short")
            yield ready(lhs, short, "short")
        yield ready(signal, self.through(number_, back, slope), "error-signal")

    def through(self, number_: int, upstream: Expr, slope: Expr) -> Expr:
        """upstream ∘ slope; with softmax a matrix product."""
        if self.layers[number_ - 1].activation == "softmax":
            return self.product(slope, upstream)
        parts = slope.args if slope.func.__name__ == "hadamard" else (slope,)
        return upstream if slope == number(1) else hadamard(upstream, *parts)

    def short(self) -> Expr | None:
        assert self.lecture.network is not None
        rule = LOSSES[self.lecture.network.loss].short.get(self.layers[-1].activation)
        targets = self.lecture.targets[(self.sample or 1) - 1]
        if rule is None:
            return None
        target, out = symbol(Quantity("target", (), self.sample)), self.of("out", len(self.layers))
        if self.layers[-1].activation == "softmax" and not _sums_to_one(targets):
            out = mul(matrix_function("total")(target, evaluate=False), out)
        return rule(target, out)

    def lowest(self, kind: str, number_: int) -> int:
        """The lowest layer that shares weights (or biases) with this one."""
        return tied(self.lecture, kind).get(number_, (number_,))[0]

    def by_weights(self, number_: int) -> Iterator[Step]:
        """δ aᵀ, with d(loss)/d(net) or with the error signal."""
        lhs = self.partial(self.loss, "w", number_)
        for kind, reason in _UPSTREAM:
            def outer(n: int, kind: str = kind) -> Expr:
                return self.product(self.upstream(kind, n), transpose(self.below(n)))
            yield ready(lhs, self.gradient(lhs, self.shared("w", number_, outer), reason), reason)

    def by_bias(self, number_: int) -> Iterator[Step]:
        """δ itself; for a bias that is one number the sum of its entries."""
        if not self.layers[number_ - 1].bias or not self.lecture.training.update_biases:
            return
        bias = _bias(self.lecture, number_)
        users = tied(self.lecture, "b").get(number_, (number_,))
        if not is_whole(bias) and number_ != users[0]:
            return   # said with its first layer
        for kind, reason in _UPSTREAM:
            def slope(n: int, kind: str = kind) -> Expr:
                return self.upstream(kind, n)
            summed = add(*(matrix_function("total")(slope(n), evaluate=False) for n in users))
            tree = self.shared("b", number_, slope) if is_whole(bias) else summed
            tree = neg(tree) if self.layers[number_ - 1].threshold else tree
            yield ready(Partial(self.loss, bias), self.gradient(Partial(self.loss, bias), tree, reason), reason)

    def gradient(self, lhs: Partial, tree: Expr, reason: str) -> Expr:
        """The gradient from what comes back: an error signal's sign undone, the penalty's part added."""
        assert isinstance(lhs.by, Quantity)
        signed = self.signed(tree) if reason == "signal" else tree
        return _decayed(self.lecture, lhs.by, signed, self.sample)

    def upstream(self, kind: str, number_: int) -> Expr:
        return self.of("delta", number_) if kind == "delta" else symbol(self.partial(self.loss, "net", number_))

    def shared(self, kind: str, number_: int, tree: Callable[[int], Expr]) -> Expr:
        """The tree itself, or summed over the places of what is shared."""
        layers = tied(self.lecture, kind).get(number_)
        if layers is None:
            return tree(number_)
        result: Expr = matrix_function(f"share_{kind}{number_}")(*(tree(n) for n in layers), evaluate=False)
        return result


# what comes back to a layer, and by which way it is called
_UPSTREAM = (("net", "chain-net"), ("delta", "signal"))


def _sums_to_one(cells: tuple[Cell, ...]) -> bool:
    values = [cell.value for cell in cells]
    return None in values or sum(value for value in values if value is not None) == 1


def _value(formula: Expr, x: Expr, number_: Any) -> Any:
    return evaluate(formula, {x: number_}, APPLIED)


def _slope_value(slope: Expr, formula: Expr, x: Expr, y: Expr, number_: Any) -> Any:
    return evaluate(slope, {x: number_, y: _value(formula, x, number_)}, APPLIED)
