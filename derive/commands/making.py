"""PDFs made with a progress bar, and where they lie."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from derive.errors import DeriveError, printable


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
            click.echo(printable(str(target)))
    for error in failed[1:]:
        click.echo(f"derive: {error.line()}", err=True)
    if failed:
        raise failed[0]


def say(notes: Iterable[str]) -> None:
    """Notes on standard error, a line each."""
    for note in notes:
        click.echo(f"derive: {printable(note)}", err=True)


@contextmanager
def progress(unit: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal: a function of (made, of)."""
    from tqdm import tqdm

    with tqdm(unit=unit, disable=not sys.stderr.isatty(), leave=False) as bar:
        def done(made: int, of: int) -> None:
            bar.total = of
            bar.update(made - bar.n)
        yield done
