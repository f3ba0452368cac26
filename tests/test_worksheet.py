"""What stands on a sheet: every figure of the notes, numbered blanks, any notation at any level."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from figures import FIGURES, RIGHTED
from hypothesis import assume, given
from hypothesis import strategies as st
from networks import examples, lectures, smooth

from derive.blocks import Diagram, Figure, Grid, Space, Table, Working, Worksheet
from derive.lecture import load, shipped
from derive.notation import NOTATIONS
from derive.quantities import parse_id
from derive.render import KINDS, render
from derive.working import desk
from derive.worksheet import worksheet

NETWORKS = [name for name in shipped() if load(name).network is not None and load(name).figures]
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
WHOLE = {"named-network": "named-sums"}   # a part stands in its lecture's sheet


@cache
def sheet(name: str, notation: str | None = None, level: str | None = None) -> Worksheet:
    return worksheet(load(name), notation, level)


@cache
def text(name: str, kind: str) -> str:
    return render(sheet(name), kind)


@cache
def numbers_of(name: str, kind: str) -> frozenset[str]:
    return frozenset(map(same, NUMBER.findall(text(name, kind))))


def figures_of(made: Worksheet) -> Iterator[Figure]:
    """Every figure of a sheet in reading order."""
    for frame in made.frames:
        for block in frame.blocks:
            if isinstance(block, Table):
                yield from (cell for row in block.rows for cell in row if isinstance(cell, Figure))
            for line in block.lines if isinstance(block, Working) else ():
                for member in line.members:
                    if isinstance(member.value, Grid):
                        yield from (figure for row in member.value.rows for figure in row)
                    elif member.value is not None:
                        yield member.value


def stands(name: str, quantity: str, figure: str) -> bool:
    """Whether a figure stands on the sheet as that quantity's: where it is found, put in, or given."""
    made, wanted = sheet(WHOLE.get(name, name)), same(figure)
    if any(each.id == quantity and same(each.latex) == wanted for each in figures_of(made)):
        return True
    at = desk(load(name))
    known = at.figures.put_in(parse_id(quantity)) if at.figures.known(parse_id(quantity)) else ""
    return same(known) == wanted and known in printed(made)


@cache
def printed(made: Worksheet) -> frozenset[str]:
    """Every number that stands put in, in a drawing or in a table, or is given."""
    return frozenset(number for frame in made.frames for block in frame.blocks for number in _numbers(block))


def same(figure: str) -> str:
    """0.40 and .4 are one figure, 0.50 and 0.501 two."""
    sign, digits = ("-", figure[1:]) if figure.startswith("-") else ("", figure)
    whole, _, part = digits.partition(".")
    return f"{sign}{whole.lstrip('0') or '0'}.{part.rstrip('0')}"


def _numbers(block: object) -> Iterator[str]:
    if isinstance(block, Working):
        for line in block.lines:
            for member in line.members:
                yield from NUMBER.findall(member.latex if member.role == "numbers" else "")
                if isinstance(member.value, Figure) and not member.value.id:
                    yield member.value.latex
    if isinstance(block, Diagram):
        yield from (number for node in block.nodes for number in NUMBER.findall(node.above))
    if isinstance(block, Table):
        for row in block.rows:
            for cell in row:
                for run in cell if isinstance(cell, tuple) else ():
                    yield from NUMBER.findall(getattr(run, "latex", "").partition("=")[2])


@pytest.mark.parametrize(("name", "quantity", "figure"), [(n, q, f) for n in FIGURES for q, f in FIGURES[n]])
def test_every_right_figure_of_the_notes_is_printed(name, quantity, figure):
    assert stands(name, quantity, figure)
    for kind in ("key", "slides"):
        assert same(figure) in numbers_of(WHOLE.get(name, name), kind)


@pytest.mark.parametrize(("name", "quantity", "noted", "right"), [(n, *row) for n in RIGHTED for row in RIGHTED[n]])
def test_where_a_note_is_wrong_what_is_right_is_printed(name, quantity, noted, right):
    figures = {figure.latex for figure in figures_of(sheet(WHOLE.get(name, name))) if figure.id == quantity}
    assert noted not in figures
    assert stands(name, quantity, right)


@pytest.mark.parametrize("name", shipped())
def test_blanks_are_numbered_in_reading_order(name):
    made = sheet(name)
    blanks = [figure.blank for figure in figures_of(made) if figure.blank is not None]
    assert blanks == list(range(1, len(blanks) + 1))
    assert made.points >= len(blanks)
    asked = [figure for figure in figures_of(made) if figure.again is not None]
    assert all(figure.points == 0 and figure.again in blanks for figure in asked)


@pytest.mark.parametrize("level", ["unit", "layer"])
@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_lecture_in_every_notation_at_both_levels(name, notation, level):
    made = sheet(name, notation, level)
    assert any(figure.id.startswith("new(w") for figure in figures_of(made))
    for kind in KINDS:
        document = render(made, kind)
        assert document.count(r"\begin{document}") == 1 and document.rstrip().endswith(r"\end{document}")
        assert "None" not in document and "Partial(" not in document


@examples(15)
@given(lectures(width=3, samples=2), st.sampled_from([*NOTATIONS]), st.sampled_from(["unit", "layer"]))
def test_any_network_makes_a_sheet(lecture, notation, level):
    assume(smooth(lecture))
    made = worksheet(lecture, notation, level)
    ids = {figure.id for figure in figures_of(made)}
    assert any(each.startswith("new(") for each in ids)
    assert all(render(made, kind) for kind in KINDS)


def test_formulas_can_be_left_blank_too():
    blanks = [member.blank for frame in worksheet(load("net-out"), blank="formulas").frames
              for block in frame.blocks if isinstance(block, Working)
              for line in block.lines for member in line.members if member.role != "figure"]
    assert blanks and all(blanks)
    plain = [member.blank for frame in sheet("net-out").frames for block in frame.blocks if isinstance(block, Working)
             for line in block.lines for member in line.members if member.role == "formula"]
    assert plain and not any(plain)


def test_a_given_that_is_copied_is_printed_and_not_asked_for():
    at = sheet("net-out", "net-out", "unit")
    copied = [member.value for frame in at.frames for block in frame.blocks if isinstance(block, Working)
              for line in block.lines for member in line.members
              if isinstance(member.value, Figure) and not member.value.id]
    assert {figure.latex for figure in copied} >= {"0.40", "0.05"}
    assert all(figure.blank is None and figure.again is None for figure in copied)


def test_factors_of_a_factor_are_numbered_below_it():
    labels = [line.label for frame in sheet("softmax", "net-out", "unit").frames for block in frame.blocks
              if isinstance(block, Working) for line in block.lines if line.label]
    assert {"1.1", "1.6", "2"} <= set(labels) and "3.1" not in labels   # one output's Jacobian in full


def test_what_goes_in_the_same_way_has_room_to_work():
    blocks = [block for frame in sheet("net-out").frames for block in frame.blocks]
    leads = [place for place, block in enumerate(blocks) if str(getattr(block, "text", "")) == "('In the same way',)"]
    assert leads and all(isinstance(blocks[place + 2], Space) for place in leads)


def test_fewer_points_than_blanks_are_shared_out_in_parts():
    sheet = worksheet(replace(load("net-out"), points=20))
    shares = [figure.points for figure in figures_of(sheet) if figure.blank]
    assert sheet.points == 20 and len(set(shares)) == 1 and abs(sum(shares) - 20) < 1e-9 and len(shares) > 20
