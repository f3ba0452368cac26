"""Whose sheet a paper fits: figures that are somebody else's rather than the student's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from derive.classroom.answers import Answer, answer
from derive.classroom.figures import Sheets
from derive.classroom.homework import Blank
from derive.classroom.marking import Mark

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_FEWEST = 4     # figures that are no accident


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another student (a place in the class): figures of the paper that are theirs, the owner's, all."""

    place: int
    theirs: int
    own: int
    written: int


def likeness(sheets: Sheets, row: int, found: Iterable[Mark]) -> Likeness | None:
    """The student whose sheet a paper fits better than its own, if half of its figures do."""
    import numpy

    said = [(mark.blank, figure) for mark in found if (figure := answer(mark.written)).figure is not None]
    right = sum(_fits(sheets, *each)[row] for each in said)
    if len(said) < _FEWEST or 2 * right >= len(said):
        return None
    counts = numpy.sum([_fits(sheets, *each) for each in said], axis=0)
    best = int(counts.argmax())
    if counts[best] < max(_FEWEST, len(said) / 2) or counts[best] <= right:
        return None
    return Likeness(best, int(counts[best]), int(right), len(said))


def _fits(sheets: Sheets, blank: Blank, said: Answer) -> Array:
    """For every student, whether this is the figure of the sheet, rounded or cut off."""
    import numpy

    assert said.figure is not None
    unit = max(float(said.unit), 10.0 ** -blank.decimals)
    fits: Array = numpy.abs(sheets.value(blank.given or blank.quantity) - float(said.figure)) < unit
    return fits
