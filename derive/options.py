"""What the commands share: options, a lecture with the options put in, engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from derive.errors import InputError

ENGINES = ("embedded", "latexmk", "pdflatex", "lualatex", "xelatex", "tectonic")
LEVEL = "Entries, or whole layers (of a network)."
NOTATIONS = ("delta", "net-out", "named-sums", "node", "matrix")


def sheet_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that worksheet, key and slides share."""
    for option in reversed((
        click.argument("lectures", metavar="LECTURE…", nargs=-1, required=True),
        click.option("-o", "output", type=click.Path(path_type=Path), default=Path("output"), metavar="DIR",
                     help="Folder to write to (default: output)."),
        click.option("--notation", metavar="N", help=f"Names and route: {', '.join(NOTATIONS)}."),
        click.option("--level", metavar="unit|layer", help=LEVEL),
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


def class_options(notation: str | None, level: str | None, blank: str, engine: str | None, **more: Any) -> Any:
    """How a class's sheets are made."""
    from derive.classroom.making import Options
    from derive.classroom.sheets import Style

    known_word("notation", notation, NOTATIONS)
    known_word("level", level, ("unit", "layer"))
    known_word("engine", engine, ENGINES)
    return Options(notation, level, Style(blank, more.pop("fillable", False)), engine=engine, **more)


def loaded_apart(names: tuple[str, ...]) -> list[Any]:
    """The lectures, one given twice taken once; InputError where two of them would go to one folder."""
    from derive.lecture import load

    found: dict[str, Any] = {}
    for lecture in map(load, names):
        other = found.setdefault(lecture.name, lecture).source
        if other != lecture.source:
            raise InputError(f"its files would go where those of {other} go ({lecture.name}/)", where=lecture.source,
                             expected="lecture files of different names, or one command (and -o DIR) for each")
    return [*found.values()]


def document(kind: str, lecture: Any, output: Path, fragment: bool, *, notation: str | None, level: str | None,
             decimals: int | None, paper: str | None, blank: str, handout: bool = False) -> tuple[str, Path]:
    """A lecture's TeX and where its PDF goes."""
    from derive.render import render
    from derive.worksheet import worksheet

    known_word("notation", notation, NOTATIONS)
    known_word("level", level, ("unit", "layer"))
    lecture = changed(lecture, decimals, paper)
    made = worksheet(lecture, notation, level, blank=blank)
    return render(made, kind, fragment=fragment, handout=handout), output / lecture.name / f"{kind}.pdf"


def notes(lecture: Any, level: str | None) -> Iterator[str]:
    """What somebody should know who has a lecture printed."""
    yield from level_notes(lecture, level)
    yield from letter_notes(lecture)


def level_notes(lecture: Any, level: str | None) -> Iterator[str]:
    """That the option --level has no effect, where there is no network."""
    if level is not None and not any(part.network for part in lecture.parts or (lecture,)):
        yield f"{lecture.source}: --level {level} has no effect: these are equations, and levels are for networks"


def letter_notes(lecture: Any) -> Iterator[str]:
    """The letters in a lecture's words that no font has, by their keys."""
    from derive.tex import missing

    for part in (lecture, *lecture.parts):
        for key, text in _texts(part):
            if letters := missing(text):
                some = " ".join(letters[:8]) + (" …" if len(letters) > 8 else "")
                yield f'{part.source}: {key}: the fonts do not have {some}; "?" is printed instead'


def _texts(lecture: Any) -> Iterator[tuple[str, str]]:
    """The words of a lecture that are printed, by their keys."""
    yield from ((key, getattr(lecture, key)) for key in ("title", "author", "course", "date"))
    for number, frame in enumerate(lecture.frames, 1):
        yield from ((f"frames[{number}].{key}", getattr(frame, key)) for key in ("title", "text"))


def known_word(what: str, word: str | None, words: tuple[str, ...]) -> None:
    from derive.errors import nearest

    if word is not None and word not in words:
        raise InputError(f"unknown {what} {word!r}", where=f"--{what}", expected=nearest(word, words))


def changed(lecture: Any, decimals: int | None, paper: str | None) -> Any:
    """The lecture with the decimals and paper of the command line."""
    from dataclasses import replace

    if decimals is not None:
        display = replace(lecture.display, decimals=decimals, decimals_of=(), rounding_of=())
        parts = tuple(changed(part, decimals, None) for part in lecture.parts)
        lecture = replace(lecture, display=display, parts=parts)
    return replace(lecture, paper=paper) if paper else lecture


def chosen_engine(name: str | None) -> Any:
    from derive.engines import choose

    return choose(name)


def marked_documents(lecture: Any, found: list[tuple[str, Any]], output: Path) -> list[tuple[str, Path]]:
    """The marked copies of workings and where their PDFs go; two files of one name get a number."""
    from derive.check.marked import marked

    stems = ["working" if name == "-" else Path(name).stem for name, _ in found]
    names = [stem if stems.count(stem) == 1 else f"{stem}-{n}" for n, stem in enumerate(stems, 1)]
    return [(marked(lecture, name, verdicts), output / lecture.name / f"{stem}-marked.pdf")
            for (name, verdicts), stem in zip(found, names, strict=True)]


def write_tex(documents: list[tuple[str, Path]]) -> None:
    """The .tex of each document beside where its PDF goes; none where a folder stands in the way."""
    from derive.pdf import write_whole

    for target in (place for _, pdf in documents for place in (pdf, pdf.with_suffix(".tex"))):
        if target.is_dir():
            raise InputError("is a folder", where=str(target), expected="no folder where the file is to go")
    for tex, target in documents:
        write_whole(target.with_suffix(".tex"), tex.encode())
