"""The loss over the updates as a curve, with logarithmic axes where they help."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from derive.blocks import Curve, Math
from derive.lecture import Lecture
from derive.quantities import Quantity
from derive.training import stops

_POINTS = 60
_MANY = 50      # updates from which the axis to the right is logarithmic
_STEEP = 20.0   # ratio of losses from which the axis upwards is logarithmic

Ticks = tuple[tuple[float, str], ...]


def loss_curve(lecture: Lecture, updates: int, name: str) -> Curve:
    """The loss from the start (or, on a logarithmic axis, from the first update) to so many updates.

    `name` is what the loss is called (LaTeX).
    """
    counts = _counts(updates)
    losses = [float(state[Quantity(lecture.of)]) for _, state in stops(lecture, counts)]
    right, ticks = (_decades if updates > _MANY else _even)([float(count) for count in counts])
    steep = min(losses) > 0 and max(losses) > _STEEP * min(losses)
    up, marks = (_decades if steep else _even)(losses)
    points = tuple((round(right(count), 4), round(up(loss), 4)) for count, loss in zip(counts, losses, strict=True))
    alt = f"Curve of the loss over {updates} updates: from {losses[0]:.4g} to {losses[-1]:.4g}."
    return Curve(points, ticks, marks, ("updates",), (Math(name),), alt)


def _counts(updates: int) -> list[int]:
    """Every update where there are few; otherwise so that they lie evenly on a logarithmic axis."""
    if updates <= _MANY:
        return list(range(updates + 1))
    return list(dict.fromkeys(round(updates ** (k / _POINTS)) for k in range(_POINTS + 1)))


def _even(values: Sequence[float]) -> tuple[Callable[[float], float], Ticks]:
    """An even axis from 0, or below it from the lowest round number, with about five ticks."""
    low, high = min(0.0, *values), max(values) or 1.0
    step = _round_step((high - low) / 4)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    span = (last - first) or 1
    ticks = tuple(((k - first) / span, f"{k * step:g}") for k in range(first, last + 1))
    return lambda value: (value / step - first) / span, ticks


def _round_step(rough: float) -> float:
    """1, 2 or 5 times a power of ten, at least as large."""
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))


def _decades(values: Sequence[float]) -> tuple[Callable[[float], float], Ticks]:
    """A logarithmic axis, a tick at each power of ten (of many at every second, third, …)."""
    low, high = math.floor(math.log10(min(values)) + 1e-9), math.ceil(math.log10(max(values)) - 1e-9)
    span = (high - low) or 1
    every = -(-span // 5)
    ticks = tuple(((k - low) / span, f"10^{{{k}}}") for k in range(low, high + 1, every))
    return lambda value: (math.log10(value) - low) / span, ticks
