"""manifest.json: which class a folder is of, what its numbers fulfil, whose file is whose."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from derive.classroom.codes import fingerprint
from derive.classroom.roster import Student
from derive.classroom.variants import Numbers, demands_met, known_names
from derive.errors import InputError

NAME = "manifest.json"
# what makes a class another one, and what is said then
_APART: Mapping[str, str] = {
    "lecture": "is of a class of the lecture {kept}",
    "seed": "is of a class with another seed, or of the lecture file as it was before",
    "notation": "is of a class in the notation {kept}",
    "level": "is of a class by the level {kept}",
    "relaxed": "is of a class with other demands (relaxed: {kept})",
}


def manifest(made: Numbers, roster: Sequence[Student], key: bytes, notation: str | None, level: str | None,
             relaxed: tuple[str, ...]) -> dict[str, Any]:
    """What is written beside a class's sheets; the seed by its fingerprint alone."""
    of = made.of
    relaxed = known_names((*of.lecture.variants.relax, *relaxed))
    givens = made.texts()
    return {
        "lecture": of.lecture.name, "notation": notation or of.lecture.notation,
        "level": level or of.lecture.level, "seed": fingerprint(key, ""),
        "demands": dict(demands_met(relaxed)), "relaxed": list(relaxed),
        "grids": {str(grid.of): [grid.text(grid.steps[0]), grid.text(grid.steps[-1]), len(grid.steps)]
                  for grid in made.grids},
        "blanks": [{"number": blank.number, "id": blank.id, "points": blank.points, "decimals": blank.decimals}
                   for blank in of.blanks],
        "students": [{"id": student.id, "name": student.name, "file": student.file, "more": dict(student.more),
                      "givens": {str(given): texts[place] for given, texts in givens.items()}}
                     for place, student in enumerate(roster)],
    }


def check_same(folder: Path, mine: Mapping[str, Any], expected: str) -> None:
    """InputError where a folder's manifest is of another class than `mine`; `expected` is what then helps."""
    path = folder / NAME
    if not path.is_file():
        return
    kept = _read(path, expected)
    for name, says in _APART.items():
        if kept.get(name) != mine[name]:
            raise InputError(says.format(kept=_word(kept.get(name))), where=str(path), expected=expected)


def _word(kept: object) -> str:
    text = ", ".join(map(str, kept)) if isinstance(kept, list) else str(kept)
    return text[:60] or "none"


def _read(path: Path, expected: str) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        kept = None
    if not isinstance(kept, dict):
        raise InputError("is no manifest of a class", where=str(path), expected=expected)
    return kept
