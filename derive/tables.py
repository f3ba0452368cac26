"""The table and the curve of a training, as text, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from derive.graph import equations_graph
from derive.lecture import Lecture
from derive.network import samples
from derive.quantities import Id, Quantity

_BAR = 40

History = list[tuple[int, Mapping[Id, float]]]


def training_table(lecture: Lecture, history: History, form: str) -> str:
    """Rounds, loss and outputs; `form` is text (with a curve), csv or json."""
    columns = _columns(lecture)
    rows = [[done, *(float(state[q]) for q in columns)] for done, state in history]
    return _FORMS[form](lecture, columns, rows)


def _columns(lecture: Lecture) -> list[Quantity]:
    """The loss, and the outputs; of equations what the loss is computed from."""
    if lecture.network is None:
        return [Quantity(lecture.of), *equations_graph(lecture).outputs()]
    last = len(lecture.network.layers)
    outs = [Quantity("out", (last, i), sample) for sample in samples(lecture)
            for i in range(1, lecture.network.layers[-1].units + 1)]
    return [Quantity("loss"), *outs]


def _csv(lecture: Lecture, columns: list[Quantity], rows: list[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([["round", *map(str, columns)], *rows])
    return text.getvalue().rstrip("\n")


def _json(lecture: Lecture, columns: list[Quantity], rows: list[list[Any]]) -> str:
    names = ["round", *map(str, columns)]
    return json.dumps({"lecture": lecture.name, "rounds": [dict(zip(names, row, strict=True)) for row in rows]},
                      indent=1)


def _text(lecture: Lecture, columns: list[Quantity], rows: list[list[Any]]) -> str:
    """Right-aligned columns under the lecture's own names, and a bar as long as the loss is large."""
    from derive.notation import names
    from derive.terminal import unicode

    called = names(lecture)
    losses = [row[1] for row in rows]
    head = ["round", *(unicode(called.latex(q)) for q in columns), ""]
    head[-1] = f"bar: {head[1]}{' by its logarithm' if _falls_far(losses) else ''}"
    body = [[str(row[0]), *(f"{value:.9g}" for value in row[1:]), "█" * length]
            for row, length in zip(rows, _lengths(losses), strict=True)]
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    lines = ["  ".join(cell.rjust(width) if i < len(line) - 1 else cell
                       for i, (cell, width) in enumerate(zip(line, widths, strict=True))).rstrip()
             for line in [head, *body]]
    return "\n".join(lines)


def _falls_far(losses: list[float]) -> bool:
    """Whether bars by the losses themselves would soon show nothing."""
    return min(losses) > 0 and max(losses) / min(losses) > 100


def _lengths(losses: list[float]) -> list[int]:
    top, low = max(losses), min(losses)
    if _falls_far(losses):
        span = math.log(top / low)
        return [1 + round((_BAR - 1) * math.log(loss / low) / span) for loss in losses]
    return [round(_BAR * loss / top) if top else 0 for loss in losses]


_FORMS: dict[str, Callable[[Lecture, list[Quantity], list[list[Any]]], str]] = {
    "text": _text, "csv": _csv, "json": _json}
