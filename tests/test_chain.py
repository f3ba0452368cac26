"""Every derivative against central differences at 60 digits and against sympy.diff of the whole loss."""

from __future__ import annotations

from functools import lru_cache

import mpmath
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st
from networks import CTX, Run, close, examples, lectures, parameters, run, slopes, smooth

from derive.chain import Derivation, derivation, role, symbolic
from derive.graph import arguments, equations_graph
from derive.lecture import Lecture, load, shipped
from derive.network import unit_graph
from derive.notation import NOTATIONS
from derive.quantities import SETTINGS, STATES, New, Partial, Quantity, parse_id, symbol
from derive.steps import ready
from derive.trees import add, mul, number

STYLES = st.sampled_from([row.style for row in NOTATIONS.values()])
LOSS = Quantity("loss")


def derived(lecture: Lecture, style: object = NOTATIONS["net-out"].style) -> Derivation:
    return derivation(unit_graph(lecture, style))


def wrong(lecture: Lecture, done: Derivation) -> list[str]:
    """The quantities of a derivation whose value is not the independent one.

    Later turns and optimizers are another test's; a sequential order makes no derivatives of the loss.
    """
    found, slope = run(lecture), slopes(lecture)
    rate = found["learning_rate"] = CTX.mpf(str(lecture.training.learning_rate.value))
    sign = 1 if lecture.network.error_signal == "gradient" else -1
    plain = (lecture.training.optimizer, lecture.training.update) == ("sgd", "batch")

    def right(quantity: object) -> object:
        if isinstance(quantity, New):
            return found[str(quantity.of)] - rate * slope("loss", str(quantity.of))
        if isinstance(quantity, Partial):
            return slope(str(quantity.of), str(quantity.by))
        if quantity.kind == "delta":
            mark = f"@{quantity.sample}" if quantity.sample else ""
            return sign * slope(f"loss{mark}", str(quantity).replace("delta", "net"))
        return found[str(quantity)]
    told = [q for q in done.values if "#" not in str(q) and not isinstance(q, New) and (
        not isinstance(q, Quantity) or q.kind not in (*SETTINGS, *_CARRIED))]
    news = [q for q in done.values if isinstance(q, New) and plain and "#" not in str(q)]
    return [str(quantity) for quantity in (*told, *news) if not close(done.values[quantity], right(quantity))]


_CARRIED = [f"{state}_{kind}" for state in STATES for kind in ("w", "b")]


@examples(30)
@given(lectures(), STYLES)
def test_every_value_is_the_independent_one(lecture, style):
    assume(smooth(lecture))
    assert not wrong(lecture, derived(lecture, style))


@examples(30)
@given(lectures(), STYLES)
def test_every_way_gives_the_same(lecture, style):
    assume(smooth(lecture))
    done = derived(lecture, style)
    for step in done.steps:
        for tree in (*step.forms, step.formula):
            if not any(node.func.__name__ == "differential" for node in sympy.preorder_traversal(tree)):
                assert close(done.graph.value(tree, done.values), done.values[step.lhs], 30), (step.lhs, step.reason)


@examples(30)
@given(lectures())
def test_nothing_that_should_be_there_is_missing(lecture):
    done = derived(lecture)
    several = len(lecture.inputs) > 1
    marks = [f"@{s}" for s in range(1, len(lecture.inputs) + 1)] if several else [""]
    wanted = [f"d(loss{m})/d({name}{m})" for m in marks for name in _inner(lecture)]
    wanted += [f"delta[{layer}][{i}]{m}" for m in marks for layer, i in _units(lecture)]
    updated = [first for first in dict.fromkeys(parameters(lecture).values())
               if lecture.training.update_biases or first[0] == "w"]
    wanted += [f"new({first})" for first in updated] + [f"d(loss)/d({first})" for first in updated]
    missing = [name for name in wanted if parse_id(name) not in done.by_lhs]
    assert not missing
    assert [str(q) for q in done.graph.parameters] == updated
    assert not any(isinstance(q, New) and str(q.of) not in updated for q in done.by_lhs)


def _units(lecture):
    return [(layer, i) for layer, row in enumerate(lecture.network.layers, 1) for i in range(1, row.units + 1)]


def _inner(lecture):
    inputs = [f"x[{i}]" for i in range(1, lecture.network.inputs + 1)]
    return inputs + [f"{kind}[{layer}][{i}]" for layer, i in _units(lecture) for kind in ("net", "out")]


@examples(8)
@given(lectures(depth=2, width=2, samples=1))
def test_gradients_are_those_of_the_whole_loss_by_sympy(lecture):
    """One formula for the whole loss, differentiated by SymPy: no step of ours in it."""
    assume(smooth(lecture))
    done = derived(lecture)
    names = [*dict.fromkeys(parameters(lecture).values()), *_inner(lecture)]
    nudges = {name: sympy.Symbol(f"e{i}", real=True) for i, name in enumerate(names)}
    whole = run(lecture, Run(sympy, lambda value: sympy.Float(str(value), 45), nudges))["loss"]
    slopes_ = [whole.diff(nudge) for nudge in nudges.values()]
    step = {"Max": max, "Heaviside": lambda v, *at: int(v > 0)}
    with mpmath.workdps(50):
        exact = sympy.lambdify([*nudges.values()], slopes_, [step, "mpmath"])(*[mpmath.mpf(0)] * len(names))
    for name, value in zip(names, exact, strict=True):
        gradient = Partial(LOSS, parse_id(name))
        assert gradient not in done.values or close(done.values[gradient], value), gradient


# ---------------------------------------------------------------- the tables, row by row

@pytest.mark.parametrize("of", ["relu", "leaky-relu", "softmax", "sigmoid", "tanh", "softplus", "linear",
                                "bipolar-sigmoid", "x/(1+exp(-x))"])
@pytest.mark.parametrize("loss", ["half-squared-error", "squared-error", "mean-squared-error",
                                  "binary-cross-entropy", "cross-entropy"])
def test_every_activation_with_every_loss(of, loss):
    lecture = example(of, loss)
    assert not wrong(lecture, derived(lecture))


def example(of: str, loss: str) -> Lecture:
    """A 2-3-2 network with that hidden activation; softmax or sigmoid in front of a cross-entropy."""
    from dataclasses import replace
    from decimal import Decimal

    from derive.lecture import Cell, Layer, Network, Training

    def row(*numbers: str) -> tuple[Cell, ...]:
        return tuple(Cell(Decimal(n)) for n in numbers)

    last = {"cross-entropy": "softmax", "binary-cross-entropy": "sigmoid"}.get(loss, of)
    layers = (Layer(3, of, (row("0.1", "-0.4"), row("0.7", "0.3"), row("-0.5", "-0.2")), row("0.2", "-0.1", "0.3")),
              Layer(2, last, (row("0.5", "-0.3", "0.8"), row("-0.6", "0.9", "0.4")), row("0.1", "-0.7")))
    lecture = Lecture("a", "a.toml", "A", network=Network(2, layers, loss), training=Training(row("0.5")[0]))
    return replace(lecture, inputs=(row("0.9", "-0.3"),), targets=(row("0.25", "0.75"),))


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("name", [n for n in shipped() if load(n).network is not None and load(n).figures
                                  and smooth(load(n)) and load(n).training.order == "simultaneous"])
def test_shipped_networks(name, notation):
    lecture = load(name)
    assert not wrong(lecture, derived(lecture, NOTATIONS[notation].style))


# ---------------------------------------------------------------- what each reason promises

@lru_cache(maxsize=1)
def net_out() -> Derivation:
    return derived(load("net-out"))


@pytest.mark.parametrize(("lhs", "reasons"), [
    ("net[1][1]", ["equation"]),
    ("loss", ["equation", "expanded"]),
    ("d(loss)/d(out[2][1])", ["loss-by-out"]),
    ("d(out[2][1])/d(net[2][1])", ["local"]),
    ("d(net[2][1])/d(w[2][1][1])", ["local"]),
    ("d(loss)/d(net[2][1])", ["net-chain", "net-chain-spelt"]),
    ("d(loss)/d(w[2][1][1])", ["chain-out", "signal", "chain-net", "chain-net-spelt"]),
    ("d(loss)/d(out[1][1])", ["sum-errors", "sum-products", "sum-nets"]),
    ("d(error[1])/d(out[1][1])", ["error-chain"]),
    ("d(loss)/d(x[1])", ["signal", "sum-products", "sum-nets"]),
    ("delta[1][1]", ["error-signal"]),
    ("new(w[1][1][1])", ["update", "update-signal"]),
])
def test_the_ways_that_are_taught(lhs, reasons):
    assert [step.reason for step in net_out().by_lhs[parse_id(lhs)]] == reasons


def test_a_chain_names_its_factors_in_the_order_they_are_taught():
    step = net_out().pick(parse_id("d(loss)/d(w[2][1][1])"), ("chain-out",))
    assert list(map(str, arguments(step.formula))) == [
        "d(loss)/d(out[2][1])", "d(out[2][1])/d(net[2][1])", "d(net[2][1])/d(w[2][1][1])"]


def test_a_hidden_output_s_sum_over_the_errors():
    step = net_out().pick(parse_id("d(loss)/d(out[1][1])"), ("sum-errors",))
    assert list(map(str, arguments(step.formula))) == ["d(error[1])/d(out[1][1])", "d(error[2])/d(out[1][1])"]


def test_a_shared_weight_s_sum_over_its_places():
    done = derived(load("shared-weights"))
    step = done.pick(parse_id("d(loss)/d(w[1][1][1])"), ("chain-net",))
    assert step.formula.is_Add and len(step.formula.args) == 2


@pytest.mark.parametrize(("activation", "loss"), [("softmax", "cross-entropy"), ("sigmoid", "binary-cross-entropy")])
def test_the_short_form_is_out_minus_target(activation, loss):
    done = derived(example("tanh", loss))
    net, out, target = Quantity("net", (2, 1)), Quantity("out", (2, 1)), Quantity("target", (1,))
    for lhs in (Partial(LOSS, net), Quantity("delta", (2, 1))):
        step = done.pick(lhs, ("short",))
        assert step.reason == "short"
        assert step.formula == add(symbol(out), mul(number(-1), symbol(target)))


def test_a_role_is_no_name_of_an_equation():
    assert role(Quantity("net", (1, 1))) == "net"
    assert role(Quantity("net")) == "" and role(Partial(LOSS, LOSS)) == ""


def test_pick_takes_the_first_that_is_ranked_and_none_for_a_given():
    steps = (ready(LOSS, number(1), "equation"), ready(LOSS, number(2), "expanded"))
    done = Derivation(steps, {}, net_out().graph)
    assert done.pick(LOSS, ("expanded", "equation")) is steps[1]
    assert done.pick(LOSS, ()) is steps[0]
    assert done.pick(Quantity("x", (1,)), ("equation",)) is None


def test_without_figures_there_are_the_same_steps():
    graph = unit_graph(load("net-out"), NOTATIONS["net-out"].style)
    bare = symbolic(graph)
    assert not bare.values
    assert [(s.lhs, s.formula, s.reason) for s in bare.steps] == [
        (s.lhs, s.formula, s.reason) for s in derivation(graph).steps]


def test_the_derivation_grows_with_the_weights_and_no_faster():
    def size(n: int) -> float:
        lecture = square(n)
        done = symbolic(unit_graph(lecture, NOTATIONS["net-out"].style))
        nodes = sum(sum(1 for _ in sympy.preorder_traversal(step.formula)) for step in done.steps)
        return nodes / (2 * n * n)

    assert size(16) < 2 * size(8)


def square(n: int) -> Lecture:
    from decimal import Decimal

    from derive.lecture import Cell, Layer, Network

    rows = tuple((Cell(Decimal(1) / 8),) * n for _ in range(n))
    layers = (Layer(n, "sigmoid", rows, rows[0]),) * 2
    return Lecture("n", "n", "n", network=Network(n, layers, "half-squared-error"), inputs=(rows[0],), targets=(rows[0],))


def test_equations_give_every_derivative_of_what_is_asked():
    lecture = load("chain-rule")
    done = derivation(equations_graph(lecture))
    chain = done.pick(parse_id("d(y)/d(t)"), ()).formula
    assert list(map(str, arguments(chain))) == ["d(y)/d(x)", "d(x)/d(t)"]
