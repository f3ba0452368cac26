"""The sheet says where a function has no derivative, and which units are dead."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from derive.api import derivation, frames_text
from derive.lecture import Cell, load

FILE = """title = "T"
[equations]
{equations}
[values]
x = 2
y = {y}
[derive]
of = "f"
by = ["x", "y"]
"""


def said(tmp_path, equations: str, y: str) -> str:
    path = tmp_path / "own.toml"
    path.write_text(FILE.format(equations=equations, y=y))
    return flat(str(path))


def flat(lecture: object, level: str | None = None) -> str:
    """The derivation as text in one line."""
    return " ".join(frames_text(derivation(lecture, None, level)).split())


@pytest.mark.parametrize(("equations", "y", "sentence"), [
    ('f = "max(x, y)"', "2", "x and y are equal, where max has a kink and no derivative; the first of them is taken, "
                             "and the derivative by y is 0 there."),
    ('f = "min(x, 3*y) + y"', "0.6666", ""),
    ('f = "min(x, y, 3) + y"', "2", "x and y are equal, where min has"),
    ('f = "relu(x + y)"', "-2", "x + y is exactly 0, where ReLU has a kink and no derivative; its slope there is taken as 0."),
    ('f = "relu(y)*x"', "-1", "y is negative: the ReLU is shut here."),
    ('f = "abs(y)*x"', "0", "y is exactly 0, where the absolute value has a kink"),
    ('f = "relu(y)*x"', "1", ""),
])
def test_an_equation_at_a_kink(tmp_path, equations, y, sentence):
    text = said(tmp_path, equations, y)
    assert sentence in text
    assert bool(sentence) == ("exactly 0" in text or "are equal" in text or "shut" in text)


def test_the_derivative_at_a_tie_is_what_is_said(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(FILE.format(equations='f = "max(x, y)"', y="2"))
    derived = derivation(str(path))
    assert (derived["f", "x"].value, derived["f", "y"].value) == (1, 0)


@pytest.mark.parametrize("level", ["unit", "layer"])
def test_dead_units_and_kinks_of_a_network_at_both_levels(level):
    text = flat("relu", level)
    assert "the unit is dead here" in text and "is exactly 0, where ReLU has a kink" in text


def test_the_slope_at_the_kink_is_the_one_that_is_set():
    lecture = load("relu")
    hidden = replace(lecture.network.layers[0], kink=Decimal("0.5"))
    lecture = replace(lecture, network=replace(lecture.network, layers=(hidden, *lecture.network.layers[1:])))
    assert "its slope there is taken as 0.5." in flat(lecture)


def test_other_samples_dead_units_are_pointed_out():
    lecture = load("relu")
    other = tuple(Cell(-cell.value) for cell in lecture.inputs[0])
    lecture = replace(lecture, inputs=(*lecture.inputs, other), targets=lecture.targets * 2)
    assert "(2) is negative: the unit is dead here" in flat(lecture).replace("⁽²⁾", "(2)")
