"""How a figure is shown, and which interval a shown figure stands for."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import mpmath

MODES = {"half-up": decimal.ROUND_HALF_UP, "half-even": decimal.ROUND_HALF_EVEN, "cut": decimal.ROUND_DOWN}

# Values carry 50 digits in base 2; a decimal such as 0.3775 comes out a hair off there, and
# would be cut off to 0.3774. Rounding to 42 digits first takes that hair away.
_WIDE = decimal.Context(prec=2000, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)
_TRUSTED = decimal.Context(42, decimal.ROUND_HALF_EVEN, _WIDE.Emin, _WIDE.Emax)


def to_decimal(value: mpmath.mpf | float | int | Decimal) -> Decimal:
    """The value as a decimal of 42 digits."""
    if isinstance(value, Decimal):
        return _TRUSTED.plus(value)
    if isinstance(value, (int, float)):
        return _TRUSTED.create_decimal(value)
    sign, mantissa, exponent, _ = value._mpf_
    scale = _WIDE.power(2, exponent)
    product = _TRUSTED.multiply(Decimal(int(mantissa)), scale)
    return product.copy_negate() if sign else product


def shown(value: mpmath.mpf | float | Decimal, decimals: int, mode: str = "half-up") -> str:
    """The figure as it is printed: fixed point, `decimals` places, never -0.000."""
    exact = to_decimal(value)
    figure = exact.quantize(Decimal(1).scaleb(-decimals), rounding=MODES[mode], context=_WIDE)
    return f"{figure.copy_abs() if figure.is_zero() else figure:f}"


def counted(decimals: int) -> str:
    """So many decimals in words: "1 decimal", "4 decimals"."""
    return f"{decimals} decimal" + ("" if decimals == 1 else "s")


def points_text(points: float) -> str:
    """Points as they are printed: at most two decimals, "1", "0.23"."""
    return f"{round(points, 2):g}"


def scientific(value: mpmath.mpf | float | Decimal, digits: int, mode: str = "half-up") -> tuple[str, int]:
    """A figure of so many digits with a power of ten: ("1.000", -4) is 1.000 · 10^-4; the value is not 0."""
    rounded = decimal.Context(digits, MODES[mode], _WIDE.Emin, _WIDE.Emax).plus(to_decimal(value))
    power = rounded.adjusted()
    return shown(rounded.scaleb(-power, context=_WIDE), digits - 1, mode), power


def interval(text: str, mode: str = "half-up") -> tuple[Decimal, Decimal]:
    """The exact values that a shown figure may stand for.

    Half a unit of its last place each way; a figure that was cut off stands for
    up to one unit away from zero.
    """
    figure = Decimal(text)
    exponent = figure.as_tuple().exponent
    assert isinstance(exponent, int)
    unit = Decimal(1).scaleb(exponent)
    if mode == "cut":
        return (figure - unit, figure) if figure < 0 else (figure, figure + unit)
    return figure - unit / 2, figure + unit / 2
