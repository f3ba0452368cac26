"""Which mistake it is: a slip is compared with what each known mistake would give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from derive.chain import role
from derive.check.expecting import Suspect
from derive.check.figures import own
from derive.check.figures import parts as parts_of
from derive.check.literals import is_exact
from derive.check.miswritten import digit_slips, flipped
from derive.check.rounds import otherwise, round_of
from derive.check.slips import SLIPS, Slip, kept_cases, throughout
from derive.check.spans import (
    Span,
    all_meet,
    exact,
    figure_span,
    figure_text,
    is_figure,
    meets,
    same,
    span_of,
    spread,
)
from derive.check.values import UNKNOWN, Env, has_names, leaves, number, try_value, value
from derive.check.worlds import Model, World, shape_of
from derive.quantities import Id, New, Partial, Quantity
from derive.rounding import shown
from derive.syntax import Tree

MOST = 3  # candidates that are named
MOST_SITES = 400  # places upstream that are tried


@dataclass(frozen=True, slots=True)
class Named:
    """One mistake that fits: its kind, a sentence, and where it is made, if it is one of the table."""

    kind: str
    says: str
    slip: Slip | None = None
    variant: int = 0


def name_slip(case: Suspect) -> tuple[Named, ...]:
    """The mistakes that fit best, the likeliest first; at least one."""
    found: dict[str, Named] = {}
    for finder in _FINDERS:
        for named in finder(case):
            found.setdefault(named.kind, named)
        if len(found) >= MOST or (found and finder is _arithmetic):
            break
    return tuple(found.values())[:MOST] or (_otherwise(case),)


# ---------------------------------------------------------------- givens, names, digits


def _given(case: Suspect) -> Iterator[Named]:
    """A given that is restated with another value."""
    subject = case.draft.subject
    if (
        subject is None
        or case.model.home(subject) not in case.model.derivation.graph.givens
        or case.is_formula
    ):
        return
    truth = case.model.truth.get(subject) if case.model.truth else None
    says = (
        f"{_name(case, subject)} is given as {_figure(truth)}"
        if truth is not None and not shape_of(truth)
        else f"{_name(case, subject)} is given with other values"
    )
    yield Named("given", says)


def _digits(case: Suspect) -> Iterator[Named]:
    """A digit lost, doubled, swapped or changed, or the decimal point moved."""
    world, subject = case.model.truth, case.draft.subject
    if world is None or not is_figure(case.tree):
        return
    expected = world.get(subject) if subject is not None else None
    for text, right in _entries(case.tree, expected):
        for how in digit_slips(text, right):
            yield Named("digits", f"{how}: {text} for {_close(text, right)}")
            return
    before = case.previous()
    if before is not None and not has_names(before):
        result = try_value(before, case.env(world))
        for text, right in _entries(case.tree, result):
            for how in digit_slips(text, right):
                yield Named("digits", f"{how}: {text} for {_close(text, right)}")
                return


def _entries(tree: Tree, right: Any) -> Iterator[tuple[str, Any]]:
    """The figures that do not hold, with the right values."""
    if right is None:
        return
    if tree.op != "matrix":
        if not shape_of(right) and not all_meet(span_of(figure_text(tree)), exact(right)):
            yield figure_text(tree), right
        return
    if shape_of(right) == shape_of(figure_span(tree).low):
        for i, row in enumerate(tree.args):
            for j, cell in enumerate(row.args):
                if not all_meet(span_of(figure_text(cell)), exact(right[i, j])):
                    yield figure_text(cell), right[i, j]


def _other_name(case: Suspect) -> Iterator[Named]:
    """What was written is another quantity's formula or figure."""
    subject = case.draft.subject
    if subject is None:
        return
    for other in _neighbours(case.model, case.model.home(subject)):
        if _fits(case, lambda world, other=other: world.get(other)):
            yield Named("name", f"this is {_name(case, other)}, not {_name(case, subject)}")
            return


def _neighbours(model: Model, subject: Id) -> Iterator[Id]:
    """The quantities one may be mixed up with: first its own kind, then its layer."""

    def kinds(each: Id) -> tuple[str, ...]:
        if isinstance(each, Partial):
            return "d", role(each.of), role(each.by)
        return ("new",) if isinstance(each, New) else (role(each),)

    everything = [each for each in (*model.trees, *model.derivation.graph.givens) if each != subject]
    alike = [each for each in everything if kinds(each) == kinds(subject)]
    yield from alike
    if isinstance(subject, Quantity) and subject.index:
        yield from (
            each
            for each in everything
            if isinstance(each, Quantity) and each.index == subject.index and each.kind in ("net", "out")
        )
    if isinstance(subject, Partial):
        yield from (each for each in everything if isinstance(each, Partial) and each not in alike)


def _fits(case: Suspect, right: Any, differs: bool = True) -> bool:
    """Whether what was written is `right(world)`: at two random points, or as a figure."""
    if case.is_formula:
        for point in case.model.points[:2]:
            written, other = try_value(case.tree, case.env(point)), right(point)
            if written is None or other is None or not same(written, other):
                return False
        return True
    world, span = case.model.truth, case.span()
    if world is None or span is None:
        return False
    other = right(world)
    if other is None:
        return False
    if shape_of(span.low) and shape_of(span.low) == shape_of(other):
        truth = world.get(case.draft.subject) if case.draft.subject is not None else None
        return truth is not None and _explains(span, truth, other)
    return all_meet(span, exact(other))


def _explains(span: Span, truth: Any, other: Any) -> bool:
    """For a layer: whether the entries that do not hold are the other's, and there are such."""
    holds = meets(span, exact(truth))
    theirs = meets(span, exact(other))
    return holds is not None and theirs is not None and not holds.all() and bool((holds | theirs).all())


# ---------------------------------------------------------------- the table of slips


def _slips_here(case: Suspect) -> Iterator[Named]:
    """A slip in the quantity's own formula, or in a factor of it."""
    subject = case.draft.subject
    if subject is not None:
        home = case.model.home(subject)
        near = [home, *_factors(case.model, home)]
        yield from _slips_at(case, near, True)


def _slips_upstream(case: Suspect) -> Iterator[Named]:
    """A slip anywhere that the quantity is computed from, made once or throughout."""
    subject = case.draft.subject
    if subject is None:
        return
    home = case.model.home(subject)
    done = {home, *_factors(case.model, home)}
    needs = case.model.needs(home)
    sites = [site for site in case.model.trees if site in needs and site not in done]
    yield from _throughout(case)
    yield from _slips_at(case, sites[-MOST_SITES:], False)


def _factors(model: Model, quantity: Id) -> list[Id]:
    return [
        each
        for each in parts_of(model, quantity)
        if each in model.trees
        and isinstance(each, Partial)
        and isinstance(each.of, Quantity)
        and role(each.of) in ("net", "out", "error")
    ]


def _slips_at(case: Suspect, sites: list[Id], near: bool) -> Iterator[Named]:
    subject = case.draft.subject
    assert subject is not None
    for site in sites:
        for made in kept_cases(case.model, site):
            if _fits(case, lambda world, made=made: made.world(world).get(subject)) or (
                near and _fits_figures(case, subject, {site: made.tree})
            ):
                yield Named(
                    made.slip.kind, made.slip.says.format(name=_name(case, site)), made.slip, made.number
                )


def _throughout(case: Suspect) -> Iterator[Named]:
    subject = case.draft.subject
    assert subject is not None
    for slip in SLIPS:
        changed = throughout(case.model, slip)
        if len(changed) > 1 and _fits(case, lambda world, changed=changed: world.but(changed).get(subject)):
            yield Named(slip.kind, slip.says.format(name="every unit"), slip)


def _fits_figures(case: Suspect, subject: Id, changed: Any) -> bool:
    """Whether a slip gives what was written, the writer's own figures being put in."""
    if case.is_formula or case.model.truth is None:
        return False
    known = own(tuple(f for f in case.known.figures if f.key != (case.n, case.k) and not f.wrong)).good
    needed = {each: span for each, span in known.items() if each != case.model.home(subject)}
    if not needed:
        return False
    fixed = {each: (span.low + span.high) / 2 for each, span in needed.items()}
    return _fits(case, lambda world: world.but(changed, fixed).get(subject))


# ---------------------------------------------------------------- the arithmetic on the line


def _edits(case: Suspect) -> Iterator[Named]:
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
                    "substitution", f"{text} stands where {_name(case, each)} = {_figure(meant)} belongs"
                )
                if next(digit_slips(text, meant), ""):
                    yield Named("digits", f"{text} for {_name(case, each)} = {_figure(meant)}")
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


def _arithmetic(case: Suspect) -> Iterator[Named]:
    """The numbers before a figure do not give it."""
    before = case.previous()
    if is_figure(case.tree) and before is not None and not has_names(before):
        yield Named("arithmetic", "the numbers on the line do not give this figure")


def _round(case: Suspect) -> Iterator[Named]:
    """The figure of another round, or of another order of the updates."""
    subject, span = case.draft.subject, case.span()
    if subject is None or not round_of(subject) or span is None:
        return
    for kind, says, other in otherwise(case.model.lecture, subject):
        if other is not None and all_meet(span, exact(other)):
            yield Named(kind, says)


def _variable(case: Suspect) -> Iterator[Named]:
    """Differentiated by the wrong variable, or a derivative that is none."""
    head = case.known.claims[case.n].members[0].tree
    if any(tree is not None and tree.op == "partial" for tree in (head, case.tree)):
        yield Named("derivative", "this is not the derivative by that variable")


def _negative(case: Suspect) -> Iterator[Named]:
    """Right but for its sign."""
    subject = case.draft.subject

    def turned(world: World) -> Any:
        found = world.get(subject) if subject is not None else None
        return None if found is None else -found

    if subject is not None and _fits(case, turned):
        yield Named("sign", f"{_name(case, subject)} has the wrong sign")


def _otherwise(case: Suspect) -> Named:
    """No known mistake fits: what kind of line it is decides."""
    subject = case.draft.subject
    if case.is_formula or case.model.truth is None:
        derivative = isinstance(subject, Partial) or subject is None
        return Named("derivative" if derivative else "formula", "no known mistake gives this formula")
    if is_figure(case.tree):
        return Named("arithmetic", "no known mistake gives this figure")
    return Named("substitution", "the numbers put in are not the values of this formula")


# the last one looks far: only where nothing nearer fits
_FINDERS = (
    _variable,
    _round,
    _given,
    _digits,
    _edits,
    _other_name,
    _negative,
    _slips_here,
    _arithmetic,
    _slips_upstream,
)


# ---------------------------------------------------------------- words


def _name(case: Suspect, quantity: Id) -> str:
    return case.model.names.latex(quantity)


def _figure(found: Any) -> str:
    """A value with six significant digits, trailing zeros dropped."""
    from mpmath import nstr

    return str(nstr(found, 6)).removesuffix(".0")


def _close(text: str, right: Any) -> str:
    """The right figure with as many decimals as the written one."""
    return shown(right, len(text.partition(".")[2]))
