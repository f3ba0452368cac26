"""Figures as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from derive.classroom.answers import answer


@pytest.mark.parametrize("text", [
    "0.7513", ".7513", "7.513e-1", "0,7513", " 0.7513 ", "0. 7513", "$0.7513$", "+0.7513", "7.513E-01",
    r"7.513 \times 10^{-1}", "7.513·10^-1", "7{,}513e-1", "= 0.7513", "≈ 0.7513", "\u202a0.7513\u202c",
])
def test_one_figure_many_spellings(text):
    assert answer(text).figure == Decimal("0.7513")
    assert answer(text).unit == Decimal("0.0001")


@pytest.mark.parametrize("minus", ["-", "−", "–", "—", "﹣", "－", "- "])
def test_a_minus_of_any_kind(minus):
    assert answer(f"{minus}0.5").figure == Decimal("-0.5")


@pytest.mark.parametrize("text", ["", "x", "1/2", "0.5.1", "1,000,000", "nan", "inf", "1e999", "٣", "--1", "9" * 100,
                                  "__import__('os')", "0.5 or 0.6"])
def test_what_is_no_figure(text):
    assert answer(text).figure is None
    assert len(answer(text).text) <= 61
