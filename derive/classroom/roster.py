"""Who is in the class: a CSV file as a Roster, and a file name for everyone on it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from derive.classroom.csvs import read_text, rows_of
from derive.errors import InputError, nearest

_LONGEST_ID = 1000
_LONGEST_NAME = 60      # of a file; long enough for any id that is one, short enough for every disk
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


@dataclass(frozen=True, slots=True)
class Student:
    """One row of the roster: `more` are its other columns in their order, `file` the name its files bear."""

    id: str
    name: str
    file: str
    more: tuple[tuple[str, str], ...] = ()


def read_roster(path: Path) -> tuple[Student, ...]:
    """The students of a CSV file, by id.

    Comma, semicolon or tab; UTF-8 with or without a byte order mark; an `id` column, and maybe a
    `name`. InputError with the number of the row for an id that is missing or there twice.
    """
    return roster(read_text(path), str(path))


def roster(text: str, where: str = "roster") -> tuple[Student, ...]:
    """The students of a CSV text, by id; `where` is what errors call it."""
    rows = rows_of(text, where)
    header = [name.strip() for name in next(rows, (1, []))[1]]
    keys = [name.casefold() for name in header]
    if "id" not in keys:
        raise InputError("there is no column id", where=f"{where}: row 1",
                         expected=f"a first row with the columns' names, one of them id ({nearest('id', keys[:9])})"
                         if any(keys) else "a first row with the columns' names, one of them id")
    for name in filter(None, keys):
        if keys.count(name) > 1:
            raise InputError(f"there are two columns {name}", where=f"{where}: row 1", expected="one")
    found: dict[str, Mapping[str, str]] = {}
    first: dict[str, tuple[int, str]] = {}      # by the file's name, which no two may share on any disk
    for number, cells in rows:
        student, row = _row(header, keys, cells, f"{where}: row {number}")
        row_before, before = first.setdefault(file_name(student).casefold(), (number, student))
        if row_before != number:
            same = f"the id {student[:60]!r} is in row {row_before} already"
            raise InputError(same if before == student else f"{same} but for capitals",
                             where=f"{where}: row {number}", expected="an id of its own for everyone")
        found[student] = row
    if not found:
        raise InputError("nobody is on it", where=where, expected="a row for each student")
    return students(found.items())


def students(rows: Iterable[tuple[str, Mapping[str, str]]]) -> tuple[Student, ...]:
    """Ids with their columns as students, by id; nobody's file depends on anybody else."""
    return tuple(_student(one, row) for one, row in sorted(rows, key=lambda pair: pair[0]))


def _student(student: str, row: Mapping[str, str]) -> Student:
    named = {key.casefold(): cell for key, cell in row.items()}
    more = tuple((key, cell) for key, cell in row.items() if key.casefold() not in ("id", "name"))
    return Student(student, named.get("name", ""), file_name(student), more)


def file_name(student: str) -> str:
    """A safe name for an id's files: the id itself where it is one, else with a mark of the id behind it."""
    plain = _plain(student)
    if plain == student and plain.casefold().split(".")[0] not in _RESERVED:
        return plain
    mark = hashlib.blake2b(student.encode(), digest_size=6).hexdigest()
    return f"{plain[:_LONGEST_NAME - 13]}-{mark}"


def _plain(student: str) -> str:
    """Letters, digits, - and _ of an id; everything else as -, no dots or dashes in front."""
    ascii_ = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_.-]+|\.\.+", "-", ascii_).strip("-.")[:_LONGEST_NAME] or "student"


def _row(header: list[str], keys: list[str], cells: list[str], where: str) -> tuple[str, dict[str, str]]:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header):]):
        raise InputError(f"{len(cells)} cells under {len(header)} columns", where=where,
                         expected="quotes round a cell that holds a separator")
    padded = [*cells, *[""] * (len(header) - len(cells))]
    row = {name: " ".join(cell.split()) for name, cell in zip(header, padded, strict=False) if name}
    student = row[header[keys.index("id")]]
    if not student:
        raise InputError("the id is empty", where=where, expected="an id for everyone")
    if len(student) > _LONGEST_ID:
        raise InputError(f"the id has {len(student)} characters", where=where, expected=f"at most {_LONGEST_ID}")
    return student, row
