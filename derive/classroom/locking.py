"""One run at a time in a folder: a lock that the system lets go when its holder ends, however it ends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from derive.errors import InputError
from derive.pdf import sweep

_LOCK = ".lock"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """The folder, made if need be, for this run alone; half-written files of one that was killed are swept away.

    InputError where another run is at work in it, or where it cannot be written to.
    """
    path = folder / _LOCK
    lock = _locked(path)
    try:
        sweep(folder)
        yield
    finally:
        with suppress(OSError):     # Windows removes no file that is open
            path.unlink()
        os.close(lock)


def _locked(path: Path) -> int:
    """The lock's file, open and locked; another one where the run before has just removed it."""
    file = _opened(path)
    try:
        _lock()(file)
        if os.path.samestat(os.fstat(file), path.stat()):
            return file
        os.close(file)
    except FileNotFoundError:
        os.close(file)
    except OSError:
        os.close(file)
        raise InputError("another run is at work in it", where=str(path.parent),
                         expected="to wait for its end, or another -o DIR") from None
    return _locked(path)


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except (OSError, ValueError) as error:      # a NUL byte is no OSError
        what = f"cannot be written to ({getattr(error, 'strerror', None) or error})"
        raise InputError(what, where=str(path.parent), expected="a folder that can be written to") from None


def _lock() -> Callable[[int], None]:
    """The system's way to lock an open file at once or not at all (OSError)."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        return lambda file: msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    return lambda file: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
