"""A network's conventions: thresholds, the sign of error signals, L2, online losses, slopes at kinks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from networks import close, examples, lectures, run, smooth
from test_chain import wrong
from test_layers import differing

from derive.chain import derivation
from derive.errors import InputError
from derive.layers import layer_derivation
from derive.lecture import Cell, Layer, Lecture, Network, load
from derive.network import unit_graph
from derive.notation import NOTATIONS
from derive.quantities import New, Partial, Quantity, parse_id
from derive.working import desk

STYLES = st.sampled_from([row.style for row in NOTATIONS.values()])
MATRIX = NOTATIONS["matrix"].style


@st.composite
def conventions(draw, shared: bool = True) -> Lecture:
    """A random network with random conventions."""
    lecture = draw(lectures(shared=shared))
    layers = tuple(replace(layer, threshold=bool(layer.bias) and draw(st.booleans()))
                   for layer in lecture.network.layers)
    # a name stands for a bias or for a threshold everywhere
    assume(not shared or len({layer.threshold for layer in layers}) == 1)
    network = replace(lecture.network, layers=layers,
                      error_signal=draw(st.sampled_from(["gradient", "negative-gradient"])))
    training = replace(lecture.training, l2=Decimal(draw(st.integers(0, 30))) / 100,
                       l2_biases=draw(st.booleans()), update=draw(st.sampled_from(["batch", "batch", "online"])))
    return replace(lecture, network=network, training=training)


def far(lecture: Lecture) -> bool:
    """Whether no output of an entropy is so near 0 or 1 that differences of it lose their digits."""
    last = f"out[{len(lecture.network.layers)}]"
    outs = [value for name, value in run(lecture).items() if name.startswith(last)]
    return not lecture.network.loss.endswith("entropy") or all(0.01 < out < 0.99 for out in outs)


@examples(30)
@given(conventions(), STYLES)
def test_values_and_gradients_are_central_differences(lecture, style):
    assume(smooth(lecture) and far(lecture))
    assert not wrong(lecture, derivation(unit_graph(lecture, style)))


@examples(20)
@given(conventions(), STYLES)
def test_every_way_gives_the_same(lecture, style):
    assume(smooth(lecture))
    done = derivation(unit_graph(lecture, style))
    for step in done.steps:
        for tree in (*step.forms, step.formula):
            if "differential" not in str(tree):
                assert close(done.graph.value(tree, done.values), done.values[step.lhs], 30), (step.lhs, step.reason)


@examples(20)
@given(conventions(shared=False), STYLES)
def test_layers_agree_with_units(lecture, style):
    assume(smooth(lecture))
    lecture = replace(lecture, training=replace(lecture.training, update="batch"))
    whole, units = layer_derivation(lecture, style), derivation(unit_graph(lecture, style))
    assert not differing(lecture, whole, units)
    for step in whole.steps:
        value = whole.graph.value(step.formula, whole.values)
        pairs = zip(value.flat, whole.values[step.lhs].flat, strict=True) if hasattr(value, "shape") else [
            (value, whole.values[step.lhs])]
        assert all(close(a, b, 30) for a, b in pairs), (step.lhs, step.reason)


def test_l2_at_layer_level_wants_weights_of_their_own():
    lecture = load("shared-weights")
    lecture = replace(lecture, training=replace(lecture.training, l2=Decimal("0.1")))
    with pytest.raises(InputError, match=r"training\.l2.*share.*the level unit"):
        layer_derivation(lecture, MATRIX)


# ---------------------------------------------------------------- how it is written

def lines(name: str, ids: str, notation: str = "delta", **changes: object) -> list[str]:
    lecture = load(name)
    if "error_signal" in changes:
        lecture = replace(lecture, network=replace(lecture.network, error_signal=changes.pop("error_signal")))
    at = desk(replace(lecture, training=replace(lecture.training, **changes)), notation, "unit")
    found = []
    for text in ids.split():
        step = at.step(parse_id(text))
        found.append(at.symbols().latex(step.formula))
    return found


@pytest.mark.parametrize(("name", "id_", "formula"), [
    ("net-out", "delta[2][1]", r"(t_{1} - a_{1}^{3})\,a_{1}^{3}(1 - a_{1}^{3})"),
    ("net-out", "new(w[2][1][1])", r"w_{11}^{3} + \eta \, \delta_{1}^{3} \, a_{1}^{2}"),
    ("delta-rule", "new(b[2][1])", r"b_{1}^{3} + \eta \, \delta_{1}^{3}"),
])
def test_minus_the_gradient_is_added(name, id_, formula):
    squeeze = str.maketrans("", "", " ")
    assert lines(name, id_, error_signal="negative-gradient")[0].translate(squeeze) == formula.translate(squeeze)


def test_the_penalty_stands_in_loss_gradient_and_update():
    found = lines("net-out", "loss d(loss)/d(w[2][1][1]) new(w[2][1][1])", l2=Decimal("0.01"))
    assert found[0].endswith("+ R")
    assert found[1].endswith(r"+ \lambda \, w_{11}^{3}")
    assert r"+ \lambda \, w_{11}^{3}" in found[2]


def kinked(kink: str) -> Lecture:
    """One relu unit whose net is exactly 0: 0.1 * 1 + 0.2 * 1 - 0.3."""
    cells = tuple(Cell(Decimal(n)) for n in ("0.1", "0.2"))
    layer = Layer(1, "relu", (cells,), (Cell(Decimal("-0.3")),), kink=Decimal(kink))
    one = Cell(Decimal(1))
    return Lecture("k", "k.toml", "K", network=Network(2, (layer,), "half-squared-error"),
                   inputs=((one, one),), targets=((one,),))


@pytest.mark.parametrize("kink", ["0", "0.5", "1"])
def test_the_slope_at_a_kink_is_the_lecture_s(kink):
    lecture = kinked(kink)
    units, whole = derivation(unit_graph(lecture, MATRIX)), layer_derivation(lecture, MATRIX)
    out, net = Quantity("out", (1, 1)), Quantity("net", (1, 1))
    assert units.values[net] == 0, "a sum that cancels is 0, not what is left by rounding"
    assert units.values[Partial(out, net)] == Decimal(kink)
    assert units.values[New(Quantity("w", (1, 1, 1)))] == whole.values[New(Quantity("w", (1,)))][0, 0]


def test_softmax_with_targets_that_do_not_sum_to_one():
    lecture = load("softmax")
    targets = (tuple(Cell(Decimal(n)) for n in ("0.2", "0.9", "0.4")),)
    lecture = replace(lecture, targets=targets)
    whole, units = layer_derivation(lecture, MATRIX), derivation(unit_graph(lecture, MATRIX))
    assert not wrong(lecture, units) and not differing(lecture, whole, units)
    short = [s for s in whole.steps if s.reason == "short"]
    assert short and all(close(a, b) for s in short for a, b in zip(
        whole.graph.value(s.formula, whole.values).flat, whole.values[s.lhs].flat, strict=True))


@pytest.mark.parametrize("name", ["batch", "softmax", "two-labels", "bipolar", "thresholds", "weight-decay",
                                  "tanh-squared", "three-layers", "two-rounds"])
def test_shipped_conventions(name):
    lecture = load(name)
    done = derivation(unit_graph(lecture, NOTATIONS[lecture.notation].style))
    assert not wrong(lecture, done)
