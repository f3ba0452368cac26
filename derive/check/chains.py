"""Chains of equalities: does it hold, does it follow from an earlier slip, or is it the slip.

Every sign of a chain is judged for what stands right of it: against the truth, then against
what stands left of it, then against what follows from the writer's own figures.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from derive.check.arrays import shape_of
from derive.check.figures import cut, entries_of, followed
from derive.check.generics import is_open
from derive.check.links import telescopes
from derive.check.literals import (
    are_as_large,
    are_counts,
    are_entries,
    doubts,
    exact_sizes,
    figures_of,
    ground_span,
    how_rounded,
    is_padded,
    is_wider,
    literal,
)
from derive.check.meanings import Working
from derive.check.miswritten import turned
from derive.check.putting import holds_put_in, misplaced
from derive.check.reading import Claim, Member
from derive.check.spans import Span, all_meet, exact, figure_span, for_each, is_figure, same, spread
from derive.check.values import UNKNOWN, Env, Misfit, has_names, key_of, leaves, number, try_value, value
from derive.check.worlds import Model, World
from derive.quantities import Id, before, is_state, is_whole
from derive.syntax import Tree


@dataclass(frozen=True, slots=True)
class Draft:
    """What was found of one sign: the verdict, what the subject is taken for, and why."""

    verdict: str
    subject: Id | None = None
    notes: tuple[str, ...] = ()
    chosen: Mapping[tuple[Id, ...], Id] = field(default_factory=dict)
    local: Mapping[str, Any] = field(default_factory=dict)
    instance: int | None = None  # of a claim over indices: which of its instances was judged


_FOLLOWS = {"right": Draft("right", notes=("rounded early",)), "carried": Draft("carried", notes=("follows",))}


@dataclass(frozen=True)
class Chain:
    """One chain under one reading of its names."""

    known: Working
    n: int
    subject: Id | None
    chosen: Mapping[tuple[Id, ...], Id]
    local: Mapping[str, Any]

    @property
    def claim(self) -> Claim:
        return self.known.claims[self.n]

    @property
    def model(self) -> Model:
        return self.known.model

    def drafts(self) -> Iterator[Draft]:
        """A draft a sign, from left to right."""
        found: list[Draft] = []
        for number_, member in enumerate(self.claim.members[1:]):
            draft = self.judge(number_, member, found) if self.claim.is_read(number_) else Draft("unread")
            found.append(replace(draft, subject=self.subject, chosen=self.chosen, local=self.local))
            yield found[-1]

    def judge(self, k: int, member: Member, earlier: list[Draft]) -> Draft:
        tree = member.tree
        assert tree is not None
        if self._defines(k):
            known = self._is_other(tree)
            return Draft("undecided", notes=("redefined",)) if known else Draft("right", notes=("defined",))
        verdict = self.by_formula(k, tree, earlier) if has_names(tree) else None
        if verdict is not None and verdict.verdict != "slip":
            return verdict
        if verdict is None:
            filled = are_entries(self.model, self.claim.members[0].tree, tree)
            return Draft("right") if filled else self.by_figure(k, tree, earlier) or Draft("undecided")
        return self.by_numbers(k, tree, earlier) or verdict

    def _defines(self, k: int) -> bool:
        """Whether this is the first that can be read of what a name of the working stands for."""
        head, *between = self.claim.members[: k + 1]
        return head.tree is not None and head.tree.op == "local" and not any(member.tree for member in between)

    def _is_other(self, tree: Tree) -> bool:
        """Whether a name of the working was set to another figure before."""
        head = self.claim.members[0].tree
        first = next(iter(self.known.locals.get(key_of(head), ())), None) if head is not None else None
        if first is None or not is_figure(first) or not is_figure(tree):
            return False
        sides = (first, tree)
        spans = [exact(try_value(each, self.env(self.model.points[0]))) if are_counts(sides) else figure_span(each)
                 for each in sides]
        return not all_meet(*spans)

    def by_numbers(self, k: int, tree: Tree, earlier: list[Draft]) -> Draft | None:
        """A formula in which numbers stand for quantities: exact ones for givens, figures for the rest."""
        meant = self.chosen.get(tree.ids, tree.ids[0]) if tree.op in ("id", "ids") else None
        if meant is not None:
            given = self.model.home(meant) in self.model.derivation.graph.givens
            return self.by_figure(k, tree, earlier) if given else None
        texts = self._texts(tree)
        if self.subject is not None and holds_put_in(
            tree, self.subject, (*texts, *("0", "1")[: 2 * k]), self._named(tree), self.env, self.model
        ):
            return Draft("right")
        rough = any(literal(text, self.model).low != literal(text, self.model).high for text in texts)
        return self.by_figure(k, tree, earlier) if rough else None

    # ------------------------------------------------------------ formulas

    def env(self, world: World) -> Env:
        return Env(world, self.chosen, self.local, subject=self.subject)

    def previous(self, k: int) -> tuple[int, Tree] | None:
        """The nearest member left of sign k that was read, and its number."""
        for place in range(k, -1, -1):
            tree = self.claim.members[place].tree
            if tree is not None:
                return place, tree
        return None

    def by_formula(self, k: int, tree: Tree, earlier: list[Draft]) -> Draft | None:
        """A formula against the subject, then against what stands left of it."""
        head = self.claim.members[0].tree
        found = self.is_same(tree, head) if head is not None else None
        if found or (head is not None and (telescopes(head, tree) or self._is_as_large(k, tree))):
            return Draft("right")
        previous = self.previous(k)
        if previous is not None and previous[0] > 0 and has_names(previous[1]) and self.is_same(tree, previous[1]):
            return Draft("carried" if earlier[previous[0] - 1].verdict in ("slip", "carried") else "right")
        if found is None and head is not None and self.mended(tree, head) is not None:
            return Draft("slip", notes=("shapes",))
        if found is None:
            return Draft("undecided", notes=("shapes",) if self._is_misfit(tree) else ())
        if head is not None and not self.claim.letters and self.is_same(tree, head, self._kept_points(tree)):
            return Draft("right", notes=("numbers",))
        return Draft("undecided" if self._is_unexplained(tree) else "slip")

    def _kept_points(self, tree: Tree) -> tuple[World, ...]:
        """Random points where 0, 1 and the numbers in a formula keep their values: a term of 0 may be left out."""
        truth, known = self.model.truth, self.model
        written = {number("0"), number("1"), *(abs(number(text)) for text in figures_of(tree))}
        givens = {each: found for each, found in truth.givens.items() if not is_state(each)} if truth else {}
        kept = {each: found for each, found in givens.items() if abs(found) in written}
        entries = entries_of(known, self.subject) if self.subject is not None else []
        mine = {each for entry in entries for each in known.needs(known.home(entry))}
        another = (self._named(tree) & kept.keys()) - mine   # its 0 or 1 is no reason to name it here
        return tuple(world.but(fixed=kept) for world in known.points) if kept and not another else ()

    def _is_misfit(self, tree: Tree) -> bool:
        """Whether a formula has no value because the shapes of its layers do not go together."""
        try:
            value(tree, self.env(self.model.points[0]))
        except UNKNOWN as error:
            return isinstance(error, Misfit)
        return False

    def _is_as_large(self, k: int, tree: Tree) -> bool:
        """Whether a = b = 0 says that two derivatives have one value."""
        figures = any(m.tree is not None and is_figure(m.tree) for m in self.claim.members[k + 2 :])
        right = self.chosen.get(tree.ids, tree.ids[0]) if tree.op in ("id", "ids") else None
        return figures and are_as_large(self.model.truth, self.subject, right)

    def mended(self, tree: Tree, head: Tree) -> Tree | None:
        """The formula with a transpose more or less, if it holds then, and its shapes do not fit as it stands."""
        if not any(leaf.op in ("id", "ids") and is_whole(leaf.ids[0]) for leaf in leaves(tree)):
            return None
        return next((each for each in turned(tree) if self.is_same(each, head)), None)

    def _is_unexplained(self, tree: Tree) -> bool:
        """Whether a name of the working is set to nothing, or a sum's limits are left to the reader."""
        return is_open(tree) or (self.subject is not None and any(
            leaf.op == "local" and not leaf.ids and key_of(leaf) not in self.known.locals
            for leaf in leaves(tree)
        ))

    def is_same(self, a: Tree, b: Tree, points: tuple[World, ...] | None = None) -> bool | None:
        """Whether two formulas agree at random points; None where one has no value, or there are no points."""
        points = self.model.points if points is None else points
        for world in points:
            left, right = try_value(a, self.env(world)), self._at(b, world)
            if left is None or right is None:
                return None
            found = same(left, right)
            if not found:
                return found
        return True if points else None

    def _at(self, tree: Tree, world: World) -> Any:
        if tree is self.claim.members[0].tree and self.subject is not None:
            return world.get(self.subject)
        return try_value(tree, self.env(world))

    # ------------------------------------------------------------ figures

    def by_figure(self, k: int, tree: Tree, earlier: list[Draft]) -> Draft | None:
        """A figure, or arithmetic with them, against the truth, the line, and the writer's other figures."""
        world = self.model.truth
        if world is None:
            return self.by_constant(tree)
        try:
            span = self.span(tree, world)
        except Misfit:
            return Draft("undecided", notes=("shapes",))
        except UNKNOWN:
            return None
        if self._is_misplaced(tree, span, world):
            return Draft("slip", notes=("misplaced",))
        for draft in self.grounds(k, tree, span, earlier, world):
            return draft
        return Draft("slip") if self._is_decidable(k, span, world) else Draft("undecided")

    def _is_misplaced(self, tree: Tree, span: Span, world: World) -> bool:
        """Whether the numbers put in are other quantities', though what comes out is right."""
        if self.subject is None or tree.op != "add" or has_names(tree):
            return False
        truth = world.get(self.subject)
        return (truth is not None and all_meet(span, exact(truth))
                and misplaced(tree, self.subject, self.env(world), self.model) is not None)

    def by_constant(self, tree: Tree) -> Draft | None:
        """A number without any figures to go by: it is decided where the subject is one number everywhere."""
        found = [None if self.subject is None else world.get(self.subject) for world in self.model.points]
        written = try_value(tree, self.env(self.model.points[0]))
        if has_names(tree) or written is None or not all(same(each, found[0]) for each in found if each is not None):
            return None
        return None if None in found else Draft("right" if same(written, found[0]) else "slip")

    def _is_decidable(self, k: int, span: Span, world: World) -> bool:
        """Whether there is anything of the same shape to hold it against."""
        if self.subject is not None:
            truth = world.get(self.subject)
            shape, truth = shape_of(span.low), for_each(truth, span)
            return truth is not None and shape_of(truth) in (shape, shape[::-1])
        previous = self.previous(k)
        return previous is not None and try_value(previous[1], self.env(world)) is not None

    def grounds(self, k: int, tree: Tree, span: Span, earlier: list[Draft], world: World) -> Iterator[Draft]:
        """Verdicts that clear a figure, the best first."""
        truth = None if self.subject is None else for_each(world.get(self.subject), span)
        near = truth is not None and all_meet(span, exact(truth))
        doubt = doubts(tree, span, truth, self.subject, self.model)
        if near and not doubt:
            yield Draft("right", notes=how_rounded(tree, truth))
        if doubt != "restated" and self._is_result(k, tree, world):
            follows = k and earlier[k - 1].verdict in ("slip", "carried")
            yield _FOLLOWS["carried" if follows else "right"] if follows or truth is not None else Draft("right")
        for found in (self.from_before(k, span, earlier, world), self.from_own(k, span, world)):
            yield from (_FOLLOWS[draft.verdict] for draft in found if not doubt or draft.verdict == "carried")
        if self.subject is not None and is_figure(tree):  # numbers put in say themselves what they follow from
            for habit in self.known.habits:
                habitual = habit.get(self.subject)
                if habitual is not None and all_meet(span, exact(habitual)) and not self._is_site(habit):
                    yield Draft("carried", notes=("habit",))
        if doubt == "coarse" or (doubt and near and self.claim.signs[k].relation == "≈"):
            yield Draft("undecided", notes=("coarse",))
        elif doubt and near:
            yield Draft("slip", notes=("restated",))

    def _is_result(self, k: int, tree: Tree, world: World) -> bool:
        """Whether a figure is what the numbers left of it give without any rounding: (0.40 - 0.400)^2 = 0."""
        before = self.claim.members[k].tree
        if before is None or is_figure(before) or has_names(before):
            return False
        found, written = try_value(before, self.env(world)), try_value(tree, self.env(world))
        return found is not None and written is not None and bool(same(written, found))

    def _is_site(self, habit: World) -> bool:
        return self.subject is not None and self.model.home(self.subject) in habit.changed

    def span(self, tree: Tree, world: World, known: Mapping[Id, Span] | None = None) -> Span:
        """What a member may stand for: a figure's interval, or what its arithmetic gives."""
        if is_figure(tree):
            return figure_span(tree) if not self._counts else exact(value(tree, self.env(world)))
        near = exact_sizes(self.model, self.subject, world)
        parts: dict[Any, Span] = {
            text: literal(text, self.model)
            for text in self._texts(tree)
            if number(text) not in near or is_padded(text, self.model)
        }
        parts = {text: span for text, span in parts.items() if span.low != span.high}
        if parts and self._is_exact(tree, world):
            parts = {}
        ids = self._named(tree) if known else set()
        parts |= {each: known[each] for each in sorted(ids, key=str) if known and each in known}

        def compute(values: Mapping[Any, Any]) -> Any:
            fixed = {key: v for key, v in values.items() if not isinstance(key, str)}
            literals = {key: v for key, v in values.items() if isinstance(key, str)}
            there = world.but(fixed=fixed) if fixed else world
            return value(tree, replace(self.env(there), literals=literals))

        return spread(compute, parts)

    @cached_property
    def _counts(self) -> bool:
        """Whether the chain is arithmetic with whole numbers: 1 + 1 = 3 is no rounding."""
        return self.subject is None and are_counts(member.tree for member in self.claim.members)

    def _is_exact(self, tree: Tree, world: World) -> bool:
        """Whether the numbers as they are written give the truth itself."""
        truth = None if self.subject is None else world.get(before(self.subject))
        written = try_value(tree, self.env(world))
        return written is not None and truth is not None and bool(same(written, truth))

    def _texts(self, tree: Tree) -> tuple[str, ...]:
        """The figures in a formula and in what the working's own names in it stand for."""
        own = [self.local.get(key_of(leaf)) for leaf in leaves(tree) if leaf.op == "local"]
        trees = [each for each in (tree, *own) if isinstance(each, Tree)]
        return tuple(dict.fromkeys(text for each in trees for text in figures_of(each)))

    def _named(self, tree: Tree) -> set[Id]:
        """The numbers that the names in a formula stand for."""
        named = [self.chosen.get(leaf.ids, leaf.ids[0]) for leaf in leaves(tree) if leaf.op in ("id", "ids")]
        return {self.model.home(each) for one in named for each in entries_of(self.model, one)}

    @cached_property
    def _worked(self) -> list[int]:
        """The members that a figure may follow from wherever it stands behind them: no other figures."""
        first = 0 if self.subject is None else 1
        return [n for n, member in enumerate(self.claim.members) if n >= first and member.tree is not None
                and (n == 0 or not is_figure(member.tree))]

    def _left_of(self, k: int) -> Iterator[int]:
        """The members that sign k's may follow from, the nearest first."""
        nearest = self.claim.members[k].tree is not None and (k > 0 or self.subject is None)
        yield from (k,) if nearest else ()
        yield from reversed(self._worked[: bisect_left(self._worked, k)])

    def from_before(self, k: int, span: Span, earlier: list[Draft], world: World) -> Iterator[Draft]:
        """A figure against the arithmetic left of it, with the writer's figures for names."""
        for place in self._left_of(k):
            tree = self.claim.members[place].tree
            assert tree is not None
            verdict = earlier[place - 1].verdict if place else "right"
            named = self._named(tree)
            for known, wrong in self._own():
                if wrong is not None and not named & wrong:
                    continue  # it is what was tried with the figures that hold
                try:
                    ground = (
                        ground_span(tree, self.model)
                        if is_figure(tree) and not self._counts
                        else self.span(tree, world, known if has_names(tree) else None)
                    )
                except UNKNOWN:
                    continue
                fits = all_meet(span, ground) and not (is_figure(tree) and is_wider(ground, span))
                if fits:
                    yield Draft(
                        "carried"
                        if wrong is not None or verdict in ("slip", "carried")
                        else "right"
                    )
            if not has_names(tree):
                return

    def _own(self) -> Iterator[tuple[Mapping[Id, Span], frozenset[Id] | None]]:
        """The writer's figures that hold; then all of them, and which are wrong."""
        found = self.known.own_figures(self.n)
        yield found.good, None
        if found.wrong:
            yield found.all, found.wrong

    def from_own(self, k: int, span: Span, world: World) -> Iterator[Draft]:
        """A figure against the subject's formula with the writer's own figures put in."""
        if self.subject is None:
            return
        for known, wrong in self._own():
            used = cut(self.model, self.subject, known)
            if wrong is not None and not wrong & set(used):
                continue
            try:
                found = followed(world, self.subject, {each: known[each] for each in used})
            except UNKNOWN:
                continue
            if found is not None and all_meet(span, found):
                yield Draft("right" if wrong is None else "carried")
