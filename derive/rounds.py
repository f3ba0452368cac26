"""Update after update: the steps of the first turns in full, each from the parameters of the one before.

A turn is all samples together, or online one sample. The quantities of turn k bear the number of
updates done before it: net[1][1]#1, d(loss#1)/d(w[2][1][1]#1), new(w[2][1][1]#1); w[2][1][1]#1 is
new(w[2][1][1]). Inputs, targets and parameters that are held fixed stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from derive.graph import Graph
from derive.lecture import Lecture, Training
from derive.quantities import PENALTY, Id, New, Partial, Quantity, at, parse_id, quantity_of, symbol
from derive.steps import Step, ready
from derive.trees import rebuilt
from derive.updating import scheduled, states, update

if TYPE_CHECKING:
    from sympy import Expr

MOST = 12   # turns that are worked in full; figures of later ones come from training


def turns_of(lecture: Lecture) -> int:
    """How many turns a lecture's sheet works in full: 1, all samples online, or what is asked for."""
    samples = len(lecture.inputs) if lecture.training.update == "online" else 1
    shown = 0
    while shown + 1 in lecture.training.show_rounds:
        shown += 1
    asked = [parse_id(name) for frame in lecture.frames for name in (*frame.show, *frame.formulas)]
    last = max((round_of(quantity) + 1 for quantity in asked if _is_worked(quantity, lecture.of)), default=1)
    return min(max(shown * samples, last, samples), max(MOST, samples))


def _is_worked(quantity: Id, of: str) -> bool:
    """Whether a figure after an update is asked for with its working, not just as a result."""
    return not isinstance(quantity, Quantity) or quantity.kind not in (of, "out")


def round_of(quantity: Id) -> int:
    """How many updates were done before the quantity's value."""
    if isinstance(quantity, Partial):
        return max(round_of(quantity.of), round_of(quantity.by))
    return round_of(quantity.of) if isinstance(quantity, New) else quantity.round or 0


def sample_of(quantity: Id) -> int | None:
    """The sample that a quantity belongs to."""
    if isinstance(quantity, Partial):
        return sample_of(quantity.of) or sample_of(quantity.by)
    return sample_of(quantity.of) if isinstance(quantity, New) else quantity.sample


def root_of(graph: Graph, turn: int) -> Quantity:
    """The loss whose gradient makes the update of a turn."""
    roots = graph.roots or (graph.of,)
    return roots[turn % len(roots)]


def turns(graph: Graph, steps: tuple[Step, ...]) -> Iterator[Step]:
    """The steps of every turn: those of the first one as they are, with its updates behind them."""
    yield from steps
    for turn in range(graph.turns):
        root = root_of(graph, turn)
        if turn:
            yield from _carried(graph, turn)
            yield from (_later(graph, step, turn) for step in steps if _belongs(step, root))
        yield from scheduled(graph.training, turn)
        yield from _updates(graph, steps, root, turn)


def _updates(graph: Graph, steps: tuple[Step, ...], root: Quantity, turn: int) -> Iterator[Step]:
    signals = {step.lhs: step for step in steps if step.reason == "signal"}
    for parameter in graph.parameters:
        signal = signals.get(Partial(root, parameter))
        now = renumbered(graph, Partial(root, parameter), turn)
        assert isinstance(now, Partial) and isinstance(now.by, Quantity)
        moved = None if signal is None else partial(_moved_formula, graph, signal, turn)
        yield from update(graph, now.of, now.by, turn, moved)


def _moved_formula(graph: Graph, step: Step, turn: int) -> Expr:
    return _moved(graph, step.formula, turn)


def _belongs(step: Step, root: Quantity) -> bool:
    """Whether a turn by this loss has the step: all of them, or those of its sample and of the penalty."""
    of = step.lhs.of if isinstance(step.lhs, Partial) else step.lhs
    return root.sample is None or sample_of(step.lhs) == root.sample or of == PENALTY


def _carried(graph: Graph, turn: int) -> Iterator[Step]:
    """The parameters and what the optimizer carries along, as the turn before left them."""
    for parameter in graph.parameters:
        for quantity in (parameter, *states(graph.training, parameter).values()):
            before = at(quantity, round=turn - 1) if turn > 1 else quantity
            assert isinstance(before, Quantity)
            yield ready(at(quantity, round=turn), symbol(New(before)), "carried")


def _later(graph: Graph, first: Step, turn: int) -> Step:
    return Step(renumbered(graph, first.lhs, turn), first.reason,
                lambda: tuple(_moved(graph, tree, turn) for tree in (*first.forms, first.formula)))


def _moved(graph: Graph, tree: Expr, turn: int) -> Expr:
    """The formula with the quantities of a later turn; of the first one as it is."""
    if not turn:
        return tree
    return rebuilt(tree, lambda node: symbol(renumbered(graph, quantity_of(node.name), turn))
                   if node.is_Symbol else node)


def renumbered(graph: Graph, quantity: Id, turn: int) -> Id:
    """The quantity after so many updates; itself in the first turn or if no update changes it."""
    if not turn:
        return quantity
    if isinstance(quantity, Partial):
        return Partial(renumbered(graph, quantity.of, turn), renumbered(graph, quantity.by, turn))
    if isinstance(quantity, New):
        inner = renumbered(graph, quantity.of, turn)
        assert isinstance(inner, Quantity)
        return New(inner)
    return quantity if quantity in _fixed(graph) else at(quantity, round=turn)


def _fixed(graph: Graph) -> frozenset[Id]:
    return _fixed_of(tuple(graph.givens), graph.parameters, graph.training)


@lru_cache(maxsize=8)
def _fixed_of(givens: tuple[Id, ...], parameters: tuple[Quantity, ...], training: Training) -> frozenset[Id]:
    """What no update changes."""
    changing = {quantity for p in parameters for quantity in (p, *states(training, p).values())}
    return frozenset(givens) - changing

