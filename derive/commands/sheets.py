"""Sheets, keys and slides of a lecture, and keys and sheets of some students."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from derive.commands.making import make_pdfs, say
from derive.errors import InputError, printable
from derive.options import (
    ENGINES,
    changed,
    chosen_engine,
    class_options,
    document,
    known_word,
    loaded_apart,
    notes,
    sheet_options,
    write_tex,
)


@click.command()
@sheet_options
@click.option("--seed", metavar="N", help="Numbers of a class: with --student or --count.")
@click.option("--student", metavar="ID", help="The sheet of one student of the class.")
@click.option("--count", type=click.IntRange(1, 10_000), metavar="N", help="Practice sheets, each with other numbers.")
def sheet(seed: str | None, student: str | None, count: int | None, **options: Any) -> None:
    """Homework sheets: the figures left blank."""
    _write("worksheet", seed, {"--student": student, "--count": count}, options)


@click.command()
@sheet_options
@click.option("--seed", metavar="N", help="Numbers of a class: with --student, --count or --code.")
@click.option("--student", metavar="ID", help="The key of one student of the class.")
@click.option("--count", type=click.IntRange(1, 10_000), metavar="N", help="The keys of practice sheets.")
@click.option("--code", metavar="TEXT", help="The text of a sheet's QR code.")
def key(seed: str | None, student: str | None, count: int | None, code: str | None, **options: Any) -> None:
    """Answer keys: the same sheets filled in."""
    _write("key", seed, {"--student": student, "--count": count, "--code": code}, options)


def _write(kind: str, seed: str | None, whose: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """The lecture's own sheets, or with a seed those of the students that one of the options in `whose` names."""
    given = {name: value for name, value in whose.items() if value is not None}
    if seed is None and given:
        raise InputError("no seed", where=next(iter(given)), expected="--seed N as well")
    if seed is None:
        write_sheets(kind, **options)
        return
    if len(given) != 1:
        raise InputError("whose numbers?", where="--seed", expected=f"one of {', '.join(whose)}")
    ((name, value),) = given.items()
    write_students(kind, lambda lecture: _IDS[name](lecture, seed, value), seed, **options)


def _ids_of_code(lecture: Any, seed: str, code: str) -> tuple[str, ...]:
    from derive.classroom.codes import student_of
    from derive.classroom.homework import homework

    return (student_of(homework(lecture).lecture, seed, code),)


def _practice_ids(lecture: Any, seed: str, count: int) -> tuple[str, ...]:
    from derive.classroom.making import practice_ids

    return practice_ids(count)


_IDS: Mapping[str, Callable[[Any, str, Any], tuple[str, ...]]] = {
    "--student": lambda lecture, seed, student: (student,), "--count": _practice_ids, "--code": _ids_of_code,
}


@click.command()
@sheet_options
@click.option("--handout", is_flag=True, help="One page a frame, no line-by-line reveal.")
def slides(**options: Any) -> None:
    """Slides: one frame a page."""
    write_sheets("slides", **options)


def write_sheets(kind: str, lectures: tuple[str, ...], output: Path, fragment: bool, no_pdf: bool,
                 engine: str | None, **options: Any) -> None:
    """Every lecture's .tex, then the PDFs; nothing is written where a lecture has a mistake."""
    known_word("engine", engine, ENGINES)
    loaded = loaded_apart(lectures)
    documents = [document(kind, lecture, output, fragment, **options) for lecture in loaded]
    for lecture in loaded:
        say(notes(lecture, options["level"]))
    write_tex(documents)
    if fragment or no_pdf:
        for _, target in documents:
            click.echo(printable(str(target.with_suffix(".tex"))))
        return
    make_pdfs(documents, chosen_engine(engine))


def write_students(kind: str, ids: Callable[[Any], tuple[str, ...]], seed: str, lectures: tuple[str, ...], output: Path,
                   engine: str | None, notation: str | None, level: str | None, blank: str, decimals: int | None,
                   paper: str | None, fragment: bool, no_pdf: bool) -> None:
    """Sheets or keys with some students' own numbers, as output/LECTURE/{sheets,keys}/ID.pdf."""
    from derive.classroom.making import KINDS, make_sheets

    if fragment or no_pdf:
        raise InputError("a student's own sheet is a PDF", where="--seed", expected="no --fragment, no --no-pdf")
    options = class_options(notation, level, blank, engine)
    for lecture in [changed(lecture, decimals, paper) for lecture in loaded_apart(lectures)]:
        say(notes(lecture, level))
        made = make_sheets(lecture, ids(lecture), seed, kind, output / lecture.name / KINDS[kind][0], options)
        for file in made.files:
            click.echo(printable(str(file)))


