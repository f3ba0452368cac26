"""The curve of the loss: its points, its ticks, and when an axis is logarithmic."""

from __future__ import annotations

import math

import pytest

from derive.curves import loss_curve
from derive.lecture import load
from derive.quantities import parse_id
from derive.training import ask


def test_few_updates_stand_on_an_even_axis():
    curve = loss_curve(load("momentum"), 4, "E")
    assert [x for x, _ in curve.points] == [0, 0.25, 0.5, 0.75, 1]
    assert [label for _, label in curve.right] == ["0", "1", "2", "3", "4"]


def test_many_updates_and_steep_losses_stand_on_logarithmic_axes():
    lecture = load("sequential")
    curve = loss_curve(lecture, 10_000, "E")
    assert [label for _, label in curve.right] == [f"10^{{{k}}}" for k in range(5)]
    assert curve.points[0][0] == 0 and curve.points[-1][0] == 1
    low, high = (int(label[4:-1]) for label in (curve.up[0][1], curve.up[-1][1]))
    (bottom, _), (top, _) = curve.up[0], curve.up[-1]
    loss = ask(lecture, parse_id("loss#10000"))
    place = bottom + (top - bottom) * (math.log10(loss) - low) / (high - low)
    assert curve.points[-1][1] == pytest.approx(place, abs=1e-3)


@pytest.mark.parametrize("updates", [3, 50, 51, 1000])
def test_everything_lies_inside_the_axes(updates):
    curve = loss_curve(load("two-rounds"), updates, "E")
    places = [*curve.points, *((x, 0.0) for x, _ in curve.right), *((0.0, y) for y, _ in curve.up)]
    assert all(-1e-9 <= value <= 1 + 1e-9 for place in places for value in place)
    assert [x for x, _ in curve.points] == sorted(x for x, _ in curve.points)
    assert 2 <= len(curve.up) <= 8 and str(updates) in curve.alt
