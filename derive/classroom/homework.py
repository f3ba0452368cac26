"""What a class works on: a lecture's figures to be filled in, its givens and its formulas."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from derive.blocks import Figure, Frame, Grid, Line, Table, Working
from derive.errors import InputError
from derive.lecture import FrameSpec, Lecture
from derive.quantities import Id, Quantity, parse_id, quantity_of
from derive.rounding import to_decimal
from derive.rounds import round_of, turns_of
from derive.working import Desk, desk, first_place
from derive.worksheet import worksheet

if TYPE_CHECKING:
    from sympy import Expr



@dataclass(frozen=True, slots=True)
class Blank:
    """A figure that students fill in: its decimals and rounding, its points, the line it stands on.

    `given`: it is no more than this given, as it is written.
    """

    id: str
    number: int
    points: float
    decimals: int
    mode: str
    quantity: Id
    line: Line
    given: Id | None = None


@dataclass(frozen=True, eq=False)
class Homework:
    """A lecture made ready for a class.

    `desks` are its parts that have figures, unit by unit; `givens` every given as it is written;
    `formulas` one formula for every other quantity, along the notation's route.
    """

    lecture: Lecture
    notation: str | None
    level: str | None
    desks: tuple[Desk, ...]
    givens: Mapping[Id, str]
    formulas: Mapping[Id, Expr]
    blanks: tuple[Blank, ...]

    @property
    def shown_carry(self) -> bool:
        """Whether the working goes on with the figures as they are shown."""
        return self.lecture.display.carry == "shown"

    def home(self, quantity: Id) -> Id:
        """The id under which a quantity is kept: a shared parameter's first place."""
        for at in self.desks:
            quantity = first_place(at, quantity)
        return replace(quantity, round=None) if isinstance(quantity, Quantity) and quantity.round == 0 else quantity

    def desk_of(self, quantity: Id) -> Desk:
        """The desk at which a quantity is worked."""
        return next((at for at in self.desks if quantity in at.derivation.by_lhs
                     or quantity in at.derivation.graph.givens), self.desks[-1])


@lru_cache(maxsize=8)
def homework(lecture: Lecture, notation: str | None = None, level: str | None = None) -> Homework:
    """The lecture for a class; InputError where it has no figures to fill in."""
    lecture = by_hand(lecture)
    parts = [part for part in lecture.parts or (lecture,) if _has_figures(part)]
    desks = tuple(desk(part, notation, "unit") for part in parts)
    if not desks:
        raise InputError("there are no figures to fill in", where=lecture.source,
                         expected="a lecture with numbers")
    givens: dict[Id, str] = {}
    formulas: dict[Id, Expr] = {}
    for at in desks:
        _joined(givens, _givens(at), lecture)
        _joined(formulas, dict(_formulas(at)), lecture)
    plain = Homework(lecture, notation, level, desks, givens, formulas, ())
    return replace(plain, blanks=tuple(_blanks(plain)))


def _givens(at: Desk) -> dict[Id, str]:
    """Givens as they are written; those that the file does not name (a velocity at the start) as they are."""
    plain = {given: f"{to_decimal(value).normalize():f}" for given, value in at.derivation.graph.givens.items()}
    return {**plain, **{q: text for q, text in at.figures.written.items() if "\\" not in text}}   # no powers of ten


def by_hand(lecture: Lecture) -> Lecture:
    """The lecture without the figures that nobody works by hand: those after more updates than it works in full.

    Fewer decimals than usual suit the lecture's own numbers alone, and are left out too.
    """
    turns = turns_of(lecture)
    frames = tuple(kept for frame in lecture.frames if (kept := _kept(frame, turns)) is not None)
    asked = lecture.variants.decimals
    usual = lecture.display.decimals if asked is None else asked
    fine = tuple(row for row in lecture.display.decimals_of if min(row[1]) >= usual)
    return replace(lecture, frames=frames, display=replace(lecture.display, decimals=usual, decimals_of=fine),
                   parts=tuple(map(by_hand, lecture.parts)))


def _kept(frame: FrameSpec, turns: int) -> FrameSpec | None:
    """The frame; one that shows what many updates come to keeps neither that nor the text about it."""
    asked = {name: parse_id(name) for name in (*frame.show, *frame.brief)}
    if all(round_of(quantity) < turns for quantity in asked.values()):
        return frame
    show, brief = (tuple(name for name in names if "#" not in name) for names in (frame.show, frame.brief))
    return replace(frame, show=show, brief=brief, text="") if show or brief or frame.draw else None


def sit(lecture: Lecture, notation: str | None, level: str | None) -> Desk:
    """The desk at which a class works: it has no table of rounds that training alone can find."""
    at = desk(lecture, notation, level)
    return replace(at, lecture=replace(lecture, training=replace(lecture.training, show_rounds=())))


def _has_figures(lecture: Lecture) -> bool:
    return lecture.figures and (lecture.network is not None or bool(lecture.values))


def _joined(table: dict[Id, Any], more: dict[Id, Any], lecture: Lecture) -> None:
    same = [each for each in more if each in table]
    if same:
        raise InputError(f"{same[0]} is a quantity of two of its parts", where=lecture.source,
                         expected="a class for one part, or other names")
    table.update(more)


def _formulas(at: Desk) -> Iterator[tuple[Id, Expr]]:
    """One formula a quantity: the route's, or where that has none the first there is."""
    for lhs, steps in at.derivation.by_lhs.items():
        step = at.step(lhs)
        yield lhs, (step or steps[0]).formula


def digest(lecture: Lecture) -> bytes:
    """A mark of everything the numbers depend on; prose may be put right without changing anybody's."""
    def essence(one: Lecture) -> object:
        return (one.name, one.notation, one.level, one.figures, one.network, one.inputs, one.targets, one.equations,
                one.values, one.derive, one.training, one.display, one.variants,
                [(f.show, f.brief, f.draw) for f in one.frames], [essence(part) for part in one.parts])
    return hashlib.blake2b(repr(essence(lecture)).encode(), digest_size=32).digest()


# ---------------------------------------------------------------- blanks

def _blanks(of: Homework) -> Iterator[Blank]:
    sheet = worksheet(of.lecture, of.notation, of.level, sit=sit)
    for line, figure in figures_of(sheet.frames):
        if figure.blank is not None:
            yield _blank(of, figure, line)


def figures_of(frames: tuple[Frame, ...]) -> Iterator[tuple[Line, Figure]]:
    """Every figure of a sheet with the line it stands on, in reading order."""
    for block in (block for frame in frames for block in frame.blocks):
        if isinstance(block, Working):
            for line in block.lines:
                yield from ((line, figure) for member in line.members for figure in _in(member.value))
        elif isinstance(block, Table):
            yield from ((Line("", ()), cell) for row in block.rows for cell in row if isinstance(cell, Figure))


def _in(value: Figure | Grid | None) -> tuple[Figure, ...]:
    if isinstance(value, Grid):
        return tuple(figure for row in value.rows for figure in row)
    return () if value is None else (value,)


def _blank(of: Homework, figure: Figure, line: Line) -> Blank:
    assert figure.blank is not None
    quantity = of.home(parse_id(figure.id))
    figures = of.desk_of(quantity).figures
    given = given_of(of, quantity)
    decimals = figures.decimals(quantity)[0] if given is None else decimals_in(of.givens[given])
    return Blank(figure.id, figure.blank, figure.points, decimals, figures.mode(quantity), quantity, line, given)


def given_of(of: Homework, quantity: Id) -> Id | None:
    """The given that a quantity is no more than, as d(net)/d(out) is a weight."""
    if quantity in of.givens:
        return quantity
    formula = of.formulas.get(quantity)
    if formula is None or not formula.is_Symbol:
        return None
    one = quantity_of(formula.name)
    return one if one in of.givens else None


def decimals_in(text: str) -> int:
    """How many decimals a number is written with."""
    return max(0, -int(Decimal(text).as_tuple().exponent))
