"""Many students' sheets as one TeX text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from derive.classroom.codes import code, drawn
from derive.classroom.figures import Kinks, Sheets
from derive.classroom.homework import Homework
from derive.classroom.roster import Student
from derive.classroom.slots import Template, template
from derive.diagram import Drawing
from derive.render import KINDS, drawings, page
from derive.tex import escape, missing
from derive.worksheet import worksheet


@dataclass(frozen=True, slots=True)
class Style:
    """How a class's sheets are set: "figures" or "formulas" are left blank, with or without form fields."""

    blank: str = "figures"
    fillable: bool = False


FIGURES = Style()


@lru_cache(maxsize=64)
def student_template(of: Homework, kind: str, blank: str, kinks: Kinks) -> Template:
    """One student's part of a run, as a template; `kind` is worksheet or key."""
    def render(word: Callable[[str], str], sit: Any) -> str:
        made = worksheet(of.lecture, of.notation, of.level, blank=blank, sit=sit)
        return page("student.tex", sheet=made, kind=KINDS[kind], drawings=drawings(made, KINDS[kind]), word=word)
    return template(of, render, kinks)


@lru_cache(maxsize=8)
def frame_of_run(of: Homework, kind: str, style: Style) -> tuple[str, str]:
    """What a run begins and ends with: preamble, and the drawings' parts that never change."""
    # drawn from the slots, too: their labels are as wide as everybody's
    found: list[Any] = []

    def render(word: Callable[[str], str], sit: Any) -> str:
        made = worksheet(of.lecture, of.notation, of.level, blank=style.blank, sit=sit)
        found.append(made)
        return ""
    template(of, render)
    made = found[0]
    text = page("class.tex", sheet=made, kind=KINDS[kind], handout=False, drawings={},
                fixed=drawings(made, KINDS[kind]), bounds=bounds,
                students=("\ue200",), fillable=style.fillable and kind == "worksheet")
    before, after = text.split("\ue200")
    return before, after


def run_text(sheets: Sheets, roster: Sequence[Student], kind: str, key: bytes, style: Style,
             pages: Sequence[int]) -> str:
    """The TeX text of these students' sheets (or keys) as one document; `pages` says how many each has."""
    before, after = frame_of_run(sheets.of, kind, style)
    named = words(sheets.of, roster, key, pages)
    filled = {kinks: student_template(sheets.of, kind, style.blank, kinks).filled(named, sheets)
              for kinks in dict.fromkeys(sheets.kinks)}
    return before + "\n".join(filled[kinks][row] for row, kinks in enumerate(sheets.kinks)) + after


def words(of: Homework, roster: Sequence[Student], key: bytes, pages: Sequence[int]) -> Mapping[str, Sequence[str]]:
    """What stands in the slots that are no figures."""
    ids = [escape(student.id) for student in roster]
    names = [printable(student) for student in roster]
    return {"number": [str(number) for number in range(len(roster))], "pages": [str(count) for count in pages],
            "id": ids, "name": names, "who": [rf"{name}\quad {id_}" if name else id_
                                              for name, id_ in zip(names, ids, strict=True)],
            "code": drawn([code(of.lecture, key, student.id) for student in roster])}


def printable(student: Student) -> str:
    """The name for TeX; nothing where the fonts have not got its letters: the id stands beside it."""
    return "" if not_set(student) else escape(student.name)


def not_set(student: Student) -> bool:
    """Whether a name has letters that the fonts do not have."""
    return bool(missing(student.name))


def bounds(drawing: Drawing) -> tuple[float, float, float, float]:
    """A rectangle (left, low, right, high; cm) that holds everything that may stand in a drawing."""
    xs, ys = [], []
    for placed in drawing.nodes:
        xs += [placed.x - drawing.radius, placed.x + drawing.radius]
        ys += [placed.y - drawing.radius, placed.y + drawing.radius]
    for arrow in drawing.arrows:
        xs += [arrow.control[0]]
        ys += [arrow.control[1]]
    for _, box in drawing.labels():
        xs += [box.x - box.wide - 0.02, box.x + box.wide + 0.02]
        ys += [box.y - box.high - 0.07, box.y + box.high + 0.07]
    for text, x, y in drawing.headings:
        xs += [x - 0.09 * len(text), x + 0.09 * len(text)]
        ys += [y - 0.2]
    return (min(xs), min(ys), max(xs), max(ys)) if xs else (0.0, 0.0, 0.0, 0.0)
