"""Templates with slots: filled with numbers they say what the sheet of those numbers says."""

from __future__ import annotations

import numpy
import pytest

from derive.classroom.feedback import _latex, workings
from derive.classroom.figures import Sheets, shown
from derive.classroom.grids import grids, tries
from derive.classroom.homework import figures_of, homework, sit
from derive.classroom.roster import roster
from derive.classroom.sheets import FIGURES, run_text
from derive.classroom.variants import Numbers
from derive.classroom.workings import own_lecture
from derive.figures import figure
from derive.lecture import load, shipped
from derive.trees import context
from derive.worksheet import worksheet

CASES = [("net-out", "delta", "unit"), ("net-out", "matrix", "layer"), ("delta-rule", "node", "unit"),
         ("matrix-form", "named-sums", "unit"), ("shared-weights", "matrix", "layer"),
         *((name, None, None) for name in shipped() if name not in ("chain-rule", "three-outputs"))]


def sheets_of(of, count: int = 2) -> Sheets:
    """Sheets with numbers that need meet no demand."""
    found = grids(of)
    counts = tries(found, [b"some"], 0, count)[0]
    return Sheets(Numbers(of, found, tuple(map(str, range(count))), counts))


@pytest.mark.parametrize(("name", "notation", "level"), CASES)
def test_every_line_is_the_line_of_a_sheet_made_alone(name, notation, level):
    of = homework(load(name), notation, level)
    sheets = sheets_of(of)
    lines = workings(sheets)
    row = -1    # the last student's: nobody's are the lecture's own
    own = own_lecture(of, {given: texts[row] for given, texts in sheets.written.items()})
    found = figures_of(worksheet(own, notation, level, sit=sit).frames)
    alone = {fig.blank: (line, fig) for line, fig in found if fig.blank}
    assert [*alone] == [blank.number for blank in of.blanks]
    assert [sheets.text(blank.quantity)[row] for blank in of.blanks] == [fig.latex for _, fig in alone.values()]
    for text, (line, fig) in zip(lines[row], alone.values(), strict=True):
        # "in the same way" or in a table is a figure alone; what is handed back says how it comes about
        assert text == _latex(line) if len(line.members) > 1 else fig.latex in text


@pytest.mark.parametrize("mode", ["half-up", "half-even", "cut"])
@pytest.mark.parametrize("decimals", [0, 2, 4, 9, 14])
def test_figures_of_arrays_are_those_of_numbers(mode, decimals):
    values = numpy.array([0.5, 1.5, -2.5, 0.125, -0.375, 0.3775, 2.675, 1 / 3, -1e-9, 0.0, 1e6 + 0.005, -123.456789])
    texts = shown(values, decimals, mode, lambda row: context().mpf(float(values[row])))
    assert texts == tuple(figure(context().mpf(float(value)), decimals, mode) for value in values)


def test_a_decimal_edge_is_decided_exactly():
    """0.05 * 0.15 + 0.1 * 0.2 + 0.35 is 0.3775, in double precision a hair less."""
    of = homework(load("net-out"))
    sheets = Sheets(Numbers(of, (), ("own",), numpy.zeros((1, 0), dtype=numpy.int64)))
    assert sheets.text(of.blanks[0].quantity) == ("0.3775",)


def test_a_dead_unit_is_remarked_on_the_sheets_where_it_is_dead():
    of = homework(load("relu"))
    class_ = roster("id\n" + "\n".join(map(str, range(8))))
    sheets = sheets_of(of, len(class_))
    _, *texts = run_text(sheets, class_, "key", b"", FIGURES, (1,) * len(class_)).split(r"\DcStudent{")
    dead = [sum(side < 0 for _, side in kinks) for kinks in sheets.kinks]
    assert [text.count("is negative: the unit is dead") for text in texts] == dead
    assert len(set(dead)) > 1
