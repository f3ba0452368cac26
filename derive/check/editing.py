"""One sign or one number of a line that is to be changed, and the line holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from derive.check.arrays import shape_of
from derive.check.candidates import Named, figure_of, name_of
from derive.check.expecting import Suspect
from derive.check.literals import is_exact
from derive.check.miswritten import digit_slips, flipped
from derive.check.spans import Span, all_meet, exact, is_figure, span_of, spread
from derive.check.values import UNKNOWN, Env, leaves, number, value
from derive.check.worlds import World
from derive.syntax import Tree


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


def _sign_edits(case: Suspect, world: World, right: Any) -> Iterator[Named]:
    for edited in flipped(case.tree):
        if _holds(case, edited, world, right):
            yield Named("sign", "a sign on this line is wrong")
            return


def _number_edits(case: Suspect, world: World, right: Any) -> Iterator[Named]:
    subject = case.draft.subject
    assert subject is not None
    home = case.model.home(subject)
    candidates = {each: world.get(each) for each in (*case.model.needs(home), home) if each != home}
    for text in dict.fromkeys(leaf.text for leaf in leaves(case.tree) if leaf.op == "number"):
        for each, meant in candidates.items():
            if meant is None or shape_of(meant) or all_meet(span_of(text), exact(meant)):
                continue
            env = replace(case.env(world), literals={text: meant})
            if all_meet(_around(case, env), exact(right)):
                yield Named(
                    "substitution", f"{text} stands where {name_of(case, each)} = {figure_of(meant)} belongs"
                )
                if next(digit_slips(text, meant), ""):
                    yield Named("digits", f"{text} for {name_of(case, each)} = {figure_of(meant)}")
                return


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
    edited = replace(case, known=replace(case.known, claims=_with(case, tree)))
    span = edited.span()
    return span is not None and all_meet(span, exact(right))


def _with(case: Suspect, tree: Tree) -> Any:
    claim = case.known.claims[case.n]
    members = list(claim.members)
    members[case.k + 1] = replace(members[case.k + 1], tree=tree)
    return (
        *case.known.claims[: case.n],
        replace(claim, members=tuple(members)),
        *case.known.claims[case.n + 1 :],
    )
