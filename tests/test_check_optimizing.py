"""Updates with velocities and moments: their own keys are right, their slips are found and named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive.api import derivation, frames_text
from derive.check.judging import check, check_claim
from derive.functions import OPTIMIZERS
from derive.lecture import Lecture, load

EQUATIONS = """title = "T"
notation = "node"
[equations]
z = "w*x + b"
y = "sigmoid(z)"
L = "1/2*(y - t)^2"
[values]
x = 1.5
w = 0.4
b = -0.2
t = 1
[derive]
of = "L"
by = ["w", "b"]
[training]
learning_rate = 0.5
rounds = 10
show_rounds = [1, 2, 10]
"""


def by(optimizer: str, lecture: Lecture) -> Lecture:
    training = replace(lecture.training, optimizer=optimizer, show_rounds=(1, 2), settings=())
    return replace(lecture, training=training, frames=())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_key_of_every_optimizer_is_right(optimizer, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(EQUATIONS)
    for lecture in (load("two-rounds"), load(str(path))):
        trained = by(optimizer, lecture)
        verdicts = check(trained, frames_text(derivation(trained), "latex"))
        assert len(verdicts) > 40
        assert [(v.verdict, v.claim.text) for v in verdicts if v.verdict != "right"] == []


# optimizer, what somebody wrote, the verdicts, the kind and a word of the message
TABLE = [
    ("momentum", r"v_{w_5}^+ = \beta v_{w_5} + \frac{\partial E}{\partial w_5}", "right", "", ""),
    ("momentum", r"v_{w_5}^+ = \beta v_{w_5} - \frac{\partial E}{\partial w_5}", "slip", "sign", "sign"),
    ("momentum", r"v_{w_5}^+ = \beta v_{w_5} + (1 - \beta) \frac{\partial E}{\partial w_5}", "slip", "formula", "share"),
    ("momentum", r"w_5^+ = w_5 + \eta v_{w_5}^+", "slip", "sign", "added"),
    ("momentum-average", r"v_{w_5}^+ = (1 - \beta) v_{w_5} + \beta \frac{\partial E}{\partial w_5}", "slip", "formula",
     "exchanged"),
    ("momentum-average", r"v_{w_5}^+ = \beta v_{w_5} + \frac{\partial E}{\partial w_5}", "slip", "formula", "share"),
    ("nesterov", r"w_5^+ = w_5 - \eta v_{w_5}^+", "slip", "formula", ""),
    ("rmsprop", r"s_{w_5}^+ = \beta s_{w_5} + (1 - \beta) \frac{\partial E}{\partial w_5}", "slip", "formula", "squared"),
    ("adagrad", r"w_5^+ = w_5 - \frac{\eta}{s_{w_5}^+ + \epsilon} \frac{\partial E}{\partial w_5}", "slip", "formula",
     "root"),
    ("adam", r"\hat{m}_{w_5} = \frac{m_{w_5}^+}{1 - \beta_1}", "right", "", ""),
    ("adam", r"\hat{m}_{w_5} = m_{w_5}^+", "slip", "formula", "divided"),
    ("adam", r"m_{w_5}^+ = (1 - \beta_1) m_{w_5} + \beta_1 \frac{\partial E}{\partial w_5}", "slip", "formula",
     "exchanged"),
    ("adam", r"s_{w_5}^+ = \beta_2 s_{w_5} + (1 - \beta_2) \left(\frac{\partial E}{\partial w_5}\right)^2", "right", "", ""),
    ("adam", r"w_5^+ = w_5 - \eta \frac{\hat{m}_{w_5}}{\hat{s}_{w_5} + \epsilon}", "slip", "formula", "root"),
    ("adam", r"w_5^+ = w_5 - \eta \frac{\hat{m}_{w_5}}{\sqrt{\hat{v}_{w_5}} + \epsilon}", "right", "", ""),
    ("adam", r"w_5^+ = w_5 - \eta \frac{\partial E}{\partial w_5}", "slip", "formula", "gradient itself"),
]


@pytest.mark.parametrize(("optimizer", "text", "verdicts", "kind", "word"), TABLE)
def test_a_line_of_an_update_and_its_verdict(optimizer, text, verdicts, kind, word):
    found = check_claim(by(optimizer, replace(load("two-rounds"), notation="net-out")), text)
    assert " ".join(each.verdict for each in found) == verdicts
    assert not kind or any(kind in each.kinds[:3] and word in each.message for each in found), found[0].message
