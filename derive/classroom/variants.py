"""Numbers for each student: chosen among the tries of a secret of lecture, seed and id, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from derive.classroom.demands import (
    DEMANDS,
    DISTINCT,
    Scheme,
    hardest_first,
    hidden,
    names,
    sample,
    schemes,
    tried,
)
from derive.classroom.grids import Grid, class_key, grids, own_key, tries
from derive.classroom.homework import Homework
from derive.errors import InputError, nearest
from derive.quantities import Id

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_TRIES = 16         # of a student at a time
_TURNS = 64         # so many times at most
_STUDENTS = 1000    # at a time
_BLOCK = 8000       # tries at a time: of more the arrays leave the cache, of fewer most time goes between them


@dataclass(frozen=True, eq=False)
class Numbers:
    """What everybody's givens are: `counts` [student][grid] in units of the grid's last decimal."""

    of: Homework
    grids: tuple[Grid, ...]
    students: tuple[str, ...]
    counts: Array

    def givens(self) -> dict[Id, Any]:
        """Every given's value: an array, or one float where it does not vary."""
        fixed: dict[Id, Any] = {given: float(text) for given, text in self.of.givens.items()}
        return {**fixed, **{grid.of: self.counts[:, place] / 10 ** grid.decimals
                            for place, grid in enumerate(self.grids)}}

    def texts(self) -> dict[Id, tuple[str, ...]]:
        """Every given that varies as it is written, student by student."""
        return {grid.of: _texts(grid, self.counts[:, place]) for place, grid in enumerate(self.grids)}

    def part(self, low: int, high: int) -> Numbers:
        """The numbers of some of the students."""
        return Numbers(self.of, self.grids, self.students[low:high], self.counts[low:high])


def _texts(grid: Grid, counts: Array) -> tuple[str, ...]:
    table = {count: grid.text(count) for count in grid.steps}
    return tuple(table[count] for count in counts.tolist())


def numbers(of: Homework, seed: str, students: Sequence[str], relaxed: tuple[str, ...] = ()) -> Numbers:
    """The numbers of each student; they depend on the lecture, the seed and the student's id alone.

    `relaxed` are names of demands that need not be met. InputError where the demands cannot all be
    met, or where two students' numbers come out alike (which a seed decides: nobody's numbers make
    way for another's).
    """
    relaxed = known_names((*of.lecture.variants.relax, *relaxed))
    made = choose(of, class_key(of.lecture, seed), students, relaxed)
    if DISTINCT not in relaxed:
        _check_distinct(made)
    return made


def known_names(relaxed: tuple[str, ...]) -> tuple[str, ...]:
    """The names of demands, in the order of the table; InputError for one that is none."""
    for name in relaxed:
        if name not in names():
            raise InputError(f"no demand is called {name[:60]!r}", where="--relax or variants.relax",
                             expected=nearest(name[:60], names()))
    return tuple(name for name in names() if name in relaxed)


def choose(of: Homework, key: bytes, students: Sequence[str], relaxed: tuple[str, ...]) -> Numbers:
    """Everybody's first tries that meet the demands, for the key of lecture and seed."""
    import numpy

    found = grids(of)
    search = _search(of, relaxed)
    parts = [_first(search, [own_key(key, one) for one in students[low:low + _STUDENTS]])
             for low in range(0, len(students), _STUDENTS)]
    counts = numpy.concatenate(parts) if parts else numpy.zeros((0, len(found)), dtype=numpy.int64)
    return Numbers(of, found, tuple(students), counts)


@dataclass(frozen=True, eq=False)
class Search:
    """What tries are measured by."""

    of: Homework
    grids: tuple[Grid, ...]
    schemes: tuple[Scheme, ...]
    relaxed: tuple[str, ...]


@lru_cache(maxsize=8)
def _search(of: Homework, relaxed: tuple[str, ...]) -> Search:
    found = Search(of, grids(of), schemes(of), relaxed)
    some = sample(of)
    ordered = tuple(hardest_first(scheme, tried(of, scheme, some), relaxed) for scheme in found.schemes)
    return Search(of, found.grids, ordered, relaxed)


def _first(search: Search, keys: list[bytes]) -> Array:
    """Each student's first try that meets every demand."""
    import numpy

    chosen = numpy.zeros((len(keys), len(search.grids)), dtype=numpy.int64)
    left = list(range(len(keys)))
    for turn in range(_TURNS):
        if not left:
            return chosen
        tried = tries(search.grids, (keys[place] for place in left), turn, _TRIES)
        met = _met(search, tried.reshape(-1, len(search.grids))).reshape(len(left), _TRIES)
        first, any_ = met.argmax(axis=1), met.any(axis=1)
        for row in numpy.flatnonzero(any_).tolist():
            chosen[left[row]] = tried[row, first[row]]
        left = [left[row] for row in numpy.flatnonzero(~any_).tolist()]
    if left:
        raise _unmet(search)
    return chosen


def _met(search: Search, counts: Array) -> Array:
    """Whether each try meets all demands."""
    import numpy

    blocks = [_met_in_block(search, counts[low:low + _BLOCK]) for low in range(0, len(counts), _BLOCK)]
    return numpy.concatenate(blocks)


def _met_in_block(search: Search, counts: Array) -> Array:
    """The dear demands are only tried where the others are met."""
    import numpy

    rows = numpy.arange(len(counts))
    for scheme in search.schemes:
        candidates = tried(search.of, scheme, counts[rows])
        for demand in DEMANDS:
            if demand.name not in search.relaxed:
                met = demand.met(candidates)
                rows, candidates = rows[met], candidates.chosen(numpy.flatnonzero(met))
    met = numpy.zeros(len(counts), dtype=bool)
    met[rows] = True
    return met


def _unmet(search: Search) -> InputError:
    """Which demands were in the way most often."""
    blame = sorted(_blame(search), reverse=True)[:4]
    words = ", ".join(f"{name} ({share:.0%} of tries fail)" for share, name in blame)
    return InputError(f"no numbers were found that meet every demand; hardest: {words}",
                      where=f"{search.of.lecture.source}: variants",
                      expected=f"other grids or more decimals, or --relax {blame[0][1]!r}" if blame else "other grids")


def _blame(search: Search) -> Iterator[tuple[float, str]]:
    for scheme in search.schemes:
        candidates = tried(search.of, scheme, sample(search.of))
        for demand in DEMANDS[:-1]:
            if demand.name not in search.relaxed:
                yield 1 - float(demand.met(candidates).mean()), demand.name
        worst: dict[str, float] = {}
        for slip, _, share in hidden(candidates):
            worst[slip] = max(share, worst.get(slip, 0.0))
        yield from ((share, slip) for slip, share in worst.items())


def _check_distinct(made: Numbers) -> None:
    first: dict[bytes, str] = {}
    for student, row in zip(made.students, made.counts, strict=True):
        other = first.setdefault(row.tobytes(), student)
        if other != student:
            raise InputError(f"the students {other[:40]!r} and {student[:40]!r} have the same numbers", where="--seed",
                             expected=f"another seed, finer grids in [variants], or --relax {DISTINCT}")


def demands_met(relaxed: Iterable[str]) -> Mapping[str, str]:
    """The demands that hold, by name, in words."""
    gone = tuple(relaxed)
    held = {demand.name: demand.says for demand in DEMANDS if demand.name not in gone}
    slips = [name for name in gone if name not in held and name != DISTINCT and name in names()[len(DEMANDS) + 1:]]
    if "slips-visible" in held and slips:
        held["slips-visible"] += f"; but for: {', '.join(slips)}"
    return held if DISTINCT in gone else {**held, DISTINCT: "no two students have the same numbers"}
