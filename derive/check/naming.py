"""Which mistake it is: a slip is compared with what each known mistake would give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from derive.chain import role
from derive.check.arrays import shape_of
from derive.check.candidates import Named, close, figure_of, fits, name_of
from derive.check.editing import chances, edits, other_round, with_member
from derive.check.expecting import Suspect
from derive.check.figures import entries_of, own
from derive.check.figures import parts as parts_of
from derive.check.literals import rounded
from derive.check.miswritten import digit_slips, turned
from derive.check.rounds import otherwise, round_of
from derive.check.slips import SLIPS, kept_cases, kept_throughout
from derive.check.spans import (
    Span,
    all_meet,
    exact,
    figure_span,
    figure_text,
    is_figure,
    span_of,
)
from derive.check.values import has_names, number, try_value
from derive.check.worlds import Model, World
from derive.quantities import Id, New, Partial, Quantity, at, core, is_whole
from derive.syntax import Tree

MOST = 3  # candidates that are named
MOST_SITES = 400  # places upstream that are tried
MOST_VARIANTS = 4  # of one slip made throughout


def name_slip(case: Suspect) -> tuple[Named, ...]:
    """The mistakes that fit best, the likeliest first; at least one."""
    found: dict[str, Named] = {}
    for finder in _FINDERS:
        for named in finder(case):
            # the table says more of a sign than that it is wrong
            if named.kind not in found or (named.slip and named.kind == "sign" and not found["sign"].slip):
                found[named.kind] = named
        if found and finder is chances:
            break
        summed = "arithmetic" in found and not _calls(case.previous())
        if len(found) >= MOST or summed or (found and finder is _slips_here):
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
        f"{name_of(case, subject)} is given as {figure_of(truth)}"
        if truth is not None and not shape_of(truth)
        else f"{name_of(case, subject)} is given with other values"
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
            yield Named("digits", f"{how}: {text} stands for {close(case, text, right)}")
            return
    before = case.previous()
    if before is not None and not has_names(before):
        result = try_value(before, case.env(world))
        for text, right in _entries(case.tree, result):
            for how in digit_slips(text, right):
                yield Named("digits", f"{how}: {text} stands for {close(case, text, right)}")
                return


def _entries(tree: Tree, right: Any) -> Iterator[tuple[str, Any]]:
    """The figures that do not hold, with the right values."""
    if right is None:
        return
    if tree.op == "matrix" and not shape_of(figure_span(tree).low):
        tree = tree.args[0].args[0]
    if tree.op != "matrix":
        if not shape_of(right) and not all_meet(span_of(figure_text(tree)), exact(right)):
            yield figure_text(tree), right
        return
    if shape_of(right) == shape_of(figure_span(tree).low):
        for i, row in enumerate(tree.args):
            for j, cell in enumerate(row.args):
                if not all_meet(span_of(figure_text(cell)), exact(right[i, j])):
                    yield figure_text(cell), right[i, j]


def _other_sample(case: Suspect) -> Iterator[Named]:
    """The same quantity of another sample."""
    subject = case.draft.subject
    if subject is None:
        return
    mine = core(subject).sample
    for sample in case.model.samples if mine else ():
        other = at(subject, sample)
        if sample != mine and fits(case, lambda world, other=other: world.get(other)):
            yield Named("substitution", f"sample {sample} is worked here where sample {mine} is meant")
            return


def _other_name(case: Suspect) -> Iterator[Named]:
    """What was written is another quantity's formula or figure."""
    if not _is_derivative(case.draft.subject):
        yield from _named_otherwise(case)


def _other_derivative(case: Suspect) -> Iterator[Named]:
    """What was written is another derivative's formula or figure."""
    if _is_derivative(case.draft.subject):
        yield from _named_otherwise(case)


def _is_derivative(subject: Id | None) -> bool:
    return isinstance(subject, Partial) or (isinstance(subject, Quantity) and subject.kind == "delta")


def _named_otherwise(case: Suspect) -> Iterator[Named]:
    subject = case.draft.subject
    if subject is None:
        return
    given = case.model.derivation.graph.givens
    mine = case.model.home(subject)
    for other in _neighbours(case.model, mine):
        if mine in given and (other not in given or not _is_written(case, other)):
            continue  # a given is restated as another one, digit by digit
        if fits(case, lambda world, other=other: world.get(other)):
            yield Named("name", f"this is {name_of(case, other)}, not {name_of(case, subject)}")
            return


def _is_written(case: Suspect, given: Id) -> bool:
    found = case.model.truth.get(given) if case.model.truth else None
    tree = case.tree
    return found is None or tree.op == "matrix" or not is_figure(tree) or number(figure_text(tree)) == rounded(found)


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
            if fits(case, lambda world, made=made: made.world(world).get(subject)) or (
                near and _fits_figures(case, subject, {site: made.tree})
            ):
                yield Named(
                    made.slip.kind, made.slip.says.format(name=name_of(case, site)), made.slip, made.number
                )


def _throughout(case: Suspect) -> Iterator[Named]:
    """A slip that is made at every place: by every unit, or in every entry of a layer."""
    subject = case.draft.subject
    assert subject is not None
    for slip in SLIPS:
        for variant in range(MOST_VARIANTS):
            changed = kept_throughout(case.model, slip, variant)
            if len(changed) < 2:
                break
            if fits(case, lambda world, changed=changed: world.but(changed).get(subject)):
                sites = [site for site in changed if site in case.model.needs(case.model.home(subject))]
                where = name_of(case, subject if is_whole(subject) or not sites else sites[-1])
                says = slip.says.format(name=where) + (", here and everywhere" if len(sites) > 1 else "")
                yield Named(slip.kind, says, slip, variant)


def _fits_figures(case: Suspect, subject: Id, changed: Any) -> bool:
    """Whether a slip gives what was written, the writer's own figures being put in."""
    if case.is_formula or case.model.truth is None:
        return False
    known = own(tuple(f for f in case.known.figures if f.key != (case.n, case.k) and not f.wrong)).good
    needed = {each: span for each, span in known.items() if each != case.model.home(subject)}
    if not needed:
        return False
    fixed = {each: (span.low + span.high) / 2 for each, span in needed.items()}
    return fits(case, lambda world: world.but(changed, fixed).get(subject))


# ---------------------------------------------------------------- the arithmetic on the line


def _arithmetic(case: Suspect) -> Iterator[Named]:
    """The numbers before a figure do not give it."""
    before = case.previous()
    world = case.model.truth
    given = try_value(before, case.env(world)) if before is not None and world is not None else None
    span = case.span()
    agree = given is not None and span is not None and all_meet(span, exact(given))
    if is_figure(case.tree) and before is not None and not has_names(before) and not agree:
        yield Named("arithmetic", "the numbers on the line do not give this figure")


def _calls(tree: Tree | None) -> bool:
    """Whether a function is applied in it, which may be the wrong one: sigma(0.3) with the sign turned round."""
    return tree is not None and (tree.op == "call" or any(map(_calls, tree.args)))


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


def _lying(case: Suspect) -> Iterator[Named]:
    """A matrix whose rows are written as columns."""
    world, subject, span = case.model.truth, case.draft.subject, case.span()
    truth = world.get(subject) if world is not None and subject is not None else None
    if truth is None or span is None or 1 in (shape := shape_of(truth)) or shape_of(span.low) != shape[::-1]:
        return
    if shape and shape != shape[::-1] and all_meet(Span(span.low.T, span.high.T), exact(truth)):
        yield Named("formula", "the matrix is transposed: its rows stand as columns")


def _shapes(case: Suspect) -> Iterator[Named]:
    """A transpose is missing, or is one too many: the shapes do not go together."""
    if "shapes" in case.draft.notes:
        yield Named("formula", "the shapes do not go together: a transpose or an elementwise sign is missing, "
                               "or is one too many")
        return
    subject = case.draft.subject
    if case.is_formula and subject is not None and is_whole(subject):
        for tree in turned(case.tree):
            if fits(replace(case, known=with_member(case, tree)), lambda world: world.get(subject)):
                yield Named("formula", "a transpose or an elementwise sign is missing, or is one too many")
                return


def _held_fixed(case: Suspect) -> Iterator[Named]:
    """A parameter is updated that is held fixed."""
    subject = case.draft.subject
    if not isinstance(subject, New):
        return
    old, root = subject.of, case.model.root
    entries = (New(each) for each in entries_of(case.model, old) if isinstance(each, Quantity))
    if any(case.model.home(each) in case.model.trees for each in entries):
        return

    def stepped(world: World) -> Any:
        rate, gradient = world.get(Quantity("learning_rate")), world.get(Partial(root, old))
        return None if rate is None or gradient is None else world[old] - rate * gradient

    if fits(case, stepped):
        yield Named("formula", f"{name_of(case, old)} is updated, but it is held fixed here")
    else:
        says = f"{name_of(case, old)} is held fixed here, so that it keeps its value"
        yield Named("formula", says, is_known=False)


def _negative(case: Suspect) -> Iterator[Named]:
    """Right but for its sign."""
    subject = case.draft.subject

    def turned(world: World) -> Any:
        found = world.get(subject) if subject is not None else None
        return None if found is None else -found

    if subject is not None and fits(case, turned):
        yield Named("sign", f"{name_of(case, subject)} has the wrong sign")


def _otherwise(case: Suspect) -> Named:
    """No known mistake fits: what kind of line it is decides."""
    subject = case.draft.subject
    if case.is_formula or case.model.truth is None:
        derivative = isinstance(subject, Partial) or subject is None
        kind = "derivative" if derivative else "formula"
        return Named(kind, "this is not the same, and no known mistake gives it", is_known=False)
    if is_figure(case.tree):
        return Named("arithmetic", f"no known mistake gives this figure{_off(case)}")
    return Named("substitution", "the numbers put in are not the values of this formula", is_known=False)


def _off(case: Suspect) -> str:
    """By how much a figure is off."""
    subject, world, span = case.draft.subject, case.model.truth, case.span()
    right = world.get(subject) if world is not None and subject is not None else None
    if right is None or span is None or shape_of(right) or case.tree.op == "matrix":
        return ""
    return f", which is off by {figure_of(abs(number(figure_text(case.tree)) - right), 2)}"


# the last one looks far: only where nothing nearer fits
_FINDERS = (
    chances,
    _lying,
    _shapes,
    _held_fixed,
    _variable,
    _round,
    other_round,
    _given,
    _digits,
    edits,
    _other_sample,
    _other_name,
    _arithmetic,
    _slips_here,
    _other_derivative,
    _negative,
    _slips_upstream,
)
