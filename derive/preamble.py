"""Dumped preambles: what a document loads before it begins, kept as a pdfTeX format.

Loading LaTeX's packages takes most of a TeX run; a format has them loaded. A kept format is as good as
new as long as every file that went into it is unchanged.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from derive.engines import Engine, run

_KEEP = 12  # formats of about 7 MB each
_BEGIN = re.compile(r"^\\begin\{document\}", re.MULTILINE)


def cache_folder(name: str = "preambles") -> Path | None:
    """The user's folder for formats (or for `name`), made if need be; None where none can be written to."""
    import platformdirs

    folder = platformdirs.user_cache_path("derive", appauthor=False) / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def split(tex: str) -> tuple[str, str] | None:
    """A document's preamble, and the document that needs it no more, its line numbers as before.

    None for a text without a `\\begin{document}` at the start of a line.
    """
    found = _BEGIN.search(tex)
    if not found:
        return None
    preamble = tex[: found.start()]
    return preamble, "%\n" * preamble.count("\n") + tex[found.start() :]


def put_format(engine: Engine, preamble: str, folder: Path, seconds: float, cache: Path | None) -> bool:
    """Put the preamble's format into `folder` as `preamble.fmt`; False if the engine cannot dump it.

    It comes from `cache` where a fresh one lies, and goes there otherwise.
    """
    kept = cache / f"{_key(engine, preamble)}.fmt" if cache else None
    target = folder / "preamble.fmt"
    if kept and _fetch(kept, target):
        return True
    if not _dump(engine, preamble, folder, seconds):
        return False
    if kept:
        _keep(target, kept)
    return True


def _key(engine: Engine, preamble: str) -> str:
    program = engine.command.stat()
    made_of = (engine.version, str(engine.command), program.st_mtime_ns, program.st_size, preamble)
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:32]


def _dump(engine: Engine, preamble: str, folder: Path, seconds: float) -> bool:
    (folder / "preamble.tex").write_text(preamble + "\n\\dump\n", encoding="utf-8")
    how = ("-ini", "-recorder", "-jobname=preamble", *engine.kind.arguments, "&pdflatex", "preamble.tex")
    return run(engine.command, how, folder, seconds) == 0 and (folder / "preamble.fmt").is_file()


def _fetch(kept: Path, target: Path) -> bool:
    """Copy a kept format if it is there and fresh; a copy, as another process may tidy up meanwhile."""
    try:
        if kept.with_suffix(".from").read_text(encoding="utf-8") != _stamps(kept.with_suffix(".fls")):
            return False
        shutil.copyfile(kept, target)
        os.utime(kept)
    except OSError:
        return False
    return True


def _keep(made: Path, kept: Path) -> None:
    """Keep a format, whole or not at all; that it cannot be kept is no error."""
    try:
        with tempfile.TemporaryDirectory(dir=kept.parent, prefix="new-") as name:
            fresh = Path(name) / kept.name
            shutil.copyfile(made, fresh)
            shutil.copyfile(made.with_suffix(".fls"), fresh.with_suffix(".fls"))
            fresh.with_suffix(".from").write_text(_stamps(fresh.with_suffix(".fls")), encoding="utf-8")
            for part in (".fls", ".fmt", ".from"):
                os.replace(fresh.with_suffix(part), kept.with_suffix(part))
        _tidy(kept.parent)
    except OSError:
        return


def _tidy(folder: Path) -> None:
    """Let go of the formats that were not used for longest."""
    formats = sorted(folder.glob("*.fmt"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in formats[_KEEP:]:
        for part in (".from", ".fmt", ".fls"):
            path.with_suffix(part).unlink(missing_ok=True)


def _stamps(recorded: Path) -> str:
    """Size and time of every file of TeX's tree that a run has read (its `-recorder` list)."""
    return "\n".join(f"{path} {at.st_size} {at.st_mtime_ns}" for path, at in _read_files(recorded))


def _read_files(recorded: Path) -> Iterator[tuple[Path, os.stat_result]]:
    lines = recorded.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    names = dict.fromkeys(line.removeprefix("INPUT ") for line in lines if line.startswith("INPUT "))
    return ((path, path.stat()) for name in names if (path := Path(name)).is_absolute())
