"""A class's papers marked: marks.csv, everybody's feedback, and what the class got wrong."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from derive.classroom.answers import answer
from derive.classroom.csvs import read_text, rows_of, table
from derive.classroom.feedback import Marked, feedback_runs, report_text
from derive.classroom.figures import Sheets
from derive.classroom.grids import class_key
from derive.classroom.homework import Blank, Homework
from derive.classroom.likeness import likeness
from derive.classroom.locking import alone
from derive.classroom.making import PLAIN, Options, manifest_of, sheets_of
from derive.classroom.manifest import check_same
from derive.classroom.marking import Mark, marks
from derive.classroom.returned import Paper, Problem, papers
from derive.classroom.roster import Student
from derive.classroom.runs import set_all, workers
from derive.classroom.workings import marks_of_working
from derive.errors import InputError, PdfError
from derive.lecture import Lecture
from derive.pdf import cache_folder, choose, typeset, write_whole
from derive.rounding import points_text

Words = Mapping[tuple[str, str], tuple[float, str]]     # a marker's, by student and blank: points and remark
_POINT = 0.005     # what two decimals may leave of a point


@dataclass(frozen=True, slots=True)
class Grades:
    """What was marked: each paper with its marks, who has none, the files written, what could not be taken or set."""

    marked: tuple[Marked, ...]
    absent: tuple[Marked, ...]
    files: tuple[Path, ...]
    problems: tuple[Problem, ...]
    failures: tuple[str, ...]


def grade(lecture: Lecture, files: Sequence[Path], roster: Sequence[Student], seed: str, folder: Path,
          options: Options = PLAIN, *, share: float = 1.0, overrides: Path | None = None, pdf: bool = True,
          done: Callable[[int, int], None] = lambda made, of: None) -> Grades:
    """Mark the papers and write marks.csv, feedback/ID.pdf and class_report.pdf into `folder`.

    `share` of the points is given to figures that follow from an earlier slip. `overrides` (default:
    `folder`/overrides.csv, where it is there) is a marker's word. `done(made, of)` counts feedback.
    InputError for a wrong row of the overrides, for papers beside another class's manifest, and where
    no paper can be marked; nothing is written then.
    """
    if not 0 <= share <= 1:
        raise InputError(f"{share:g} is no share", where="--carried", expected="a number from 0 to 1")
    sheets = sheets_of(lecture, [student.id for student in roster], seed, options)
    _same_class(sheets, roster, seed, folder, files, options)
    words = _overrides(overrides or folder / "overrides.csv", sheets.of, roster, overrides is not None)
    taken, problems = papers(sheets.of, seed, roster, files)
    if not taken:
        raise _nothing(problems)
    at_hand = {paper.student: paper for paper in taken}
    everybody = tuple(_marked(sheets, place, at_hand.get(student.id, Paper(student.id, "", {})), roster, words, share)
                      for place, student in enumerate(roster))
    marked = tuple(one for one in everybody if one.student.id in at_hand)
    problems += tuple(_odd(sheets, roster, marked, at_hand))
    absent = tuple(one for one in everybody if one.student.id not in at_hand)
    written: list[Path] = [folder / "marks.csv"]
    failures: tuple[str, ...] = ()
    with alone(folder):
        write_whole(folder / "marks.csv", marks_table(sheets.of, everybody, remarks(absent, problems)))
        if pdf:
            pdfs, failures = _pdfs(sheets, marked, absent, problems, seed, folder, options, done)
            written += pdfs
    return Grades(marked, absent, tuple(written), problems, failures)


def _same_class(sheets: Sheets, roster: Sequence[Student], seed: str, folder: Path, files: Sequence[Path],
                options: Options) -> None:
    """InputError where a manifest in the folder, or beside the papers, is of another class."""
    mine = manifest_of(sheets, roster, class_key(sheets.of.lecture, seed), options)
    for place in dict.fromkeys((folder, *(path.parent for path in files))):
        check_same(place, mine, "the lecture, --seed, --relax, --notation and --level of that class")


def _nothing(problems: Sequence[Problem]) -> InputError:
    """Why no paper at all can be marked: the first reason, and how many there are."""
    if not problems:
        return InputError("no paper has an answer", expected="filled in sheets, answers.csv, workings")
    first, more = problems[0], len(problems) - 1
    others = f" ({more} more cannot be marked either)" if more else ""
    return InputError(f"{first.line}{others}", where=first.source,
                      expected=first.expected or "filled in sheets, answers.csv, workings")


def _odd(sheets: Sheets, roster: Sequence[Student], marked: Sequence[Marked],
            at_hand: Mapping[str, Paper]) -> Iterator[Problem]:
    """Papers that fit somebody else's sheet better than their own, and workings in which no figure was found."""
    for one in marked:
        paper = at_hand[one.student.id]
        if paper.working and all(mark.verdict == "empty" for mark in one.marks):
            yield Problem(paper.source, "no figure of a blank was found in it", student=one.student.id)
        other = likeness(sheets, one.place, one.marks)
        if other is not None:
            yield Problem(paper.source,
                          f"fits the sheet of {roster[other.place].id[:60]!r} better than its own: "
                          f"{other.theirs} of {other.written} figures against {other.own}", student=one.student.id)


def _marked(sheets: Sheets, place: int, paper: Paper, roster: Sequence[Student],
            words: Words, share: float) -> Marked:
    found = (marks(sheets, place, paper.answers, share) if paper.working is None
             else marks_of_working(sheets, place, *paper.working, share))
    final = tuple(_overridden(mark, words.get((paper.student, mark.blank.id))) for mark in found)
    return Marked(roster[place], place, final)


def remarks(absent: Sequence[Marked], problems: Sequence[Problem]) -> Mapping[str, str]:
    """What is said of a student by id: what was wrong with the paper, or that there is none."""
    none = {one.student.id: "nothing handed in" for one in absent}
    return {**none, **{problem.student: problem.line for problem in problems if problem.student}}


def _overridden(mark: Mark, word: tuple[float, str] | None) -> Mark:
    return mark if word is None else replace(mark, points=word[0], remark=word[1] or "the marker's word")


def marks_table(of: Homework, marked: Sequence[Marked], said: Mapping[str, str]) -> bytes:
    """id, name, points, a remark on the paper, then verdict and kind of each blank."""
    header = ["id", "name", "points", "remark", *(f"{blank.id}{more}" for blank in of.blanks for more in ("", " kind"))]
    rows = ((one.student.id, one.student.name, points_text(one.points), said.get(one.student.id, ""),
             *(text for mark in one.marks for text in (mark.verdict, mark.kind))) for one in marked)
    return table(header, rows)


def _overrides(path: Path, of: Homework, roster: Sequence[Student], asked: bool) -> Words:
    """A marker's word by student and blank: points and remark."""
    if not path.is_file():
        if asked:
            raise InputError("is not there", where=str(path), expected="a CSV file: id, blank, points, remark")
        return {}
    rows = rows_of(read_text(path), str(path))
    header = [name.strip().casefold() for name in next(rows, (1, []))[1]]
    missing = [name for name in ("id", "blank", "points") if header.count(name) != 1]
    if missing:
        raise InputError(f"there is not one column {missing[0]}", where=f"{path}: row 1",
                         expected="the columns id, blank, points, remark")
    known = {key: blank for blank in of.blanks for key in (blank.id, str(blank.number))}
    ids = {student.id for student in roster}
    found: dict[tuple[str, str], tuple[float, str]] = {}
    for number, cells in rows:
        row = dict(zip(header, map(str.strip, cells), strict=False))
        blank, points = _word(row, ids, known, f"{path}: row {number}")
        found[row["id"], blank.id] = (points, " ".join(row.get("remark", "").split()))
    return found


def _word(row: Mapping[str, str], ids: Container[str], known: Mapping[str, Blank], where: str) -> tuple[Blank, float]:
    """The blank and the points that a row of the overrides gives it; InputError where it makes no sense."""
    student, name, points = (row.get(key, "") for key in ("id", "blank", "points"))
    figure, blank = answer(points).figure, known.get(name)
    most = blank.points if blank else 0
    checks = ((student in ids, f"nobody has the id {student[:40]!r}", "an id of the roster"),
              (blank is not None, f"no blank {name[:40]!r}", "a blank's number or id"),
              (figure is not None and 0 <= figure <= most + _POINT, f"{points[:40]!r} are no points of this blank",
               f"a number from 0 to {points_text(most)}"))
    for holds, what, expected in checks:
        if not holds:
            raise InputError(what, where=where, expected=expected)
    assert blank is not None and figure is not None
    return blank, float(figure)


def _pdfs(sheets: Sheets, marked: Sequence[Marked], absent: Sequence[Marked], problems: Sequence[Problem], seed: str,
          folder: Path, options: Options, done: Callable[[int, int], None]) -> tuple[list[Path], tuple[str, ...]]:
    """Feedback for everybody, then the class's report."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="derive-", ignore_cleanup_errors=True) as scratch:
        runs = feedback_runs(sheets, marked, class_key(sheets.of.lecture, seed), folder, Path(scratch))
        with workers(options.workers, options.cluster) as pool:
            failures = set_all(runs, pool, options.engine, {"feedback": 1}, done)
    lines = tuple(f"feedback/{marked[one.place].student.file}.pdf (id {marked[one.place].student.id}): {one.line}"
                  for one in failures)
    report = folder / "class_report.pdf"
    try:
        typeset(report_text(sheets.of, marked, absent, problems), report, choose(options.engine), cache=cache_folder())
    except PdfError as error:
        return [], (*lines, f"class_report.pdf: {error.what}")
    return [report], lines
