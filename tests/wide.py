"""Random lecture files of every kind that can be typed in: networks of any sort, recurrent ones, equations.

`text(seed)` is the file, `lecture(seed)` what the program makes of it. `python -m tests.wide 7` prints a file.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from derive.functions import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES
from derive.lecture import Lecture, load
from derive.notation import NOTATIONS

Source = random.Random
ENDS = {"cross-entropy": ("softmax", "softmax", "sigmoid"), "binary-cross-entropy": ("sigmoid",)}
OWN = ('x/(1+exp(-x))', 'sqrt(1+x^2) - 1')
# an equation of one or two earlier names, in which each may stand twice
SHAPES = ("{a}*{b}", "{a}^2 + {b}", "exp({a})/({b}^2 + 1)", "max({a}, {b})", "log({a}^2 + 2)*{b}", "{a} - 3*{b}",
          "{a}/(1 + exp(-{b}))", "sqrt({a}^2 + {b}^2 + 1)", "tanh({a}) + {b}", "{a}*{b} + {a}", "sigmoid({a}*{b})",
          "({a} - {b})^2/2")


def lecture(seed: int) -> Lecture:
    """A random lecture, as the program reads it from its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"wide-{seed}.toml"
        path.write_text(text(seed), encoding="utf-8")
        return replace(load(str(path)), source=path.name)


def text(seed: int) -> str:
    """A random lecture file: half of them networks, the rest recurrent ones and equations."""
    source = Source(f"wide {seed}")
    make = source.choice((_network, _network, _network, _recurrent, _equations))
    head = [f'title = "Random lecture {seed}"', f'notation = "{source.choice(tuple(NOTATIONS))}"']
    level = [] if make is _equations else [f'level = "{source.choice(("unit", "unit", "layer"))}"']
    return "\n".join((*head, *level, *make(source), *_display(source), ""))


# ---------------------------------------------------------------- networks


def _network(source: Source) -> list[str]:
    loss = source.choice(tuple(LOSSES))
    units = [source.randint(1, 3) for _ in range(source.randint(2, 3 + source.randint(0, 1)))]
    units[-1] = max(units[-1], 2 if loss == "cross-entropy" else 1)
    count, pool = source.choice((1, 1, 2, 3)), ("p", "q") if source.random() < 0.25 else ()
    vectors = source.choice(("column", "column", "row"))
    layers = [line for place, (below, above) in enumerate(zip(units, units[1:], strict=False), 1)
              for line in _layer(source, (above, below), vectors, pool, _last(source, loss, place, units))]
    used = [name for name in pool if f'"{name}"' in "\n".join(layers)]
    network = ["[network]", f"inputs = {units[0]}", f'loss = "{loss}"',
               f'vectors = "{vectors}"',
               f'error_signal = "{source.choice(("gradient", "gradient", "negative-gradient"))}"']
    values = ["[values]", *(f"{name} = {_number(source)}" for name in used)] if used else []
    data = ["[data]", f"inputs = {_rows(source, count, units[0], _number)}",
            f"targets = {_targets(source, count, units[-1], loss)}"]
    return [*network, *layers, *values, *data, *_training(source, count, bool(used))]


def _last(source: Source, loss: str, place: int, units: list[int]) -> str:
    """The activation of a layer: before an entropy one that gives probabilities."""
    if place == len(units) - 1 and loss in ENDS:
        return source.choice(ENDS[loss])
    return source.choice((*(name for name in ACTIVATIONS if name != "softmax" or units[place] > 1), *OWN))


def _layer(source: Source, shape: tuple[int, int], vectors: str, pool: tuple[str, ...],
           activation: str) -> list[str]:
    units = shape[0]

    def cell(of: Source) -> str:
        return f'"{of.choice(pool)}"' if pool and of.random() < 0.5 else _number(of)

    bias = source.choice(("", "bias = {one}", "bias = {row}", "bias = {row}", "threshold = {one}", "threshold = {row}"))
    lines = [bias.format(one=_number(source), row=_row(source, units, _number))] if bias else []
    if activation in ACTIVATIONS and ACTIVATIONS[activation].kink and source.random() < 0.2:
        lines.append("kink = 0.5")
    return ["[[network.layers]]", f"units = {units}", f'activation = "{activation}"',
            f"weights = {_rows(source, *(shape if vectors == 'column' else shape[::-1]), cell)}", *lines]


def _targets(source: Source, count: int, width: int, loss: str) -> str:
    """One hot, or a probability each, or any numbers."""
    if loss == "cross-entropy" and source.random() < 0.7:
        hot = [source.randrange(width) for _ in range(count)]
        return "[" + ", ".join(str([int(i == place) for i in range(width)]) for place in hot) + "]"
    low = 0 if loss in ENDS else -90
    return _rows(source, count, width, lambda of: _number(of, low, 95))


def _training(source: Source, count: int, shared: bool) -> list[str]:
    optimizer, schedule = source.choice(("sgd", "sgd", *OPTIMIZERS)), source.choice(("constant", "constant", *SCHEDULES))
    lines = ["[training]", f"learning_rate = {source.choice(('0.1', '0.5', '0.05'))}", f'optimizer = "{optimizer}"',
             f'schedule = "{schedule}"', f'reduction = "{source.choice(("sum", "mean"))}"',
             f"update_biases = {source.choice(('true', 'true', 'false'))}"]
    lines += ["weight_decay = 0.01"] if source.random() < 0.15 else []
    lines += [f"l2 = 0.02\nl2_biases = {source.choice(('true', 'false'))}"] if source.random() < 0.2 and not shared else []
    lines += ['order = "sequential"'] if source.random() < 0.2 else []
    lines += ['update = "online"'] if count > 1 and source.random() < 0.4 else []
    return lines + (["rounds = 2", "show_rounds = [1, 2]"] if source.random() < 0.2 else [])


def _recurrent(source: Source) -> list[str]:
    units, steps, every = source.randint(1, 2), source.randint(2, 3), source.random() < 0.5
    hidden, last = (source.choice(("sigmoid", "tanh", "linear", "softplus")) for _ in range(2))
    bias = [f"bias = {_row(source, units, _number)}"] if source.random() < 0.5 else []
    layers = ["[[network.layers]]", f"units = {units}", f'activation = "{hidden}"',
              f"weights = {_rows(source, units, 1, _number)}", f"recurrent = {_rows(source, units, units, _number)}",
              *bias, "[[network.layers]]", "units = 1", f'activation = "{last}"',
              f"weights = {_rows(source, 1, units, _number)}"]
    return ["[network]", 'kind = "recurrent"', "inputs = 1", f'loss_at = "{"every" if every else "last"}"', *layers,
            "[data]", f"inputs = {_row(source, steps, _number)}",
            f"targets = {_row(source, steps if every else 1, _number)}", "[training]", "learning_rate = 0.5"]


# ---------------------------------------------------------------- equations


def _equations(source: Source) -> list[str]:
    names, lines = ["x", "t", "u"], []
    for name in ("a", "b", "c", "g", "k")[:source.randint(2, 5)]:
        first = names[-1] if lines else source.choice(names)
        second = source.choice([each for each in names if each != first])
        lines.append(f'{name} = "{source.choice(SHAPES).format(a=first, b=second)}"')
        names.append(name)
    used = [name for name in names[:3] if any(name in _letters(line) for line in lines)]
    ways = source.choice(("chain", "chain", "substituted"))
    return ["[equations]", *lines, "[values]", *(f"{name} = {_number(source)}" for name in used),
            "[derive]", f'of = "{names[-1]}"', f"by = {used}".replace("'", '"'), f'ways = ["{ways}"]',
            *(["[training]", "learning_rate = 0.1"] if source.random() < 0.5 else [])]


def _letters(line: str) -> set[str]:
    return set("".join(c if c.isalpha() else " " for c in line.partition("=")[2]).split())


# ---------------------------------------------------------------- numbers


def _display(source: Source) -> list[str]:
    return ["[display]", f"decimals = {source.choice((3, 4, 5))}",
            f'rounding = "{source.choice(("half-up", "half-even", "cut"))}"',
            f'carry = "{source.choice(("exact", "shown"))}"']


def _number(source: Source, low: int = -95, high: int = 95) -> str:
    return f"{source.choice([n for n in range(low, high) if n]) / 100:.2f}"


def _row(source: Source, count: int, cell: Callable[[Source], str]) -> str:
    return "[" + ", ".join(cell(source) for _ in range(count)) + "]"


def _rows(source: Source, count: int, width: int, cell: Callable[[Source], str]) -> str:
    return "[" + ", ".join(_row(source, width, cell) for _ in range(count)) + "]"


if __name__ == "__main__":
    print(text(int(sys.argv[1])))
