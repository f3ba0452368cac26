"""Honest work must never be marked wrong: random lectures, and their working as somebody would write it.

python -m tests.honest --count 500      # prints what was marked wrong, and a line of counts
python -m tests.honest --kind wide      # the same with every kind of lecture that can be typed in
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal

from derive.api import line_latex
from derive.check.judging import Verdict, check
from derive.lecture import Cell, Display, Layer, Lecture, Network, Training
from derive.notation import NOTATIONS
from derive.quantities import Id
from derive.working import Desk, desk, in_full
from tests import wide

ACTIVATIONS = (
    "sigmoid",
    "sigmoid",
    "sigmoid",
    "tanh",
    "relu",
    "leaky-relu",
    "softplus",
    "linear",
    "bipolar-sigmoid",
)
LOSSES = (
    "half-squared-error",
    "half-squared-error",
    "squared-error",
    "mean-squared-error",
    "binary-cross-entropy",
    "cross-entropy",
)


def lecture(seed: int) -> Lecture:
    """A random network with one sample, in a random notation, level and rounding."""
    source = random.Random(seed)
    loss = source.choice(LOSSES)
    last = {"binary-cross-entropy": "sigmoid", "cross-entropy": "softmax"}.get(loss)
    units = [source.randint(1, 3) for _ in range(source.randint(1, 3))]
    units[-1] = max(units[-1], 2 if last == "softmax" else 1)
    inputs = source.randint(1, 3)
    layers = tuple(
        _layer(source, n, before, last if n is units[-1] and place == len(units) - 1 else None)
        for place, (n, before) in enumerate(zip(units, [inputs, *units], strict=False))
    )
    targets = [0] * units[-1] if last == "softmax" else [source.randint(0, 1) for _ in range(units[-1])]
    if last == "softmax":
        targets[source.randrange(units[-1])] = 1
    return Lecture(
        f"random-{seed}",
        f"random-{seed}.toml",
        "A random network",
        source.choice(tuple(NOTATIONS)),
        source.choice(("unit", "unit", "layer")),
        network=Network(inputs, layers, loss, "column"),
        inputs=(tuple(_cell(source, 5, 100) for _ in range(inputs)),),
        targets=(tuple(Cell(Decimal(target)) for target in targets),),
        training=Training(learning_rate=Cell(Decimal(source.choice(("0.1", "0.5", "0.05"))))),
        display=Display(
            source.choice((3, 4, 5)),
            source.choice(("half-up", "half-even", "cut")),  # type: ignore[arg-type]
            source.choice(("exact", "shown")),
        ),
    )  # type: ignore[arg-type]


def _layer(source: random.Random, units: int, before: int, last: str | None) -> Layer:
    weights = tuple(tuple(_cell(source, -95, 95) for _ in range(before)) for _ in range(units))
    shared = source.random() < 0.3
    bias = (
        (_cell(source, -60, 60),) * units if shared else tuple(_cell(source, -60, 60) for _ in range(units))
    )
    if source.random() < 0.15:
        return Layer(units, last or source.choice(ACTIVATIONS), weights)
    return Layer(units, last or source.choice(ACTIVATIONS), weights, bias, shared)


def _cell(source: random.Random, low: int, high: int) -> Cell:
    return Cell(Decimal(source.choice([n for n in range(low, high) if n])) / 100)


def lines(at: Desk) -> Iterator[tuple[Id, str]]:
    """Every quantity's working, one line each, in the order in which it is derived."""
    for quantity in dict.fromkeys(step.lhs for step in at.derivation.steps):
        line = in_full(at, quantity)
        if line is not None:
            yield quantity, line_latex(line)


def text(found: Lecture) -> str:
    """The whole working as somebody would hand it in."""
    return "\n\n".join(f"$${line}$$" for _, line in lines(desk(found)))


MAKERS: dict[str, Callable[[int], Lecture]] = {"plain": lecture, "wide": wide.lecture}


def marked(seed: int, kind: str = "plain") -> tuple[str, tuple[Verdict, ...]]:
    """A random working and the verdicts on it."""
    found = MAKERS[kind](seed)
    written = text(found)
    return written, check(found, written)


def main() -> None:
    """Prints the lines that were not found right, and the counts."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=500)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--kind", choices=tuple(MAKERS), default="plain")
    chosen = options.parse_args()
    total: Counter[str] = Counter()
    for seed in range(chosen.first, chosen.first + chosen.count):
        for each in marked(seed, chosen.kind)[1]:
            total[each.verdict] += 1
            if each.verdict != "right":
                print(
                    f"{seed} {each.line}: {each.verdict} {each.kinds} {each.quantity}: {each.claim.text[:300]} "
                    f"| {each.written[:80]} | {each.message[:150]}"
                )
    print(dict(total))


if __name__ == "__main__":
    main()
