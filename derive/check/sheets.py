"""Where the mathematics stands in the program's own .tex: the lines of its working, without their layout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from derive.check.macros import LONGEST_TEXT, Macro, braced
from derive.check.segments import Segment

# a line of working is its left side and its members; a brief one its left side and its figure
_LINES = re.compile(r"\\Dv(?P<kind>Line|Brief)(?=\{)")
_PARTS: Mapping[str, tuple[int, int, int]] = {"Line": (4, 1, 2), "Brief": (2, 0, 1)}  # arguments, first, last
_END_OF_LINE = re.compile(r"%\n")
_EMPTY = re.compile(r"(?<=\})\{\}")  # a blank nobody has filled
_RELATION = re.compile(r"\A\{([^{}]*)\}\{(.*)\}\Z", re.DOTALL)  # of a brief line, and its figure
# what of a macro of templates/partials is mathematics
LAYOUT: Mapping[str, Macro] = {
    "DvMember": Macro("#1 #2", 2),
    "DvGroup": Macro("#1", 1),
    "DvTurn": Macro(" ", 0),
    "DvBreak": Macro(" ", 1),
    "DvNumbers": Macro("#3", 3),
    "DvBlank": Macro("#4", 4),
    "DvAgain": Macro("#3", 3),
    "DvFigure": Macro("#1", 1),
    "DvGrid": Macro(r"\begin{bmatrix}#1\end{bmatrix}", 1),
}


def own_segments(text: str) -> tuple[Segment, ...]:
    """The lines of working of a sheet of the program's own, in order."""
    return tuple(_lines(text))


def _lines(text: str) -> Iterator[Segment]:
    for match in _LINES.finditer(text):
        count, first, last = _PARTS[match["kind"]]
        places = [(start, end) for start, end, _ in braced(text, match.end(), count, LONGEST_TEXT)]
        if len(places) == count:
            (start, behind), (before, end) = places[first], places[last]
            members = _EMPTY.sub(" ?", _RELATION.sub(r" \1  \2 ", _END_OF_LINE.sub("  ", text[before:end])))
            yield Segment(text[start:behind] + " " * (before - behind) + members, start, True, "\n")
