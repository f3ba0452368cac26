"""Every row of the tables against two computations that know nothing of the derivation.

Central differences at 60 digits, and sympy.diff of the whole loss as one formula; the updates by
the optimizers' textbook formulas. The tests go over the tables: a new row is tested here.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import mpmath
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st
from networks import CTX, Run, close, examples, inlined, parameters, run, slopes, smooth
from test_chain import derived, example, wrong
from test_updating import by_hand

from derive.chain import derivation
from derive.functions import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES
from derive.graph import equations_graph
from derive.lecture import Cell, Lecture, load
from derive.quantities import New, Partial, Quantity, parse_id, symbol
from derive.recurrent import ACTIVATIONS as CELLS
from derive.recurrent import ERRORS
from derive.training import ask

LOSS = Quantity("loss")


@st.composite
def conventions(draw, lecture: Lecture) -> Lecture:
    """The network with other conventions: thresholds, signs, L2, samples, how they are updated."""
    layers = tuple(replace(row, threshold=draw(st.booleans())) for row in lecture.network.layers)
    signal = draw(st.sampled_from(["gradient", "negative-gradient"]))
    how = {"reduction": draw(st.sampled_from(["sum", "mean"])), "update": draw(st.sampled_from(["batch", "online"])),
           "l2": draw(st.sampled_from([Decimal(0), Decimal("0.05")])), "l2_biases": draw(st.booleans())}
    inputs, targets = lecture.inputs, lecture.targets
    if draw(st.booleans()):
        inputs += (tuple(Cell(c.value + Decimal("0.37")) for c in inputs[0]),)
        targets += (tuple(Cell(Decimal(draw(st.integers(1, 9))) / 10) for _ in targets[0]),)
    return replace(lecture, network=replace(lecture.network, layers=layers, error_signal=signal),
                   inputs=inputs, targets=targets, training=replace(lecture.training, **how))


def by_sympy(lecture: Lecture) -> dict[str, object]:
    """d(loss)/d(parameter): the loss as one formula, differentiated by SymPy, at 50 digits."""
    names = ["w[1][2][1]", "b[1][1]", "w[2][1][2]", "b[2][2]"]     # one of a kind in each layer
    nudges = {name: sympy.Symbol(f"e{i}", real=True) for i, name in enumerate(names)}
    whole = run(lecture, Run(sympy, lambda value: sympy.Float(str(value), 45), nudges))["loss"]
    step = {"Max": max, "Heaviside": lambda v, *at: int(v > 0)}
    with mpmath.workdps(50):
        found = sympy.lambdify([*nudges.values()], [whole.diff(e) for e in nudges.values()], [step, "mpmath"], cse=True)
        return dict(zip(names, found(*[mpmath.mpf(0)] * len(names)), strict=True))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("of", ACTIVATIONS)
@examples(1)
@given(st.data())
def test_every_activation_with_every_loss_in_every_convention(of, loss, data):
    lecture = data.draw(conventions(example(of, loss)))
    assume(smooth(lecture))
    done = derived(lecture)
    assert not wrong(lecture, done)
    if lecture.training.update == "batch" or len(lecture.inputs) == 1:
        for name, value in by_sympy(lecture).items():
            assert close(done.values[Partial(LOSS, parse_id(name))], value), name


# ---------------------------------------------------------------- updates

def moved(lecture: Lecture, values: dict[str, object]) -> Lecture:
    """The lecture with other parameters."""
    def cell(name: str) -> Cell:
        return Cell(Decimal(CTX.nstr(values[name], 55)))
    layers = tuple(replace(
        row, weights=tuple(tuple(cell(f"w[{k}][{i}][{j}]") for j in range(1, len(line) + 1))
                           for i, line in enumerate(row.weights, 1)),
        bias=tuple(cell(f"b[{k}][{i}]") for i in range(1, len(row.bias) + 1)))
        for k, row in enumerate(lecture.network.layers, 1))
    return replace(lecture, network=replace(lecture.network, layers=layers))


RATES = {"constant": lambda k: 1, "step": lambda k: CTX.mpf("0.5") ** (k // 2),
         "exponential": lambda k: CTX.mpf("0.9") ** k}
SET = {"step": (("factor", Decimal("0.5")), ("every", Decimal(2))), "exponential": (("factor", Decimal("0.9")),)}


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_with_every_schedule(optimizer, schedule):
    """Three rounds, each gradient a central difference at the parameters of that round."""
    plain = example("tanh", "half-squared-error")
    how = replace(plain.training, optimizer=optimizer, schedule=schedule, settings=SET.get(schedule, ()),
                  rounds=3, show_rounds=(1, 2, 3))
    lecture = replace(plain, training=how)
    done, names = derived(lecture), [*dict.fromkeys(parameters(lecture).values())]
    values = {name: CTX.mpf(str(run(lecture)[name])) for name in names}
    starts, gradients = dict(values), {name: [] for name in names}
    rates = [CTX.mpf("0.5") * RATES[schedule](k) for k in range(3)]
    for k in range(3):
        slope = slopes(moved(lecture, values))
        for name in names:
            gradients[name].append(slope("loss", name))
            values[name] = by_hand(optimizer, starts[name], gradients[name], rates[:k + 1])[-1]
        for name in names:
            place = replace(parse_id(name), round=k or None)
            assert close(done.values[New(place)], values[name], 18), (name, k)
            assert ask(lecture, New(place)) == pytest.approx(float(values[name]), rel=1e-12)


@examples(10)
@given(st.data())
def test_a_sequential_order_goes_back_by_the_new_weights(data):
    """The hidden gradient: the output's error signals of before, times the new nets' change with the parameter."""
    lecture = data.draw(conventions(example("sigmoid", "squared-error")))
    lecture = replace(lecture, inputs=lecture.inputs[:1], targets=lecture.targets[:1],
                      training=replace(lecture.training, order="sequential", l2=Decimal(0), update="batch"))
    done, slope = derived(lecture), slopes(lecture)
    names = [name for name in parameters(lecture) if name[2] == "1"]
    back = [slope("loss", f"net[2][{i}]") for i in (1, 2)]
    news = {name: done.values[New(parse_id(name))] for name in parameters(lecture) if name[2] == "2"}
    turned = slopes(moved(lecture, {**run(lecture), **news}))
    for name in names:
        right = sum(b * by_net(turned, i, name) for i, b in enumerate(back, 1))
        assert close(done.values[Partial(LOSS, parse_id(name))], right, 15), name


def by_net(slope, i: int, name: str):
    """d(net[2][i])/d(a hidden parameter), through the hidden outs."""
    layer, unit = name[2], name.split("[")[2][0]
    assert layer == "1"
    return slope(f"net[2][{i}]", f"out[1][{unit}]") * slope(f"out[1][{unit}]", f"net[1][{unit}]") * slope(
        f"net[1][{unit}]", name)


# ---------------------------------------------------------------- recurrent networks

FILE = """title = "T"
[network]
kind = "recurrent"
inputs = 1
loss = "{loss}"
loss_at = "{at}"
[[network.layers]]
units = 2
activation = "{of}"
weights = [[0.6], [-0.4]]
recurrent = [[0.3, -0.5], [0.7, 0.2]]
bias = [0.15, 0.25]
start = [0.1, 0.2]
[[network.layers]]
units = 2
activation = "{last}"
weights = [[0.8, 0.3], [0.4, 0.9]]
bias = 0.2
[data]
inputs = [0.9, 0.4]
targets = {targets}
[training]
learning_rate = 0.3
"""


@pytest.mark.parametrize("loss", ERRORS)
@pytest.mark.parametrize("of", CELLS)
def test_every_recurrent_unit_with_every_loss(of, loss, tmp_path):
    """The loss of the unrolled network as one formula of its givens, differentiated by SymPy."""
    every = len(of) % 2 == 0
    path = tmp_path / "own.toml"
    path.write_text(FILE.format(of=of, loss=loss, at="every" if every else "last",
                                last="sigmoid" if "entropy" in loss else "linear",
                                targets="[[0.2, 0.9], [0.7, 0.4]]" if every else "[[0.7, 0.4]]"))
    lecture = load(str(path))
    done = derivation(equations_graph(lecture))
    whole = inlined(done.graph)
    givens = [symbol(q) for q in done.graph.givens]
    step = {"Max": max, "Heaviside": lambda v, *at: int(v > 0)}
    with mpmath.workdps(50):
        found = sympy.lambdify(givens, [whole.diff(symbol(p)) for p in done.graph.parameters], [step, "mpmath"], cse=True)
        values = found(*[mpmath.mpf(str(v)) for v in done.graph.givens.values()])
    for parameter, value in zip(done.graph.parameters, values, strict=True):
        assert close(done.values[Partial(done.graph.of, parameter)], value), parameter
    assert len(done.graph.parameters) >= 13
