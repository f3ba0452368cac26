"""The shipped lectures: complete, and right to the digits that the notes print."""

from __future__ import annotations

import math
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pytest
from figures import FIGURES, RIGHTED

from derive.lecture import NOTATIONS, Cell, Lecture, load, shipped
from derive.notation import NOTATIONS as TABLE
from derive.quantities import generalisations, parse_id


def test_the_shipped_lectures_and_the_known_notations():
    assert {
        "chain-rule",
        "delta-rule",
        "matrix-form",
        "named-network",
        "named-sums",
        "net-out",
        "shared-weights",
        "three-outputs",
    } < set(shipped())
    assert tuple(TABLE) == NOTATIONS
    assert {load(name).notation for name in shipped()} == set(NOTATIONS)


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_lecture_says_what_it_is(name):
    lecture = load(name)
    assert lecture.title and 10 < len(lecture.about) < 100 and lecture.source == f"{name}.toml"
    assert not (lecture.parts and lecture.frames), "frames of its own, its parts', or the program's"
    assert all(frame.text or frame.show or frame.formulas or frame.draw for frame in lecture.frames)


def values(lecture: Lecture) -> dict[str, float]:
    """Every quantity by its id, in double precision, with back-propagation written out by hand."""
    number = lambda cell: float(cell.value)  # noqa: E731
    layers, found, outs = lecture.network.layers, {}, [list(map(number, lecture.inputs[0]))]
    targets, rate = list(map(number, lecture.targets[0])), number(lecture.training.learning_rate)
    found.update({f"x[{i}]": v for i, v in enumerate(outs[0], 1)})
    for n, layer in enumerate(layers, 1):
        biases = layer.bias or (Cell(Decimal(0)),) * layer.units
        nets = [
            sum(number(w) * o for w, o in zip(row, outs[-1], strict=True)) + number(b)
            for row, b in zip(layer.weights, biases, strict=True)
        ]
        outs.append([1 / (1 + math.exp(-net)) for net in nets])
        for i, (net, out) in enumerate(zip(nets, outs[-1], strict=True), 1):
            found |= {
                f"net[{n}][{i}]": net,
                f"out[{n}][{i}]": out,
                f"d(out[{n}][{i}])/d(net[{n}][{i}])": out * (1 - out),
            }
    for i, (target, out) in enumerate(zip(targets, outs[-1], strict=True), 1):
        found |= {
            f"error[{i}]": (target - out) ** 2 / 2,
            f"d(error[{i}])/d(out[{len(layers)}][{i}])": out - target,
        }
    found["loss"] = found["loss#0"] = sum(found[f"error[{i}]"] for i in range(1, len(targets) + 1))
    back = [out - target for target, out in zip(targets, outs[-1], strict=True)]
    for n in range(len(layers), 0, -1):
        layer, deltas, gradients = layers[n - 1], [], {}
        for i, slope in enumerate(back):
            out = outs[n][i]
            deltas.append(slope * out * (1 - out))
            found |= {
                f"d(loss)/d(out[{n}][{i + 1}])": slope,
                f"d(loss)/d(net[{n}][{i + 1}])": deltas[i],
                f"delta[{n}][{i + 1}]": deltas[i],
                f"d(loss)/d(b[{n}][{i + 1}])": deltas[i],
            }
            if layer.bias:
                found[f"new(b[{n}][{i + 1}])"] = number(layer.bias[i]) - rate * deltas[i]
        places = [(i, j) for i in range(layer.units) for j in range(len(outs[n - 1]))]
        shared = lambda i, j, layer=layer: layer.weights[i][j].name or (i, j)  # noqa: E731
        for i, j in places:
            gradients[shared(i, j)] = gradients.get(shared(i, j), 0) + deltas[i] * outs[n - 1][j]
        for i, j in places:
            weight, gradient = number(layer.weights[i][j]), gradients[shared(i, j)]
            found |= {
                f"w[{n}][{i + 1}][{j + 1}]": weight,
                f"d(loss)/d(w[{n}][{i + 1}][{j + 1}])": gradient,
                f"new(w[{n}][{i + 1}][{j + 1}])": weight - rate * gradient,
                f"d(net[{n}][{i + 1}])/d(w[{n}][{i + 1}][{j + 1}])": outs[n - 1][j],
                f"d(net[{n}][{i + 1}])/d(out[{n - 1}][{j + 1}])": weight,
                f"d(error[{i + 1}])/d(out[{n - 1}][{j + 1}])": deltas[i] * weight,
            }
        back = [
            sum(number(layer.weights[i][j]) * deltas[i] for i in range(layer.units))
            for j in range(len(outs[n - 1]))
        ]
    return found


def trained(rounds: int) -> dict[str, float]:
    """The network of net-out after a number of rounds, biases held fixed."""
    w = [[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]
    x, t, b = (0.05, 0.1), (0.01, 0.99), (0.35, 0.6)
    for k in range(rounds + 1):
        hidden = [1 / (1 + math.exp(-(row[0] * x[0] + row[1] * x[1] + b[0]))) for row in w[0]]
        out = [1 / (1 + math.exp(-(row[0] * hidden[0] + row[1] * hidden[1] + b[1]))) for row in w[1]]
        if k == rounds:
            loss = sum((a - o) ** 2 / 2 for a, o in zip(t, out, strict=True))
            return {f"loss#{k}": loss, f"out[2][1]#{k}": out[0], f"out[2][2]#{k}": out[1]}
        delta = [(o - a) * o * (1 - o) for a, o in zip(t, out, strict=True)]
        behind = [
            (delta[0] * w[1][0][j] + delta[1] * w[1][1][j]) * hidden[j] * (1 - hidden[j]) for j in (0, 1)
        ]
        w = (
            [[w[0][j][i] - 0.5 * behind[j] * x[i] for i in (0, 1)] for j in (0, 1)],
            [[w[1][k_][j] - 0.5 * delta[k_] * hidden[j] for j in (0, 1)] for k_ in (0, 1)],
        )
    raise AssertionError


def printable(lecture: Lecture, text_id: str) -> set[int]:
    """How many decimals a figure may have: where it is found, and where it is put in; a given has its own."""
    digits = dict(lecture.display.decimals_of)
    keys = [key for key in generalisations(parse_id(text_id)) if key in digits]
    return set(digits[keys[0]]) if keys else {lecture.display.decimals}


def given_again(text_id: str) -> bool:
    """Whether a figure is another quantity's, which has digits of its own: ∂net/∂w is what enters."""
    return text_id.startswith(("d(net", "x[", "w["))


FIGURE_ROWS = [(name, text_id, figure) for name, rows in FIGURES.items() for text_id, figure in rows]
FIGURE_ROWS += [(name, text_id, right) for name, rows in RIGHTED.items() for text_id, _, right in rows]


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_of_a_note_is_right_and_has_the_digits_that_display_gives(name):
    lecture = load(name)
    found = values(lecture)
    if name == "net-out":
        found |= trained(1) | trained(10_000)
    rounding = dict(lecture.display.rounding_of)
    for _, text_id, figure in (row for row in FIGURE_ROWS if row[0] == name):
        mode = rounding.get(text_id, lecture.display.rounding)
        decimals = -Decimal(figure).as_tuple().exponent
        shown = Decimal(repr(found[text_id])) + Decimal("1e-15").copy_sign(Decimal(repr(found[text_id])))
        shown = shown.quantize(Decimal(figure), ROUND_DOWN if mode == "cut" else ROUND_HALF_UP)
        # figures that are carried on as they were shown may drift by a few units
        slack = 4 if lecture.display.carry == "shown" else 0
        assert abs(shown - Decimal(figure)) <= slack * Decimal(1).scaleb(-decimals), (text_id, figure, shown)
        assert given_again(text_id) or decimals in printable(lecture, text_id), (text_id, figure)
