"""One sign or one number of a line that is to be changed, and the line holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, islice
from typing import Any

from derive.check.arrays import shape_of
from derive.check.candidates import Named, figure_of, name_of
from derive.check.expecting import Suspect
from derive.check.figures import parts as parts_of
from derive.check.literals import is_exact
from derive.check.meanings import Working, later
from derive.check.miswritten import digit_slips, flipped
from derive.check.putting import misplaced
from derive.check.rounds import round_of
from derive.check.setting import latex
from derive.check.spans import Span, all_meet, exact, is_figure, span_of, spread
from derive.check.values import UNKNOWN, Env, leaves, number, value
from derive.check.worlds import World
from derive.graph import arguments
from derive.quantities import Id, New, Quantity
from derive.syntax import Tree
from derive.terminal import unicode

MOST_SWAPS = 50  # pairs of numbers on a line that are tried


def edits(case: Suspect) -> Iterator[Named]:
    """One sign or one number of the line is to be changed, and it holds."""
    world, subject = case.model.truth, case.draft.subject
    if world is None or is_figure(case.tree) or case.is_formula:
        return
    right = world.get(subject) if subject is not None else None
    if right is None or shape_of(right):
        return
    yield from _sign_edits(case, world, right)
    yield from _number_edits(case, world, right)
    yield from _swaps(case, world, right)


def chances(case: Suspect) -> Iterator[Named]:
    """Numbers of other quantities, with which the sum comes out right by chance."""
    world, subject = case.model.truth, case.draft.subject
    if "misplaced" in case.draft.notes and world is not None and subject is not None:
        term = misplaced(case.tree, subject, case.env(world), case.model)
        said = "" if term is None else unicode(latex(term, case.model.names))
        says = f"{said} is no term of {name_of(case, subject)}, though what comes out is right"
        yield Named("substitution", says)


def other_round(case: Suspect) -> Iterator[Named]:
    """What a quantity is after an update, which is not its value here."""
    world, subject, span = case.model.truth, case.draft.subject, case.span()
    if world is None or subject is None or span is None or not is_figure(case.tree) or round_of(subject) is not None:
        return
    new = [New(subject)] if isinstance(subject, Quantity) and subject.kind in ("w", "b") else []
    for each in (*new, *later(case.model, subject)):
        found = world.get(each)
        if found is not None and all_meet(span, exact(found)):
            name, turn = name_of(case, subject), round_of(each) or 1
            says = f"this is {name} after {turn} update{'' if turn == 1 else 's'}, not {name} as it is here"
            yield Named("rounds" if each not in new else "name", says)
            return


def _sign_edits(case: Suspect, world: World, right: Any) -> Iterator[Named]:
    for edited, part in flipped(case.tree):
        if _holds(case, edited, world, right):
            yield Named("sign", f"the sign of {unicode(latex(part, case.model.names))} is wrong")
            return


def _number_edits(case: Suspect, world: World, right: Any) -> Iterator[Named]:
    """One number for another: the likeliest by what the number is elsewhere, or by its digits."""
    fits = [
        (_likely(case, world, text, each, meant), text, each, meant)
        for text, each, meant in _replacements(case, world)
        if _puts_right(case, world, {text: meant}, right)
    ]
    near = _near(case)
    likely = min(fits, key=lambda fit: (fit[0], fit[2] not in near), default=None)
    if likely is None or likely[0] >= _UNLIKELY:
        return
    _, text, each, meant = likely
    written = _sibling(case, world, text, each)
    belongs = f"{name_of(case, each)} = {figure_of(meant)}"
    if written is not None:
        yield Named("substitution", f"{text} is {name_of(case, written)}; {belongs} belongs there")
        return
    yield Named("substitution", f"{text} stands where {belongs} belongs")
    if how := next(digit_slips(text, meant), ""):
        yield Named("digits", f"{how} in {text}")


_UNLIKELY = 3


def _replacements(case: Suspect, world: World) -> Iterator[tuple[str, Id, Any]]:
    """Every number of the line with every quantity upstream that is not it."""
    assert case.draft.subject is not None
    home = case.model.home(case.draft.subject)
    near = [each for each in case.model.trees if each in case.model.needs(home)]
    upstream = {each: world.get(each) for each in (*case.model.needs(home), *near) if each != home}
    for text in dict.fromkeys(leaf.text for leaf in leaves(case.tree) if leaf.op == "number"):
        for each in sorted(upstream, key=str):
            meant = upstream[each]
            if meant is not None and not shape_of(meant) and not all_meet(span_of(text), exact(meant)):
                yield text, each, meant


def _likely(case: Suspect, world: World, text: str, each: Id, meant: Any) -> int:
    """How likely a number is a mistake for a quantity: another of its layer, a slip of the pen, or near by."""
    assert case.draft.subject is not None
    if _sibling(case, world, text, each) is not None:
        return 0
    if next(digit_slips(text, meant), ""):
        return 1
    near = _near(case)
    right_there = any(_is(world, text, other) for other in near)  # it may well belong where it is
    return 2 if each in near and not right_there else _UNLIKELY


def _near(case: Suspect) -> dict[Id, None]:
    """What the quantity's own formula is made of, and what that is made of, in every way it is taught."""
    assert case.draft.subject is not None
    first = parts_of(case.model, case.model.home(case.draft.subject))
    steps = [step for part in first for step in case.model.derivation.by_lhs.get(part, ())]
    ways = [each for step in steps for each in arguments(step.formula)]
    return dict.fromkeys([*first, *(inner for part in first for inner in parts_of(case.model, part)), *ways])


def _sibling(case: Suspect, world: World, text: str, each: Id) -> Id | None:
    """Another quantity of the same kind and layer, whose value a number is."""
    if not isinstance(each, Quantity):
        return None
    layer = slice(0 if each.kind in ("x", "target") else 1)
    alike = (
        other
        for other in (*case.model.derivation.graph.givens, *case.model.trees)
        if isinstance(other, Quantity)
        and (other.kind, other.index[layer]) == (each.kind, each.index[layer])
        and other != each
    )
    return next((other for other in alike if _is(world, text, other)), None)


def _is(world: World, text: str, quantity: Id) -> bool:
    found = world.get(quantity)
    return found is not None and not shape_of(found) and all_meet(span_of(text), exact(found))


def _swaps(case: Suspect, world: World, right: Any) -> Iterator[Named]:
    """Two numbers of the line that stand in each other's place."""
    texts = tuple(dict.fromkeys(leaf.text for leaf in leaves(case.tree) if leaf.op == "number" and "." in leaf.text))
    for a, b in islice(combinations(texts, 2), MOST_SWAPS):
        if _puts_right(case, world, {a: number(b), b: number(a)}, right):
            yield Named("substitution", f"{a} and {b} stand in each other's place")
            return


def _puts_right(case: Suspect, world: World, literals: dict[str, Any], right: Any) -> bool:
    return all_meet(_around(case, replace(case.env(world), literals=literals)), exact(right))


def _around(case: Suspect, env: Env) -> Span:
    """The line's value with one number changed, the others within their intervals."""
    parts = {
        leaf.text: span_of(leaf.text)
        for leaf in leaves(case.tree)
        if leaf.op == "number"
        and "." in leaf.text
        and leaf.text not in env.literals
        and not is_exact(leaf.text, case.model)
    }
    try:
        return spread(lambda found: value(case.tree, replace(env, literals={**env.literals, **found})), parts)
    except UNKNOWN:
        return Span(number("1e300"), number("1e300"))


def _holds(case: Suspect, tree: Tree, world: World, right: Any) -> bool:
    span = replace(case, known=with_member(case, tree)).span()
    return span is not None and all_meet(span, exact(right))


def with_member(case: Suspect, tree: Tree) -> Working:
    """The working with another formula where the slip stands."""
    claim = case.known.claims[case.n]
    members = list(claim.members)
    members[case.k + 1] = replace(members[case.k + 1], tree=tree)
    claims = list(case.known.claims)
    claims[case.n] = replace(claim, members=tuple(members))
    return replace(case.known, claims=tuple(claims))
