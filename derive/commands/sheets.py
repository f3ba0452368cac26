"""Sheets, keys and slides of a lecture, and keys and sheets of some students."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from derive.commands.making import make_pdfs
from derive.errors import InputError, printable
from derive.options import (
    ENGINES,
    changed,
    chosen_engine,
    class_options,
    document,
    known_word,
    loaded_apart,
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
    if seed is None and (student is not None or count is not None):
        raise InputError("no seed", where="--student or --count", expected="--seed N as well")
    if seed is None:
        write_sheets("worksheet", **options)
        return
    from derive.classroom.making import practice_ids

    if (student is None) == (count is None):
        raise InputError("whose numbers?", where="--seed", expected="--student ID, or --count N")
    ids = (student,) if student is not None else practice_ids(count or 1)
    write_students("worksheet", lambda _: ids, seed, **options)


@click.command()
@sheet_options
@click.option("--seed", metavar="N", help="Numbers of a class: with --student or --code.")
@click.option("--student", metavar="ID", help="The key of one student of the class.")
@click.option("--code", metavar="TEXT", help="The text of a sheet's QR code.")
def key(seed: str | None, student: str | None, code: str | None, **options: Any) -> None:
    """Answer keys: the same sheets filled in."""
    if seed is None and (student is not None or code is not None):
        raise InputError("no seed", where="--student or --code", expected="--seed N as well")
    if seed is None:
        write_sheets("key", **options)
        return
    from derive.classroom.codes import student_of
    from derive.classroom.homework import homework

    if (student is None) == (code is None):
        raise InputError("whose numbers?", where="--seed", expected="--student ID, or --code TEXT")


    def ids(lecture: Any) -> tuple[str, ...]:
        return (student if student is not None else student_of(homework(lecture).lecture, seed, code or ""),)
    write_students("key", ids, seed, **options)


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
        made = make_sheets(lecture, ids(lecture), seed, kind, output / lecture.name / KINDS[kind][0], options)
        for file in made.files:
            click.echo(printable(str(file)))


