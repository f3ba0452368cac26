"""Every row's derivative is the derivative of its formula."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from networks import ACTIVATIONS as PLAIN
from networks import CTX, close
from networks import LOSSES as SHARES

from derive.functions import ACTIVATIONS, APPLIED, LOSSES, OPTIMIZERS, apply
from derive.trees import context, evaluate

X, Y, T = sympy.symbols("x y t", real=True)
STEP = CTX.mpf("1e-18")
POINTS = ["-2.3", "-0.4", "0.7", "3.1"]


def value(tree: sympy.Expr, **at: object) -> object:
    return evaluate(tree, {sympy.Symbol(name, real=True): context().mpf(v) for name, v in at.items()}, APPLIED)


@pytest.mark.parametrize("net", POINTS)
@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_an_activation_s_derivative(name, net):
    row, plain, at = ACTIVATIONS[name], PLAIN[name], CTX.mpf(net)
    out = plain(CTX, at)
    slope = (plain(CTX, at + STEP) - plain(CTX, at - STEP)) / (2 * STEP)
    assert close(value(row.formula(X), x=net), out)
    assert close(value(row.derivative(X, Y), x=net, y=out), slope)
    assert close(value(apply(name, X), x=net), out)


@pytest.mark.parametrize("net", POINTS)
def test_softmax_of_a_layer(net):
    nets = sympy.symbols("x z", real=True)
    share = value(ACTIVATIONS["softmax"].formula(nets[0], *nets), x=net, z="0.5")
    assert close(share, CTX.exp(CTX.mpf(net)) / (CTX.exp(CTX.mpf(net)) + CTX.exp(CTX.mpf("0.5"))))
    assert close(value(ACTIVATIONS["softmax"].derivative(X, Y), x=net, y=share), share * (1 - share))


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("n", [1, 3])
@given(t=st.integers(0, 100), y=st.integers(1, 99))
def test_a_loss_s_derivative_in_all_its_forms(name, n, t, y):
    row, share = LOSSES[name], SHARES[name]
    target, out = CTX.mpf(t) / 100, CTX.mpf(y) / 100
    slope = (share(CTX, target, out + STEP, n) - share(CTX, target, out - STEP, n)) / (2 * STEP)
    assert close(value(row.share(T, Y, n), t=target, y=out), share(CTX, target, out, n))
    for rule in (row.derivative, row.signal, row.raw):
        assert close(value(rule(T, Y, n), t=target, y=out), slope), rule


@pytest.mark.parametrize(("loss", "activation"), [(name, one) for name, row in LOSSES.items() for one in row.short])
def test_the_short_form(loss, activation):
    assert LOSSES[loss].short[activation](T, Y) == sympy.Add(Y, sympy.Mul(-1, T, evaluate=False), evaluate=False)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_names_everything_that_it_uses(name):
    row = OPTIMIZERS[name]
    known = ["parameter", "rate", "gradient", "updates", *row.settings, *row.states,
             *(f"new {state}" for state in row.states), *(f"corrected {state}" for state in row.corrected)]
    table = {word: sympy.Symbol(word.replace(" ", "_")) for word in known}
    used = row.update(table).free_symbols
    for rule in (*row.states.values(), *row.corrected.values()):
        used |= rule(table).free_symbols
    assert {table["parameter"], table["rate"], table["gradient"]} <= used


def test_names_for_reading_are_no_other_s():
    names = [name for row in ACTIVATIONS.values() for name in row.names]
    assert len(names) == len(set(names))
