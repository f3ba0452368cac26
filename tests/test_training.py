"""Rounds and variants: the notes' figures, the 50-digit derivation, and an independent NumPy network."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.chain import derivation
from derive.errors import InputError
from derive.functions import OPTIMIZERS, SCHEDULES
from derive.lecture import Cell, Layer, Lecture, Network, Training, load
from derive.network import unit_graph
from derive.notation import NOTATIONS
from derive.quantities import New, Partial, Quantity, parse_id
from derive.training import BLOCK, ask, history, plan, values_after, variants

LOSS = Quantity("loss")


def trained(lecture: Lecture, **how: object) -> Lecture:
    """The lecture with other training."""
    return replace(lecture, training=replace(lecture.training, **how))


# ---------------------------------------------------------------- an independent network

SIGMOID = (lambda z: 1 / (1 + np.exp(-z)), lambda z, a: a * (1 - a))
ACTIVATION = {"sigmoid": SIGMOID, "tanh": (np.tanh, lambda z, a: 1 - a**2),
              "relu": (lambda z: np.maximum(z, 0), lambda z, a: (z > 0) * 1.0),
              "leaky-relu": (lambda z: np.where(z > 0, z, z / 100), lambda z, a: np.where(z > 0, 1, 0.01)),
              "softplus": (lambda z: np.log1p(np.exp(z)), lambda z, a: SIGMOID[0](z)),
              "linear": (lambda z: z, lambda z, a: np.ones_like(z)),
              "bipolar-sigmoid": (lambda z: np.tanh(z / 2), lambda z, a: (1 - a**2) / 2)}
LOSSES = {"half-squared-error": lambda a, t: a - t, "squared-error": lambda a, t: 2 * (a - t),
          "mean-squared-error": lambda a, t: 2 * (a - t) / len(t)}


def numbers(cells: tuple[Cell, ...]) -> np.ndarray:
    return np.array([float(cell.value) for cell in cells])


def by_matrices(lecture: Lecture, rounds: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and biases after that many rounds of gradient descent, by matrices.

    In sequential order a layer is updated before the error goes back through it.
    """
    network, how = lecture.network, lecture.training
    layers = [(np.array([numbers(row) for row in layer.weights]), numbers(layer.bias))
              for layer in network.layers]
    samples = [*zip(map(numbers, lecture.inputs), map(numbers, lecture.targets), strict=True)]
    rate = float(how.learning_rate.value)
    for number in range(rounds):
        batch = samples if how.update == "batch" else [samples[number % len(samples)]]
        share = 1 / len(batch) if how.reduction == "mean" and how.update == "batch" else 1.0
        runs = [forward(network, layers, x) for x, _ in batch]
        backs = [LOSSES[network.loss](outs[-1], t) for (_, outs), (_, t) in zip(runs, batch, strict=True)]
        new = list(layers)
        for k in reversed(range(len(layers))):
            deltas = [back * ACTIVATION[network.layers[k].activation][1](nets[k], outs[k + 1])
                      for back, (nets, outs) in zip(backs, runs, strict=True)]
            w = share * sum(np.outer(d, outs[k]) for d, (_, outs) in zip(deltas, runs, strict=True))
            b = share * sum(deltas) * how.update_biases
            new[k] = (layers[k][0] - rate * w, layers[k][1] - rate * b)
            through = new[k][0] if how.order == "sequential" else layers[k][0]
            backs = [through.T @ d for d in deltas]
        layers = new
    return layers


def forward(network: Network, layers: list, x: np.ndarray) -> tuple[list, list]:
    nets, outs = [], [x]
    for layer, (w, b) in zip(network.layers, layers, strict=True):
        nets.append(w @ outs[-1] + b)
        outs.append(ACTIVATION[layer.activation][0](nets[-1]))
    return nets, outs


def cells(draw, count: int) -> tuple[Cell, ...]:
    number = st.integers(-150, 150).filter(lambda n: n % 10).map(lambda n: Cell(Decimal(n) / 100))
    return tuple(draw(number) for _ in range(count))


@st.composite
def lectures(draw) -> Lecture:
    units = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    layers = tuple(
        Layer(n, draw(st.sampled_from(sorted(ACTIVATION))), tuple(cells(draw, m) for _ in range(n)),
              cells(draw, n))
        for m, n in itertools.pairwise(units))
    count = draw(st.integers(1, 3))
    how = Training(learning_rate=Cell(Decimal("0.05")), update_biases=draw(st.booleans()),
                   reduction=draw(st.sampled_from(["sum", "mean"])),
                   update=draw(st.sampled_from(["batch", "online"])),
                   order=draw(st.sampled_from(["simultaneous", "sequential"])))
    return Lecture("random", "random.toml", "Random", training=how,
                   network=Network(units[0], layers, draw(st.sampled_from(sorted(LOSSES)))),
                   inputs=tuple(cells(draw, units[0]) for _ in range(count)),
                   targets=tuple(cells(draw, units[-1]) for _ in range(count)))


@settings(max_examples=40, deadline=None)
@given(lectures(), st.integers(1, 7))
def test_rounds_agree_with_matrices(lecture, rounds):
    found = values_after(lecture, rounds)
    for k, (w, b) in enumerate(by_matrices(lecture, rounds), 1):
        ours = [[found[Quantity("w", (k, i + 1, j + 1))] for j in range(len(row))] for i, row in enumerate(w)]
        np.testing.assert_allclose(ours, w, rtol=1e-10, atol=1e-11)
        np.testing.assert_allclose([found[Quantity("b", (k, i + 1))] for i in range(len(b))], b, rtol=1e-10,
                                   atol=1e-11)


# ---------------------------------------------------------------- the derivation at 50 digits

NETWORKS = ("net-out", "delta-rule", "shared-weights", "matrix-form")


@lru_cache
def derived(name: str):
    lecture = load(name)
    return lecture, derivation(unit_graph(lecture, NOTATIONS[lecture.notation].style))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_first_round_is_the_derivation_s(name):
    lecture, exact = derived(name)
    start, end = values_after(lecture, 0), values_after(lecture, 1)
    news = [quantity for quantity in exact.values if isinstance(quantity, New)]
    assert len(news) == len(exact.graph.parameters) > 0
    for new in news:
        assert end[new.of] == pytest.approx(float(exact.values[new]), rel=1e-14, abs=1e-16)
        assert ask(lecture, new) == end[new.of]
    for equation in exact.graph.equations:
        assert start[equation.quantity] == pytest.approx(float(exact.values[equation.quantity]), rel=1e-14)


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_the_derivation_s(name):
    lecture, exact = derived(name)
    for parameter in exact.graph.parameters:
        gradient = Partial(LOSS, parameter)
        assert ask(lecture, gradient) == pytest.approx(float(exact.values[gradient]), rel=1e-13)


# ---------------------------------------------------------------- note 001

@pytest.mark.parametrize(("order", "quantity", "figure"), [
    ("simultaneous", "loss#9999", "3.51085e-05"),
    ("simultaneous", "loss#10000", "3.51019e-05"),
    ("simultaneous", "out[2][1]#10000", "0.015913620"),
    ("simultaneous", "out[2][2]#10000", "0.984064274"),
    ("sequential", "out[2][1]#10000", "0.015912196"),
    ("sequential", "out[2][2]#10000", "0.984065734"),
])  # fmt: skip
def test_ten_thousand_rounds_of_the_note(order, quantity, figure):
    lecture = trained(load("net-out"), order=order)
    value = ask(lecture, parse_id(quantity))
    assert (f"{value:.5e}" if "e" in figure else f"{value:.9f}") == figure


# ---------------------------------------------------------------- samples, ids, tables

ONE = load("net-out")
TWO = replace(ONE, inputs=(*ONE.inputs, (Cell(Decimal("0.7")), Cell(Decimal("-0.2")))),
              targets=(*ONE.targets, (Cell(Decimal("0.5")), Cell(Decimal("0.2")))))


def test_online_every_sample_s_update_counts():
    lecture = trained(TWO, update="online")
    weight = Quantity("w", (1, 1, 1))
    assert values_after(lecture, 1)[weight] == values_after(ONE, 1)[weight]
    by_two = [w for w, _ in by_matrices(lecture, 5)]
    assert values_after(lecture, 5)[Quantity("w", (2, 1, 1))] == pytest.approx(by_two[1][0, 0], rel=1e-13)


def test_a_history_gives_the_same_values_at_every_stop():
    lecture = trained(TWO, update="online", optimizer="adam", schedule="exponential")
    table = [*history(lecture, 23, 7)]
    assert [done for done, _ in table] == [0, 7, 14, 21, 23]
    for done, state in table:
        assert state == values_after(lecture, done)
    assert [done for done, _ in history(lecture, 6, 3)] == [0, 3, 6]


def test_the_loss_falls_from_stop_to_stop():
    losses = [state[LOSS] for _, state in history(load("net-out"), 400, 100)]
    assert losses == sorted(losses, reverse=True) and losses[0] > 2 * losses[-1]


def test_another_place_of_a_shared_weight_is_that_weight():
    lecture = load("shared-weights")
    assert ask(lecture, parse_id("w[1][2][1]#3")) == ask(lecture, parse_id("w[1][1][1]#3"))
    places = [parse_id(f"d(loss)/d(w[1][{unit}][1])#3") for unit in (1, 2)]
    assert ask(lecture, places[0]) == ask(lecture, places[1])
    assert ask(lecture, parse_id("delta[2][1]#3")) == pytest.approx(
        ask(lecture, parse_id("d(loss)/d(net[2][1])#3")), rel=1e-14)


def test_an_updated_parameter_of_a_round_is_the_next_round_s():
    for order in ("simultaneous", "sequential"):
        lecture = trained(load("net-out"), order=order)
        assert ask(lecture, parse_id("new(w[1][1][1]#4)")) == ask(lecture, parse_id("w[1][1][1]#5"))


@pytest.mark.parametrize("text", ["net[7][1]", "loss@3", "velocity_w[1][1][1]", "y"])
def test_an_unknown_quantity_is_one_clear_line(text):
    with pytest.raises(InputError, match=r"net-out.toml: .* is none of the lecture's numbers; expected"):
        ask(load("net-out"), parse_id(text))


def test_a_lecture_of_equations_has_nothing_to_train():
    with pytest.raises(InputError, match="nothing to train"):
        values_after(load("chain-rule"), 1)


# ---------------------------------------------------------------- numbers out of bounds

def linear(rate: str, activation: str = "linear", weight: str = "2") -> Lecture:
    layer = Layer(1, activation, ((Cell(Decimal(weight)),),))
    return Lecture("one", "one.toml", "One", training=Training(learning_rate=Cell(Decimal(rate))),
                   network=Network(1, (layer,), "squared-error"),
                   inputs=((Cell(Decimal(3)),),), targets=((Cell(Decimal(1)),),))


def failing_round(rate: float) -> int:
    """The first round after which the weight of `linear` is not finite."""
    w = 2.0
    for number in range(1, 10**6):
        w = w - rate * (2 * (w * 3.0 - 1) * 3)
        if not math.isfinite(w):
            return number
    raise AssertionError("it does not fail")


def test_divergence_names_its_round():
    number = failing_round(10.0)
    assert 50 < number < 500
    with pytest.raises(InputError, match=rf"after update {number - 1} net\[1\]\[1\] has no value: it is too large; expected a smaller"):
        values_after(linear("10"), 10**6)
    assert math.isfinite(ask(linear("10"), Quantity("w", (1, 1, 1), None, number - 1)))


@pytest.mark.parametrize(("activation", "weight", "rounds", "line"), [
    ("log(x)", "0.4", 1, "training.learning_rate: after update 1 out[1][1] has no value: it takes the logarithm of -0.02"),
    ("log(x)", "0.4", 9, "training.learning_rate: after update 1 out[1][1] has no value: it takes the logarithm of -0.02"),
    ("log(x)", "-2", 0, "network.layers[1].activation: out[1][1] has no value: it takes the logarithm of -6.0; expected a"),
    ("log(x)", "-2", 1, "network.layers[1].activation: out[1][1] has no value: it takes the logarithm of -6.0; expected a"),
])
def test_what_training_cannot_compute_names_key_and_quantity(activation, weight, rounds, line):
    lecture = linear("-0.1", activation, weight)      # uphill
    with pytest.raises(InputError) as caught:
        values_after(lecture, rounds)
    assert caught.value.line().startswith(f"one.toml: {line}")


def test_a_saturated_unit_is_no_failure():
    found = values_after(linear("0.1", "sigmoid", "-300"), 3)
    assert found[Quantity("out", (1, 1))] == 0.0
    assert found[Quantity("w", (1, 1, 1))] == -300.0


# ---------------------------------------------------------------- optimizers and schedules

def by_hand(name: str, w: float, gradient, rounds: int, rate: float) -> float:
    """The textbook formulas, one parameter; settings as usual."""
    v = m = s = 0.0
    for k in range(1, rounds + 1):
        g = gradient(w)
        if name == "sgd":
            w -= rate * g
        elif name in ("momentum", "nesterov"):
            v = 0.9 * v + g
            w -= rate * (v if name == "momentum" else g + 0.9 * v)
        elif name == "momentum-average":
            v = 0.9 * v + 0.1 * g
            w -= rate * v
        elif name == "adagrad":
            s += g * g
            w -= rate * g / (math.sqrt(s) + 1e-8)
        elif name == "rmsprop":
            s = 0.9 * s + 0.1 * g * g
            w -= rate * g / (math.sqrt(s) + 1e-8)
        else:
            m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
            w -= rate * (m / (1 - 0.9**k)) / (math.sqrt(s / (1 - 0.999**k)) + 1e-8)
    return w


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("decay", ["0", "0.3"])
def test_every_optimizer_is_its_textbook_formula(name, decay):
    lecture = trained(linear("0.01"), optimizer=name, weight_decay=Decimal(decay))
    expected = by_hand(name, 2.0, lambda w: 6 * (3 * w - 1) + float(decay) * w, 12, 0.01)
    assert ask(lecture, parse_id("w[1][1][1]#12")) == pytest.approx(expected, rel=1e-12)
    plain = by_hand("sgd", 2.0, lambda w: 6 * (3 * w - 1), 12, 0.01)
    assert name == "sgd" or expected != pytest.approx(plain)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_an_optimizer_carries_along_has_an_id(name):
    found = values_after(trained(linear("0.01"), optimizer=name), 1)
    for state in OPTIMIZERS[name].states:
        assert found[Quantity(f"{state}_w", (1, 1, 1))] != 0


def test_settings_go_over_the_usual_ones():
    lecture = trained(linear("0.01"), optimizer="momentum", settings=(("beta", Decimal("0.5")),))
    first = 2 - 0.01 * 30
    velocity = 0.5 * 30 + 6 * (3 * first - 1)
    assert ask(lecture, parse_id("w[1][1][1]#2")) == pytest.approx(first - 0.01 * velocity, rel=1e-13)
    with pytest.raises(InputError, match=r"no setting gamma; expected beta"):
        values_after(trained(lecture, settings=(("gamma", Decimal(1)),)), 1)


@pytest.mark.parametrize(("name", "rate"), [
    ("constant", lambda k: 0.01), ("step", lambda k: 0.01 * 0.25 ** (k // 3)),
    ("exponential", lambda k: 0.01 * 0.25**k),
])  # fmt: skip
def test_every_schedule_gives_each_update_its_rate(name, rate):
    usual = {"factor": Decimal("0.25"), "every": Decimal(3)}
    lecture = trained(linear("0.01"), schedule=name,
                      settings=tuple((key, usual[key]) for key in SCHEDULES[name].settings))
    w = 2.0
    for k in range(8):
        assert ask(lecture, Quantity("learning_rate", (), None, k)) == pytest.approx(rate(k), rel=1e-14)
        assert ask(lecture, Quantity("w", (1, 1, 1), None, k)) == pytest.approx(w, rel=1e-13)
        w -= rate(k) * 6 * (3 * w - 1)


def test_every_schedule_is_tested():
    assert set(SCHEDULES) == {"constant", "step", "exponential"}


# ---------------------------------------------------------------- variants

@pytest.mark.parametrize("name", ["net-out", "shared-weights"])
def test_variants_are_the_lecture_with_other_givens(name):
    lecture, (one, other) = load(name), (Quantity("w", (1, 1, 1)), Quantity("x", (2,)))
    rng = np.random.default_rng(7)
    givens = {one: rng.uniform(-1, 1, BLOCK + 3), other: rng.uniform(-1, 1, BLOCK + 3)}
    found = variants(lecture, givens)
    for n in (0, BLOCK - 1, BLOCK, BLOCK + 2):      # on both sides of a block's edge
        changed = with_givens(lecture, {key: column[n] for key, column in givens.items()})
        alone = values_after(changed, 0)
        for quantity, column in found.items():
            expected = alone[quantity] if quantity in alone else ask(changed, quantity)
            assert column[n] == pytest.approx(expected, rel=1e-13, abs=1e-17)
    assert {Partial(LOSS, p) for p in plan(lecture).parameters()} <= set(found)


def with_givens(lecture: Lecture, values: dict[Quantity, float]) -> Lecture:
    """The lecture with another first weight (wherever it stands) and second input."""
    weight, second = (Cell(Decimal(float(value))) for value in values.values())
    first, *others = lecture.network.layers
    name = first.weights[0][0].name

    def other(i: int, j: int, cell: Cell) -> Cell:
        return replace(weight, name=name) if (i, j) == (0, 0) or (name and cell.name == name) else cell

    rows = tuple(tuple(other(i, j, cell) for j, cell in enumerate(row))
                 for i, row in enumerate(first.weights))
    network = replace(lecture.network, layers=(replace(first, weights=rows), *others))
    return replace(lecture, network=network, inputs=((lecture.inputs[0][0], second),))


def test_wanted_variants_only():
    found = variants(load("net-out"), {Quantity("x", (1,)): np.array([0.05, 0.1])}, (LOSS,))
    assert list(found) == [LOSS]
    assert found[LOSS][0] == pytest.approx(ask(load("net-out"), LOSS), rel=1e-15)
    assert found[LOSS][0] != found[LOSS][1]


def test_what_does_not_depend_on_the_variants_is_the_same_for_all():
    found = variants(load("net-out"), {Quantity("target", (1,)): np.zeros(5)}, (Quantity("net", (1, 1)),))
    assert found[Quantity("net", (1, 1))] == pytest.approx(np.full(5, 0.3775))


@pytest.mark.parametrize(("givens", "message"), [
    ({Quantity("w", (9, 1, 1)): np.zeros(3)}, r"w\[9\]\[1\]\[1\] is no given"),
    ({Quantity("x", (1,)): np.zeros(3), Quantity("x", (2,)): np.zeros(4)}, r"x\[2\] have the shape \(4,\)"),
    ({Quantity("x", (1,)): np.zeros((3, 2))}, r"have the shape \(3, 2\)"),
])  # fmt: skip
def test_variants_that_do_not_fit_are_one_clear_line(givens, message):
    with pytest.raises(InputError, match=message):
        variants(load("net-out"), givens)


def test_a_saturated_variant_does_not_spoil_the_others():
    found = variants(load("net-out"), {Quantity("w", (1, 1, 1)): np.array([0.15, -1e6, np.inf])})
    assert found[LOSS][0] == pytest.approx(0.298371109, abs=1e-9)
    assert found[Quantity("out", (1, 1))][1] == 0.0
