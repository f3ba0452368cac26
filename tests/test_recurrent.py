"""Recurrent networks against back-propagation through time written out in NumPy."""

from __future__ import annotations

import re
from pathlib import Path

import numpy
import pytest

from derive.api import derivation
from derive.errors import InputError
from derive.lecture import load

SLOPES = {"tanh": (numpy.tanh, lambda h: 1 - h**2), "linear": (lambda z: z, lambda y: numpy.ones_like(y)),
          "sigmoid": (lambda z: 1 / (1 + numpy.exp(-z)), lambda h: h * (1 - h))}
LOSSES = {"half-squared-error": (lambda t, y: ((t - y) ** 2).sum() / 2, lambda t, y: y - t),
          "squared-error": (lambda t, y: ((t - y) ** 2).sum(), lambda t, y: 2 * (y - t)),
          "mean-squared-error": (lambda t, y: ((t - y) ** 2).mean(), lambda t, y: 2 * (y - t) / len(y)),
          "binary-cross-entropy": (lambda t, y: -(t * numpy.log(y) + (1 - t) * numpy.log(1 - y)).sum(),
                                   lambda t, y: (y - t) / (y * (1 - y)))}


def through_time(x, target, w, activations, loss, every):
    """The loss and its derivative by each parameter, one step after the other."""
    (f, slope), (g, out_slope), (error, error_slope) = *map(SLOPES.get, activations), LOSSES[loss]
    states, outs = [w["start"]], []
    for row in x:
        states.append(f(w["w_x"] @ row + w["w_h"] @ states[-1] + w["b_h"]))
        outs.append(g(w["w_y"] @ states[-1] + w["b_y"]))
    used = range(len(x)) if every else [len(x) - 1]
    targets = dict(zip(used, target, strict=True))
    found = {name: numpy.zeros_like(value) for name, value in w.items() if name != "start"}
    carried = numpy.zeros_like(w["start"])
    for t in reversed(range(len(x))):
        if t in targets:
            delta = error_slope(targets[t], outs[t]) * out_slope(outs[t])
            found["w_y"] += numpy.outer(delta, states[t + 1])
            found["b_y"] += delta
            carried = carried + w["w_y"].T @ delta
        signal = carried * slope(states[t + 1])
        found["w_x"] += numpy.outer(signal, x[t])
        found["w_h"] += numpy.outer(signal, states[t])
        found["b_h"] += signal
        carried = w["w_h"].T @ signal
    return sum(error(targets[t], outs[t]) for t in used), found


FILE = """title = "T"
[network]
kind = "recurrent"
inputs = {inputs}
loss = "{loss}"
loss_at = "{at}"
[[network.layers]]
units = {hidden}
activation = "{f}"
weights = {w_x}
recurrent = {w_h}
bias = {b_h}
start = {start}
[[network.layers]]
units = {outputs}
activation = "{g}"
weights = {w_y}
bias = {b_y}
[data]
inputs = {x}
targets = {target}
[training]
learning_rate = 0.25
"""


def drawn(seed, inputs, hidden, outputs, steps, every, loss):
    """Random numbers of two decimals for a network."""
    rng = numpy.random.default_rng(seed)

    def some(*shape):
        return numpy.round(rng.uniform(-1.2, 1.2, shape), 2)
    w = {"w_x": some(hidden, inputs), "w_h": some(hidden, hidden), "b_h": some(hidden),
         "w_y": some(outputs, hidden), "b_y": some(outputs), "start": some(hidden)}
    target = some(steps if every else 1, outputs)
    return some(steps, inputs), (numpy.abs(target) / 2 if "entropy" in loss else target), w


CASES = [(1, 1, 1, 1, 3, False, "tanh", "linear", "half-squared-error"),
         (2, 1, 1, 1, 4, True, "sigmoid", "sigmoid", "squared-error"),
         (3, 2, 2, 1, 3, True, "tanh", "linear", "half-squared-error"),
         (4, 2, 3, 2, 2, False, "sigmoid", "linear", "mean-squared-error"),
         (5, 1, 2, 2, 3, True, "linear", "sigmoid", "binary-cross-entropy"),
         (6, 3, 2, 3, 1, True, "tanh", "tanh", "squared-error")]


@pytest.mark.parametrize(("seed", "inputs", "hidden", "outputs", "steps", "every", "f", "g", "loss"), CASES)
def test_every_derivative_and_update_is_that_of_back_propagation_through_time(
        tmp_path, seed, inputs, hidden, outputs, steps, every, f, g, loss):
    x, target, w = drawn(seed, inputs, hidden, outputs, steps, every, loss)
    numbers = {name: value.tolist() for name, value in w.items()}
    path = tmp_path / "rnn.toml"
    path.write_text(FILE.format(inputs=inputs, hidden=hidden, outputs=outputs, loss=loss, f=f, g=g, x=x.tolist(),
                                at="every" if every else "last", target=target.tolist(), **numbers))
    derived = derivation(str(path))
    total, gradients = through_time(x, target, w, (f, g), loss, every)
    assert derived["L"].value == pytest.approx(total, abs=1e-12)
    seen = 0
    for name, gradient in gradients.items():
        for place, slope in numpy.ndenumerate(gradient):
            wide = gradient.shape
            here = name + "".join(f"_{i + 1}" for i, n in zip(place, wide, strict=True) if n > 1)
            assert derived["L", here].value == pytest.approx(slope, abs=1e-12), here
            assert derived[f"new({here})"].value == pytest.approx(w[name][place] - 0.25 * slope, abs=1e-12)
            seen += 1
    assert seen == len(derived.lecture.derive.by)


def written(tmp_path, **others):
    keys = {"inputs": 1, "hidden": 1, "outputs": 1, "loss": "half-squared-error", "f": "tanh", "g": "linear",
            "x": "[1, 2]", "target": "[1]", "at": "last", "w_x": "[[1]]", "w_h": "[[1]]", "w_y": "[[1]]", "b_h": "0.1",
            "b_y": "0.2", "start": "0"}
    path = tmp_path / "rnn.toml"
    path.write_text(FILE.format(**{**keys, **others}))
    return str(path)


def changed(path, change):
    Path(path).write_text(change(Path(path).read_text()))


@pytest.mark.parametrize(("old", "new", "where"), [
    ("bias = 0.1", "threshold = 0.1", "network.layers[1].threshold"),
    ('kind = "recurrent"', 'kind = "recurrent"\nerror_signal = "negative-gradient"', "network.error_signal"),
    ("learning_rate = 0.25", 'reduction = "mean"', "training.reduction"),
    ("learning_rate = 0.25", "l2 = 0.1", "training.l2"),
    ("learning_rate = 0.25", 'update = "online"', "training.update"),
])
def test_a_convention_that_a_recurrent_network_has_not_is_refused(tmp_path, old, new, where):
    path = written(tmp_path)
    changed(path, lambda text: text.replace(old, new, 1))
    with pytest.raises(InputError, match=re.escape(where)):
        load(path)


@pytest.mark.parametrize(("keys", "where", "expected"), [
    ({"w_h": "[[1, 2]]"}, "network.layers[1].recurrent", "1 rows of 1"),
    ({"at": "every"}, "data.targets", "2"),
    ({"f": "softmax"}, "network.layers[1].activation", "sigmoid, tanh"),
    ({"x": "[[1, 2], [3, 4]]"}, "data.inputs[1]", "1"),
    ({"start": "[1, 2]"}, "network.layers[1].start", "1"),
    ({"b_h": "[1, 2]"}, "network.layers[1].bias", "1"),
    ({"w_h": '[["q"]]'}, "q", "q under [values]"),
])
def test_what_does_not_fit_gets_one_line(tmp_path, keys, where, expected):
    with pytest.raises(InputError) as caught:
        load(written(tmp_path, **keys))
    assert where in str(caught.value) and expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_named_weight_keeps_its_name_and_may_be_shared(tmp_path):
    path = written(tmp_path, w_x='[["v"]]', w_h='[["v"]]')
    changed(path, lambda text: text + "[values]\nv = 0.5\n")
    lecture = load(path)
    assert dict(lecture.equations)["net_2"] == "v*x_2 + v*h_1 + b_h"
    assert lecture.derive.by.count("v") == 1


def test_without_a_start_the_state_begins_at_zero():
    assert dict(load("recurrent-neuron").values)["h_0"] == 0


def test_a_weight_of_every_step_has_a_sum_over_the_steps():
    text = str(derivation("recurrent-neuron")["L", "w_h"])
    assert re.search(r"net₁, net₂ and in net₃: its derivative arrives along three paths", text)
    assert text.count("∂L/∂net") >= 3


def test_recurrent_weights_belong_to_a_recurrent_network(tmp_path):
    path = written(tmp_path)
    changed(path, lambda text: text.replace('kind = "recurrent"\n', ""))
    with pytest.raises(InputError, match="recurrent"):
        load(path)
