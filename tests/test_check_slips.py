"""One table of slips and verdicts: what is said of an equation, with which kind. It is also the documentation."""

from __future__ import annotations

from functools import cache

import pytest

from derive.check.judging import check_claim
from derive.check.report import _HINTS
from derive.check.slips import KINDS, SLIPS, Case, kept_cases, throughout
from derive.check.worlds import World, model
from derive.lecture import load
from tests.wrong import MAKERS, tried

# lecture, what somebody wrote, the verdict on each of its signs, an accepted kind of the slip
TABLE = [
    # right: formulas in any form, figures rounded or cut off, early rounding
    ("net-out", r"net_{h1} = w_1 i_1 + w_2 i_2 + b_1 = 0.3775", "right right", ""),
    ("net-out", r"out_{h1} = \sigma(net_{h1}) = \frac{1}{1+e^{-net_{h1}}} = \frac{1}{1+e^{-0.3775}} = 0.5932",
     "right right right right", ""),
    ("net-out", r"out_{h1} = 0.5933", "right", ""),
    ("net-out", r"\frac{\partial E_{total}}{\partial w_5} = -(target_{o1} - out_{o1}) out_{o1} (1 - out_{o1}) out_{h1}",
     "right", ""),
    ("net-out", r"\frac{\partial E_{total}}{\partial w_5} = 0.7413 \times 0.1868 \times 0.5932 = 0.0821",
     "right right", ""),
    ("net-out", r"\frac{\partial E_{o1}}{\partial w_5} = \delta_{o1} \times out_{h1} = 0.0822", "right right", ""),
    ("net-out", r"w_5^+ = 0.4 - 0.5 \times 0.0821 = 0.3589", "right right", ""),
    ("net-out", r"E_{total}#1 = 0.291027774", "right", ""),
    ("net-out", r"net_{h1} = 0.15 i_1 + 0.2 i_2 + 0.35", "right", ""),
    ("delta-rule", r"a_1^2 = \text{sigmoid}(1 * 3 + 0 * 3 - 2) = 0.7311", "right right", ""),
    ("matrix-form", r"\delta_2 = (\hat{y} - y) \circ \hat{y} \circ (1 - \hat{y})", "right", ""),
    ("chain-rule", r"\frac{dy}{dt} = \frac{dy}{dx} \frac{dx}{dt} = 5 * 2t = 10t", "right right right", ""),
    # sign
    ("net-out", r"\frac{\partial E_{total}}{\partial out_{o1}} = target_{o1} - out_{o1}", "slip", "sign"),
    ("net-out", r"out_{o1} = \frac{1}{1+e^{1.1059}} = 0.7513", "slip right", "sign"),
    ("net-out", r"out_{o1} = \sigma(net_{o1}) = 0.2486", "right slip", "sign"),
    ("net-out", r"w_5^+ = w_5 + \eta \frac{\partial E_{total}}{\partial w_5}", "slip", "sign"),
    ("net-out", r"w_5^+ = 0.441", "slip", "sign"),
    # activation
    ("net-out", r"\frac{\partial out_{o1}}{\partial net_{o1}} = out_{o1}", "slip", "derivative"),
    ("net-out", r"\frac{\partial out_{o1}}{\partial net_{o1}} = net_{o1}(1 - net_{o1})", "slip", "derivative"),
    ("net-out", r"\frac{\partial out_{o1}}{\partial net_{o1}} = 1 - out_{o1}^2", "slip", "derivative"),
    ("net-out", r"\frac{\partial E_{total}}{\partial w_5} = -(target_{o1} - out_{o1}) out_{h1}", "slip", "derivative"),
    # wiring
    ("net-out", r"net_{o1} = w_5 out_{h1} + w_7 out_{h2} + b_2", "slip", "substitution"),
    ("net-out", r"net_{h1} = w_1 i_1 + w_2 i_2", "slip", "formula"),
    ("net-out", r"\frac{\partial E_{total}}{\partial out_{h1}} = 0.0554", "slip", "formula"),
    # loss
    ("net-out", r"E_{o1} = (target_{o1} - out_{o1})^2", "slip", "formula"),
    ("net-out", r"E_{o1} = \frac{1}{2}(target_{o2} - out_{o1})^2", "slip", "substitution"),
    # update
    ("net-out", r"w_5^+ = w_5 - \frac{\partial E_{total}}{\partial w_5}", "slip", "formula"),
    ("net-out", r"E_{total}#1 = 0.291027924", "slip", "updated-weights"),
    ("net-out", r"E_{total}#10000 = 0.0000351085", "slip", "rounds"),
    ("net-out", r"out_{o1}#10000 = 0.015912196", "slip", "updated-weights"),
    # figures
    ("net-out", r"net_{h1} = 0.15 \times 0.005 + 0.2 \times 0.1 + 0.35 = 0.3775", "slip right", "substitution"),
    ("net-out", r"out_{h1} = 0.59326992", "slip", "digits"),
    ("net-out", r"out_{h1} = 0.5392", "slip", "digits"),
    ("net-out", r"out_{h1} = 5.932", "slip", "digits"),
    ("net-out", r"net_{o1} = 0.4 \times 0.5932 + 0.45 \times 0.5968 + 0.6 = 1.1073", "right slip", "arithmetic"),
    # form
    ("net-out", r"out_{o1} = w_5 out_{h1} + w_6 out_{h2} + b_2", "slip", "name"),
    ("net-out", r"out_{o1} = 0.7729", "slip", "name"),
    ("net-out", r"i_2 = 0.01", "slip", "given"),
    ("chain-rule", r"\frac{dy}{dx} = 10", "slip", "derivative"),
    ("net-out", r"b_1^+ = b_1 - \eta \frac{\partial E_{total}}{\partial b_1}", "slip", "formula"),
    ("matrix-form", r"\frac{\partial L}{\partial W_2} = \delta_2 a_1", "slip", "formula"),
    ("matrix-form", r"\frac{\partial L}{\partial W_1} = ((W_2 \delta_2) \circ a_1 \circ (1 - a_1)) x^T", "slip", "formula"),
    ("matrix-form", r"b_2' = b_2", "slip", "formula"),
    # carried: it follows from the slip before it
    ("net-out", r"net_{o1} = 0.4 \times 0.9532 + 0.45 \times 0.5968 + 0.6 = 1.2498", "slip carried", "substitution"),
    # coarse: one significant digit decides nothing, two do
    ("net-out", r"out_{h1} = 0.60", "slip", ""),
    ("net-out", r"out_{h1} = 0.6", "undecided", ""),
    ("net-out", r"out_{h1} = 0.9", "slip", ""),
    # a sum over an index that nothing names
    ("net-out", r"net_{h1} = \sum_i w_i x_i", "undecided", ""),
    # samples, turns, what an optimizer carries along, error signals with the other sign
    ("batch", r"net_{h1}^{(2)} = w_1 i_1^{(2)} + w_2 i_2^{(2)} + b_1 = -0.2", "right right", ""),
    ("batch", r"net_{h1}^{(2)} = w_1 i_1^{(1)} + w_2 i_2^{(2)} + b_1", "slip", "substitution"),
    ("momentum", r"v_{w_1}^+ = \beta v_{w_1} + \frac{\partial E_{total}}{\partial w_1}", "right", ""),
    ("bipolar", r"w_{11}^{3,new} = w_{11}^3 + \eta \delta_1^3 a_1^2", "right", ""),
    # names without the mark of a sample: one sample for the whole line
    ("batch", r"net_{h1} = w_1 i_1 + w_2 i_2 + b_1 = -0.2", "right right", ""),
    ("batch", r"net_{h1} = 0.77", "slip", ""),
    ("batch", r"net_{h1}^{(2)} = 0.6", "slip", "substitution"),
    # every row of the table of mistakes once more, as students write it
    ("tanh-squared", r"\frac{\partial a_{11}}{\partial h_{11}} = 1 - a_{11}", "slip", "derivative"),
    ("tanh-squared", r"\frac{\partial a_{11}}{\partial h_{11}} = a_{11}(1 - a_{11})", "slip", "derivative"),
    ("net-out", r"\delta_{o1} = out_{o1} - target_{o1} = 0.7414", "slip carried", "derivative"),
    ("net-out", r"\frac{\partial out_{o1}}{\partial net_{o1}} = out_{h1}(1-out_{h1}) = 0.2413", "slip carried",
     "derivative"),
    ("net-out", r"net_{o1} = 0.40 \cdot 0.5933 + 0.50 \cdot 0.5969 + 0.60 = 1.1358", "slip carried", "substitution"),
    ("net-out", r"net_{o1} = w_5 i_1 + w_6 i_2 + b_2", "slip", "substitution"),
    ("net-out", r"net_{h2} = w_3 i_1 + w_4 i_2 + b_1 i_1", "slip", "formula"),
    ("net-out", r"E_{total} = \frac{1}{2}(0.2748 + 0.0236) = 0.1492", "slip carried", "formula"),
    ("net-out", r"w_5^+ = 0.4 - 0.5 \cdot 0.5 \cdot 0.0822 = 0.3795", "slip carried", "formula"),
    ("net-out", r"w_5^+ = 0.5 \cdot 0.0822 = 0.0411", "slip carried", "formula"),
    ("net-out", r"b_1^+ = 0.35 - 0.5 \cdot 0.0176 = 0.3412", "slip carried", "formula"),
    ("net-out", r"net_{o1} = 0.4 \cdot 0.5969 + 0.45 \cdot 0.5933 + 0.6 = 1.1057", "slip carried", "substitution"),
    ("net-out", r"net_{h1} = 0.15 \cdot 0.05 + 0.2 \cdot 0.1 + 0.35 = 0.3675", "right slip", "arithmetic"),
    ("matrix-form", r"\delta_2 = (\hat y - y) \hat y (1-\hat y)", "slip", "formula"),
    ("matrix-form", r"\frac{\partial L}{\partial W_2} = \delta_2 \circ a_1", "slip", "formula"),
    ("momentum", r"v_{w_1}^+ = \frac{\partial E_{total}}{\partial w_1}", "slip", "formula"),
    ("momentum", r"w_1^+ = w_1 - \eta \frac{\partial E_{total}}{\partial w_1}", "slip", "formula"),
    # a term that is 0 may be left out, and a factor that is 1; not what an optimizer carries along
    ("softmax", r"net_{o1} = w_5 out_{h1} + w_6 out_{h2} = 0.3071", "right right", ""),
    ("softmax", r"net_{o3} = w_5 out_{h1} + w_6 out_{h2}", "slip", ""),
    ("softmax", r"b_3^+ = -\eta\frac{\partial E_{total}}{\partial b_3} = -0.1971", "right right", ""),
    ("softmax", r"\frac{\partial E}{\partial w_2} = \frac{\partial E}{\partial w_1}\cdot(-0.5) = -0.0903", "right right", ""),
    ("matrix-form", r"\frac{\partial L}{\partial w_{11}^{(1)}} = \delta_1^{(1)}", "right", ""),
    # what an optimizer's share leaves of 1 is exact
    ("adam", r"v_1 = 0.001\cdot(-0.11477)^2 = 2.5e-5", "right slip", ""),
    # undecided and unread
    ("net-out", r"out_{o1} = 0.8", "undecided", ""),
    ("net-out", r"out_{o1} = frobnicate_3", "unread", ""),
]


@pytest.mark.parametrize(("lecture", "text", "verdicts", "kind"), TABLE)
def test_a_line_and_its_verdicts(lecture: str, text: str, verdicts: str, kind: str) -> None:
    found = check_claim(load(lecture), text)
    assert " ".join(each.verdict for each in found) == verdicts
    named = {name for each in found for name in each.kinds[:3]}
    assert not kind or kind in named
    assert all(each.message for each in found if each.verdict in ("slip", "unread"))


def test_kinds_are_the_agreed_words_and_each_has_a_hint() -> None:
    assert {slip.kind for slip in SLIPS} <= set(KINDS) == set(_HINTS)


@cache
def kept() -> dict[str, list[tuple[World, Case]]]:
    """By the title of a slip: what it makes of six lectures, each beside the lecture's figures."""
    found: dict[str, list[tuple[World, Case]]] = {}
    for name in ("net-out", "shared-weights", "tanh-squared", "batch", "adam", "momentum"):
        known = model(load(name))
        assert throughout(known, SLIPS[0])
        for case in (case for site in known.trees for case in kept_cases(known, site)):
            found.setdefault(case.slip.title, []).append((known.points[0], case))
    return found


@pytest.mark.parametrize("title", [slip.title for slip in SLIPS])
def test_every_slip_changes_some_formula_of_some_lecture(title: str) -> None:
    assert any(point.but({case.site: case.tree}).get(case.site) != point.get(case.site)
               for point, case in kept()[title])


@pytest.mark.parametrize("title", MAKERS)
def test_a_slip_put_into_a_working_is_found_and_named(title: str) -> None:
    case = next(made for n in range(60) if (made := MAKERS[title](title, n)) is not None)
    found = tried(case)
    assert found.first and found.named and found.carried, case.text.splitlines()[case.line - 1]
