"""From .tex to .pdf: in a folder of its own, as often as the log asks, and put in place when it is whole."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from derive.engines import KINDS, Engine, Locate, choose, engines, locate, run
from derive.errors import DeriveError, InputError, PdfError
from derive.preamble import cache_folder, put_format, split
from derive.texlog import Problem, asks_again, first_error, problems

__all__ = [
    "Diagnosis",
    "Engine",
    "Problem",
    "Typeset",
    "cache_folder",
    "choose",
    "doctor",
    "engines",
    "problems",
    "sweep",
    "typeset",
    "typeset_all",
    "write_whole",
]

_PART = re.compile(r"\..+\.\d+-\d+")   # a file that is being written
_RUNS = 4  # references settle in two or three
_SECONDS = 120.0
_TEST_PAGE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern,amsmath,tikz}
\begin{document}
$\sigma(x)=\frac{1}{1+e^{-x}}$ \tikz\draw (0,0) circle (1);
\end{document}
"""


@dataclass(frozen=True, slots=True)
class Typeset:
    """A PDF that was made, and what TeX complained of (an empty tuple: a clean log)."""

    path: Path
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How an engine does: where it is (None: not found), its version, what went wrong ("": it works)."""

    name: str
    command: Path | None
    version: str
    trouble: str

    @property
    def works(self) -> bool:
        """Whether it set the test page."""
        return self.command is not None and not self.trouble

    def __str__(self) -> str:
        state = "works" if self.works else self.trouble
        return f"{self.name:9} {state}" + (f": {self.version} ({self.command})" if self.command else "")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What TeX left: its exit status (None: stopped by the time limit), log and PDF (None: no whole one)."""

    status: int | None
    log: str
    pdf: bytes | None


def typeset(
    tex: str, target: Path, engine: Engine, *, seconds: float = _SECONDS, cache: Path | None = None
) -> Typeset:
    """Set the document `tex` and put the PDF at `target`; the same text gives the same bytes.

    `seconds` limits one TeX run; `cache` is where dumped preambles are kept (`cache_folder()`; None: nowhere,
    which costs time and changes nothing). PdfError with TeX's first error if there is one; .tex and .log then
    lie beside the target, which is left as it was. InputError if the folder cannot be written to.
    """
    with tempfile.TemporaryDirectory(prefix="derive-", ignore_cleanup_errors=True) as name:
        outcome = _set(tex, Path(name), engine, seconds, cache)
    if outcome.pdf is None:
        raise _failure(tex, outcome, target, engine, seconds)
    write_whole(target, outcome.pdf)
    return Typeset(target, problems(outcome.log))


def typeset_all(
    documents: Iterable[tuple[str, Path]],
    engine: Engine,
    *,
    workers: int | None = None,
    seconds: float = _SECONDS,
    cache: Path | None = None,
    done: Callable[[int, int], None] = lambda made, of: None,
) -> tuple[Typeset | DeriveError, ...]:
    """Set many documents (text, target) at once; what became of each, in their order.

    One that fails stops no other. `done(made, of)` is called after each, in the caller's thread; `workers`
    TeX runs go on at a time (default: one a processor).
    """
    from concurrent.futures import ThreadPoolExecutor, as_completed

    def one(document: tuple[str, Path]) -> Typeset | DeriveError:
        try:
            return typeset(*document, engine, seconds=seconds, cache=cache)
        except DeriveError as error:
            return error

    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        made = [pool.submit(one, document) for document in documents]
        try:
            for count, _ in enumerate(as_completed(made), start=1):
                done(count, len(made))
        finally:
            pool.shutdown(cancel_futures=True)
    return tuple(future.result() for future in made)


def doctor(locate: Locate = locate) -> tuple[Diagnosis, ...]:
    """Every kind of engine: whether it is there and sets a page with the sheets' packages."""
    found = {engine.name: engine for engine in engines(locate)}
    return tuple(
        _diagnose(found[kind.name]) if kind.name in found else Diagnosis(kind.name, None, "", "not found")
        for kind in KINDS
    )


def write_whole(target: Path, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it; InputError if the folder cannot be written to."""
    part = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}")    # as _PART
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(data)
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, ValueError) as error:      # a NUL byte is no OSError
        what = f"cannot be written ({getattr(error, 'strerror', None) or error})"
        raise InputError(what, where=str(target), expected="a folder that can be written to") from error


def sweep(folder: Path) -> None:
    """Remove what writers that were killed have left half-written in a folder; nobody else may be writing there."""
    for part in [path for path in folder.rglob(".*") if _PART.fullmatch(path.name) and path.is_file()]:
        part.unlink(missing_ok=True)


def _set(tex: str, folder: Path, engine: Engine, seconds: float, cache: Path | None) -> _Outcome:
    """With the dumped preamble, or plainly where the engine dumps none or the dumped one fails."""
    parts = split(tex) if engine.kind.dumps else None
    dumped, plain = folder / "dumped", folder / "plain"
    dumped.mkdir()
    plain.mkdir()
    if parts and put_format(engine, parts[0], dumped, seconds, cache):
        outcome = _run(parts[1], dumped, engine, ("-fmt=preamble",), seconds)
        if outcome.pdf is not None or outcome.status is None:
            return outcome
    return _run(engine.kind.prelude + tex, plain, engine, (), seconds)


def _run(tex: str, folder: Path, engine: Engine, more: tuple[str, ...], seconds: float) -> _Outcome:
    """Run the engine until its log asks for no more; the job's name is fixed, as the PDF depends on it."""
    (folder / "document.tex").write_text(tex, encoding="utf-8", newline="\n")
    (folder / "document.out").touch()  # hyperref asks for a second run even where it stays empty
    arguments = (*engine.kind.arguments, *more, "document.tex")
    status, log = None, ""
    for _ in range(_RUNS):
        status = run(engine.command, arguments, folder, seconds)
        log = _text(folder / "document.log")
        if status != 0 or not asks_again(log):
            break
    return _Outcome(status, log, _whole(folder / "document.pdf") if status == 0 else None)


def _failure(tex: str, outcome: _Outcome, target: Path, engine: Engine, seconds: float) -> PdfError:
    """Leave .tex and .log beside the target and tell of TeX's first error with the line it stands on."""
    source, log = target.with_suffix(".tex"), target.with_suffix(".log")
    write_whole(source, tex.encode())
    write_whole(log, outcome.log.encode())
    error = first_error(outcome.log) or Problem("error", "TeX made no PDF")
    if outcome.status is None:
        error = Problem("error", f"TeX was stopped after {seconds:g} seconds")
    lines = tex.split("\n")     # TeX's line may be one of another file
    written = lines[error.line - 1].strip()[:100] if error.line and error.line <= len(lines) else ""
    where = f"{source}:{error.line}" if error.line else str(source)
    line = f" in `{written}`" if written else ""
    return PdfError(f"{error.text}{line} ({engine.name}; its log is {log.name})", where=where)


def _diagnose(engine: Engine) -> Diagnosis:
    with tempfile.TemporaryDirectory(prefix="derive-", ignore_cleanup_errors=True) as name:
        try:
            outcome = _set(_TEST_PAGE, Path(name), engine, _SECONDS, None)
        except PdfError as error:
            return Diagnosis(engine.name, engine.command, engine.version, error.what)
    wrong = first_error(outcome.log) or Problem("error", "made no PDF")
    return Diagnosis(engine.name, engine.command, engine.version, "" if outcome.pdf else wrong.text)


def _whole(path: Path) -> bytes | None:
    """A PDF if it is one to its end; of a document without pages TeX leaves an empty file."""
    data = path.read_bytes() if path.is_file() else b""
    return data if data.rstrip().endswith(b"%%EOF") else None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
