"""Layers that are too wide for a matrix on paper: its first and last entries stand for all of them.

What is left out of the givens is written out in a frame of its own at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from derive.blocks import Figure, Frame, Grid, Line, Math, Member, Prose, Text, Working
from derive.quantities import Id
from derive.tex import WIDEST, shortened
from derive.working import Desk

WORDS = (f"A matrix of more than {WIDEST} rows or columns is shown by its first and its last ones; between them it "
         "goes on in the same way. All givens are written out at the end.")


def is_wide(at: Desk) -> bool:
    """Whether whole layers are shown and one of them has too many units."""
    return at.level == "layer" and max(at.names.units) > WIDEST


def elided(frame: Frame) -> Frame:
    """The frame with dots for the middle of matrices of figures that are too wide or too high."""
    return replace(frame, blocks=tuple(
        replace(block, lines=tuple(map(_line, block.lines))) if isinstance(block, Working) else block
        for block in frame.blocks))


def _line(line: Line) -> Line:
    return replace(line, members=tuple(map(_member, line.members)))


def _member(member: Member) -> Member:
    return replace(member, value=_grid(member.value)) if isinstance(member.value, Grid) else member


def _grid(whole: Grid) -> Grid:
    rows = [tuple(shortened(row, _dots(r"\cdots"))) for row in whole.rows]
    down = tuple(_dots(r"\ddots" if cell.latex == r"\cdots" else r"\vdots") for cell in rows[0]) if rows else ()
    return Grid(tuple(shortened(rows, down)))


def _dots(latex: str) -> Figure:
    return Figure(latex, "")


def wide_givens(at: Desk) -> Iterator[Frame]:
    """The givens of wide layers, entry by entry."""
    known = [q for q in at.derivation.graph.givens if at.figures.known(q)] if is_wide(at) else []
    wide = [q for q in known if max(getattr(at.figures.value(q), "shape", (0,))) > WIDEST]
    if wide:
        yield Frame("All givens of the wide layers", tuple(Prose(_entries(at, q)) for q in wide))


def _entries(at: Desk, quantity: Id) -> Text:
    """A vector's entries one after the other, a matrix's row by row."""
    rows = [[Math(at.figures.cell(e, v)) for e, v in row] for row in at.figures.cells(quantity)]
    if 1 in (len(rows), len(rows[0])):
        return Math(at.names.latex(quantity)), ": ", *_listed([cell for row in rows for cell in row])
    runs: list[Any] = [Math(at.names.latex(quantity))]
    for number, row in enumerate(rows, 1):
        runs += [f"{',' if number == 1 else ';'} row {number}: ", *_listed(row)]
    return tuple(runs)


def _listed(cells: list[Math]) -> Iterator[str | Math]:
    for place, cell in enumerate(cells):
        yield from (", ", cell) if place else (cell,)
