"""Every name of a derivation: of its samples and rounds, of what an optimizer carries along, of its settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.graph import arguments
from derive.notation import Names
from derive.quantities import DEPTH, Id, New, Partial, Quantity, at, core, generalisations, is_whole, parse_id
from derive.spelling import Vocabulary, canonical
from derive.steps import Derivation


def spellings(names: Names, found: Derivation) -> Vocabulary:
    """The vocabulary of a notation, and the names of all quantities that the derivation has beside it."""
    table = names.vocabulary()
    more = dict.fromkeys(each for each in _quantities(names, found))
    known = {each for ids in table.ids.values() for each in ids}
    spelt: dict[str, dict[Id, None]] = {key: dict.fromkeys(ids) for key, ids in table.ids.items()}
    for quantity in more:
        for name in names.spellings(quantity) if quantity not in known else ():
            spelt.setdefault(canonical(name), {})[quantity] = None
    for each in _named_derivatives(names):
        for name in names.own_spellings(each):
            spelt.setdefault(canonical(name), {})[each] = None
    return Vocabulary({key: tuple(ids) for key, ids in spelt.items()}, table.functions, _bare(names))


def _bare(names: Names) -> dict[str, tuple[Id, ...]]:
    """The whole layers by the names of their entries, without an index."""
    found: dict[str, dict[Id, None]] = {}
    for each in names.ids():
        for name in names.bare_spellings(each) if isinstance(each, Quantity) and is_whole(each) else ():
            found.setdefault(canonical(name), {})[each] = None
    return {key: tuple(ids) for key, ids in found.items()}


def _named_derivatives(names: Names) -> Iterator[Partial]:
    """Derivatives that the lecturer gives names of their own: dW_2."""
    kept = [each for each in names.ids() if isinstance(each, Quantity)]
    for key in names.own:
        meant = parse_id(key) if key.startswith("d(") else None
        if isinstance(meant, Partial):
            of, by = ([e for e in kept if str(part) in generalisations(e)] for part in (meant.of, meant.by))
            yield from (Partial(a, b) for a in of for b in by if is_whole(a) <= is_whole(b))


def _quantities(names: Names, found: Derivation) -> Iterator[Id]:
    """What has a name of its own: quantities and new values, not derivatives."""
    seen: dict[Id, None] = {}
    for step in found.steps:
        seen.update(dict.fromkeys((step.lhs, *arguments(step.formula))))
    plain = [each for each in seen if not isinstance(each, Partial)]
    yield from plain
    yield from (New(each) for each in plain if isinstance(each, Quantity) and New(replace(each)) in seen)
    yield from dict.fromkeys(w for each in plain for w in _layers(each, len(names.units) - 1))
    for sample, turn in dict.fromkeys((core(each).sample, core(each).round) for each in seen):
        for each in names.ids() if sample or turn else ():
            if each == Quantity("learning_rate"):
                continue
            yield at(each, sample, turn)
            if isinstance(each, Quantity) and (each.kind in ("w", "b") or each in names.updated):
                moved = at(each, None, turn)
                assert isinstance(moved, Quantity)
                yield New(moved)


def _layers(each: Id, count: int) -> Iterator[Id]:
    """The whole layers of a state that belongs to one parameter: the velocities of W_1, W_2."""
    inner = core(each)
    if "_" in inner.kind and inner.index and inner.kind in DEPTH:
        for number in range(1, count + 1):
            layer = replace(inner, index=(number,))
            yield New(layer) if isinstance(each, New) else layer
