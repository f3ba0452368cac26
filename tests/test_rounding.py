"""Shown figures against Python's own decimal arithmetic, and the interval that a figure stands for."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.rounding import MODES, counted, interval, points_text, scientific, shown, to_decimal
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


def digits(value):
    """A value as decimals, its 42 digits by way of fractions."""
    _, mantissa, exponent, _ = value._mpf_
    exact = Fraction(int(mantissa)) * Fraction(2) ** int(exponent) * (-1 if value < 0 else 1)
    return Context(prec=42).divide(Decimal(exact.numerator), Decimal(exact.denominator)) if exact else Decimal(0)


EXTREMES = st.builds(lambda sign, figures, power: f"{sign}{figures}e{power}", st.sampled_from(["", "-"]),
                     st.integers(0, 10**42) | st.sampled_from([0, 5, 15, 25, 125, 99995]), st.integers(-342, 258))


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=300)
@given(text=EXTREMES | st.sampled_from(["-0.0", "1e300", "-1e-300", "0.5", "-1.5", "2.5"]), places=st.integers(0, 30))
def test_the_digits_of_any_size_are_those_of_the_value(mode, text, places):
    """From 1e-300 to 1e300, halves and -0.0 too: Python's own quantize gives the same digits."""
    value = context().mpf(text)
    wanted = digits(value).quantize(Decimal(1).scaleb(-places), WANTED[mode], Context(prec=700))
    figure = shown(value, places, mode)
    assert Decimal(figure) == wanted and len(figure.partition(".")[2]) == places
    assert not (figure.startswith("-") and wanted == 0)


@pytest.mark.parametrize("mode", MODES)
@given(text=EXTREMES.filter(lambda text: float(text) != 0), count=st.integers(2, 12))
def test_a_power_of_ten_has_one_digit_before_its_point(mode, text, count):
    figure, power = scientific(context().mpf(text), count, mode)
    assert len(figure.lstrip("-").replace(".", "")) == count and 1 <= abs(Decimal(figure)) < 10
    exact = digits(context().mpf(text))
    assert abs(Decimal(f"{figure}e{power}") - exact) <= abs(exact) * Decimal(10) ** (1 - count)


@pytest.mark.parametrize(("value", "mode", "figure"), [
    ("9.9996e-20", "half-up", ("1.000", -19)), ("9.9996e-20", "cut", ("9.999", -20)), ("-1e-434294", "cut", ("-1.000", -434294)),
])
def test_powers_of_ten(value, mode, figure):
    assert scientific(context().mpf(value), 4, mode) == figure


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


def test_decimals_are_counted_in_words():
    assert [counted(n) for n in (0, 1, 4)] == ["0 decimals", "1 decimal", "4 decimals"]


def test_points_are_printed_with_two_decimals_at_most():
    assert [points_text(p) for p in (1, 2.5, 20 / 87, 20.000000000000004, 100, 0)] == ["1", "2.5", "0.23", "20", "100", "0"]
