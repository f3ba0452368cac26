"""Shown figures against Python's own decimal arithmetic, and the interval that a figure stands for."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.rounding import MODES, interval, shown, to_decimal
from derive.trees import context

WANTED = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "cut": ROUND_DOWN}
DECIMALS = st.decimals(-1000, 1000, places=12)


@pytest.mark.parametrize("mode", MODES)
@given(value=DECIMALS, places=st.integers(0, 9))
def test_shown_is_the_decimal_rounded(mode, value, places):
    wanted = value.quantize(Decimal(1).scaleb(-places), rounding=WANTED[mode])
    figure = shown(context().mpf(str(value)), places, mode)
    assert Decimal(figure) == wanted
    assert len(figure.partition(".")[2]) == places
    assert not (figure.startswith("-") and wanted == 0)


@pytest.mark.parametrize(("value", "places", "mode", "figure"), [
    ("0.3775", 4, "cut", "0.3775"), ("0.59326999", 4, "cut", "0.5932"), ("-0.59326999", 4, "cut", "-0.5932"),
    ("2.675", 2, "half-up", "2.68"), ("2.665", 2, "half-even", "2.66"), ("2.675", 2, "half-even", "2.68"),
    ("-2.5", 0, "half-up", "-3"), ("-0.00004", 4, "half-up", "0.0000"), ("0.99995", 4, "half-up", "1.0000"),
    ("1e-30", 4, "half-up", "0.0000"), ("123456789012345678", 1, "half-up", "123456789012345678.0"),
])
def test_figures(value, places, mode, figure):
    assert shown(context().mpf(value), places, mode) == figure
    assert shown(Decimal(value), places, mode) == figure


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_float_is_taken_exactly(value):
    assert Fraction(to_decimal(value)) == Fraction(value) or abs(Fraction(to_decimal(value)) / Fraction(value) - 1) < 1e-41
    assert to_decimal(context().mpf(value)) == to_decimal(value)


@pytest.mark.parametrize("mode", MODES)
@given(value=DECIMALS, places=st.integers(0, 6))
def test_the_interval_holds_the_value(mode, value, places):
    low, high = interval(shown(value, places, mode), mode)
    assert low <= value <= high or (mode == "cut" and -high <= value <= high)
    assert high - low == Decimal(1).scaleb(-places)


@pytest.mark.parametrize(("figure", "mode", "wanted"), [
    ("0.59", "half-up", ("0.585", "0.595")), ("-0.59", "half-up", ("-0.595", "-0.585")),
    ("0.59", "cut", ("0.59", "0.60")), ("-0.59", "cut", ("-0.60", "-0.59")), ("3", "half-up", ("2.5", "3.5")),
])
def test_intervals(figure, mode, wanted):
    assert interval(figure, mode) == tuple(map(Decimal, wanted))
