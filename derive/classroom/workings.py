"""A student's working as text: read and judged with their own numbers, then marked blank by blank."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from derive.check.judging import Verdict, check
from derive.classroom.answers import answer
from derive.classroom.figures import Sheets
from derive.classroom.homework import Homework
from derive.classroom.marking import Mark
from derive.lecture import Layer, Lecture
from derive.lecture_cells import Cell
from derive.network import samples
from derive.quantities import Id, Quantity


def marks_of_working(sheets: Sheets, row: int, text: str, kind: str, share: float = 1.0) -> tuple[Mark, ...]:
    """The marks of the blanks whose figures a working gives; `kind` is markdown or tex."""
    lecture = own_lecture(sheets.of, {given: texts[row] for given, texts in sheets.written.items()})
    said: dict[str, Verdict] = {}
    for verdict in check(lecture, text, kind=kind):
        if answer(verdict.written).figure is not None and verdict.verdict in ("right", "carried", "slip"):
            said[verdict.quantity] = verdict
    return tuple(_mark(blank.id, said, sheets, row, place, share) for place, blank in enumerate(sheets.of.blanks))


def _mark(name: str, said: Mapping[str, Verdict], sheets: Sheets, row: int, place: int, share: float) -> Mark:
    blank = sheets.of.blanks[place]
    expected = sheets.text(blank.quantity)[row]
    verdict = said.get(name) or said.get(str(blank.quantity))
    if verdict is None:
        return Mark(blank, "empty", 0.0, expected=expected)
    points = {"right": 1.0, "carried": share}.get(verdict.verdict, 0.0) * blank.points
    kind = verdict.kinds[0] if verdict.kinds else ""
    return Mark(blank, verdict.verdict, points, kind, verdict.message, verdict.written, expected)


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
