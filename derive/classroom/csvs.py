"""CSV files as they come and go: any separator read, no formula ever written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from derive.errors import InputError

_SEPARATORS = ",;\t"


def read_text(path: Path) -> str:
    """A CSV file's text; InputError with the row where it is not UTF-8."""
    try:
        return decoded(path.read_bytes(), str(path))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), expected="a CSV file") from None


def decoded(data: bytes, where: str) -> str:
    """A CSV file's bytes as text, without a byte order mark."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[:error.start].count(b"\n") + 1
        raise InputError("not UTF-8", where=f"{where}: row {row}", expected="the file saved as UTF-8") from None
    if "\0" in text:
        row = text[:text.index("\0")].count("\n") + 1
        raise InputError("a character that is none (code 0)", where=f"{where}: row {row}", expected="a CSV file")
    return text


def rows_of(text: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV text (comma, semicolon or tab) that are not empty, numbered as a spreadsheet does.

    InputError with the number of a row that is none.
    """
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(f"this is no row of CSV ({error})", where=f"{where}: row {number}",
                             expected="quotes that are closed, and doubled inside a cell") from None
        if any(cell.strip() for cell in row):
            yield number, row


def cell(text: str) -> str:
    """A cell for a CSV file that no spreadsheet takes for a formula."""
    risky = text[:1] in "=@\t\r" or (text[:1] in "+-" and not re.fullmatch(r"[+-]?[\d.,]+(?:e[+-]?\d+)?", text))
    return f"'{text}" if text and risky else text


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """A CSV file in UTF-8; no cell begins a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([*map(cell, row)] for row in (tuple(header), *rows))
    return out.getvalue().encode()
