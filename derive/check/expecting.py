"""What belongs where a slip stands: a figure, a layer of figures, or a formula."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from derive.check.arrays import shape_of
from derive.check.chains import Draft
from derive.check.literals import is_exact
from derive.check.meanings import Working
from derive.check.spans import Span, figure_span, is_figure, same, span_of, spread
from derive.check.values import UNKNOWN, Env, has_names, leaves, try_value, value
from derive.check.worlds import Model, World
from derive.quantities import Id, is_whole
from derive.rounding import scientific, shown, to_decimal
from derive.syntax import Tree
from derive.trees import context

LONGEST_FIGURE = 30  # characters


@dataclass(frozen=True, slots=True)
class Suspect:
    """A slip to be named: the chain's working, the sign, and what was found of it."""

    known: Working
    n: int
    k: int
    draft: Draft

    @property
    def model(self) -> Model:
        return self.known.model

    @property
    def tree(self) -> Tree:
        tree = self.known.claims[self.n].members[self.k + 1].tree
        assert tree is not None
        return tree

    @property
    def is_formula(self) -> bool:
        """Whether names decide rather than figures."""
        return has_names(self.tree) and not any(
            leaf.op == "number" and "." in leaf.text for leaf in leaves(self.tree)
        )

    def previous(self) -> Tree | None:
        """The member before, if it was read."""
        return self.known.claims[self.n].members[self.k].tree

    def env(self, world: World) -> Env:
        return Env(world, self.draft.chosen, self.draft.local, subject=self.draft.subject)

    def span(self) -> Span | None:
        """What the written member may stand for."""
        world = self.model.truth
        if world is None:
            return None
        if is_figure(self.tree):
            return figure_span(self.tree)
        parts = {
            leaf.text: span_of(leaf.text)
            for leaf in leaves(self.tree)
            if leaf.op == "number" and "." in leaf.text and not is_exact(leaf.text, self.model)
        }
        env = self.env(world)
        try:
            return spread(lambda literals: value(self.tree, replace(env, literals=literals)), parts)
        except UNKNOWN:
            return None


def holds_by_numbers(case: Suspect) -> bool:
    """Whether a formula has the right value with the numbers that are given, if with no others."""
    world, head = case.model.truth, case.known.claims[case.n].members[0].tree
    if world is None or head is None or not has_names(case.tree):
        return False
    subject = case.draft.subject
    right = try_value(head, case.env(world)) if subject is None else world.get(subject)
    written = try_value(case.tree, case.env(world))
    return right is not None and written is not None and bool(same(written, right))


def expected(case: Suspect) -> str:
    """What belongs where the slip stands: a figure, a matrix of figures, or a formula in LaTeX."""
    world, subject = case.model.truth, case.draft.subject
    if subject is None:
        return _from_line(case)
    if not case.is_formula and world is not None and "misplaced" not in case.draft.notes:
        right = world.get(subject)
        if right is not None:
            decimals = max(_decimals(case.tree), _own_decimals(case, subject, right))
            return _shown(right, decimals, case.model.lecture.display.decimals)
    return _formula(case, subject)


def _from_line(case: Suspect) -> str:
    before, world = case.previous(), case.model.truth
    found = try_value(before, case.env(world)) if before is not None and world is not None else None
    if found is None or not is_figure(case.tree):
        return ""
    return _shown(found, _decimals(case.tree), case.model.lecture.display.decimals)


def _decimals(tree: Tree) -> int:
    lengths = [
        len(leaf.text.partition(".")[2])
        for leaf in leaves(tree)
        if leaf.op == "number" and "e" not in leaf.text
    ]
    return min(20, max(lengths, default=4) if is_figure(tree) else max(4, *lengths) if lengths else 4)


def _own_decimals(case: Suspect, subject: Id, right: Any) -> int:
    """The decimals of a given, which is said as it is; none of what is computed."""
    if case.model.home(subject) not in case.model.derivation.graph.givens or shape_of(right):
        return 0
    return max(0, -int(to_decimal(right).normalize().as_tuple().exponent))


def _shown(right: Any, decimals: int, least: int) -> str:
    """As many decimals as were written, but for what would be cut to nothing by it."""
    if not shape_of(right):
        return telling(right, decimals, least)
    from derive.printing import grid

    return grid(tuple(tuple(telling(cell, decimals, least) for cell in row) for row in right))


def telling(right: Any, decimals: int, least: int) -> str:
    """A figure with so many decimals; with `least` where it is not whole, with a power of ten where it
    would be a 0 that it is not, or longer than anybody reads."""
    whole = abs(right - round(right)) <= abs(right) * context().mpf(10) ** -40
    text = shown(right, decimals if decimals or whole else least)
    hidden = right and not any(digit in "123456789" for digit in text)
    if not hidden and len(text) <= LONGEST_FIGURE:
        return text
    digits, power = scientific(right, 4)
    return rf"{digits} \cdot 10^{{{power}}}"


def _formula(case: Suspect, subject: Id) -> str:
    from derive.printing import symbols

    notation = case.model.names.notation
    whole = case.model.lecture.network is not None and is_whole(subject)
    found = case.model.by_layers if whole else case.model.derivation
    step = found.pick(subject if whole else case.model.home(subject), notation.route.reasons)
    return symbols(case.model.names.latex, notation.style).latex(step.formula) if step is not None else ""
