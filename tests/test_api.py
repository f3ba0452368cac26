"""The interface from Python, as the README shows it."""

from __future__ import annotations

import pydoc
import re
import subprocess
import sys

import pytest
from networks import close, slopes

import derive
from derive.api import as_json, frames_text
from derive.errors import InputError
from derive.lecture import load, shipped


def test_a_quantity_by_name_or_by_id():
    d = derive.derivation("net-out")
    for key in (("loss", "w5"), ("E_total", "w_5"), ("loss", "w[2][1][1]"), "d(loss)/d(w[2][1][1])"):
        assert d[key].id == "d(loss)/d(w[2][1][1])"
    worked = d["loss", "w5"]
    assert close(worked.value, slopes(load("net-out"))("loss", "w[2][1][1]"), 15)
    assert worked.shown == "0.0821"
    assert worked.latex.startswith(r"\begin{aligned}") and worked.latex.endswith(r"\end{aligned}")
    assert worked._repr_latex_().startswith("$")
    assert "0.0821" in str(worked)
    assert {step.reason for step in worked.steps} >= {"chain-out", "chain-net", "signal"}


def test_an_updated_weight_and_a_given():
    d = derive.derivation("net-out")
    assert d["new(w5)"].shown == "0.3589" if _known(d, "new(w5)") else d["new(w[2][1][1])"].shown == "0.3589"
    assert "0.40" in str(d["w5"]) and "0.3589" in str(d["w5"])


def _known(d: object, text: str) -> bool:
    try:
        d.find(text)
    except InputError:
        return False
    return True


@pytest.mark.parametrize("text", ["w99", "", "(", "d(loss)/d(w99)", "net[7][1]", "x" * 500])
def test_what_is_no_quantity_is_said(text):
    with pytest.raises(InputError):
        derive.derivation("net-out")[text]


@pytest.mark.parametrize("name", [n for n in shipped() if not load(n).parts])
def test_every_quantity_can_be_shown(name):
    d = derive.derivation(name)
    found = as_json(d, d.quantities)
    assert len(found["quantities"]) == len(d.quantities)
    assert all(row["latex"] and row["name"] for row in found["quantities"])
    for form in ("text", "latex"):
        assert frames_text(d, form)


def test_values_after_training():
    d = derive.derivation("net-out")
    assert d["loss#0"].value == pytest.approx(0.298371108760003, rel=1e-12)
    assert d["loss#1"].value == pytest.approx(0.291027773693599, rel=1e-12)


MARKED = [("new(w[1][1][1])#3", "w[1][1][1]#3"), ("w5#1", "w[2][1][1]#1"), ("w_5#1", "w[2][1][1]#1"),
          ("new(w5)#2", "w5#2"), ("w_5^+#2", "w5#2"), ("net_{h1}#1", "net[1][1]#1"), ("E_total#3", "loss#3"),
          ("b1#3", "b[1][1]#3"), ("dE_{total}/dw_5#1", "d(loss)/d(w[2][1][1])#1")]


@pytest.mark.parametrize(("name", "same"), MARKED)
def test_a_mark_stands_behind_names_as_behind_ids(name, same):
    d = derive.derivation("net-out")
    assert d[name].value == d[same].value is not None
    assert d[name].shown == d[same].shown and str(d[name]) == str(d[same])


def test_a_parameter_after_updates_is_what_the_updates_made_of_it():
    d = derive.derivation("net-out")
    assert d["new(w5)#1"].value == pytest.approx(d["new(w[2][1][1])"].value, abs=1e-15)
    assert d["new(w[2][1][1]#1)"].value == d["w5#2"].value
    assert d["b1#3"].shown == "0.3500"    # held fixed


@pytest.mark.parametrize("name", ["foo#1", "w5#x", "w9#1", "w[3][1][1]#1", "d(loss)/d(w9)#1", "w5#"])
def test_a_mark_behind_what_the_lecture_has_not_is_an_error(name):
    with pytest.raises(InputError, match="is no quantity of net-out"):
        derive.derivation("net-out")[name]


@pytest.mark.parametrize(("name", "near"), [("net[3][1]", "net[2][1]"), ("out_h3", "out_h2"), ("w9", "w8"),
                                            ("new(w[2][1][3])", "new(w[2][1][2])"), ("los", "loss")])
def test_what_is_no_quantity_names_the_nearest(name, near):
    with pytest.raises(InputError, match=re.escape(f"or a name such as net_h1 (did you mean {near}?)")):
        derive.derivation("net-out")[name]


def test_help_shows_the_public_functions():
    shown = pydoc.plain(pydoc.render_doc(derive))
    assert all(f'derive.{name}(' in shown for name in ("derivation", "worksheet", "check"))
    assert {"check", "derivation", "worksheet"} <= set(dir(derive))


def test_a_sheet_from_python(tmp_path):
    d = derive.derivation("net-out", notation="delta")
    sheet = derive.worksheet(d)
    assert sheet.tex("key") != derive.worksheet("net-out").tex("key")
    assert sheet.tex() != sheet.tex("key")


def test_what_a_notebook_shows_of_them_is_one_short_line():
    done = derive.derivation("net-out")
    verdicts = derive.check("net-out", "$net_{h1} = 0.9123$")
    for shown in (done, done["loss", "w5"], done.steps[0], done.desk.derivation, derive.worksheet(done),
                  derive.worksheet(done).worksheet, *verdicts):
        assert len(repr(shown)) < 90 and "\n" not in repr(shown)
    assert repr(verdicts[0]).startswith("<slip") and "net[1][1]" in repr(verdicts[0])
    assert repr(done.steps[0]) == f"<{done.steps[0].lhs} by {done.steps[0].reason}>"


@pytest.mark.parametrize("first", ["derive.api", "derive.check.judging", "derive.worksheet"])
def test_functions_named_like_a_room_can_be_called_whatever_was_imported_before(first):
    code = f"import {first}, derive; print(derive.check('net-out', '$net_{{h1}} = 0.9$'), derive.worksheet('net-out'))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "slip" in said.stdout and "frames" in said.stdout
