"""Numbers and names of a lecture file to cells, rows and matrices of the right shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from derive.errors import InputError, nearest

Raw = Decimal | str


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as it was written (0.20 keeps its digits), or a name; without figures `value` may be None."""

    value: Decimal | None
    name: str = ""


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What a file gives: the values of its names, and whether figures are asked for at all."""

    source: str
    values: Mapping[str, Decimal]
    figures: bool

    def at(self, key: str) -> str:
        """The place of a key, as errors show it."""
        return f"{self.source}: {key}"


def cell(raw: Raw, given: Given, key: str) -> Cell:
    """A number in place, or a name with its value; InputError where it has none."""
    if isinstance(raw, Decimal):
        return Cell(raw)
    if given.figures and raw not in given.values:
        near = nearest(raw, tuple(given.values)) if given.values else ""
        raise InputError(f"the name {raw} has no value", where=given.at(key),
                         expected=f"{raw} under [values]" + (f", which has {near}" if near else ""))
    return Cell(given.values.get(raw), raw)


def row(raw: tuple[Raw, ...] | None, length: int, unit: str, given: Given, key: str) -> Row:
    """A row of `length` cells, one for each `unit`; without figures it may be left out (nameless symbols)."""
    if raw is None:
        if given.figures:
            raise InputError("missing", where=given.at(key), expected=f"{length} numbers or names")
        return (Cell(None),) * length
    if len(raw) != length:
        raise InputError(_count(len(raw), 'entry'), where=given.at(key),
                         expected=f"{length}, one for each {unit}")
    return tuple(cell(entry, given, f"{key}[{i}]") for i, entry in enumerate(raw, 1))


def matrix(raw: tuple[tuple[Raw, ...], ...] | None, to: int, sender: int, by_column: bool,
           given: Given, key: str) -> tuple[Row, ...]:
    """Weights [to][from]; with `by_column` the file has them [from][to]."""
    shape = ((to, "unit"), (sender, "sending unit"))
    (height, of), (width, by) = shape[::-1] if by_column else shape
    if raw is None and given.figures:
        raise InputError("missing", where=given.at(key),
                         expected=f"{height} rows of {width}, or figures = false")
    if raw is not None and len(raw) != height:
        raise InputError(_count(len(raw), 'row'), where=given.at(key),
                         expected=f"{height}, one for each {of}")
    rows = tuple(row(None if raw is None else raw[i], width, by, given, f"{key}[{i + 1}]")
                 for i in range(height))
    return tuple(zip(*rows, strict=True)) if by_column else rows


def spread_out(raw: Any, length: int) -> Any:
    """Rows of samples as they are, a row of single numbers as a sample each; None for anything else."""
    if not raw or isinstance(raw[0], tuple):
        return raw or None
    return tuple((each,) for each in raw) if length == 1 else None


def samples(raw: tuple[Raw, ...] | tuple[tuple[Raw, ...], ...] | None, length: int, unit: str,
            given: Given, key: str) -> tuple[Row, ...]:
    """One row a sample; a file with one sample may write the row alone."""
    if raw is None or not raw or not isinstance(raw[0], tuple):
        return (row(raw, length, unit, given, key),)  # type: ignore[arg-type]
    return tuple(row(entry, length, unit, given, f"{key}[{i}]")
                 for i, entry in enumerate(raw, 1))


def _count(number: int, noun: str) -> str:
    plural = {"entry": "entries", "row": "rows"}
    return f"{number} {noun if number == 1 else plural[noun]}"
