"""Steps of working, and a derivation as all of them with the values of what they find."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derive.graph import Graph, forward, needed
from derive.quantities import Id

if TYPE_CHECKING:
    from sympy import Expr


@dataclass(frozen=True, repr=False)
class Step:
    """One line of working: lhs = form = … = formula = numbers put in = figure.

    `reason` says by which rule. `make` builds the forms and the formula, when they are first asked
    for: of all the ways to a derivative a sheet prints one.
    """

    lhs: Id
    reason: str
    make: Callable[[], tuple[Expr, ...]]

    @cached_property
    def _trees(self) -> tuple[Expr, ...]:
        return self.make()

    @property
    def formula(self) -> Expr:
        """What the quantity equals, over the named quantities it is computed from."""
        return self._trees[-1]

    @property
    def forms(self) -> tuple[Expr, ...]:
        """What is said before the formula."""
        return self._trees[:-1]

    def __repr__(self) -> str:
        return f"<{self.lhs} by {self.reason}>"


def ready(lhs: Id, formula: Expr, reason: str, forms: tuple[Expr, ...] = ()) -> Step:
    """A step whose formula is there already."""
    return Step(lhs, reason, lambda: (*forms, formula))


@dataclass(frozen=True, repr=False)
class Derivation:
    """All steps in teaching order, and the value of every quantity."""

    steps: tuple[Step, ...]
    values: Mapping[Id, Any]
    graph: Graph

    def __repr__(self) -> str:
        return f"<derivation: {len(self.steps)} steps>"

    @cached_property
    def by_lhs(self) -> dict[Id, tuple[Step, ...]]:
        """The steps of each quantity, one a way it is taught."""
        found: dict[Id, tuple[Step, ...]] = {}
        for each in self.steps:
            found[each.lhs] = (*found.get(each.lhs, ()), each)
        return found

    def pick(self, lhs: Id, reasons: tuple[str, ...]) -> Step | None:
        """The quantity's step whose reason ranks first; any where none is ranked; None for a given."""
        steps = self.by_lhs.get(lhs, ())
        rank = {reason: place for place, reason in enumerate(reasons)}
        return min(steps, key=lambda step: rank.get(step.reason, len(rank)), default=None)


@contextmanager
def undisturbed() -> Iterator[None]:
    """While a derivation is made no cycles are looked for: its many small trees have none, and all stay."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        (gc.enable if looked else gc.disable)()


def evaluated(graph: Graph, steps: Iterable[Step]) -> Derivation:
    """The steps with the values of what they find; each quantity is computed once, behind what it needs."""
    steps, values = tuple(steps), forward(graph)
    first = {each.lhs: each for each in reversed(steps)} if values else {}
    formulas = {lhs: each.formula for lhs, each in reversed(first.items()) if lhs not in values}
    for lhs in needed(formulas, formulas, values):
        values[lhs] = graph.figure(lhs, formulas[lhs], values)
    return Derivation(steps, values, graph)
