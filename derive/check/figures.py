"""The writer's own figures: where they stand, and what follows from them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from derive.check.arrays import shape_of
from derive.check.reading import Claim
from derive.check.spans import Span, exact, figure_span, figure_text, is_figure, spread
from derive.check.values import number
from derive.check.worlds import Model, World
from derive.graph import arguments
from derive.quantities import Id, Partial, Quantity, entry, is_whole
from derive.syntax import Tree
from derive.trees import context

_NEAR = 3  # widths of a figure between two that are called near


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that somebody gives for a quantity; `wrong`: it does not hold.

    `key` is its claim and sign, `head` the member that names the quantity, `off` how far it is from the truth.
    """

    quantity: Id
    span: Span
    key: tuple[int, int]
    head: int
    wrong: bool
    off: Any = 0


def figures_in(model: Model, claims: tuple[Claim, ...]) -> tuple[Figure, ...]:
    """Every figure behind a quantity in a chain; one far off the truth counts as wrong for now."""
    return tuple(figure for n, claim in enumerate(claims) for figure in _of_claim(model, n, claim))


def _of_claim(model: Model, n: int, claim: Claim) -> Iterator[Figure]:
    heads = [
        (place, each)
        for place, member in enumerate(claim.members)
        if member.tree is not None
        for each in _meant(model, member.tree)
    ]
    for k, member in enumerate(claim.members[1:]):
        if member.tree is not None and is_figure(member.tree):
            for head in heads:
                yield from _entries(model, head, member.tree, (n, k))


def _meant(model: Model, tree: Tree) -> tuple[Id, ...]:
    """The quantity that a member names, and its namesakes."""
    if tree.op not in ("id", "ids") or set(tree.ids) - set(model.also(tree.ids[0])):
        return ()
    return tree.ids


def _entries(model: Model, head: tuple[int, Id], tree: Tree, key: tuple[int, int]) -> Iterator[Figure]:
    place, quantity = head
    span = figure_span(tree)
    shape = shape_of(span.low)
    tree = tree.args[0].args[0] if tree.op == "matrix" and not shape else tree
    if model.lecture.network is None or not is_whole(quantity) or (not shape and _is_one(model, quantity)):
        if not shape:
            yield _figure(model, (place, entries_of(model, quantity)[0]), figure_text(tree), span, key)
        return
    if not shape or shape_of(model.truth.get(quantity) if model.truth else None) != shape:
        return
    cells = [(i, j) for i in range(shape[0]) for j in range(shape[1])]
    for each, (i, j) in zip(entries_of(model, quantity), cells, strict=True):
        text = figure_text(tree.args[i].args[j])
        yield _figure(model, (place, each), text, Span(span.low[i, j], span.high[i, j]), key)


def _is_one(model: Model, quantity: Id) -> bool:
    """Whether a layer is one number."""
    return len(entries_of(model, quantity)) == 1


def _is_matrix(quantity: Id) -> bool:
    inner = quantity.by if isinstance(quantity, Partial) else getattr(quantity, "of", quantity)
    return isinstance(inner, Quantity) and inner.kind.endswith("w")


def _figure(model: Model, head: tuple[int, Id], text: str, span: Span, key: tuple[int, int]) -> Figure:
    place, home = head[0], model.home(head[1])
    right = model.truth.get(home) if model.truth else None
    width = span.high - span.low
    if right is not None and abs(number(text) - right) <= abs(right) * context().mpf(10) ** -35:
        return Figure(home, exact(right), key, place, False)
    wrong = right is not None and not (span.low - _NEAR * width <= right <= span.high + _NEAR * width)
    off = 0 if right is None else abs(number(text) - right)
    return Figure(home, span, key, place, wrong, off)


def _of_chain(figures: tuple[Figure, ...], n: int) -> slice:
    """Where the figures of chain n stand: they are in the order of the chains."""
    first = bisect_left(figures, n, key=lambda figure: figure.key[0])
    return slice(first, bisect_right(figures, n, lo=first, key=lambda figure: figure.key[0]))


def settled(
    figures: tuple[Figure, ...], n: int, wrong: tuple[bool, ...], meant: tuple[frozenset[Id], ...]
) -> tuple[Figure, ...]:
    """The same figures, where it is known which of chain n's are wrong, one bool a sign, and what is meant there.

    A name that may mean several quantities gives its figure to the one that it was taken for.
    """
    place = _of_chain(figures, n)
    own = {(each.key, each.head): each.quantity for each in figures[place] if each.quantity in meant[each.key[1]]}
    mine = tuple(
        replace(each, quantity=own.get((each.key, each.head), each.quantity), wrong=wrong[each.key[1]])
        if len(meant[each.key[1]]) == 1
        else replace(each, wrong=wrong[each.key[1]])
        for each in figures[place]
    )
    return figures if mine == figures[place] else (*figures[: place.start], *mine, *figures[place.stop :])


@dataclass(frozen=True, slots=True)
class Own:
    """The writer's figures by quantity: those that hold, and all with the wrong ones first."""

    good: Mapping[Id, Span]
    all: Mapping[Id, Span]
    wrong: frozenset[Id]


def own(found: tuple[Figure, ...]) -> Own:
    """The figures to go on with."""
    good: dict[Id, Span] = {}
    bad: dict[Id, Span] = {}
    for figure in found:
        if figure.wrong:
            bad.setdefault(figure.quantity, figure.span)
    for figure in sorted((each for each in found if not each.wrong), key=lambda each: each.off):
        # of one quantity found in two ways either may be gone on with; of two passes the one nearer the truth
        before = good.setdefault(figure.quantity, figure.span)
        if _are_near(before, figure.span):
            good[figure.quantity] = _hull(before, figure.span)
    return Own(good, {**good, **bad}, frozenset(bad))


def by_quantity(found: tuple[Figure, ...]) -> dict[Id, tuple[Figure, ...]]:
    """The figures of each quantity."""
    groups: dict[Id, list[Figure]] = {}
    for figure in found:
        groups.setdefault(figure.quantity, []).append(figure)
    return {quantity: tuple(group) for quantity, group in groups.items()}


def own_but(found: tuple[Figure, ...], n: int, all_of: Own, groups: Mapping[Id, tuple[Figure, ...]]) -> Own:
    """As `own`, without the figures of chain n; `all_of` and `groups` are of all figures."""
    mine = dict.fromkeys(figure.quantity for figure in found[_of_chain(found, n)])
    if not mine:
        return all_of
    others = own(tuple(each for quantity in mine for each in groups[quantity] if each.key[0] != n))
    good = {**{q: span for q, span in all_of.good.items() if q not in mine}, **others.good}
    wrong = (all_of.wrong - mine.keys()) | others.wrong
    everything = {**{q: span for q, span in all_of.all.items() if q not in mine}, **others.all}
    return Own(good, everything, wrong)


def _are_near(a: Span, b: Span) -> bool:
    """Whether two figures may be one number, rounded early in one of them."""
    width = max(a.high - a.low, b.high - b.low)
    return bool(max(a.low, b.low) - min(a.high, b.high) <= _NEAR * width)


def _hull(a: Span, b: Span) -> Span:
    return Span(min(a.low, b.low), max(a.high, b.high))


def cut(model: Model, quantity: Id, known: Mapping[Id, Span]) -> tuple[Id, ...]:
    """The nearest quantities with a known figure that one is computed from."""
    found: dict[Id, None] = {}
    seen: set[Id] = set()
    stack = list(reversed(parts(model, model.home(quantity))))
    while stack:
        each = stack.pop()
        if each in known:
            found[each] = None
        elif each not in seen:
            seen.add(each)
            stack.extend(parts(model, each))
    return tuple(found)


def parts(model: Model, quantity: Id) -> list[Id]:
    """What a quantity is computed from, one step back."""
    if quantity in model.trees:
        return [model.home(each) for each in arguments(model.trees[quantity])]
    if model.lecture.network is not None and is_whole(quantity):
        return _whole_parts(model, quantity)
    if (
        isinstance(quantity, Partial)
        and isinstance(quantity.of, Quantity)
        and quantity.of.sample in model.backward
    ):
        consumers = model.backward[quantity.of.sample].consumers.get(quantity.by, [])
        onward = [c for c in consumers if c != quantity.of and model.reaches(c, quantity.of)]
        return [model.home(p) for c in onward for p in (Partial(quantity.of, c), Partial(c, quantity.by))]
    return []


def _whole_parts(model: Model, quantity: Id) -> list[Id]:
    """What the entries of a layer are computed from."""
    return [part for one in entries_of(model, quantity) for part in parts(model, model.home(one))]


def entries_of(model: Model, quantity: Id) -> list[Id]:
    """The numbers of a whole layer; a number is its own only entry."""
    if model.lecture.network is None or not is_whole(quantity):
        return [quantity]
    rows, columns = shape_of(model.truth.get(quantity) if model.truth else None) or (1, 1)
    by_row = model.lecture.network.vectors == "row"
    places = [(i, j) for i in range(1, rows + 1) for j in range(1, columns + 1)]
    if _is_matrix(quantity):
        return [entry(quantity, place[::-1] if by_row else place) for place in places]
    return [_each(quantity, max(place)) for place in places]


def _each(quantity: Id, place: int) -> Id:
    """One entry of a vector; of the slopes of a layer, one unit's slope."""
    if isinstance(quantity, Partial) and is_whole(quantity.of):
        return Partial(entry(quantity.of, (place,)), entry(quantity.by, (place,)))
    return entry(quantity, (place,))


def followed(world: World, quantity: Id, known: Mapping[Id, Span]) -> Span | None:
    """The quantity computed from known figures, its `cut`; None where there are none, or no value.

    `world` is the truth; what follows is found once for each model.
    """
    key = quantity, *known.items()
    if key not in world.model.follows:
        world.model.follows[key] = _followed(world, quantity, known) if known else None
    found: Span | None = world.model.follows[key]
    return found


def _followed(world: World, quantity: Id, known: Mapping[Id, Span]) -> Span | None:
    base = {each: (span.low + span.high) / 2 for each, span in known.items()}
    middle = world.but(fixed=base)
    if middle.get(quantity) is None:
        return None

    def moved(fixed: Mapping[Id, Any]) -> Any:
        ends = {each: end for each, end in fixed.items() if end != base[each]}
        return middle.but(fixed=ends)[quantity] if ends else middle[quantity]

    return spread(moved, known)
