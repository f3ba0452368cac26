"""The figures of many students as texts: rounded in double precision, or at 50 digits where it is too near to call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derive.classroom.columns import compiled
from derive.classroom.homework import Homework, given_of
from derive.classroom.variants import Numbers
from derive.figures import figure
from derive.functions import ACTIVATIONS, APPLIED
from derive.graph import needed
from derive.quantities import Id, Quantity, quantity_of
from derive.trees import context, evaluate, number
from derive.working import Desk

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

Kinks = tuple[tuple[Id, float], ...]
FOUND, PUT_IN = 0, 1        # places of a figure: where it is found, where it is put in later
Texts = tuple[str, ...]
_MOST_DIGITS = 12           # that double precision is trusted with


def shown(values: Array, decimals: int, mode: str, exact: Callable[[int], Any]) -> Texts:
    """Each value as it is printed; `exact(row)` gives it at 50 digits where a double might be rounded wrongly."""
    import numpy

    with numpy.errstate(all="ignore"):
        scaled = values * 10.0 ** decimals
        whole = _ROUNDED[mode](scaled)
        edge = numpy.abs(scaled - (numpy.round(scaled) if mode == "cut" else numpy.floor(scaled) + 0.5))
        slack = 1e-13 * (numpy.abs(scaled) + 10.0 ** decimals)
        plain = (edge > slack) & (whole != 0) & (numpy.abs(scaled) < 10.0 ** _MOST_DIGITS)
    size = 10 ** decimals
    texts = [f"{count / size:.{decimals}f}" for count in numpy.where(plain, whole, 0).tolist()]
    for row in numpy.flatnonzero(~plain).tolist():
        texts[row] = figure(exact(row), decimals, mode)
    return tuple(texts)


def _half_up(scaled: Array) -> Array:
    import numpy

    return numpy.copysign(numpy.floor(numpy.abs(scaled) + 0.5), scaled)


def _cut(scaled: Array) -> Array:
    import numpy

    return numpy.trunc(scaled)


# away from the edges, where alone these are asked, halves never turn up
_ROUNDED: Mapping[str, Callable[[Any], Any]] = {"half-up": _half_up, "half-even": _half_up, "cut": _cut}


@dataclass(frozen=True, eq=False)
class Sheets:
    """Values and texts of the figures of some students' sheets."""

    numbers: Numbers

    @property
    def of(self) -> Homework:
        """The homework they are of."""
        return self.numbers.of

    @cached_property
    def written(self) -> Mapping[Id, Texts]:
        """Givens as they are written: everybody's own, or the lecture's."""
        count = len(self.numbers.students)
        fixed = {given: (text,) * count for given, text in self.of.givens.items()}
        return {**fixed, **self.numbers.texts()}

    @cached_property
    def _values(self) -> dict[Id, Any]:
        return {given: self._broad(value) for given, value in self.numbers.givens().items()}

    @cached_property
    def _texts(self) -> dict[tuple[Id, int], Texts]:
        return {}

    def value(self, quantity: Id) -> Array:
        """The values that the figures are roundings of: exact, or along the figures shown before."""
        import numpy

        with numpy.errstate(all="ignore"):
            for each in needed((quantity,), self.of.formulas, dict.fromkeys(self._values, "")):
                self._values[each] = self._broad(compiled(self.of.formulas[each])(self._put_in))
        return self._values[quantity]  # type: ignore[no-any-return]

    def text(self, quantity: Id, place: int = FOUND) -> Texts:
        """The figures as the sheets print them."""
        quantity = self.of.home(quantity)
        if (quantity, place) not in self._texts:
            self._texts[quantity, place] = self._text(quantity, place)
        return self._texts[quantity, place]

    def _text(self, quantity: Id, place: int) -> Texts:
        given = given_of(self.of, quantity)
        if given is not None:
            return self.written[given]
        figures = self.of.desk_of(quantity).figures
        texts = shown(self.value(quantity), figures.decimals(quantity)[place], figures.mode(quantity),
                      lambda row: self.exact(quantity, row))
        plain = self._as_written(self.of.formulas.get(quantity))
        return tuple(word or text for word, text in zip(plain, texts, strict=True))

    def _as_written(self, formula: Any) -> Texts:
        """What is shown as it stands, a whole number or a given, also as one of a formula's cases; "" for the rest."""
        count = len(self.numbers.students)
        if formula is None or not (formula.is_Integer or formula.is_Symbol or formula.func.__name__ == "Piecewise"):
            return ("",) * count
        if formula.func.__name__ == "Piecewise":
            cases = [self._as_written(case) for case, _ in formula.args]
            return tuple(cases[which][row] for row, which in enumerate(self._which(formula)))
        if formula.is_Integer:
            return (str(formula),) * count
        return self.written.get(quantity_of(formula.name), ("",) * count)

    def _which(self, formula: Any) -> list[int]:
        """The number of the case that holds, student by student."""
        numbered = formula.func(*((number(n), holds) for n, (_, holds) in enumerate(formula.args)), evaluate=False)
        found: list[int] = self._broad(compiled(numbered)(self.value)).astype(int).tolist()
        return found

    @cached_property
    def kinks(self) -> tuple[Kinks, ...]:
        """On which side of a kink every student's sums are (-1, 0, 1): what a sheet remarks differs with it."""
        import numpy

        nets = [quantity for quantity in self.of.formulas if _is_kinked(self.of.desk_of(quantity), quantity)]
        rows = zip(*(numpy.sign(self.value(net)).tolist() for net in nets), strict=True) if nets else ()
        signs = [tuple(zip(nets, row, strict=True)) for row in rows]
        return tuple(signs) or ((),) * len(self.numbers.students)

    def exact(self, quantity: Id, row: int) -> Any:
        """One student's value at 50 digits."""
        return _Exact(self, row, {})[quantity]

    def _put_in(self, quantity: Id) -> Any:
        """What a formula is worked with."""
        if not self.of.shown_carry or quantity in self.of.givens:
            return self._values[quantity]
        import numpy

        return numpy.array([float(_plain(text)) for text in self.text(quantity, PUT_IN)])

    def _broad(self, value: Any) -> Array:
        import numpy

        return numpy.broadcast_to(numpy.asarray(value, dtype=float), (len(self.numbers.students),))


def _is_kinked(at: Desk, net: Id) -> bool:
    """Whether it is the sum of a unit whose activation has a kink."""
    if at.lecture.network is None or not isinstance(net, Quantity) or net.kind != "net":
        return False
    known = ACTIVATIONS.get(at.lecture.network.layers[net.index[0] - 1].activation)
    return known is not None and bool(known.kink)


@dataclass(frozen=True, eq=False)
class _Exact:
    """One student's values at 50 digits, computed as they are asked for."""

    sheets: Sheets
    row: int
    kept: dict[Id, Any]

    def __getitem__(self, quantity: Id) -> Any:
        if quantity not in self.kept:
            self.kept[quantity] = self._value(quantity)
        return self.kept[quantity]

    def _value(self, quantity: Id) -> Any:
        of = self.sheets.of
        if quantity in of.givens:
            return context().mpf(self.sheets.written[quantity][self.row])
        graph = of.desk_of(quantity).derivation.graph
        return evaluate(of.formulas[quantity], self._put_in, {**APPLIED, **graph.applied})

    def _put_in(self, atom: Any) -> Any:
        quantity = quantity_of(atom.name)
        if self.sheets.of.shown_carry and quantity not in self.sheets.of.givens:
            return context().mpf(_plain(self.sheets.text(quantity, PUT_IN)[self.row]))
        return self[quantity]


def _plain(text: str) -> str:
    return text.replace(r" \times 10^{", "e").rstrip("}")
