"""What TeX's log says: errors, boxes that stick out, characters a font lacks, requests to run again."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint: its `kind` (a key of KINDS), TeX's own `text`, the `line` of the .tex (0: not said).

    `points` is how far a box sticks out, in TeX points (1 in = 72.27 pt); 0 for the other kinds.
    """

    kind: str
    text: str
    line: int = 0
    points: float = 0.0


# One row a kind. The named groups are fields of Problem; where no line is named, it is looked for below.
KINDS = {
    "error": re.compile(
        r"^(?:!(?: |(?=pdfTeX))|(?:\./)?document\.tex:(?P<line>\d+): |[^\s:]\S*\.\w+:\d+: )(?P<text>\S.*)"
    ),
    "overfull": re.compile(
        r"^(?P<text>Overfull \\[hv]box \((?P<points>[\d.]+)pt too (?:wide|high)\)"
        r"(?:.*? at lines? (?P<line>\d+))?.*)"
    ),
    "missing character": re.compile(r"^(?P<text>Missing character: There is no .*)"),
    "reference": re.compile(
        r"^LaTeX Warning: (?P<text>(?:Reference|Citation) .* undefined(?: on input line (?P<line>\d+))?.*)"
    ),
    "duplicate": re.compile(r"^LaTeX Warning: (?P<text>Label .* multiply defined.*)"),
    "font": re.compile(r"^LaTeX Font Warning: (?P<text>.*)"),
}

_PLACE = re.compile(r"^l\.(\d+) ", re.MULTILINE)
_AGAIN = re.compile(r"Rerun to get|Rerun LaTeX|may have changed|There were undefined references")


def problems(log: str) -> tuple[Problem, ...]:
    """All that a log complains of, in its order; the log must not be folded (max_print_line)."""
    lines = log.splitlines()
    found = (_problem(line, lines[at + 1 : at + 20]) for at, line in enumerate(lines))
    return tuple(problem for problem in found if problem)


def first_error(log: str) -> Problem | None:
    """The first error of a log; the ones after it are mostly its consequences."""
    return next((problem for problem in problems(log) if problem.kind == "error"), None)


def asks_again(log: str) -> bool:
    """Whether TeX wants another run, as references or page numbers have moved."""
    return bool(_AGAIN.search(log))


def _problem(line: str, after: list[str]) -> Problem | None:
    for kind, pattern in KINDS.items():
        if found := pattern.match(line):
            said = found.groupdict()
            place = said.get("line") or (_place(after) if kind == "error" else 0)
            return Problem(kind, said["text"].strip(), int(place or 0), float(said.get("points") or 0))
    return None


def _place(after: list[str]) -> int:
    """The `l.12 …` that TeX prints some lines below an error."""
    found = _PLACE.search("\n".join(after))
    return int(found[1]) if found else 0
