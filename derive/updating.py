"""One update of a parameter by the lecture's optimizer, as steps of working.

    new(w) = w - learning_rate d(loss)/d(w)                               gradient descent
    new(velocity_w) = beta velocity_w + d(loss)/d(w)                      momentum
    new(w) = w - learning_rate new(velocity_w)

An optimizer's rules are its row of functions.OPTIMIZERS. What it carries along for w[1][1][2] is
velocity_w[1][1][2], moment1_w[…], moment2_w[…]; corrected1_w[…] and corrected2_w[…] are Adam's new
moments without their bias towards 0. The settings are quantities too: beta, beta1, epsilon, factor …
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from derive.functions import OPTIMIZERS, SCHEDULES
from derive.graph import Graph
from derive.lecture import Training
from derive.quantities import Id, New, Partial, Quantity, at, symbol
from derive.steps import Step, ready
from derive.trees import add, hadamard, mul, number, opposite, rebuilt, sub

if TYPE_CHECKING:
    from sympy import Expr

RATE, DECAY = Quantity("learning_rate"), Quantity("weight_decay")


def settings(training: Training) -> dict[Quantity, str]:
    """The numbers that the optimizer, the schedule and the penalty are set by, as they are written."""
    usual = {**OPTIMIZERS[training.optimizer].settings, **SCHEDULES[training.schedule].settings}
    own = {name: f"{value:f}" for name, value in training.settings}
    more = {"weight_decay": training.weight_decay, "l2": training.l2}
    found = {**usual, **own, **{name: f"{value:f}" for name, value in more.items() if value}}
    return {Quantity(name): f"{Decimal(text):f}" for name, text in found.items()}


def states(training: Training, parameter: Quantity) -> dict[str, Quantity]:
    """What the optimizer carries along for a parameter, by its name in the optimizer's row."""
    return {name: _carried(name, parameter) for name in OPTIMIZERS[training.optimizer].states}


def _carried(name: str, parameter: Quantity) -> Quantity:
    return Quantity(f"{name}_{parameter.kind}", parameter.index, None, parameter.round)


def worked(training: Training, parameter: Quantity) -> tuple[Id, ...]:
    """What an update of a parameter works out, in order: new states, corrected ones, the new value."""
    corrected = OPTIMIZERS[training.optimizer].corrected
    return (*(New(state) for state in states(training, parameter).values()),
            *(_corrected(name, parameter) for name in corrected), New(parameter))


def update(graph: Graph, root: Id, parameter: Quantity, turn: int,
           signal: Callable[[], Expr] | None) -> Iterator[Step]:
    """The steps from a parameter's gradient to its new value.

    `turn` is the number of updates done before, `signal` makes the gradient by error signals.
    """
    row = OPTIMIZERS[graph.training.optimizer]
    by = partial(_by_rule, graph.training, root, parameter, turn)
    for name, rule in row.states.items():
        yield Step(New(_carried(name, parameter)), "state", partial(by, rule))
    for name, rule in row.corrected.items():
        yield Step(_corrected(name, parameter), "corrected", partial(by, rule))
    yield Step(New(parameter), "update", partial(by, row.update))
    if signal is not None and not row.states and not _decays(graph.training, parameter):
        yield Step(New(parameter), "update-signal", lambda: (
            *by(row.update), _by_signal(graph, _terms(graph.training, root, parameter, turn), signal())))


def _by_rule(training: Training, root: Id, parameter: Quantity, turn: int,
             rule: Callable[[Mapping[str, Expr]], Expr]) -> tuple[Expr]:
    return (_tidy(rule(_terms(training, root, parameter, turn)), parameter),)


def _decays(training: Training, parameter: Quantity) -> bool:
    return bool(training.weight_decay) and parameter.kind == "w"


def _by_signal(graph: Graph, terms: Mapping[str, Expr], signal: Expr) -> Expr:
    """w - rate delta x; where delta is minus the derivative, w + rate delta x."""
    if graph.delta_sign < 0:
        return add(terms["parameter"], mul(terms["rate"], opposite(signal)))
    return sub(terms["parameter"], mul(terms["rate"], signal))


def _corrected(name: str, parameter: Quantity) -> Quantity:
    return _carried(name.replace("moment", "corrected"), parameter)


def _terms(training: Training, root: Id, parameter: Quantity, turn: int) -> dict[str, Expr]:
    """What the rules of an optimizer's row are told."""
    row, gradient = OPTIMIZERS[training.optimizer], symbol(Partial(root, parameter))
    terms = {"parameter": symbol(parameter), "rate": symbol(rate(training, turn)), "updates": number(turn)}
    terms["gradient"] = add(gradient, mul(symbol(DECAY), terms["parameter"])) \
        if _decays(training, parameter) else gradient
    terms |= {name: symbol(Quantity(name)) for name in row.settings}
    for name, state in states(training, parameter).items():
        terms |= {name: symbol(state), f"new {name}": symbol(New(state))}
    return terms | {f"corrected {name}": symbol(_corrected(name, parameter)) for name in row.corrected}


def rate(training: Training, turn: int) -> Id:
    """The learning rate of a turn; with a schedule each has its own."""
    return at(RATE, round=turn) if SCHEDULES[training.schedule].settings and turn else RATE


def scheduled(training: Training, turn: int) -> Iterator[Step]:
    """The learning rate of this turn, where it changes."""
    row = SCHEDULES[training.schedule]
    if rate(training, turn) != RATE:
        terms = {"initial": symbol(RATE), "updates": number(turn),
                 **{name: symbol(Quantity(name)) for name in row.settings}}
        yield ready(rate(training, turn), row.rate(terms), "rate")


def _tidy(tree: Expr, parameter: Quantity) -> Expr:
    """Exponents such as 0 + 1 added up; the square of a whole layer is taken elementwise."""
    whole = parameter.kind == "w" and len(parameter.index) == 1

    def tidy(node: Expr) -> Expr:
        if node.is_Add and all(arg.is_Integer for arg in node.args):
            return number(sum(int(arg) for arg in node.args))
        if whole and node.is_Pow and node.args[1] == 2:
            return hadamard(node.args[0], node.args[0])
        return node
    return rebuilt(tree, tidy)
