"""The networks that are measured, and the same sums written by hand and for other libraries."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from decimal import Decimal
from math import exp
from typing import Any

import numpy

from derive.lecture import Cell, Layer, Lecture, Network

RATE = 0.5


def dense(*units: int) -> Lecture:
    """A dense sigmoid network with biases and half the squared error, its numbers drawn with a seed."""
    draw = random.Random(1)

    def cells(count: int) -> tuple[Cell, ...]:
        return tuple(Cell(Decimal(draw.randint(-999, 999)) / 1000) for _ in range(count))

    layers = tuple(Layer(to, "sigmoid", tuple(cells(sender) for _ in range(to)), cells(to))
                   for sender, to in itertools.pairwise(units))
    return Lecture("dense", "dense", "Dense", network=Network(units[0], layers, "half-squared-error"),
                   inputs=(cells(units[0]),), targets=(cells(units[-1]),))


def by_hand(rounds: int) -> tuple[float, float]:
    """The lecture net-out as somebody would write it out: its outputs after that many rounds."""
    i1, i2, t1, t2, b1, b2 = 0.05, 0.10, 0.01, 0.99, 0.35, 0.60
    w1, w2, w3, w4, w5, w6, w7, w8 = 0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55
    for _ in range(rounds):
        h1 = 1 / (1 + exp(-(w1 * i1 + w2 * i2 + b1)))
        h2 = 1 / (1 + exp(-(w3 * i1 + w4 * i2 + b1)))
        o1 = 1 / (1 + exp(-(w5 * h1 + w6 * h2 + b2)))
        o2 = 1 / (1 + exp(-(w7 * h1 + w8 * h2 + b2)))
        d1 = (o1 - t1) * o1 * (1 - o1)
        d2 = (o2 - t2) * o2 * (1 - o2)
        e1 = (d1 * w5 + d2 * w7) * h1 * (1 - h1)
        e2 = (d1 * w6 + d2 * w8) * h2 * (1 - h2)
        w5 -= RATE * d1 * h1
        w6 -= RATE * d1 * h2
        w7 -= RATE * d2 * h1
        w8 -= RATE * d2 * h2
        w1 -= RATE * e1 * i1
        w2 -= RATE * e1 * i2
        w3 -= RATE * e2 * i1
        w4 -= RATE * e2 * i2
    h1 = 1 / (1 + exp(-(w1 * i1 + w2 * i2 + b1)))
    h2 = 1 / (1 + exp(-(w3 * i1 + w4 * i2 + b1)))
    return 1 / (1 + exp(-(w5 * h1 + w6 * h2 + b2))), 1 / (1 + exp(-(w7 * h1 + w8 * h2 + b2)))


def by_numpy(rounds: int) -> None:
    """The same by NumPy's matrices."""
    x, t = numpy.array([0.05, 0.10]), numpy.array([0.01, 0.99])
    first, second = numpy.array([[0.15, 0.20], [0.25, 0.30]]), numpy.array([[0.40, 0.45], [0.50, 0.55]])
    for _ in range(rounds):
        hidden = 1 / (1 + numpy.exp(-(first @ x + 0.35)))
        out = 1 / (1 + numpy.exp(-(second @ hidden + 0.60)))
        delta = (out - t) * out * (1 - out)
        back = (second.T @ delta) * hidden * (1 - hidden)
        second = second - RATE * numpy.outer(delta, hidden)
        first = first - RATE * numpy.outer(back, x)


def by_micrograd(rounds: int) -> None:
    """The same by micrograd's Value, from its arithmetic (it has no sigmoid)."""
    from micrograd.engine import Value

    w = [Value(number) for number in (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)]

    def unit(a: Any, p: Any, b: Any, q: Any, bias: float) -> Any:
        net = a * p + b * q + bias
        return 1 / (1 + _power_of_e(-net))

    for _ in range(rounds):
        h1, h2 = unit(w[0], 0.05, w[1], 0.10, 0.35), unit(w[2], 0.05, w[3], 0.10, 0.35)
        o1, o2 = unit(w[4], h1, w[5], h2, 0.60), unit(w[6], h1, w[7], h2, 0.60)
        loss = 0.5 * (0.01 - o1) ** 2 + 0.5 * (0.99 - o2) ** 2
        for each in w:
            each.grad = 0.0
        loss.backward()
        for each in w:
            each.data -= RATE * each.grad


def _power_of_e(value: Any) -> Any:
    """e^value as one of micrograd's operations."""
    from micrograd.engine import Value

    out = Value(exp(value.data), (value,), "exp")

    def backward() -> None:
        value.grad += out.data * out.grad

    out._backward = backward
    return out


def by_torch(rounds: int) -> None:
    """The same by PyTorch's autograd and its SGD, in double precision."""
    import torch

    torch.set_num_threads(1)
    x, t = (torch.tensor(row, dtype=torch.float64) for row in ([0.05, 0.10], [0.01, 0.99]))
    weights = [torch.tensor(rows, dtype=torch.float64, requires_grad=True)
               for rows in ([[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]])]
    descent = torch.optim.SGD(weights, lr=RATE)
    for _ in range(rounds):
        out = torch.sigmoid(weights[1] @ torch.sigmoid(weights[0] @ x + 0.35) + 0.60)
        loss = 0.5 * ((t - out) ** 2).sum()
        descent.zero_grad()
        loss.backward()
        descent.step()


def inlined(lecture: Lecture) -> tuple[Any, list[Any], list[Any]]:
    """(the loss over the givens alone, its parameters, all givens) as SymPy's own expressions."""
    from derive.network import unit_graph
    from derive.notation import Style
    from derive.quantities import symbol

    graph = unit_graph(lecture, Style())
    put: dict[Any, Any] = {}
    for equation in graph.equations:
        put[symbol(equation.quantity)] = equation.formula.xreplace(put)
    parameters = [symbol(parameter) for parameter in graph.parameters]
    return put[symbol(graph.of)], parameters, [symbol(quantity) for quantity in graph.givens]


def by_lambdify(lecture: Lecture, modules: str) -> tuple[Callable[..., Any], list[Any], list[Any]]:
    """(gradients of the inlined loss by lambdify with common subexpressions, parameters, givens)."""
    import sympy

    loss, parameters, givens = inlined(lecture)
    gradients = [sympy.diff(loss, parameter) for parameter in parameters]
    return sympy.lambdify(givens, gradients, modules=modules, cse=True), parameters, givens
