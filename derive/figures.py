"""The figures of a derivation as a lecture shows them.

A figure is found with so many decimals and put in later with as many or others. With
`carry = "shown"` the working goes on with the figures as they were put in; otherwise with
the exact values. Givens stand as they were written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from derive.chain import Derivation
from derive.errors import InputError
from derive.graph import arguments
from derive.lecture import Cell, Lecture
from derive.printing import grid
from derive.quantities import Id, New, Quantity, before, core, entry, generalisations, quantity_of
from derive.rounding import scientific, shown, to_decimal
from derive.rounds import round_of
from derive.trees import context
from derive.updating import settings

T = TypeVar("T")
_LEAST = 2      # significant digits of a figure that would otherwise show as zero
_MOST_ROUNDS = 10**7
_LONGEST, _WIDEST = 12, 15  # decimals, places before the point; beyond them a figure has a power of ten


@dataclass(frozen=True)
class Figures:
    """Values and figures of one derivation, worked along a route (`reasons`, ranked)."""

    lecture: Lecture
    derivation: Derivation
    reasons: tuple[str, ...]
    written: Mapping[Id, str]        # givens as they were written
    turned: bool = False             # weights stand as [from][to] in a matrix (row vectors)

    def known(self, quantity: Id) -> bool:
        """Whether the quantity has a figure at all."""
        return quantity in self.derivation.values or (_later(quantity) and bool(self.derivation.values))

    def value(self, quantity: Id) -> Any:
        """The value the figure is a rounding of: exact, or along the figures shown before it."""
        if quantity not in self._values:
            self._values[quantity] = self._value(quantity)
        return self._values[quantity]

    @cached_property
    def _values(self) -> dict[Id, Any]:
        return {}

    def _value(self, quantity: Id) -> Any:
        if _later(quantity) and quantity not in self.derivation.values:
            return _trained(self.lecture, quantity)
        step = self.derivation.pick(quantity, self.reasons)
        if self.lecture.display.carry == "exact" or step is None:
            return self.derivation.values[quantity]
        graph = self.derivation.graph
        return graph.figure(quantity, step.formula, {q: self.carried(q) for q in arguments(step.formula)})

    def carried(self, quantity: Id) -> Any:
        """The value as it is put in, a number again."""
        value = self.value(quantity)
        if quantity in self.derivation.graph.givens:
            return value
        if hasattr(value, "shape"):
            import numpy

            texts = [[self._text(e, v, 1) for e, v in row] for row in self.cells(quantity)]
            return numpy.array([[context().mpf(_plain(t)) for t in row] for row in texts], dtype=object)
        return context().mpf(_plain(self._text(quantity, value, 1)))

    def cells(self, whole: Id) -> Iterator[list[tuple[Id, Any]]]:
        """A vector's or matrix's rows of (id, value)."""
        value = self.value(whole)
        vector = 1 in value.shape and core(whole).kind.rpartition("_")[2] != "w"
        for i, row in enumerate(value, 1):
            yield [(entry(whole, (max(i, j),) if vector else (j, i) if self.turned else (i, j)), v)
                   for j, v in enumerate(row, 1)]

    def standing(self, whole: Id, entry_: Id) -> Any:
        """The value of one entry of a vector or matrix, without making its other cells."""
        value, place = self.value(whole), [i - 1 for i in core(entry_).index[1:]]
        return value.flat[place[0]] if len(place) == 1 else value[tuple(place[::-1] if self.turned else place)]

    def found(self, quantity: Id) -> str:
        """The figure where it is found (LaTeX); a whole layer as a matrix."""
        return self._shown(quantity, 0)

    def put_in(self, quantity: Id) -> str:
        """The figure where it is put in later (LaTeX)."""
        return self._shown(quantity, 1)

    def _shown(self, quantity: Id, place: int) -> str:
        written = self._as_written(quantity)
        if written:
            return written
        if hasattr(self.value(quantity), "shape"):
            return grid(tuple(tuple(self.cell(e, v, place) for e, v in row) for row in self.cells(quantity)))
        return self._text(quantity, self.value(quantity), place)

    def _as_written(self, quantity: Id) -> str:
        """A given's own digits, also where a derivative is just that given."""
        step = self.derivation.pick(quantity, self.reasons) if quantity not in self.written else None
        formula: Any = self._case(step.formula) if step is not None else None
        if formula is not None and formula.is_Integer:
            return str(formula)
        if formula is not None and formula.is_Symbol:
            quantity = quantity_of(formula.name)
        return self.written.get(quantity, "")

    def _case(self, formula: Any) -> Any:
        """Of a function by cases the case that holds."""
        if formula.func.__name__ != "Piecewise" or not self.derivation.values:
            return formula
        holds = (value for value, holds in formula.args if self.derivation.graph.value(holds, self.derivation.values))
        return self._case(next(holds))

    def cell(self, quantity: Id, value: Any, place: int = 0) -> str:
        """One entry's figure."""
        return self.written.get(quantity) or self._text(quantity, value, place)

    def _text(self, quantity: Id, value: Any, place: int) -> str:
        return figure(value, self.decimals(quantity)[place], self.mode(quantity))

    def decimals(self, quantity: Id) -> tuple[int, int]:
        """Decimals where the figure is found, and where it is put in later."""
        display, quantity = self.lecture.display, _as_updated(quantity)
        return _lookup(dict(display.decimals_of), quantity, (display.decimals, display.decimals))

    def mode(self, quantity: Id) -> str:
        """half-up, half-even or cut."""
        return _lookup(dict(self.lecture.display.rounding_of), _as_updated(quantity), self.lecture.display.rounding)


def _as_updated(quantity: Id) -> Id:
    """A parameter after some updates is shown as the update showed it."""
    if isinstance(quantity, Quantity) and quantity.round and quantity.kind in ("w", "b"):
        return New(replace(quantity, round=None))
    return quantity


def _lookup(table: Mapping[str, T], quantity: Id, default: T) -> T:
    return next((table[key] for key in generalisations(quantity) if key in table), default)


def figure(value: Any, decimals: int, mode: str) -> str:
    """The figure as LaTeX; where it would show as zero and is none, its first digits instead."""
    exact = to_decimal(value)
    if not exact:
        return "0"
    if exact.adjusted() >= _WIDEST:
        return _scientific(exact, mode)
    text = shown(exact, decimals, mode)
    if text.strip("-0."):
        return text
    places = _LEAST - 1 - exact.adjusted()
    return shown(exact, places, mode) if places <= _LONGEST else _scientific(exact, mode)


def _scientific(exact: Any, mode: str) -> str:
    digits, power = scientific(exact, 4, mode)
    return rf"{digits} \times 10^{{{power}}}"


def _plain(text: str) -> str:
    return text.replace(r" \times 10^{", "e").rstrip("}")


def _later(quantity: Id) -> bool:
    """Whether an id says after how many updates."""
    return before(quantity) != quantity


def _trained(lecture: Lecture, quantity: Id) -> Any:
    from derive.training import ask

    if round_of(quantity) > _MOST_ROUNDS:
        raise InputError(f"{quantity} is too many updates away", where=lecture.source,
                         expected=f"at most {_MOST_ROUNDS} updates")
    return context().mpf(repr(ask(lecture, quantity)))     # 0.35 is not cut off to 0.3499


def written(lecture: Lecture, ids: Mapping[Id, Any]) -> dict[Id, str]:
    """The givens of a lecture as they were written, by id (all places of a shared one)."""
    from derive.lecture import places
    from derive.network import samples

    found: dict[Id, str] = {}
    cells = {place: cell for place, (_, cell) in places(lecture).items()}
    numbers = samples(lecture) if lecture.network else ()
    for sample, inputs, targets in zip(numbers, lecture.inputs, lecture.targets, strict=True):
        cells |= {Quantity("x", (i,), sample): cell for i, cell in enumerate(inputs, 1)}
        cells |= {Quantity("target", (i,), sample): cell for i, cell in enumerate(targets, 1)}
    if lecture.network is not None or (lecture.derive and lecture.derive.parameters):
        cells |= {q: Cell(Decimal(text)) for q, text in settings(lecture.training).items()}
    cells[Quantity("learning_rate")] = lecture.training.learning_rate
    found = {quantity: _typed(cell.value) for quantity, cell in cells.items() if cell.value is not None}
    return found | {Quantity(name): _typed(value) for name, value in lecture.values if Quantity(name) in ids}


def _typed(value: Decimal) -> str:
    """A given with the digits it was written with; a row of zeros nobody would count is a power of ten."""
    power = value.adjusted()
    if not value or -_LONGEST <= power < _WIDEST:
        return f"{value:f}"
    digits = value.scaleb(-power)
    return rf"{digits.normalize() if power > 0 else digits:f} \times 10^{{{power}}}"
