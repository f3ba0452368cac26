"""What students and lecturer are told: the marks with the right working of the first slip; the class's mistakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import fmean, median
from typing import Any

from derive.blocks import Frame, Grid, Line, Worksheet
from derive.check.slips import SLIPS
from derive.classroom.codes import code
from derive.classroom.figures import Sheets
from derive.classroom.homework import Homework, figures_of
from derive.classroom.marking import VERDICTS, Mark
from derive.classroom.returned import Problem
from derive.classroom.roster import Student
from derive.classroom.runs import SIZE, Run
from derive.classroom.sheets import printable
from derive.classroom.slots import Template, template
from derive.classroom.splitting import Label
from derive.printing import grid
from derive.quantities import parse_id
from derive.render import KINDS, page
from derive.rounding import points_text
from derive.working import Desk, first_place, in_full
from derive.worksheet import worksheet

_MOST_BARS = 12
_PARTED = "\ue201"     # between two lines
_SAYS = {"sign": "the sign is wrong", "digits": "a digit is wrong, or the decimal point",
         "arithmetic": "the numbers do not give this figure"}


@dataclass(frozen=True, slots=True)
class Marked:
    """A student's marks; `place` is the student's in the class."""

    student: Student
    place: int
    marks: tuple[Mark, ...]

    @property
    def points(self) -> float:
        """All points."""
        return sum(mark.points for mark in self.marks)

    @property
    def first_slip(self) -> Mark | None:
        """The first slip on the sheet."""
        return next((mark for mark in self.marks if mark.verdict == "slip"), None)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a student's feedback, its parts ready for TeX."""

    number: int
    name: str
    written: str
    verdict: str
    points: str
    remark: str


def feedback_runs(sheets: Sheets, marked: Sequence[Marked], key: bytes, folder: Path, scratch: Path) -> list[Run]:
    """The TeX runs of everybody's feedback."""
    labels = [Label(f"{sheets.of.lecture.title}: marks of {one.student.id}",
                    code(sheets.of.lecture, key, one.student.id)) for one in marked]

    def text(places: Sequence[int], pages: Sequence[int]) -> str:
        some = [marked[place] for place in places]
        return feedback_text(sheets, some, pages)
    return [Run("feedback", places, text, tuple(folder / "feedback" / f"{marked[p].student.file}.pdf" for p in places),
                tuple(labels[place] for place in places), {}, scratch / f"feedback-{low:06}.pdf")
            for low in range(0, len(marked), SIZE) for places in [tuple(range(low, min(low + SIZE, len(marked))))]]


def feedback_text(sheets: Sheets, marked: Sequence[Marked], pages: Sequence[int]) -> str:
    """The TeX of these students' feedback as one document."""
    of = sheets.of
    names = _names(of)
    low, high = marked[0].place, marked[-1].place + 1
    lines = workings(Sheets(sheets.numbers.part(low, high)))
    parts = [page("feedback.tex", number=number, pages=count, student=one.student, name=printable(one.student),
                  title=of.lecture.title, points=points_text(one.points), total=_total(of),
                  rows=[_row(mark, names) for mark in one.marks], slip=one.first_slip, says=_says(one.first_slip, of),
                  working=_working(lines[one.place - low], one), kind=KINDS["key"])
             for number, (one, count) in enumerate(zip(marked, pages, strict=True))]
    empty = Worksheet(of.lecture.title, (), course=of.lecture.course, paper=of.lecture.paper)
    return page("class.tex", sheet=empty, kind=KINDS["key"], handout=False, drawings={}, fixed={}, bounds=None,
                students=parts, fillable=False)


@lru_cache(maxsize=8)
def _names(of: Homework) -> Mapping[str, str]:
    """What each blank's quantity is called, as LaTeX."""
    return {blank.id: of.desk_of(blank.quantity).names.latex(blank.quantity) for blank in of.blanks}


def _total(of: Homework) -> str:
    return points_text(sum(blank.points for blank in of.blanks))


def _row(mark: Mark, names: Mapping[str, str]) -> Row:
    remark = "; ".join(text for text in (mark.kind, mark.remark) if text)
    return Row(mark.blank.number, names[mark.blank.id], mark.written, mark.verdict,
               f"{points_text(mark.points)} / {points_text(mark.blank.points)}", remark)


def _says(slip: Mark | None, of: Homework) -> str:
    """The mistake in a sentence."""
    if slip is None:
        return ""
    table = {**_SAYS, **{row.title: row.says for row in SLIPS}}
    return table.get(slip.kind, slip.kind or slip.remark).replace("{name}", "this quantity")


def _working(lines: tuple[str, ...], one: Marked) -> str:
    """The right working of the first slip with the student's numbers, as LaTeX."""
    return lines[one.marks.index(one.first_slip)] if one.first_slip else ""


def workings(sheets: Sheets) -> tuple[tuple[str, ...], ...]:
    """The right working of every student's every blank, as LaTeX."""
    return tuple(tuple(text.split(_PARTED)) for text in _lines(sheets.of).filled({}, sheets))


@lru_cache(maxsize=8)
def _lines(of: Homework) -> Template:
    """The lines that the blanks stand on, with slots for their figures."""
    def render(word: Callable[[str], str], sit: Any) -> str:
        made = worksheet(of.lecture, of.notation, of.level, sit=sit)
        desks = [sit(part, of.notation, of.level) for part in of.lecture.parts or (of.lecture,)]
        return _PARTED.join(_latex(_in_full(desks, line, figure.id)) for line, figure in figures_of(made.frames)
                            if figure.blank is not None)
    return template(of, render)


def _in_full(desks: Sequence[Desk], line: Line, quantity: str) -> Line:
    """The line; one with a figure alone ("in the same way") with its formula and numbers."""
    if len(line.members) > 1:
        return line
    whole = (in_full(at, first_place(at, parse_id(quantity))) for at in desks
             if at.figures.known(first_place(at, parse_id(quantity))))
    return next((found for found in whole if found is not None), line)


def _latex(line: Line) -> str:
    """lhs = member = member …, a member a row."""
    members = [f"{member.relation} {_member(member)}" for member in line.members]
    return r"\begin{aligned}" + f"{line.lhs} &" + r" \\ &".join(members) + r"\end{aligned}"


def _member(member: Any) -> str:
    if isinstance(member.value, Grid):
        return grid(tuple(tuple(figure.latex for figure in row) for row in member.value.rows))
    return str(member.value.latex) if member.value else str(member.latex)


# ---------------------------------------------------------------- the class

def report_text(of: Homework, marked: Sequence[Marked], absent: Sequence[Marked], problems: Sequence[Problem]) -> str:
    """The TeX of the class's report: marks, mistakes as a table and a bar picture, who has none, what was not taken."""
    names = _names(of)
    mistakes = Counter(kind for one in marked for kind in _slip_kinds(one))
    ordered = sorted(mistakes.items(), key=lambda pair: (-pair[1], pair[0]))
    students = Counter(kind for one in marked for kind in dict.fromkeys(_slip_kinds(one)))
    blanks = [(blank.number, names[blank.id], *(sum(one.marks[place].verdict == verdict for one in marked)
                                                for verdict in VERDICTS))
              for place, blank in enumerate(of.blanks)]
    points = [one.points for one in marked]
    sheet = Worksheet(of.lecture.title, (Frame("", ()),), course=of.lecture.course, paper=of.lecture.paper)
    return page("class_report.tex", sheet=sheet, kind=KINDS["key"], handout=False, drawings={},
                count=len(marked), absent=absent, total=_total(of),
                mean=f"{fmean(points):.1f}" if points else "", median=points_text(median(points)) if points else "",
                bars=ordered[:_MOST_BARS], most=max(mistakes.values(), default=1), students=students,
                mistakes=ordered, verdicts=VERDICTS, blanks=blanks, problems=problems)


def _slip_kinds(one: Marked) -> list[str]:
    return [mark.kind for mark in one.marks if mark.verdict == "slip"]
