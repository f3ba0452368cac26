"""Names: printed, read back, one for each quantity, and a lecturer's own over a notation's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import examples, lectures

from derive.lecture import load
from derive.notation import NOTATIONS, name_latex, names, upright
from derive.quantities import New, Partial, Quantity, is_whole, parse_id
from derive.spelling import canonical

# what the notes call them
PRINTED = [
    ("delta-rule", "net[1][1]", "z_{1}^{2}"), ("delta-rule", "w[1][1][2]", "w_{12}^{2}"),
    ("delta-rule", "delta[2][1]", r"\delta_{1}^{3}"), ("delta-rule", "x[1]", "a_{1}^{1}"),
    ("net-out", "net[1][1]", r"\mathrm{net}_{h1}"), ("net-out", "out[2][2]", r"\mathrm{out}_{o2}"),
    ("net-out", "w[2][1][1]", "w_{5}"), ("net-out", "loss", r"E_{\mathrm{total}}"),
    ("net-out", "d(loss)/d(w[2][1][1])", r"\frac{\partial E_{\mathrm{total}}}{\partial w_{5}}"),
    ("named-network", "net[1][1]", "H_{1}"), ("named-network", "net[2][1]", "y_{1}"),
    ("shared-weights", "net[3][1]", "z"), ("shared-weights", "out[3][1]", r"y_{\mathrm{pred}}"),
    ("matrix-form", "w[1]", "W_{1}"), ("matrix-form", "out[2]", r"\hat{\mathbf{y}}"),
]


@pytest.mark.parametrize(("lecture", "quantity", "latex"), PRINTED)
def test_names_are_the_notes(lecture, quantity, latex):
    assert names(load(lecture)).latex(parse_id(quantity)) == latex


@examples(25)
@given(lectures(samples=1, width=4), st.sampled_from([*NOTATIONS]))
def test_every_quantity_has_a_name_of_its_own_that_is_found_again(lecture, notation):
    called = names(lecture, notation)
    known = called.vocabulary().ids
    single = [q for q in called.ids() if isinstance(q, Quantity) and not is_whole(q)]
    assert len({called.latex(q) for q in single}) == len(single)
    for quantity in single:
        assert quantity in known[canonical(called.latex(quantity))], quantity
        if quantity.kind in ("w", "b"):
            assert New(quantity) in known[canonical(called.latex(New(quantity)))], quantity


def test_a_lecturer_s_own_names_go_first_and_the_most_particular_one_wins():
    own = (("net[1]", ("s_{<i>}",)), ("net[1][2]", ("q",)), ("new", ("<name>^+",)), ("loss", ("K",)))
    called = names(replace(load("net-out"), names=own))
    assert called.latex(Quantity("net", (1, 1))) == "s_{1}" and called.latex(Quantity("net", (1, 2))) == "q"
    assert called.latex(Partial(Quantity("loss"), Quantity("net", (1, 2)))) == r"\frac{\partial K}{\partial q}"
    assert names(replace(load("net-out"), names=own), "delta").latex(Quantity("loss")) != "K"


def test_a_shared_weight_has_one_name():
    called = names(load("shared-weights"))
    places = [place for place, first in called.parameters.items() if first == Quantity("w", (1, 1, 1))]
    assert len(places) == 2 and len({called.latex(place) for place in places}) == 1


@pytest.mark.parametrize(("name", "latex"), [("w5", "w_{5}"), ("b_h11", "b_{h11}"), ("alpha", r"\alpha"), ("y", "y")])
def test_plain_names(name, latex):
    assert name_latex(name) == latex


def test_words_stand_upright():
    assert upright("out_{h1}") == r"\mathrm{out}_{h1}" and upright(r"\eta x") == r"\eta x"
