"""The parts of a worksheet as values: frames of blocks, printed by the templates.

LaTeX stands only in `Math`, `Member`, `Figure`, `Node` and `Edge` fields named
`latex`, `label` or `lhs`, and was made by our own printer. Every plain `str` is
text from outside or from us and is escaped when it is printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Math:
    """A formula inside running text (LaTeX, no dollar signs)."""

    latex: str


Text = tuple[str | Math, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the working: `latex` as it is shown (-0.0586), `id` whose it is ("": it is never asked for).

    `blank` is its number on the sheet where the student fills it in (from 1), None
    where it is printed on every kind of sheet; `points` it is worth. `again`: it stands
    there a second time, the sheet refers to that blank. `note` stands in the blank: how many
    decimals, where they are not the sheet's usual ones ("5 decimals, later 6").
    """

    latex: str
    id: str
    blank: int | None = None
    points: float = 1
    again: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A vector or matrix of figures, row by row."""

    rows: tuple[tuple[Figure, ...], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a chain of equalities: a formula, the formula with numbers put in, or the figure.

    `value` is set where `role` is "figure" (latex is empty then). A formula or
    numbers member is blank on the sheet where `blank` is set (`--blank formulas`).
    """

    role: Literal["formula", "numbers", "figure"]
    latex: str = ""
    value: Figure | Grid | None = None
    blank: bool = False
    relation: str = "="


@dataclass(frozen=True, slots=True)
class Line:
    """One step of working: lhs = member = member …; `label` is the number of a numbered step ("1")."""

    lhs: str
    members: tuple[Member, ...]
    label: str = ""
    note: Text = ()


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph of running text, or a bullet; an intro or a lead (bold) is not parted from what follows."""

    text: Text
    style: Literal["text", "bullet", "intro", "lead"] = "text"


@dataclass(frozen=True, slots=True)
class Working:
    """Steps that belong together; a page never breaks inside a line."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text, formulas and figures; the first row is the header."""

    header: tuple[Text, ...]
    rows: tuple[tuple[Text | Figure, ...], ...]
    caption: Text = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A unit or an equation's quantity in a drawing.

    `column` and `row` place it (from 0; rows of a column are centred); `label` is its
    name, `above`/`below` further LaTeX at its side: its bias, its figure, its gradient.
    """

    id: str
    column: int
    row: int
    label: str
    kind: Literal["input", "unit", "output", "target", "bias", "dots"] = "unit"
    above: str = ""
    below: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow between two nodes with a label on it (a weight's name or number)."""

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Diagram:
    """The network or graph; `alt` says in words what it shows, `columns` names each column in words.

    `found` says which figures in it the sheet asks for, so that a sheet with blanks leaves them
    out: what stands above the units, or all values of units and edges; inputs and targets are given.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    alt: str
    columns: tuple[str, ...] = ()
    found: Literal["", "above", "values"] = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve: `points` and the places of its ticks lie between 0 and 1, right and up.

    `right` and `up` pair a tick's place with its label (LaTeX); `alt` says in words what it shows.
    """

    points: tuple[tuple[float, float], ...]
    right: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]
    right_title: Text
    up_title: Text
    alt: str


@dataclass(frozen=True, slots=True)
class Space:
    """Room to work: as many empty lines on the sheet (kept on the key, left out on slides)."""

    lines: int


Block = Prose | Working | Table | Diagram | Curve | Space


@dataclass(frozen=True, slots=True)
class Frame:
    """One idea: a title band and what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Worksheet:
    """A whole sheet: what stands at its head, and its frames in order."""

    title: str
    frames: tuple[Frame, ...]
    author: str = ""
    course: str = ""
    date: str = ""
    points: int = 0
    paper: Literal["a4", "letter"] = "a4"
    language: str = "en"
    how: str = ""     # how figures are to be given, on sheet and key

    def __repr__(self) -> str:
        return f"<worksheet {self.title!r}: {len(self.frames)} frames>"
