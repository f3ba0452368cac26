"""Steps of working, and a derivation as all of them with the values of what they find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derive.graph import Graph, forward, needed
from derive.quantities import Id

if TYPE_CHECKING:
    from sympy import Expr


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """One line of working: lhs = form = … = formula = numbers put in = value.

    `value` is the figure at 50 digits (an array of them for a whole layer), None without
    figures. `reason` says by which rule; the numbers are put in when it is printed.
    """

    lhs: Id
    formula: Expr
    reason: str
    forms: tuple[Expr, ...] = ()
    value: Any = None

    def __repr__(self) -> str:
        return f"<{self.lhs} by {self.reason}>"


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
        for step in self.steps:
            found[step.lhs] = (*found.get(step.lhs, ()), step)
        return found

    def pick(self, lhs: Id, reasons: tuple[str, ...]) -> Step | None:
        """The quantity's step whose reason ranks first; any where none is ranked; None for a given."""
        steps = self.by_lhs.get(lhs, ())
        rank = {reason: place for place, reason in enumerate(reasons)}
        return min(steps, key=lambda step: rank.get(step.reason, len(rank)), default=None)


def evaluated(graph: Graph, steps: Iterable[Step]) -> Derivation:
    """The steps with their values; each quantity is computed once, behind what it needs."""
    steps, values = tuple(steps), forward(graph)
    first: dict[Id, Expr] = {}
    for step in steps:
        first.setdefault(step.lhs, step.formula)
    for lhs in [*needed(first, first, values)] if values else ():
        values[lhs] = graph.figure(lhs, first[lhs], values)
    found = (Step(step.lhs, step.formula, step.reason, step.forms, values.get(step.lhs)) for step in steps)
    return Derivation(tuple(found), values, graph)
