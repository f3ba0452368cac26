"""A student's working as text: read and judged with their own numbers, then marked blank by blank."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from derive.check.judging import Verdict, check
from derive.classroom.answers import answer
from derive.classroom.demands import schemes
from derive.classroom.figures import Sheets
from derive.classroom.homework import Homework
from derive.classroom.marking import Mark, marks
from derive.lecture import Layer, Lecture
from derive.lecture_cells import Cell
from derive.network import samples
from derive.quantities import Id, Quantity, parse_id


def marks_of_working(sheets: Sheets, row: int, text: str, kind: str, share: float = 1.0) -> tuple[Mark, ...]:
    """The marks of the blanks whose figures a working gives; `kind` is markdown or tex.

    The figures are marked as on a sheet: they follow from the student's own earlier ones and the sheet's givens, or
    they are slips, whatever numbers were put in. What the checker says of the lines names the mistakes.
    """
    of = sheets.of
    verdicts = check(own_lecture(of, {given: texts[row] for given, texts in sheets.written.items()}), text, kind=kind)
    figures: dict[Id, str] = {}
    slips: dict[Id, Verdict] = {}
    for verdict in verdicts:
        if verdict.quantity:
            quantity = _home(sheets, parse_id(verdict.quantity))
            figures[quantity] = _finer(figures.get(quantity, ""), verdict.written)
            if verdict.verdict == "slip":
                slips.setdefault(quantity, verdict)
    asked = {blank.id: _home(sheets, blank.quantity) for blank in of.blanks}
    found = marks(sheets, row, {name: figures[home] for name, home in asked.items() if home in figures}, share,
                  {each: text for each, text in figures.items() if each not in asked.values() and text})
    return tuple(_explained(mark, slips.get(asked[mark.blank.id])) for mark in found)


def _home(sheets: Sheets, quantity: Id) -> Id:
    """The id under which the checker's model keeps a quantity, which may go by several."""
    quantity = sheets.of.home(quantity)
    homes = (home for scheme in schemes(sheets.of) if (home := scheme.model.home(quantity)) in scheme.formulas)
    return next(homes, quantity)


def _finer(before: str, now: str) -> str:
    """The figure that counts: the last one, unless that is the one before with fewer digits."""
    old, new = answer(before), answer(now)
    if new.figure is None:
        return before
    rounded = old.figure is not None and new.unit > old.unit and abs(new.figure - old.figure) <= new.unit
    return before if rounded else now


def _explained(mark: Mark, slip: Verdict | None) -> Mark:
    """The mark with what the checker found in the lines about the quantity."""
    if slip is None or mark.verdict in ("empty", "coarse"):
        return mark
    if mark.verdict == "slip":
        return replace(mark, kind=slip.kinds[0] if slip.kinds else mark.kind, remark=slip.message)
    return replace(mark, remark=f"line {slip.line}: {slip.message}")


def own_lecture(of: Homework, written: Mapping[Id, str]) -> Lecture:
    """The lecture with a student's numbers in the places of its own."""
    lecture = of.lecture
    if lecture.parts:
        return replace(lecture, parts=tuple(_with(of, part, written) for part in lecture.parts))
    return _with(of, lecture, written)


def _with(of: Homework, lecture: Lecture, written: Mapping[Id, str]) -> Lecture:
    def put(quantity: Id, cell: Cell) -> Cell:
        text = written.get(of.home(quantity))
        return cell if text is None or cell.value is None else replace(cell, value=Decimal(text))
    values = tuple((name, Decimal(written.get(Quantity(name), str(value)))) for name, value in lecture.values)
    rate = put(Quantity("learning_rate"), lecture.training.learning_rate)
    training = replace(lecture.training, learning_rate=rate)
    if lecture.network is None:
        return replace(lecture, values=values, training=training)
    layers = tuple(_layer(number, layer, put) for number, layer in enumerate(lecture.network.layers, 1))
    inputs, targets = (
        tuple(tuple(put(Quantity(kind, (i,), sample), cell) for i, cell in enumerate(row, 1))
              for sample, row in zip(samples(lecture), rows, strict=True))
        for kind, rows in (("x", lecture.inputs), ("target", lecture.targets)))
    return replace(lecture, network=replace(lecture.network, layers=layers), inputs=inputs, targets=targets,
                   values=values, training=training)


def _layer(number: int, layer: Layer, put: Callable[[Id, Cell], Cell]) -> Layer:
    weights = tuple(tuple(put(Quantity("w", (number, i, j)), cell) for j, cell in enumerate(row, 1))
                    for i, row in enumerate(layer.weights, 1))
    bias = tuple(put(Quantity("b", (number, i)), cell) for i, cell in enumerate(layer.bias, 1))
    return replace(layer, weights=weights, bias=bias)
