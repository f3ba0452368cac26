"""The program's own .tex read back: keys and slides are right line for line, a changed figure is a slip."""

from __future__ import annotations

import pytest

from derive.check.judging import check
from derive.check.segments import unmarked
from derive.lecture import load
from derive.render import render
from derive.worksheet import worksheet


def made(name: str, kind: str) -> str:
    return render(worksheet(load(name), None, None), kind)


@pytest.mark.parametrize("name", ["net-out", "matrix-form", "delta-rule", "softmax", "fan-out"])
@pytest.mark.parametrize("kind", ["key", "slides"])
def test_every_line_of_working_is_read_and_right(name: str, kind: str) -> None:
    text = made(name, kind)
    found = check(load(name), text, kind="tex")
    assert len(found) >= text.count(r"\DvLine{") > 5
    assert [(each.claim.text, each.message) for each in found if each.verdict != "right"] == []


def test_a_changed_figure_of_a_key_is_a_slip_on_its_line() -> None:
    text = made("net-out", "key")
    changed = text.replace(r"{1\,pt}{0.1868}", r"{1\,pt}{0.1968}", 1)
    slips = [each for each in check(load("net-out"), changed, kind="tex") if each.verdict == "slip"]
    assert [each.line for each in slips] == [changed[: changed.index("{0.1968}")].count("\n") + 1]


def test_empty_blanks_are_no_equations() -> None:
    text = made("net-out", "worksheet")
    found = check(load("net-out"), text, kind="tex")
    assert {each.verdict for each in found} == {"right"}
    assert unmarked(text, "tex") == 0
