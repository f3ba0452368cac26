"""Which givens vary, over which grids, and everybody's own sequence of tries."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Any

from derive.classroom.homework import Homework, decimals_in, digest
from derive.errors import InputError
from derive.lecture import Lecture
from derive.quantities import Id, Quantity, generalisations

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

VARIED = ("x", "w", "b", "target")
_STEPS, _WIDE = 20, Decimal(1)      # a grid reaches as far as the lecture does, or so many steps up to 1
_ENDS = {"sigmoid": (0, 1), "softmax": (0, 1), "tanh": (-1, 1), "bipolar-sigmoid": (-1, 1)}


@dataclass(frozen=True, slots=True)
class Grid:
    """The numbers a given may have: whole multiples of 10^-decimals, in order."""

    of: Id
    decimals: int
    steps: tuple[int, ...]

    def text(self, count: int) -> str:
        """One of its numbers as it is written."""
        return f"{Decimal(int(count)).scaleb(-self.decimals):.{self.decimals}f}"


@lru_cache(maxsize=8)
def grids(of: Homework) -> tuple[Grid, ...]:
    """A grid for each given that varies, in the order of the lecture's givens."""
    found = tuple(grid for at in of.desks for grid in _grids(at.lecture, list(at.derivation.graph.givens), of))
    if not found:
        raise InputError("nothing varies", where=f"{of.lecture.source}: variants.vary",
                         expected="a given of the lecture, or a kind: x, w, b, target")
    return found


def _grids(lecture: Lecture, givens: list[Id], of: Homework) -> Iterator[Grid]:
    vary = lecture.variants.vary if lecture.variants.vary is not None else of.lecture.variants.vary
    groups: dict[str, list[Id]] = {}
    for given in givens:
        if given in of.givens and _varies(given, vary, lecture):
            groups.setdefault(_group(given), []).append(given)
    for group in groups.values():
        cells = [Decimal(of.givens[given]) for given in group]
        for given in group:
            grid = _own_grid(given, lecture) or _grid(given, cells, lecture)
            if len(grid.steps) > 1:
                yield grid


def _varies(given: Id, vary: tuple[str, ...] | None, lecture: Lecture) -> bool:
    if vary is not None:
        return any(key in vary for key in generalisations(given))
    assert isinstance(given, Quantity)
    if lecture.network is None:
        return given.kind in dict(lecture.values)
    return given.kind in VARIED and not (given.kind == "target" and lecture.network.loss == "cross-entropy")


def _group(given: Id) -> str:
    """Givens of one kind in one layer share a grid; a named value has its own."""
    assert isinstance(given, Quantity)
    return f"{given.kind}{given.index[:1] if given.kind in ('w', 'b') else ''}"


def _own_grid(given: Id, lecture: Lecture) -> Grid | None:
    """The grid that the lecture file gives it."""
    table = dict(lecture.variants.grid)
    key = next((key for key in generalisations(given) if key in table), None)
    if key is None:
        return None
    decimals = max(map(decimals_in, map(str, table[key])))
    low, high, step = (int(number.scaleb(decimals)) for number in table[key])
    return Grid(given, decimals, tuple(range(low, high + 1, step)))


def _grid(given: Id, cells: list[Decimal], lecture: Lecture) -> Grid:
    """A grid as coarse as the numbers of the lecture: their own decimals, in steps of 1, 2 or 5 that meet them."""
    decimals = max(decimals_in(str(cell)) for cell in cells)
    counts = [int(cell.scaleb(decimals)) for cell in cells]
    ends = _target_ends(given, lecture)
    if ends is not None:
        return _targets(given, decimals, counts, ends)
    step = _step(gcd(*counts) or 1)
    wide = min(_STEPS * step, int(_WIDE.scaleb(decimals)))
    top = max([abs(count) for count in counts] + [wide - step]) + step
    top -= top % step
    low = -top if min(counts) < 0 else step
    return Grid(given, decimals, tuple(count for count in range(low, top + 1, step) if count))


def _step(common: int) -> int:
    sizes = [step * int(10 ** power) for power in range(len(str(common))) for step in (1, 2, 5)]
    return max(size for size in sizes if common % size == 0)


def _target_ends(given: Id, lecture: Lecture) -> tuple[int, int] | None:
    if lecture.network is None or not isinstance(given, Quantity) or given.kind != "target":
        return None
    return _ENDS.get(lecture.network.layers[-1].activation)


def _targets(given: Id, decimals: int, counts: list[int], ends: tuple[int, int]) -> Grid:
    """Targets that the last activation can come near to: 0 and 1 where the lecture has those alone."""
    low, high = (end * 10 ** decimals for end in ends)
    if set(counts) <= {low, high}:
        return Grid(given, decimals, (low, high))
    step = _step(gcd(*counts, high))
    low, high = (low, high) if {low, high} & set(counts) else (low + step, high - step)
    return Grid(given, decimals, tuple(range(low, high + 1, step)))


# ---------------------------------------------------------------- draws

def class_key(lecture: Lecture, seed: str) -> bytes:
    """A secret of the seed for this lecture: slow to compute, so that seeds are not found by trying."""
    return hashlib.scrypt(seed.encode(), salt=digest(lecture), n=2 ** 14, r=8, p=1, dklen=32)


def own_key(key: bytes, student: str) -> bytes:
    """A student's own secret."""
    return hmac.digest(key, student.encode("utf-8", "surrogatepass"), "sha256")


def tries(grids: tuple[Grid, ...], keys: Iterable[bytes], turn: int, count: int) -> Array:
    """The `turn`-th so many tries of each student: whole numbers, of shape (students, count, grids).

    A stretch of a stream that the student's key alone decides (SHAKE-256), no library's generator.
    """
    import numpy

    size = 4 * count * len(grids)
    bits = b"".join(hashlib.shake_256(key + turn.to_bytes(4, "big")).digest(size) for key in keys)
    draws = numpy.frombuffer(bits, dtype=">u4").astype(numpy.uint64).reshape(-1, count, len(grids))
    found = numpy.empty(draws.shape, dtype=numpy.int64)
    for place, grid in enumerate(grids):
        picks = (draws[:, :, place] * numpy.uint64(len(grid.steps))) >> numpy.uint64(32)
        found[:, :, place] = numpy.array(grid.steps, dtype=numpy.int64)[picks]
    return found
