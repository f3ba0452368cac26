"""What comes back: filled in PDFs, tables of answers, workings as text; whose each is, and what it says."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.check.reading import decode
from derive.classroom.codes import student_of
from derive.classroom.csvs import decoded, rows_of
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
    """A file, or a row of one, that could not be taken or is not as it should be, and why; whose, if that is known."""

    source: str
    line: str
    expected: str = ""
    student: str = ""


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
            for one in reader.read(path):
                if isinstance(one, Problem):
                    problems.append(one)
                else:
                    found.setdefault(one.student, []).append(one)
        except InputError as error:
            where = error.where if error.where.startswith(str(path)) else str(path)
            whose = reader.files.get(path.stem, path.stem)
            problems.append(Problem(where, error.what, error.expected, whose if whose in reader.students else ""))
    for student, several in found.items():
        if len(several) > 1:
            names = ", ".join(paper.source for paper in several)
            problems.append(Problem(names, f"{len(several)} papers of the student {student[:60]!r}; none is marked",
                                    "one paper a student", student))
    alone = [found[student.id][0] for student in roster if len(found.get(student.id, ())) == 1]
    return tuple(alone), tuple(problems)


@dataclass(frozen=True, slots=True)
class _Reader:
    of: Homework
    seed: str
    students: Mapping[str, Student]
    files: Mapping[str, str]

    def read(self, path: Path) -> Iterator[Paper | Problem]:
        kinds = {".pdf": self.pdf, ".csv": self.table, ".md": self.working, ".tex": self.working, ".txt": self.working}
        if path.is_dir():
            raise InputError("is a folder: its files are wanted, DIR/*", where=str(path))
        if path.suffix.lower() not in kinds:
            raise InputError("neither .pdf nor .csv, .md, .tex", where=str(path))
        yield from kinds[path.suffix.lower()](path, _bytes(path))

    def pdf(self, path: Path, data: bytes) -> Iterator[Paper | Problem]:
        fields, code = _fields(data, str(path))
        student = self.known(student_of(self.of.lecture, self.seed, code), "its code") if code else None
        answers = {blank.id: fields[blank.id] for blank in self.of.blanks if blank.id in fields}
        if not answers:
            raise InputError("has no fields of this lecture's sheet: flattened, printed anew, or of another lecture",
                             where=str(path), expected="a filled in sheet")
        whose = student or self.by_name(path, "in it is no sheet's code")
        yield Paper(whose, str(path), answers)
        if len(answers) < len(self.of.blanks):
            yield Problem(str(path), f"only {len(answers)} of the sheet's {len(self.of.blanks)} fields are there: "
                                     "damaged? The others are marked as empty", student=whose)

    def table(self, path: Path, data: bytes) -> Iterator[Paper | Problem]:
        rows = rows_of(decoded(data, str(path)), str(path))
        numbers = {str(blank.number): blank.id for blank in self.of.blanks}
        header = [_column(name.strip(), numbers) for name in next(rows, (1, []))[1]]
        twice = next((name for name in header if name and header.count(name) > 1), None)
        if "id" not in header or twice:
            raise InputError(f"has two columns {twice[:60]}" if twice else "has no column id", where=str(path))
        known = {blank.id for blank in self.of.blanks}
        strange = [name[:60] for name in header if name not in (*known, "id", "name", "")]
        if strange:
            yield Problem(str(path), f"columns that are no blank's id are passed over: {', '.join(strange[:5])}")
        for number, row in rows:
            cells = dict(zip(header, row, strict=False))
            student = cells.get("id", "").strip()
            answers = {name: text.removeprefix("'") for name, text in cells.items() if name in known}
            if student in self.students and any(map(str.strip, answers.values())):
                yield Paper(student, f"{path}: row {number}", answers)
            elif student not in self.students:
                yield Problem(f"{path}: row {number}", f"nobody on the roster has the id {student[:60]!r}")

    def working(self, path: Path, data: bytes) -> Iterator[Paper | Problem]:
        text = decode(data, str(path))
        said = _WHOSE.search(text)
        student = self.known(said[1], "the line student:") if said else self.by_name(path, "no line says student: ID")
        text = _WHOSE.sub("", text, count=1)
        yield Paper(student, str(path), {}, (text, "tex" if path.suffix.lower() == ".tex" else "markdown"))

    def by_name(self, path: Path, otherwise: str) -> str:
        """Whose a file is by its name, where nothing in it says so."""
        student = self.files.get(path.stem, path.stem)
        if student not in self.students:
            raise InputError(f"whose is it? The file's name is no id of the roster, and {otherwise}", where=str(path),
                             expected="an id of the roster")
        return student

    def known(self, student: str, where: str) -> str:
        if student not in self.students:
            raise InputError(f"{where} names nobody on the roster ({student[:60]!r})", expected="an id of the roster")
        return student


def _column(name: str, numbers: Mapping[str, str]) -> str:
    """A column's name: a blank's id also where it goes by its number."""
    return name.casefold() if name.casefold() in ("id", "name") else numbers.get(name, name)


def _bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():    # to read a pipe would take for ever
            raise InputError("is no file", where=str(path))
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
            return fields, _text(pdf.docinfo.get("/DeriveCode", ""))
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
        yield name, _text(field.get("/V", ""))


def _text(value: Any) -> str:
    """A field's value; one that is no text is none."""
    import pikepdf

    return str(value) if isinstance(value, (str, pikepdf.String)) else ""
