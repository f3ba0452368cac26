"""Figures as a lecture shows them: decimals, rounding, and what is carried on."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.figures import figure
from derive.lecture import Display, load
from derive.quantities import parse_id
from derive.rounding import MODES
from derive.trees import context
from derive.working import desk


@pytest.mark.parametrize(("value", "decimals", "mode", "latex"), [
    ("0.5", 4, "half-up", "0.5000"), ("-0.00001", 4, "half-up", "-0.000010"), ("0", 4, "half-up", "0"),
    ("0.000438", 4, "cut", "0.0004"), ("1e-20", 4, "half-up", r"1.000 \times 10^{-20}"),
    ("123456789012345678", 2, "half-up", r"1.235 \times 10^{17}"),
])
def test_a_figure(value, decimals, mode, latex):
    assert figure(context().mpf(value), decimals, mode) == latex


def test_a_given_of_any_size_can_be_read():
    lecture = load("net-out")
    cells = tuple(replace(cell, value=Decimal(text)) for cell, text in zip(lecture.inputs[0], ("1.50e-30", "-2e200"),
                                                                           strict=True))
    figures = desk(replace(lecture, inputs=(cells,))).figures
    assert figures.written[parse_id("x[1]")] == r"1.50 \times 10^{-30}"
    assert figures.found(parse_id("x[2]")) == r"-2 \times 10^{200}"


MANTISSA = st.integers(0, 10**18) | st.sampled_from([0, 5, 15, 99995, 999999999])
SIZES = st.builds(lambda sign, figures, power: f"{sign}{figures}e{power}", st.sampled_from(["", "-"]), MANTISSA,
                  st.integers(-318, 282))


@pytest.mark.parametrize("mode", MODES)
@given(text=SIZES | st.sampled_from(["-0.0", "1e300", "-1e-300"]), decimals=st.integers(0, 30))
def test_a_figure_of_any_size_stands_for_its_value(mode, text, decimals):
    """Never -0, never 0 for what is none, one digit before a power of ten; within a unit of its last place."""
    value = context().mpf(text)
    latex = figure(value, decimals, mode)
    digits, _, power = latex.partition(r" \times 10^{")
    found, exact = Decimal(f"{digits}e{power.rstrip('}') or 0}"), Decimal(text)
    assert (found == 0) == (exact == 0) and not (found == 0 and "-" in latex)
    assert abs(found - exact) <= Decimal(10) ** found.as_tuple().exponent
    assert not power or 1 <= abs(Decimal(digits)) < 10


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
