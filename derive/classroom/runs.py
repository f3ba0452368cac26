"""TeX runs of a class: which students go together, and what becomes of each; goes on where it was stopped."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.classroom.splitting import Label, counts, taken_apart
from derive.errors import DeriveError, InputError
from derive.pdf import cache_folder, choose, typeset, write_whole

_PATIENCE = 5   # seconds that a Dask scheduler has to answer
SIZE = 50       # students a run: more gain little, fewer start TeX too often


@dataclass(frozen=True, slots=True)
class Made:
    """A run's PDF, everybody's own, and how many pages each has."""

    whole: bytes
    sheets: tuple[bytes, ...]
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What TeX said of a run that gave no PDF."""

    line: str


@dataclass(frozen=True, slots=True)
class Run:
    """Students (places in the class) whose sheets of one kind are set together.

    `text(places, pages)` gives the TeX of some of them; `sheets` and `labels` are file and label of
    each, `fields` the names of the form's fields, `whole` where the run's own PDF is kept meanwhile.
    """

    kind: str
    places: tuple[int, ...]
    text: Callable[[Sequence[int], Sequence[int]], str]
    sheets: tuple[Path, ...]
    labels: tuple[Label, ...]
    fields: Mapping[str, str]
    whole: Path


@dataclass(frozen=True, slots=True)
class Failure:
    """A student (a place in the class) who got no sheet, and why."""

    place: int
    kind: str
    line: str


def set_text(text: str, labels: Sequence[Label], fields: Mapping[str, str], engine: str | None) -> Made | Trouble:
    """Set a run's text and take the PDF apart; runs on any machine that has an engine."""
    try:
        with tempfile.TemporaryDirectory(prefix="derive-", ignore_cleanup_errors=True) as name:
            target = Path(name) / "run.pdf"
            typeset(text, target, choose(engine), seconds=30 + 2.0 * len(labels), cache=cache_folder())
            whole = target.read_bytes()
    except DeriveError as error:
        return Trouble(error.what)
    return Made(whole, taken_apart(whole, labels, fields), counts(whole))


@contextmanager
def workers(count: int | None, cluster: str | None) -> Iterator[Executor]:
    """Who does the work: so many TeX runs at a time on this machine, or a Dask cluster at an address."""
    if cluster is None:
        pool = ThreadPoolExecutor(count)
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)      # stopped: nothing more is begun
        return
    with _cluster(cluster) as client:
        yield client.get_executor()


def _cluster(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise InputError("dask.distributed is not installed", where="--cluster",
                         expected="pip install 'derive-backprop[cluster]'") from None
    try:
        return Client(address, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise InputError(f"no Dask scheduler answers at {address} ({error})", where="--cluster",
                         expected="an address such as tcp://host:8786") from None


def done_before(run: Run) -> bool:
    """Whether an earlier start of the same command has finished this run."""
    return run.whole.is_file() and all(path.is_file() for path in run.sheets)


def set_all(runs: Sequence[Run], pool: Executor, engine: str | None, pages: Mapping[str, int],
            done: Callable[[int, int], None]) -> tuple[Failure, ...]:
    """Set every run and write its files; students who fail are told, the others get their sheets.

    `pages` says how many pages a sheet of each kind mostly has; `done(made, of)` counts sheets.
    """
    total, made = sum(len(run.places) for run in runs), 0
    failures: list[Failure] = []
    open_: dict[Any, tuple[Run, tuple[int, ...]]] = {}
    for run in runs:
        if done_before(run):
            made += len(run.places)
        else:
            guess = (pages[run.kind],) * len(run.places)
            open_[_submit(pool, run, guess, engine)] = (run, guess)
    done(made, total)
    for future in _completed(open_):
        run, guess = open_.pop(future)
        outcome = future.result()
        if isinstance(outcome, Made) and outcome.pages != guess:    # "page x of y" was wrong for somebody
            open_[_submit(pool, run, outcome.pages, engine)] = (run, outcome.pages)
            continue
        if isinstance(outcome, Made):
            _write(run, outcome)
        else:
            failures += _one_by_one(run, engine, pages[run.kind], outcome)
        made += len(run.places)
        done(made, total)
    return tuple(sorted(failures, key=lambda failure: (failure.place, failure.kind)))


def _completed(open_: dict[Any, Any]) -> Iterator[Any]:
    """Futures as they are done, those that are begun meanwhile too."""
    while open_:
        yield next(as_completed(open_))


def _submit(pool: Executor, run: Run, pages: Sequence[int], engine: str | None) -> Any:
    return pool.submit(set_text, run.text(run.places, pages), run.labels, dict(run.fields), engine)


def _write(run: Run, made: Made) -> None:
    """Everybody's file first; the run's own last, as it says that the others are there."""
    for path, sheet in zip(run.sheets, made.sheets, strict=True):
        write_whole(path, sheet)
    write_whole(run.whole, made.whole)


def _one_by_one(run: Run, engine: str | None, pages: int, trouble: Trouble) -> Iterator[Failure]:
    """A run that failed, in halves: those who can be set are, the others are named with what TeX said."""
    if len(run.places) == 1:
        write_whole(run.sheets[0].with_suffix(".tex"), run.text(run.places, (pages,)).encode())
        yield Failure(run.places[0], run.kind, trouble.line)
        return
    middle = len(run.places) // 2
    for low, high in ((0, middle), (middle, len(run.places))):
        part = Run(run.kind, run.places[low:high], run.text, run.sheets[low:high], run.labels[low:high], run.fields,
                   run.whole.with_name(f"{run.whole.stem}-{low}-{high}.pdf"))
        guess: tuple[int, ...] = (pages,) * len(part.places)
        outcome = set_text(part.text(part.places, guess), part.labels, part.fields, engine)
        if isinstance(outcome, Made) and outcome.pages != guess:
            outcome = set_text(part.text(part.places, outcome.pages), part.labels, part.fields, engine)
        if isinstance(outcome, Made):
            _write(part, outcome)
        else:
            yield from _one_by_one(part, engine, pages, outcome)


def mark(*parts: object) -> str:
    """A short mark of some values."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()
