"""The program's own layout: any lecture in any notation at any level, set by a real TeX without a complaint.

The suite sets a fixed part, in which every pair of notation and level, every kind and every lecture
comes up; `THOROUGH=1 pytest tests/test_layout.py` sets all of them.
"""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest

from derive.blocks import Diagram, Figure, Table, Working, Worksheet
from derive.errors import DeriveError
from derive.lecture import Cell, Layer, Lecture, Network, load
from derive.notation import NOTATIONS
from derive.pdf import typeset_all
from derive.render import KINDS, render
from derive.worksheet import worksheet

NETWORKS = ("delta-rule", "net-out", "shared-weights", "matrix-form")
ALL = [*product(NETWORKS, NOTATIONS, ("unit", "layer"), KINDS)]
PAIRS = [*product(NOTATIONS, ("unit", "layer"))]
PART = [(NETWORKS[i % 4], *pair, [*KINDS][(i + i // 4) % 3]) for i, pair in enumerate(PAIRS)]


def dense(*units: int) -> Lecture:
    """A sigmoid network of these widths with plain numbers."""
    def cell(n: int) -> Cell:
        return Cell(Decimal(n % 19 - 9) / 10)

    layers = tuple(Layer(n, "sigmoid", tuple(tuple(cell(7 * i + 3 * j + n) for j in range(below)) for i in range(n)),
                         tuple(cell(5 * i + 2) for i in range(n)))
                   for below, n in zip(units, units[1:], strict=False))
    return Lecture("dense", "dense.toml", f"A network of {units}", inputs=(tuple(map(cell, range(units[0]))),),
                   targets=(tuple(Cell(Decimal(i % 2)) for i in range(units[-1])),),
                   network=Network(units[0], layers, "half-squared-error"))


def complaints(documents: list[tuple[str, str]], engine: object, tmp_path: object, own_cache: object) -> list[str]:
    """What TeX has to say to documents given as (name, text)."""
    targets = [(text, tmp_path / f"{name}.pdf") for name, text in documents]
    done = typeset_all(targets, engine, cache=own_cache)
    found = []
    for (name, _), one in zip(documents, done, strict=True):
        said = [one.line()] if isinstance(one, DeriveError) else list(map(str, one.problems))
        found += [f"{name}: {problem}" for problem in said]
    return found


def test_every_notation_level_and_kind_is_in_the_part():
    assert {(notation, level) for _, notation, level, _ in PART} == set(PAIRS)
    assert {name for name, *_ in PART} == set(NETWORKS) and {kind for *_, kind in PART} == set(KINDS)


def test_lectures_are_set_without_a_complaint(engine, tmp_path, own_cache):
    chosen = ALL if os.environ.get("THOROUGH") else PART
    made = [("-".join(each), render(worksheet(load(each[0]), each[1], each[2]), each[3])) for each in chosen]
    assert not complaints(made, engine, tmp_path, own_cache)


@pytest.mark.parametrize("units", [(4, 6, 3), (2, 2, 2, 2, 2), (32, 4, 2)], ids=str)
def test_other_shapes_are_set_without_a_complaint(units, engine, tmp_path, own_cache):
    level = "layer" if max(units) < 10 else "unit"   # a matrix of 32 columns is wider than a slide
    made = [(f"{level}-{kind}", render(worksheet(dense(*units), notation, level), kind))
            for notation, level, kind in [("net-out", "unit", "key"), ("matrix", level, "slides")]]
    assert not complaints(made, engine, tmp_path, own_cache)


def ids(made: Worksheet) -> list[str]:
    found = []
    for frame in made.frames:
        for block in frame.blocks:
            if isinstance(block, Table):
                found += [cell.id for row in block.rows for cell in row if isinstance(cell, Figure)]
            for line in block.lines if isinstance(block, Working) else ():
                found += [m.value.id for m in line.members if isinstance(m.value, Figure)]
    return found


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("units", [(4, 6, 3), (2, 2, 2, 2, 2), (1, 1)], ids=str)
def test_nothing_of_a_network_is_left_out(units, notation):
    """Every net, out and new parameter has a figure, and each sum stands before what uses it."""
    lecture = dense(*units)
    found = ids(worksheet(lecture, notation, "unit"))
    wanted = [f"{kind}[{layer}][{i}]" for layer, n in enumerate(units[1:], 1) for i in range(1, n + 1)
              for kind in ("net", "out")]
    wanted += [f"new(w[{layer}][{i}][{j}])" for layer, (below, n) in enumerate(zip(units, units[1:], strict=False), 1)
               for i in range(1, n + 1) for j in range(1, below + 1)]
    assert not [each for each in wanted if each not in found]
    assert found.index("net[1][1]") < found.index("out[1][1]") < found.index("loss") < found.index("new(w[1][1][1])")


def test_the_network_is_drawn_with_the_givens_the_outs_and_the_new_weights():
    drawings = [block for frame in worksheet(load("net-out"), "delta").frames for block in frame.blocks
                if isinstance(block, Diagram)]
    assert [drawing.found for drawing in drawings] == ["", "above", "values"]
    for drawing in drawings:
        assert len(drawing.edges) == 8 and "2 inputs" in drawing.alt
    assert "0.3589" in " ".join(edge.label for edge in drawings[2].edges) or "0.3589165" in str(drawings[2])


def test_a_lecture_s_own_frames_belong_to_its_own_notation_and_level():
    lecture = load("net-out")
    own = [frame.title for frame in worksheet(lecture).frames]
    assert own == [frame.title for frame in lecture.frames]
    assert [frame.title for frame in worksheet(lecture, "delta").frames] != own
    assert [frame.title for frame in worksheet(replace(lecture, frames=())).frames] != own
