"""A lecture file's bytes to plain tables: reading, and the limits that no lecture passes."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from derive.errors import InputError, TooLargeError

MOST_BYTES = 4_000_000
MOST_DIGITS = 50          # figures are computed at 50 digits
MOST_EXPONENT = 300       # further rounds run in double precision
MOST_DEPTH = 8
_TOO_LARGE = Decimal(f"1e{MOST_EXPONENT + 1}")
_LONG_INTEGER = re.compile(r"\d(?:_?\d){4000,}")
# a key of 33 parts or more: tomllib's time and memory grow with the square of the parts
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![\w-]){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{32}}")


def read_bytes(path: Path, shown: str) -> bytes:
    """The file's bytes; InputError where it cannot be read, TooLargeError over 4 MB."""
    try:
        if path.is_dir():
            raise InputError("is a folder", where=shown, expected="a lecture file (.toml)")
        if path.exists() and not path.is_file():    # reading a pipe would wait for whoever writes it
            raise InputError("is no regular file", where=shown, expected="a lecture file (.toml)")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError("no such file", where=shown, expected="a lecture file (.toml)") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        what = f"cannot be read ({reason})"
        raise InputError(what, where=shown, expected="a lecture file (.toml)") from None
    if len(data) > MOST_BYTES:
        raise TooLargeError("is too large", where=shown, expected="at most 4 MB")
    return data


def read_tables(data: bytes, shown: str) -> dict[str, Any]:
    """The TOML tables, decimals as they are written; InputError with line and column where it is no TOML."""
    text = _decoded(data, shown).replace("\r\n", "\n")
    if _LONG_KEY.search(text):
        raise _too_deep(shown)
    try:
        tables = _parsed(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text, shown) from None
    except RecursionError:
        raise _too_deep(shown) from None
    _check_depth(tables, shown)
    return tables


def _parsed(text: str) -> dict[str, Any]:
    """The tables; a number that Python cannot read comes out as one that is too large, to be named by its key."""
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # an integer of over 4,300 digits
        return tomllib.loads(_LONG_INTEGER.sub(f"{_TOO_LARGE:.0f}", text), parse_float=_decimal)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:    # an exponent such as 10^20
        return _TOO_LARGE


def _decoded(data: bytes, shown: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[:error.start].count(b"\n") + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise InputError("bytes that are not UTF-8", where=f"{shown}:{line}:{column}",
                         expected="a text file in UTF-8") from None


def _syntax_error(message: str, text: str, shown: str) -> InputError:
    """tomllib ends its messages with (at line 3, column 5) or (at end of document)."""
    what, _, place = message.partition(" (at ")
    if found := re.match(r"line (\d+), column (\d+)", place):
        line, column = int(found[1]), int(found[2])
    else:
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    what = " ".join(what.split())[:200]
    return InputError(f"not TOML: {what[:1].lower()}{what[1:]}", where=f"{shown}:{line}:{column}")


def _check_depth(tables: dict[str, Any], shown: str) -> None:
    """Level by level, so that no depth overflows the stack."""
    level: list[Any] = [tables]
    for _ in range(MOST_DEPTH + 1):
        level = [child for node in level for child in (node.values() if isinstance(node, dict) else node)
                 if isinstance(child, (dict, list))]
    if level:
        raise _too_deep(shown)


def _too_deep(shown: str) -> TooLargeError:
    return TooLargeError("is nested too deeply", where=shown, expected=f"at most {MOST_DEPTH} levels")


def too_large(number: Decimal) -> bool:
    """Whether a finite number has more digits or a larger exponent than the program computes with."""
    digits = len(number.as_tuple().digits)
    return digits > MOST_DIGITS or (number != 0 and abs(number.adjusted()) > MOST_EXPONENT)
