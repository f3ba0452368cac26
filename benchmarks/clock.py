"""Rows of the table, and times taken in turn so that a busy machine slows all alike."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was measured, its figure, and how it compares (with what is aimed at)."""

    what: str
    figure: str
    beside: str = ""


def times(ways: Mapping[str, Callable[[], object]], turns: int = 5) -> dict[str, float]:
    """The shortest of several times of each way, in seconds; the ways take turns."""
    best = dict.fromkeys(ways, math.inf)
    for _ in range(turns):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            best[name] = min(best[name], time.perf_counter() - begun)
    return best


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """p of the power law seconds = c n^p that fits best (least squares of the logarithms)."""
    xs, ys = [math.log(n) for n in sizes], [math.log(s) for s in seconds]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def span(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"
