"""Layers too wide for paper: dots for the middle of a matrix, all givens at the end."""

from __future__ import annotations

from test_layout import complaints, dense

from derive.blocks import Figure, Frame, Grid, Line, Member, Working
from derive.render import render
from derive.wide import WORDS, elided
from derive.worksheet import worksheet


def framed(rows: int, columns: int) -> Frame:
    cells = tuple(tuple(Figure(f"{i}.{j}", f"g[{i}][{j}]") for j in range(columns)) for i in range(rows))
    return Frame("f", (Working((Line("W", (Member("figure", value=Grid(cells)),)),)),))


def shown(frame: Frame) -> list[list[str]]:
    return [[cell.latex for cell in row] for row in frame.blocks[0].lines[0].members[0].value.rows]


def test_a_matrix_is_elided_in_each_direction_by_itself():
    assert shown(elided(framed(8, 8))) == shown(framed(8, 8))
    assert shown(elided(framed(1, 9))) == [["0.0", "0.1", "0.2", "0.3", "0.4", r"\cdots", "0.8"]]
    tall = shown(elided(framed(9, 1)))
    assert tall[5] == [r"\vdots"] and tall[-1] == ["8.0"] and len(tall) == 7
    both = shown(elided(framed(9, 9)))
    assert both[5] == [*[r"\vdots"] * 5, r"\ddots", r"\vdots"] and both[6][6] == "8.8"


def test_dots_are_not_asked_for_and_all_givens_can_be_read():
    made = worksheet(dense(3, 12, 2), "matrix", "layer")
    asked = [cell for frame in made.frames for block in frame.blocks if isinstance(block, Working)
             for line in block.lines for member in line.members if isinstance(member.value, Grid)
             for row in member.value.rows for cell in row]
    assert any(not cell.id for cell in asked)
    assert all(bool(cell.blank or cell.again) == bool(cell.id) for cell in asked)
    last = made.frames[-1]
    assert "givens" in last.title and str(last.blocks[0].text).count("row ") == 12
    assert WORDS in made.how and WORDS not in worksheet(dense(3, 8, 2), "matrix", "layer").how


def test_forty_units_fit_on_paper_and_on_slides(engine, tmp_path, own_cache):
    made = [(f"{notation}-{kind}", render(worksheet(dense(3, 40, 2), notation, "layer"), kind))
            for notation, kind in (("matrix", "slides"), ("net-out", "key"))]
    assert not complaints(made, engine, tmp_path, own_cache)
