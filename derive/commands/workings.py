"""A lecture's working shown, somebody's checked, many updates of it as a table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from derive.commands.making import make_pdfs, say
from derive.errors import InputError
from derive.options import LEVEL, NOTATIONS, chosen_engine, known_word, level_notes, marked_documents, write_tex


@click.command()
@click.argument("lecture")
@click.argument("quantities", metavar="[QUANTITY…]", nargs=-1)
@click.option("--notation", metavar="N", help=f"Names and route: {', '.join(NOTATIONS)}.")
@click.option("--level", metavar="unit|layer", help=LEVEL)
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
    say(level_notes(whole, level))
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
        for worked in [derived[name] for name in quantities]:    # nothing is shown where one is wrong
            click.echo(worked.latex if form == "latex" else str(worked))
        return
    click.echo(frames_text(derived, form))


@click.command()
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
    from derive.check.segments import unmarked
    from derive.lecture import load

    if not files and not claims:
        raise InputError("nothing to check", expected="a file, - for standard input, or --claim TEXT")
    if hint and (pdf or form == "json"):
        raise InputError("a marked copy and JSON hold the answers", where="--hint",
                         expected="--hint without --pdf or json")
    known = load(lecture)
    texts = [(name, _working(name), "tex" if name.endswith(".tex") else "markdown") for name in files]
    found = [(name, judge(known, text, kind=kind, decimal=decimal)) for name, text, kind in texts]
    found += [("", check_claim(known, claim, decimal=decimal)) for claim in claims]
    for claim, (_, verdicts) in zip(claims, found[len(files):], strict=True):
        if not verdicts:
            raise InputError("no equality", where=f"--claim {claim[:60]!r}", expected="one such as 'net_{o1} = 1.1059'")
    say = _say_json if form == "json" else _say_text
    passed_over = [unmarked(text, kind) for _, text, kind in texts] + [0] * len(claims)
    say(known, found, everything=everything, hint=hint, passed_over=passed_over)
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


def _say_text(lecture: Any, found: list[tuple[str, Any]], *, everything: bool, hint: bool,
              passed_over: list[int]) -> None:
    from derive.check.report import to_text

    for (name, verdicts), unmarked in zip(found, passed_over, strict=True):
        text = to_text(verdicts, file=name, colour=sys.stdout.isatty(), all=everything, hint=hint, unmarked=unmarked)
        click.echo(text.rstrip("\n"))


@click.command()
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
    count = known.training.rounds if rounds is None else rounds
    every = max(1, -(-count // rows))
    quiet = form != "text" or not sys.stderr.isatty()
    steps = tqdm(history(known, count, every), total=-(-count // every) + 1, disable=quiet, leave=False)
    click.echo(training_table(known, list(steps), form))


