"""What a student's numbers must fulfil: a table of named demands on many candidates at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from derive.chain import role
from derive.check.slips import SLIPS, cases
from derive.check.worlds import Model, model
from derive.classroom.columns import Formula, compiled, computed
from derive.classroom.grids import grids, tries
from derive.classroom.homework import Homework
from derive.graph import arguments, needed
from derive.quantities import Id, Partial, Quantity, symbol

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_VISIBLE = 1.5      # units of the last digit shown: more than two honest ways of rounding differ by
_TWO_DIGITS = 10    # units of the last digit shown
_TOGETHER = 8       # slips that are tried before the candidates in which one hides are let go,
_WORTH = 0.7        # where no more than this share of them is left: to copy the others takes time
_EXACT = 1e-9
_SAMPLE = 256       # tries by which it is seen which slips apply, and which demands are the hardest
_OFTEN = 0.1        # a figure that is 0 in more of the tries is so by its nature, as behind a shut ReLU
_READABLE = {"sigmoid": (0.05, 0.95), "softmax": (0.02, 0.98), "tanh": (-0.95, 0.95), "bipolar-sigmoid": (-0.95, 0.95)}


@dataclass(frozen=True)
class Candidates:
    """Numbers that are tried: the values of every quantity of the checker's model, one array each."""

    scheme: Scheme
    values: Mapping[Id, Any]
    count: int

    def chosen(self, rows: Array) -> Candidates:
        """Some of them."""
        if len(rows) == self.count:
            return self
        return Candidates(self.scheme, {each: value[rows] if getattr(value, "shape", ()) else value
                                        for each, value in self.values.items()}, len(rows))


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand by name, in words, and whether each candidate fulfils it."""

    name: str
    says: str
    met: Callable[[Candidates], Array]


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A slip at one place: the formula instead, and what is computed again, up to the figures on the sheet."""

    slip: str
    site: Id
    formula: Formula
    cone: tuple[Id, ...]


@dataclass(frozen=True, eq=False)
class Scheme:
    """A part of the homework as the checker sees it: one formula a quantity, figures by their home, slips."""

    model: Model
    formulas: Mapping[Id, Any]
    units: Mapping[Id, float]       # of the last digit shown, of every figure on the sheet that is worked
    changes: tuple[Change, ...]
    zeros: frozenset[Id] = frozenset()      # what may be 0

    @cached_property
    def order(self) -> tuple[Id, ...]:
        """The figures on the sheet and what they need, in the order of computing."""
        return tuple(needed(self.units, self.formulas, dict.fromkeys(self.model.derivation.graph.givens, "")))

    def values(self, givens: Mapping[Id, Any]) -> dict[Id, Any]:
        """Every quantity that figures on the sheet need, and that slips in them use."""
        used = (each for change in self.changes for each in change.formula.uses)
        return computed(self.formulas, dict.fromkeys((*self.units, *used)), givens)


@lru_cache(maxsize=8)
def schemes(of: Homework) -> tuple[Scheme, ...]:
    """The homework's parts with every slip that changes a figure on the sheet."""
    return tuple(_scheme(model(at.lecture), of) for at in of.desks)


def _scheme(found: Model, of: Homework) -> Scheme:
    formulas: dict[Id, Any] = dict(found.trees)
    units: dict[Id, float] = {}
    for blank in of.blanks:
        if blank.given is None:
            home = found.home(blank.quantity)
            formulas.update(_missing(found, home, formulas))
            if home in formulas:
                units[home] = min(10.0 ** -blank.decimals, units.get(home, 1.0))
    formulas.update(_other_names(found, formulas))
    bare = Scheme(found, formulas, units, ())
    known = replace(bare, changes=tuple(_known(bare)))
    seen = tried(of, known, sample(of)).values
    zeros = frozenset(each for each, value in seen.items() if _share_of_zeros(value) > _OFTEN)
    return replace(known, changes=tuple(each for each in known.changes if _matters(known, each, seen)), zeros=zeros)


def sample(of: Homework) -> Array:
    """Some tries, the same for everybody: counts of shape (tries, grids)."""
    found: Array = tries(grids(of), [b"sample"], 0, _SAMPLE)[0]
    return found


def tried(of: Homework, scheme: Scheme, counts: Array) -> Candidates:
    """The values of every quantity where the grids' givens are these counts."""
    import numpy

    here = scheme.model.derivation.graph.givens
    givens: dict[Id, Any] = {given: float(of.givens[given]) for given in here if given in of.givens}
    givens |= {grid.of: counts[:, place] / 10 ** grid.decimals
               for place, grid in enumerate(grids(of)) if grid.of in here}
    with numpy.errstate(all="ignore"):
        return Candidates(scheme, scheme.values(givens), len(counts))


def _share_of_zeros(values: Any) -> float:
    import numpy

    return float(numpy.mean(numpy.asarray(values) == 0))


def _missing(found: Model, home: Id, formulas: Mapping[Id, Any]) -> dict[Id, Any]:
    """A derivative that the model has no step for: the chain rule over its graph."""
    if home in formulas or not isinstance(home, Partial) or not isinstance(home.of, Quantity):
        return {}
    backward = found.backward.get(home.of.sample)
    if backward is None or home.of not in backward.equations or not isinstance(home.by, Quantity):
        return {}
    if home.by not in backward.slopes.get(home.of, {}):
        return {}
    return {home: backward.local(home.of, home.by)}


def _other_names(found: Model, formulas: Mapping[Id, Any]) -> dict[Id, Any]:
    """What formulas use by another id than the one it is kept under: the same number."""
    used = dict.fromkeys(part for tree in formulas.values() for part in arguments(tree))
    homes = {each: found.home(each) for each in used if each not in formulas}
    return {each: symbol(home) for each, home in homes.items() if home != each}


def _known(bare: Scheme) -> Iterator[Change]:
    """Every slip in a formula that figures on the sheet depend on, of quantities that are known."""
    givens, order = bare.model.derivation.graph.givens, [*bare.order]
    users = _users(bare.formulas, order)
    for site in order:
        if site in bare.model.trees and (cone := _cone(site, order, users)):
            for case in cases(bare.model, site):
                formula = compiled(case.tree)
                if all(use in bare.formulas or use in givens for use in formula.uses):
                    yield Change(case.slip.title, site, formula, cone)


def _users(formulas: Mapping[Id, Any], order: list[Id]) -> dict[Id, list[Id]]:
    users: dict[Id, list[Id]] = {}
    for each in order:
        for part in compiled(formulas[each]).uses if each in formulas else ():
            users.setdefault(part, []).append(each)
    return users


def _cone(site: Id, order: list[Id], users: Mapping[Id, list[Id]]) -> tuple[Id, ...]:
    """What has to be computed again where one formula is another, in order, the site first."""
    reached, stack = {site}, [site]
    while stack:
        for user in users.get(stack.pop(), ()):
            if user not in reached:
                reached.add(user)
                stack.append(user)
    return tuple(each for each in order if each in reached)


def _matters(bare: Scheme, change: Change, points: Mapping[Id, Any]) -> bool:
    """Whether a slip applies: it changes some figure of the sheet, be it by less than is shown."""
    import numpy

    with numpy.errstate(all="ignore"):
        for figure, value in followed(bare, change, points):
            if numpy.any(~(numpy.abs(value - points[figure]) <= _EXACT * (1 + numpy.abs(points[figure])))):
                return True
    return False


def followed(scheme: Scheme, change: Change, values: Mapping[Id, Any]) -> Iterator[tuple[Id, Any]]:
    """The figures on the sheet that a slip changes, one by one, with their values where it is made."""
    other: dict[Id, Any] = {}

    def look(quantity: Id) -> Any:
        return other[quantity] if quantity in other else values[quantity]
    for quantity in change.cone:
        formula = change.formula if quantity == change.site else compiled(scheme.formulas[quantity])
        other[quantity] = formula(look)
        if quantity in scheme.units:
            yield quantity, other[quantity]


# ---------------------------------------------------------------- the table

def _kind(candidates: Candidates, kind: str) -> Iterator[tuple[Id, Any, str]]:
    """Values of one kind with their layer's activation."""
    network = candidates.scheme.model.lecture.network
    for quantity, value in candidates.values.items():
        if network is not None and role(quantity) == kind and isinstance(quantity, Quantity):
            yield quantity, value, network.layers[quantity.index[0] - 1].activation


def _all(candidates: Candidates, each: Iterator[Any]) -> Array:
    import numpy

    met = numpy.ones(candidates.count, dtype=bool)
    for one in each:
        met &= one
    return met


def _readable(candidates: Candidates) -> Array:
    return _all(candidates, ((value >= low) & (value <= high) for _, value, activation in _kind(candidates, "out")
                             if activation in _READABLE for low, high in [_READABLE[activation]]))


def _alive(candidates: Candidates) -> Array:
    return _all(candidates, (value > 0 for _, value, activation in _kind(candidates, "net") if activation == "relu"))


def _finite(candidates: Candidates) -> Array:
    import numpy

    return _all(candidates, (numpy.isfinite(value) for value in candidates.values.values()))


def _two_digits(candidates: Candidates) -> Array:
    """Two digits that count, unless the figure is no longer than what is shown."""
    import numpy

    def shows(figure: Id, unit: float) -> Any:
        units = numpy.abs(candidates.values[figure]) / unit
        least = 0 if figure in candidates.scheme.zeros else 1
        return (units >= _TWO_DIGITS) | ((numpy.abs(units - numpy.round(units)) < 1e-6) & (numpy.round(units) >= least))
    return _all(candidates, (shows(figure, unit) for figure, unit in candidates.scheme.units.items()))


def _slips(candidates: Candidates) -> Array:
    """Every slip that applies changes a figure by more than rounding does."""
    import numpy

    rows, some = numpy.arange(candidates.count), candidates
    alive = numpy.ones(len(rows), dtype=bool)
    with numpy.errstate(all="ignore"):
        for start in range(0, len(candidates.scheme.changes), _TOGETHER):
            alive &= _all(some, (_shows(some, change) for change in candidates.scheme.changes[start:start + _TOGETHER]))
            if alive.sum() < _WORTH * len(rows):
                rows, some = rows[alive], some.chosen(numpy.flatnonzero(alive))
                alive = numpy.ones(len(rows), dtype=bool)
    met = numpy.zeros(candidates.count, dtype=bool)
    met[rows[alive]] = True
    return met


def _shows(candidates: Candidates, change: Change) -> Array:
    import numpy

    seen = _void(candidates, change)
    for figure, value in followed(candidates.scheme, change, candidates.values):
        least = _VISIBLE * candidates.scheme.units[figure]
        seen |= ~(numpy.abs(value - candidates.values[figure]) < least)
        if seen.all():
            break
    return seen


def _void(candidates: Candidates, change: Change) -> Array:
    """Where nobody can make the slip: the sign of a derivative that is 0."""
    import numpy

    if change.site not in candidates.scheme.zeros:
        return numpy.zeros(candidates.count, dtype=bool)
    met: Array = (candidates.values[change.site] == 0) & (change.formula(candidates.values.__getitem__) == 0)
    return met


def hardest_first(scheme: Scheme, candidates: Candidates, relaxed: tuple[str, ...]) -> Scheme:
    """The scheme with the slips that hide most often in front, and without those that may.

    Where no ReLU is dead, its slope is 1, and to leave it out is none.
    """
    import numpy

    fit = _all(candidates, (demand.met(candidates) for demand in DEMANDS[:-1] if demand.name not in relaxed))
    some = candidates.chosen(numpy.flatnonzero(fit)) if fit.any() else candidates
    kept = [change for change in scheme.changes if change.slip not in relaxed and "slips-visible" not in relaxed
            and _matters(scheme, change, some.values)]
    with numpy.errstate(all="ignore"):
        seen = [float(_shows(candidates, change).mean()) for change in kept]
    order = sorted(range(len(kept)), key=seen.__getitem__)
    return replace(scheme, changes=tuple(kept[place] for place in order))


def hidden(candidates: Candidates) -> Iterator[tuple[str, Id, float]]:
    """Each slip, its place, and the share of candidates in which it does not show."""
    import numpy

    with numpy.errstate(all="ignore"):
        for change in candidates.scheme.changes:
            yield change.slip, change.site, 1 - float(_shows(candidates, change).mean())


DISTINCT = "distinct"       # met by the class as a whole: see variants.numbers
# the cheap ones first: the last is only tried where the others are met
DEMANDS: tuple[Demand, ...] = (
    Demand("finite", "every value is a number", _finite),
    Demand("readable-outs", "every out is in its activation's readable range (sigmoid: 0.05 to 0.95)", _readable),
    Demand("alive-relu", "no ReLU is dead", _alive),
    Demand("two-digits", "every figure to be filled in shows two significant digits, or is exact", _two_digits),
    Demand("slips-visible", "every slip that applies changes a figure at the digits shown", _slips),
)


def names() -> tuple[str, ...]:
    """What may be relaxed: a demand, or the demand that one slip of the table shows."""
    return (*(demand.name for demand in DEMANDS), DISTINCT, *(slip.title for slip in SLIPS))


__all__ = ["DEMANDS", "DISTINCT", "Candidates", "Change", "Demand", "Scheme", "followed", "hardest_first", "hidden",
           "names", "sample", "schemes", "tried"]
