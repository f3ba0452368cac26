"""A sheet as a template: its text once, with a slot for every figure that differs from student to student.

The sheet is rendered twice, with all figures positive and with all negative; where the two
differ, a figure's own sign decides (brackets round a negative number behind an operator).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from derive.classroom.figures import FOUND, PUT_IN, Kinks, Sheets
from derive.classroom.homework import Homework, given_of, sit
from derive.figures import Figures
from derive.lecture import Lecture
from derive.quantities import Id
from derive.working import Desk

# A marker takes as many characters as the lecture's own figure, so that everything is as wide as it will be.
_FIRST, _DIGIT = 0xE100, 0xE000
_MARKER = re.compile("\ue100([\ue000-\ue03f]*)")
_OPEN = re.compile(r"\\bigl\(|\\left\(|\(")
_BRACKET = re.compile(r"\\bigl\(|\\left\(|\(|\\bigr\)|\\right\)|\)")

Slot = tuple[Id, int] | str     # a figure where it is found or put in later; a word such as "name"


@dataclass(frozen=True, eq=False)
class Slots:
    """The slots of a template by number, as they are come upon."""

    numbers: dict[Slot, int] = field(default_factory=dict)

    def marker(self, slot: Slot, length: int) -> str:
        """What stands for the slot in the text, so many characters long where that is enough."""
        number = self.numbers.setdefault(slot, len(self.numbers))
        digits = ""
        while number:
            number, digit = divmod(number, 64)
            digits = chr(_DIGIT + digit) + digits
        return chr(_FIRST) + digits.rjust(length - 1, chr(_DIGIT))

    def __getitem__(self, marker: str) -> Slot:
        number = 0
        for character in marker:
            number = 64 * number + ord(character) - _DIGIT
        return [*self.numbers][number]


@dataclass(frozen=True, slots=True)
class Piece:
    """Text by the sign of a slot's figure, and behind it the figure itself, or nothing (a bracket that closes)."""

    slot: Slot
    plus: str
    minus: str
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Template:
    """Text with slots: pieces, and what follows the last."""

    pieces: tuple[Piece, ...]
    tail: str

    def filled(self, texts: Mapping[str, Sequence[str]], sheets: Sheets) -> tuple[str, ...]:
        """The text of each student's sheet; `texts` gives the words of named slots."""
        columns = [_column(piece, texts[piece.slot] if isinstance(piece.slot, str) else sheets.text(*piece.slot))
                   for piece in self.pieces]
        everybody = [""] * len(sheets.numbers.students)
        return tuple("".join(row) + self.tail for row in zip(everybody, *columns, strict=True))


def _column(piece: Piece, texts: Sequence[str]) -> list[str]:
    table = {text: (piece.minus if text.startswith("-") else piece.plus) + text * piece.shown
             for text in dict.fromkeys(texts)}
    return [table[text] for text in texts]


def template(of: Homework, render: Callable[[Callable[[str], str], Any], str], kinks: Kinks = ()) -> Template:
    """The template of a text about the homework.

    `render(word, sit)` makes the text: `word(name)` gives what to write for a named slot, `sit` is
    the desk for `worksheet`, at which figures are slots. The text is for students whose sums are on these
    sides of their kinks.
    """
    slots = Slots()
    plus, minus = (render(lambda name: slots.marker(name, 2), _sitting(of, slots, sign, kinks)) for sign in ("", "-"))
    return _merged(plus, minus, slots)


def _sitting(of: Homework, slots: Slots, sign: str, kinks: Kinks) -> Callable[[Lecture, str | None, str | None], Desk]:
    def own(lecture: Lecture, notation: str | None, level: str | None) -> Desk:
        at = _known_desk(lecture, notation, level)
        exact = replace(lecture, display=replace(lecture.display, carry="exact"))
        marks = {given: sign + slots.marker((given, FOUND), _length(text)) if _varies(of, given) else text
                 for given, text in at.figures.written.items()}
        figures = _Slotted(exact, at.derivation, at.figures.reasons, marks, at.figures.turned,
                           of=of, slots=slots, sign=sign)
        values = {**at.derivation.values, **{net: side for net, side in kinks if net in at.derivation.values}}
        return replace(at, figures=figures, derivation=replace(at.derivation, values=values))
    return own


@lru_cache(maxsize=8)
def _known_desk(lecture: Lecture, notation: str | None, level: str | None) -> Desk:
    return sit(lecture, notation, level)


def _length(text: str) -> int:
    return len(text.removeprefix("-"))


@lru_cache(maxsize=8)
def _varied(of: Homework) -> frozenset[Id]:
    from derive.classroom.grids import grids

    return frozenset(grid.of for grid in grids(of))


def _varies(of: Homework, given: Id) -> bool:
    return of.home(given) in _varied(of)


@dataclass(frozen=True, kw_only=True)
class _Slotted(Figures):
    """Figures that are shown as the markers of their slots."""

    of: Homework
    slots: Slots
    sign: str

    def _case(self, formula: Any) -> Any:
        return formula      # which case holds differs from student to student

    def _text(self, quantity: Id, value: Any, place: int) -> str:
        home = self.of.home(quantity)
        given = given_of(self.of, home)
        if given is not None:
            return self.written.get(given) or self.of.givens[given]
        place = place if self.decimals(quantity)[FOUND] != self.decimals(quantity)[PUT_IN] else FOUND
        return self.sign + self.slots.marker((home, place), _length(super()._text(quantity, value, place)))


# ---------------------------------------------------------------- the two texts as one

def _merged(plus: str, minus: str, slots: Slots) -> Template:
    before_plus, marks = _cut(plus)
    before_minus, same = _cut(minus)
    if marks != same:
        raise ValueError("the texts with positive and with negative figures differ in more than brackets")
    pieces = tuple(_pieces(before_plus, before_minus, marks, slots))
    # what follows the last slot, but for what its last closing brackets have taken
    taken = sum(len(piece.plus) for piece in pieces) - sum(map(len, before_plus[:-1]))
    return Template(pieces, before_plus[-1][taken:])


def _cut(text: str) -> tuple[list[str], list[str]]:
    """The text between the markers, and the markers."""
    parts = _MARKER.split(text)
    return parts[::2], parts[1::2]


def _pieces(plus: list[str], minus: list[str], marks: list[str], slots: Slots) -> Iterator[Piece]:
    """Piece by piece; `open_` are the brackets that are open, with the slot whose sign has opened each."""
    open_: list[Slot | None] = []
    owners: list[Slot | None] = [*(slots[mark] for mark in marks), None]
    for place, (slot, before) in enumerate(zip(owners, plus, strict=True)):
        bare = minus[place].removesuffix("-") if isinstance(slot, tuple) else minus[place]
        last = _OPEN.findall(bare[-6:])
        opened = last[-1] if last and bare.endswith(last[-1]) and not before.endswith(last[-1]) else ""
        *closed, rest = _closed(bare.removesuffix(opened), open_)
        for text, owner, sign in closed:
            head = before[:len(text)] if before.startswith(text) else ""
            yield Piece(owner, head, head + sign, shown=False)
            before = before[len(head):]
        if opened:
            open_.append(slot)
        if slot is not None:
            yield Piece(slot, before, rest[0] + opened)


def _closed(text: str, open_: list[Slot | None]) -> Iterator[tuple[str, Slot, str]]:
    """The text up to each bracket that closes one which a sign has opened, whose, and it; then the rest."""
    start = 0
    for found in _BRACKET.finditer(text):
        if found.group().endswith("("):
            open_.append(None)
        elif open_ and (owner := open_.pop()) is not None:
            yield text[start:found.start()], owner, found.group()
            start = found.end()
    yield text[start:], "", ""
