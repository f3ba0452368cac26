"""What comes back: filled in PDFs, tables of answers, workings as text; whose each is, and what it says."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.classroom.codes import student_of
from derive.classroom.homework import Homework
from derive.classroom.roster import Student
from derive.errors import InputError

_LARGEST = 50_000_000       # bytes of a file that is read
_WHOSE = re.compile(r"^\W*student\s*:\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Paper:
    """One student's answers: the text in each blank by its id, or a working to be read (`working`, its kind)."""

    student: str
    source: str
    answers: Mapping[str, str]
    working: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A file, or a row of one, that could not be taken, and why."""

    source: str
    line: str


def papers(of: Homework, seed: str, roster: Sequence[Student],
           files: Sequence[Path]) -> tuple[tuple[Paper, ...], tuple[Problem, ...]]:
    """Everybody's paper, in the order of the roster, and what could not be taken.

    Somebody with two papers has none: both are told.
    """
    found: dict[str, list[Paper]] = {}
    problems: list[Problem] = []
    reader = _Reader(of, seed, {student.id: student for student in roster}, {s.file: s.id for s in roster})
    for path in sorted(files):
        try:
            for paper in reader.read(path):
                found.setdefault(paper.student, []).append(paper)
        except InputError as error:
            problems.append(Problem(str(path), error.what))
    for student, several in found.items():
        if len(several) > 1:
            names = ", ".join(paper.source for paper in several)
            problems.append(Problem(names, f"{len(several)} papers of the student {student[:60]!r}; none is marked"))
    alone = [found[student.id][0] for student in roster if len(found.get(student.id, ())) == 1]
    return tuple(alone), tuple(problems)


@dataclass(frozen=True, slots=True)
class _Reader:
    of: Homework
    seed: str
    students: Mapping[str, Student]
    files: Mapping[str, str]

    def read(self, path: Path) -> Iterator[Paper]:
        kinds = {".pdf": self.pdf, ".csv": self.table, ".md": self.working, ".tex": self.working, ".txt": self.working}
        if path.suffix.lower() not in kinds:
            raise InputError("neither .pdf nor .csv, .md, .tex", where=str(path))
        yield from kinds[path.suffix.lower()](path, _bytes(path))

    def pdf(self, path: Path, data: bytes) -> Iterator[Paper]:
        fields, code = _fields(data, str(path))
        known = {blank.id for blank in self.of.blanks}
        answers = {name: text for name, text in fields.items() if name in known}
        if not answers:
            raise InputError("has no fields of this lecture's sheet", where=str(path))
        student = student_of(self.of.lecture, self.seed, code) if code else self.by_name(path)
        yield Paper(self.known(student), str(path), answers)

    def table(self, path: Path, data: bytes) -> Iterator[Paper]:
        try:
            rows = [*csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))]
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"is no CSV in UTF-8 ({error})", where=str(path)) from None
        header = [name.strip() for name in rows[0]] if rows else []
        if "id" not in header:
            raise InputError("has no column id", where=str(path))
        known = {blank.id for blank in self.of.blanks}
        for number, row in enumerate(rows[1:], 2):
            cells = dict(zip(header, row, strict=False))
            student = cells.get("id", "").strip()
            if not student and not any(cells.values()):
                continue
            if student not in self.students:
                raise InputError(f"row {number}: nobody on the roster has the id {student[:60]!r}", where=str(path))
            answers = {name: text.removeprefix("'") for name, text in cells.items() if name in known}
            yield Paper(student, f"{path}: row {number}", answers)

    def working(self, path: Path, data: bytes) -> Iterator[Paper]:
        text = data.decode("utf-8", "replace")
        said = _WHOSE.search(text)
        student = self.known(said[1]) if said else self.by_name(path)
        text = _WHOSE.sub("", text, count=1)
        yield Paper(student, str(path), {}, (text, "tex" if path.suffix.lower() == ".tex" else "markdown"))

    def by_name(self, path: Path) -> str:
        return self.known(self.files.get(path.stem, path.stem))

    def known(self, student: str) -> str:
        if student not in self.students:
            raise InputError(f"belongs to nobody on the roster ({student[:60]!r})")
        return student


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError("is larger than 50 MB", where=str(path))
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path)) from None


def _fields(data: bytes, where: str) -> tuple[dict[str, str], str]:
    """The texts of a PDF's form fields by name, and the sheet's code."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            form = pdf.Root.get("/AcroForm")
            fields = {} if form is None else dict(_named(form.get("/Fields", []), "", 0))
            return fields, str(pdf.docinfo.get("/DeriveCode", ""))
    except pikepdf.PasswordError:
        raise InputError("is locked by a password", where=where) from None
    except (pikepdf.PdfError, TypeError, ValueError, AttributeError, KeyError):
        raise InputError("is no PDF that can be read", where=where) from None


def _named(fields: Any, above: str, depth: int) -> Iterator[tuple[str, str]]:
    """Names and texts; a field without a name of its own continues the one above it."""
    for field in fields:
        name = str(field.get("/T", "")) or above
        if "/Kids" in field and depth < 4:
            yield from _named(field["/Kids"], name, depth + 1)
        yield name, str(field.get("/V", ""))
