"""Optimizers' working: every row against an independent computation, for several updates, at both levels."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from networks import close

from derive.chain import derivation
from derive.functions import OPTIMIZERS, SCHEDULES
from derive.layers import layer_derivation
from derive.lecture import Lecture, load
from derive.network import unit_graph
from derive.notation import NOTATIONS
from derive.quantities import Partial, Quantity, parse_id
from derive.trees import context
from derive.working import desk, in_full

STYLE = NOTATIONS["matrix"].style
CTX = context()
TURNS = 3


def lecture(**changes: object) -> Lecture:
    found = load("two-rounds")
    changes = {"rounds": TURNS, "show_rounds": tuple(range(1, TURNS + 1)), **changes}
    return replace(found, frames=(), training=replace(found.training, **changes))


def by_hand(name: str, w: object, gradients: list[object], rate: list[object]) -> list[object]:
    """The parameter after each update, by the optimizers' textbook formulas."""
    beta, beta1, beta2, eps = (CTX.mpf(v) for v in ("0.9", "0.9", "0.999", "1e-8"))
    v = m = s = CTX.mpf(0)
    found = []
    for k, (g, eta) in enumerate(zip(gradients, rate, strict=True), 1):
        if name == "sgd":
            w = w - eta * g
        elif name == "momentum":
            v = beta * v + g
            w = w - eta * v
        elif name == "momentum-average":
            v = beta * v + (1 - beta) * g
            w = w - eta * v
        elif name == "nesterov":
            v = beta * v + g
            w = w - eta * (g + beta * v)
        elif name == "adagrad":
            s = s + g * g
            w = w - eta * g / (CTX.sqrt(s) + eps)
        elif name == "rmsprop":
            s = beta * s + (1 - beta) * g * g
            w = w - eta * g / (CTX.sqrt(s) + eps)
        else:
            m, s = beta1 * m + (1 - beta1) * g, beta2 * s + (1 - beta2) * g * g
            w = w - eta * (m / (1 - beta1**k)) / (CTX.sqrt(s / (1 - beta2**k)) + eps)
        found.append(w)
    return found


@pytest.mark.parametrize("decay", ["0", "0.05"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_is_its_textbook_formula(name, decay):
    done = derivation(unit_graph(lecture(optimizer=name, weight_decay=Decimal(decay)), STYLE))
    rate = [done.values[Quantity("learning_rate")]] * TURNS
    for parameter in done.graph.parameters:
        olds = [done.values[replace(parameter, round=k or None)] for k in range(TURNS)]
        gradients = [done.values[Partial(Quantity("loss", (), None, k or None), replace(parameter, round=k or None))]
                     + (CTX.mpf(decay) * old if parameter.kind == "w" else 0) for k, old in enumerate(olds)]
        news = [done.values[parse_id(f"new({replace(parameter, round=k or None)})")] for k in range(TURNS)]
        assert all(close(a, b, 40) for a, b in zip(news, by_hand(name, olds[0], gradients, rate), strict=True))
        assert all(close(a, b, 40) for a, b in zip(olds[1:], news, strict=False))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_whole_layers_are_updated_as_their_units(name):
    found = lecture(optimizer=name, weight_decay=Decimal("0.1"))
    units, whole = derivation(unit_graph(found, STYLE)), layer_derivation(found, STYLE)
    for k in range(TURNS):
        for layer, row in enumerate(found.network.layers, 1):
            table = whole.values[parse_id(f"new({Quantity('w', (layer,), None, k or None)})")]
            for (i, j), value in ((place, table[place]) for place in [(a, b) for a in range(row.units)
                                                                     for b in range(table.shape[1])]):
                unit = Quantity("w", (layer, i + 1, j + 1), None, k or None)
                assert close(value, units.values[parse_id(f"new({unit})")], 40)


@pytest.mark.parametrize(("schedule", "settings", "factors"), [
    ("constant", (), (1, 1, 1)),
    ("step", (("factor", Decimal("0.5")), ("every", Decimal(2))), (1, 1, 0.5)),
    ("exponential", (("factor", Decimal("0.5")),), (1, 0.5, 0.25)),
])
def test_every_schedule_gives_each_turn_its_rate(schedule, settings, factors):
    done = derivation(unit_graph(lecture(schedule=schedule, settings=settings), STYLE))
    parameter, rate = Quantity("w", (2, 1, 1)), done.values[Quantity("learning_rate")]
    for k, factor in enumerate(factors):
        now = replace(parameter, round=k or None)
        step = done.values[now] - done.values[parse_id(f"new({now})")]
        gradient = done.values[Partial(Quantity("loss", (), None, k or None), now)]
        assert close(step, rate * factor * gradient, 40)
    assert set(SCHEDULES) == {"constant", "step", "exponential"}


@pytest.mark.parametrize(("name", "quantity", "latex"), [
    ("momentum", "new(velocity_w[2][1][1])", r"v_{w_{5}}^+"),
    ("momentum", "velocity_w[2][1][1]#1", r"v_{w_{5}}^{[1]}"),
    ("adam", "corrected1_w[2][1][1]", r"\hat{m}_{w_{5}}"),
    ("adam", "new(moment2_b[2][1])", r"s_{b_{3}}^+"),
    ("sgd", "w[2][1][1]#1", r"w_{5}^{[1]}"),
])
def test_what_an_optimizer_carries_along_has_a_name(name, quantity, latex):
    at = desk(lecture(optimizer=name), "net-out")
    assert at.names.latex(parse_id(quantity)) == latex
    assert parse_id(quantity) in at.derivation.values


@pytest.mark.parametrize("sign", ["gradient", "negative-gradient"])
@pytest.mark.parametrize("derive_it", [lambda of, style: derivation(unit_graph(of, style)), layer_derivation],
                         ids=["unit", "layer"])
@pytest.mark.parametrize("name", ["delta-rule", "thresholds"])
def test_the_update_by_the_error_signal_is_the_same_update(name, derive_it, sign):
    """w - rate delta x, or w + rate delta x where delta is minus the derivative."""
    plain = load(name)
    signed = replace(plain, network=replace(plain.network, error_signal=sign))
    done = derive_it(signed, NOTATIONS["delta"].style)
    steps = [step for step in done.steps if step.reason == "update-signal"]
    assert steps
    for step in steps:
        found, new = done.graph.value(step.formula, done.values), done.values[step.lhs]
        pairs = zip(found.flat, new.flat, strict=True) if hasattr(new, "shape") else [(found, new)]
        assert all(close(a, b, 40) for a, b in pairs), step.lhs


def test_an_update_is_said_with_its_numbers():
    line = in_full(desk(lecture(optimizer="adam"), "net-out"), parse_id("corrected1_w[2][1][1]#1"))
    assert line is not None
    formula, numbers, figure = line.members
    assert formula.latex == r"\frac{m_{w_{5}}^{[1],+}}{1 - \beta_{1}^{2}}" or r"^{2}}" in formula.latex
    assert numbers.latex.endswith(r"{1 - 0.9^{2}}") and figure.value is not None
