"""A class's sheets made, and what comes back marked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from derive.commands.making import progress, say
from derive.errors import printable
from derive.options import LEVEL, NOTATIONS, class_options, notes


@click.command("class")
@click.argument("lecture")
@click.option("--roster", type=click.Path(path_type=Path), required=True, metavar="CSV", help="Columns id, name, …")
@click.option("--seed", required=True, metavar="N", help="Keep it secret: with it a key can be made.")
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="DIR", help="Default: output/LECTURE/class.")
@click.option("--fillable", is_flag=True, help="Form fields on the blanks.")
@click.option("--relax", multiple=True, metavar="NAME", help="A demand on the numbers that need not be met.")
@click.option("--notation", metavar="N", help=f"Names and route: {', '.join(NOTATIONS)}.")
@click.option("--level", metavar="unit|layer", help=LEVEL)
@click.option("--blank", type=click.Choice(["figures", "formulas"]), default="figures", help="What is left blank.")
@click.option("--engine", metavar="E", help="TeX engine.")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="TeX runs at a time.")
@click.option("--cluster", metavar="URL", help="A Dask scheduler, such as tcp://host:8786.")
@click.option("-f", "--force", is_flag=True, help="Write over another class in the folder.")
def class_(lecture: str, roster: Path, seed: str, output: Path | None, notation: str | None, level: str | None,
           blank: str, engine: str | None, **more: Any) -> None:
    """A class: each student's own sheet and key, answers and manifest."""
    from derive.classroom.making import make_class
    from derive.classroom.roster import read_roster
    from derive.lecture import load

    known, students = load(lecture), read_roster(roster)
    options = class_options(notation, level, blank, engine, **more)
    say(notes(known, level))
    with progress("pdf") as done:
        report = make_class(known, students, seed, output or Path("output") / known.name / "class", options, done)
    for line in (*report.notes, *report.failures):
        click.echo(f"derive: {printable(str(line))}", err=True)
    for file in report.files:
        click.echo(printable(str(file)))
    if report.failures:
        click.get_current_context().exit(3)


@click.command()
@click.argument("lecture")
@click.argument("answers", metavar="ANSWERS…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--roster", type=click.Path(path_type=Path), required=True, metavar="CSV", help="The class's roster.")
@click.option("--seed", required=True, metavar="N", help="The class's seed.")
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="DIR", help="Default: output/LECTURE/class.")
@click.option("--carried", type=float, default=1.0, metavar="SHARE", help="For what follows from a slip (0 to 1).")
@click.option("--overrides", type=click.Path(path_type=Path), metavar="CSV", help="A marker's word: id, blank, points.")
@click.option("--relax", multiple=True, metavar="NAME", help="As the class was made.")
@click.option("--notation", metavar="N", help="As the class was made.")
@click.option("--level", metavar="unit|layer", help="As the class was made.")
@click.option("--no-pdf", is_flag=True, help="marks.csv alone, no feedback.")
@click.option("--engine", metavar="E", help="TeX engine.")
def grade(lecture: str, answers: tuple[Path, ...], roster: Path, seed: str, output: Path | None, carried: float,
          overrides: Path | None, notation: str | None, level: str | None, no_pdf: bool, engine: str | None,
          **more: Any) -> None:
    """Returned sheets marked, errors carried forward: marks, feedback, a report on the class."""
    from derive.classroom.grading import grade as mark
    from derive.classroom.roster import read_roster
    from derive.lecture import load

    known, students = load(lecture), read_roster(roster)
    options = class_options(notation, level, "figures", engine, **more)
    folder = output or Path("output") / known.name / "class"
    with progress("paper") as done:
        grades = mark(known, answers, students, seed, folder, options, share=carried, overrides=overrides,
                      pdf=not no_pdf, done=done)
    for problem in grades.problems:
        click.echo(f"derive: {printable(str(problem.source))}: {printable(problem.line)}", err=True)
    for line in grades.failures:
        click.echo(f"derive: {printable(str(line))}", err=True)
    for file in grades.files:
        click.echo(printable(str(file)))
    if grades.failures:
        click.get_current_context().exit(3)


