"""Figures as a lecture shows them: decimals, rounding, and what is carried on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive.figures import figure
from derive.lecture import Display, load
from derive.quantities import parse_id
from derive.trees import context
from derive.working import desk


@pytest.mark.parametrize(("value", "decimals", "mode", "latex"), [
    ("0.5", 4, "half-up", "0.5000"), ("-0.00001", 4, "half-up", "-0.000010"), ("0", 4, "half-up", "0"),
    ("0.000438", 4, "cut", "0.0004"), ("1e-20", 4, "half-up", r"1.000 \times 10^{-20}"),
    ("123456789012345678", 2, "half-up", r"1.235 \times 10^{17}"),
])
def test_a_figure(value, decimals, mode, latex):
    assert figure(context().mpf(value), decimals, mode) == latex


def shown(display: Display, *ids: str) -> list[str]:
    at = desk(replace(load("net-out"), display=display))
    return [at.figures.found(parse_id(each)) for each in ids]


def test_the_most_particular_decimals_win():
    display = Display(decimals=2, decimals_of=(("out", (3, 3)), ("out[2]", (5, 5)), ("out[2][1]", (7, 7))))
    assert shown(display, "net[1][1]", "out[1][1]", "out[2][2]", "out[2][1]") == ["0.38", "0.593", "0.77293", "0.7513651"]


def test_cut_off_and_rounded():
    assert shown(Display(rounding="cut"), "out[1][1]") == ["0.5932"]
    assert shown(Display(rounding="half-up"), "out[1][1]") == ["0.5933"]


def test_carried_figures_are_those_that_were_shown():
    """net = 0.3775, out = 0.59 shown; net_o1 = 0.40 * 0.59 + 0.45 * 0.60 + 0.60 = 1.106."""
    display = Display(decimals=2, carry="shown")
    assert shown(replace(display, decimals_of=(("net[2]", (4, 4)),)), "net[2][1]") == ["1.1060"]
    assert shown(replace(display, carry="exact", decimals_of=(("net[2]", (4, 4)),)), "net[2][1]") == ["1.1059"]


def test_givens_stand_as_they_were_written():
    at = desk(load("net-out"))
    assert at.figures.found(parse_id("w[2][1][1]")) == "0.40" and at.figures.found(parse_id("x[1]")) == "0.05"
