"""Gradients, losses and optimizers against PyTorch to 1e-12, where it is installed (the extra `torch`)."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")

from derive import api  # noqa: E402
from derive.chain import derivation  # noqa: E402
from derive.functions import ACTIVATIONS, OPTIMIZERS  # noqa: E402
from derive.lecture import Lecture, load  # noqa: E402
from derive.network import unit_graph  # noqa: E402
from derive.notation import NOTATIONS  # noqa: E402
from derive.quantities import New, Partial, Quantity  # noqa: E402

STYLE = NOTATIONS["matrix"].style
OUT = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "linear": lambda net: net,
       "leaky-relu": torch.nn.LeakyReLU(0.01), "softplus": torch.nn.Softplus(),
       "bipolar-sigmoid": lambda net: 2 * torch.sigmoid(net) - 1, "softmax": lambda net: torch.softmax(net, -1)}
LOSS = {"half-squared-error": lambda y, t: ((y - t) ** 2).sum(-1) / 2,
        "squared-error": lambda y, t: ((y - t) ** 2).sum(-1),
        "mean-squared-error": lambda y, t: ((y - t) ** 2).mean(-1),
        "binary-cross-entropy": lambda y, t: -(t * y.log() + (1 - t) * (1 - y).log()).sum(-1),
        "cross-entropy": lambda y, t: -(t * y.log()).sum(-1)}


def running_mean(pairs: list[object], eta: float) -> object:
    """v = 0.9 v + 0.1 g from v = 0; PyTorch's own first v would be the whole gradient."""
    optimizer = torch.optim.SGD(pairs, eta, momentum=0.9, dampening=0.9)
    for each in pairs:
        optimizer.state[each]["momentum_buffer"] = torch.zeros_like(each)
    return optimizer


BY = {"sgd": lambda p, eta: torch.optim.SGD(p, eta),
      "momentum": lambda p, eta: torch.optim.SGD(p, eta, momentum=0.9),
      "momentum-average": running_mean,
      "nesterov": lambda p, eta: torch.optim.SGD(p, eta, momentum=0.9, nesterov=True),
      "adagrad": lambda p, eta: torch.optim.Adagrad(p, eta, eps=1e-8),
      "rmsprop": lambda p, eta: torch.optim.RMSprop(p, eta, alpha=0.9, eps=1e-8),
      "adam": lambda p, eta: torch.optim.Adam(p, eta)}


def tensor(rows: object) -> object:
    return torch.tensor([[float(cell.value) for cell in row] for row in rows], dtype=torch.float64)


def parameters(lecture: Lecture) -> list[tuple[object, object]]:
    found = []
    for layer in lecture.network.layers:
        bias = -tensor([layer.bias])[0] if layer.threshold else tensor([layer.bias])[0]
        found.append((tensor(layer.weights).requires_grad_(), bias.requires_grad_()))
    return found


def loss(lecture: Lecture, pairs: list[tuple[object, object]]) -> object:
    out = tensor(lecture.inputs)
    for layer, (w, b) in zip(lecture.network.layers, pairs, strict=True):
        out = OUT[layer.activation](out @ w.T + b)
    each = LOSS[lecture.network.loss](out, tensor(lecture.targets))
    total = each.mean() if lecture.training.reduction == "mean" else each.sum()
    return total + float(lecture.training.l2) / 2 * sum((w ** 2).sum() for w, _ in pairs)


@pytest.mark.parametrize("name", ["batch", "softmax", "two-labels", "tanh-squared", "three-layers", "weight-decay"])
def test_gradients(name):
    agrees(load(name))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_in_a_hidden_layer(name):
    lecture = load("tanh-squared")
    first, *others = lecture.network.layers
    layers = (replace(first, activation=name), *others)
    agrees(replace(lecture, network=replace(lecture.network, layers=layers)))


def agrees(lecture: Lecture) -> None:
    """Every gradient is PyTorch's."""
    done, pairs = derivation(unit_graph(lecture, STYLE)), parameters(lecture)
    loss(lecture, pairs).backward()
    for parameter in done.graph.parameters:
        layer, *place = parameter.index
        grad = pairs[layer - 1][parameter.kind == "b"].grad[tuple(i - 1 for i in place)].item()
        assert float(done.values[Partial(Quantity("loss"), parameter)]) == pytest.approx(grad, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_three_updates(name):
    lecture = load("two-rounds")
    lecture = replace(lecture, training=replace(lecture.training, optimizer=name, show_rounds=(1, 2, 3)))
    done, pairs = derivation(unit_graph(lecture, STYLE)), parameters(lecture)
    optimizer = BY[name]([p for pair in pairs for p in pair], float(lecture.training.learning_rate.value))
    for turn in range(3):
        optimizer.zero_grad()
        loss(lecture, pairs).backward()
        optimizer.step()
        for parameter in done.graph.parameters:
            layer, *place = parameter.index
            value = pairs[layer - 1][parameter.kind == "b"].detach()[tuple(i - 1 for i in place)].item()
            new = done.values[New(replace(parameter, round=turn or None))]
            assert float(new) == pytest.approx(value, rel=1e-12, abs=1e-14)


def test_a_recurrent_network():
    """recurrent-units: two units, an input, an output and an error at each of two steps."""
    derived = api.derivation("recurrent-units")
    number = {name: float(value) for name, value in derived.lecture.values}
    shapes = {"w_x": ("w_x_1", "w_x_2"), "w_h": ("w_h_1_1", "w_h_1_2", "w_h_2_1", "w_h_2_2"), "w_y": ("w_y_1", "w_y_2")}
    w = {kind: torch.tensor([number[name] for name in names], dtype=torch.float64).requires_grad_()
         for kind, names in shapes.items()}
    state, total = torch.zeros(2, dtype=torch.float64), 0
    for t in (1, 2):
        state = torch.sigmoid(w["w_x"] * number[f"x_{t}"] + w["w_h"].reshape(2, 2) @ state)
        total = total + (number[f"target_{t}"] - w["w_y"] @ state) ** 2 / 2
    total.backward()
    for kind, names in shapes.items():
        for name, slope in zip(names, w[kind].grad.tolist(), strict=True):
            assert derived["L", name].value == pytest.approx(slope, rel=1e-12, abs=1e-14), name
