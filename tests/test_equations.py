"""Lectures of equations: every derivative against SymPy's of the whole formula and against differences."""

from __future__ import annotations

import pytest
from networks import inlined

from derive.api import as_json, derivation, frames_text
from derive.chain import Derivation
from derive.chain import derivation as derived_from
from derive.check.judging import check
from derive.errors import InputError
from derive.functions import APPLIED
from derive.graph import equations_graph, forward
from derive.lecture import load, shipped
from derive.notation import NOTATIONS
from derive.quantities import Partial, Quantity, symbol
from derive.trees import context, evaluate
from derive.worksheet import worksheet

WITH_FIGURES = [name for name in shipped() if load(name).equations and load(name).figures]


def test_the_shipped_lectures_of_equations_are_found():
    assert {"fan-out", "division", "log-sum-exp", "logistic-regression", "convolution", "attention", "lstm-cell",
            "gru-cell", "recurrent-neuron", "recurrent-units"} <= set(WITH_FIGURES)


def worked(name: str) -> Derivation:
    return derived_from(equations_graph(load(name)))


@pytest.mark.parametrize("name", WITH_FIGURES)
def test_derivatives_are_those_of_the_whole_formula(name):
    done, whole = worked(name), inlined(worked(name).graph)
    point = {symbol(q): v for q, v in done.graph.givens.items()}
    for by in done.graph.by:
        if by in done.graph.givens:
            slope = whole.diff(symbol(by))
            right = evaluate(slope, point, APPLIED)
            assert abs(done.values[Partial(done.graph.of, by)] - right) < 1e-40, by


@pytest.mark.parametrize("name", WITH_FIGURES)
def test_derivatives_are_central_differences_at_fifty_digits(name):
    done, step = worked(name), context().mpf("1e-15")
    for by in done.graph.givens:
        if not isinstance(by, Quantity) or Partial(done.graph.of, by) not in done.values:
            continue
        ends = []
        for sign in (1, -1):
            givens = {**done.graph.givens, by: done.graph.givens[by] + sign * step}
            ends.append(forward(type(done.graph)(done.graph.equations, givens, (), done.graph.of))[done.graph.of])
        assert abs(done.values[Partial(done.graph.of, by)] - (ends[0] - ends[1]) / (2 * step)) < 1e-25, by


@pytest.mark.parametrize("name", WITH_FIGURES)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_equation_of_a_key_is_right(name, notation):
    lecture = load(name)
    verdicts = check(lecture, frames_text(derivation(lecture, notation), "latex"))
    assert len(verdicts) > 20
    assert [(v.verdict, v.claim) for v in verdicts if v.verdict != "right"] == []


@pytest.mark.parametrize("name", WITH_FIGURES)
def test_no_figure_shows_as_zero_that_is_none(name):
    derived = derivation(name)
    ids = tuple(q for q in derived.quantities)
    for row in as_json(derived, ids)["quantities"]:
        assert row["shown"].strip("-0.") or row["value"] == 0, row["id"]


def lecture_of(tmp_path, text: str):
    path = tmp_path / "own.toml"
    path.write_text('title = "T"\n' + text)
    return load(str(path))


DIRECT = """[equations]
m = "s*x"
out = "m*s + x"
[values]
s = 2
x = 3
[derive]
of = "out"
by = ["s", "x", "m"]
"""


def test_a_direct_path_and_one_through_another_node_are_added(tmp_path):
    derived = derivation(lecture_of(tmp_path, DIRECT))
    assert derived["out", "s"].value == 12 and derived["out", "x"].value == 5 and derived["out", "m"].value == 2


def test_names_of_network_quantities_are_plain_names_here(tmp_path):
    text = """[equations]
net = "w*x + b"
out = "sigmoid(net)"
loss = "(out - target)^2/2"
[values]
w = 0.5
x = 2
b = 0.1
target = 1
[derive]
of = "loss"
by = ["w", "b"]
[training]
learning_rate = 0.5
"""
    lecture = lecture_of(tmp_path, text)
    for notation in NOTATIONS:
        derived = derivation(lecture, notation)
        out = 1 / (1 + 2.718281828459045 ** -1.1)
        assert derived["loss", "w"].value == pytest.approx((out - 1) * out * (1 - out) * 2, abs=1e-12)
        assert derived["new(b)"].value == pytest.approx(0.1 - 0.5 * (out - 1) * out * (1 - out), abs=1e-12)
        verdicts = check(lecture, frames_text(derived, "latex"))
        assert {v.verdict for v in verdicts} == {"right"}
        assert worksheet(lecture, notation).points > 5


def test_updates_only_where_there_is_training_and_only_of_givens(tmp_path):
    with_rate = lecture_of(tmp_path, DIRECT + "[training]\nlearning_rate = 0.1\n")
    assert with_rate.derive.parameters == ("s", "x")
    assert derivation(with_rate)["new(x)"].value == 2.5
    with pytest.raises(InputError):
        derivation(lecture_of(tmp_path, DIRECT))["new(x)"]


def test_the_drawing_fits_the_kind_of_lecture(tmp_path):
    with pytest.raises(InputError, match="not drawn here"):
        lecture_of(tmp_path, DIRECT + '[[frames]]\ntitle = "F"\ndraw = "new"\n')


def test_carried_figures_are_those_that_were_shown(tmp_path):
    display = '[display]\ndecimals = 2\ncarry = "shown"\n'
    text = DIRECT.replace("s = 2", "s = 0.333").replace('"s*x"', '"s/x"') + display
    derived = derivation(lecture_of(tmp_path, text))
    assert derived["m"].shown == "0.11" and derived["out"].shown == "3.04"


def test_both_ways_have_values(tmp_path):
    text = DIRECT + 'ways = ["substituted", "chain"]\n'
    shown = str(derivation(lecture_of(tmp_path, text))["out", "x"])
    assert "Put into one formula first" in shown and "5.0000" in shown
