"""The marked copy: every equality with its mark, the right line below a slip, nothing of the text unescaped."""

from __future__ import annotations

import re

import pytest

from derive.check.judging import check
from derive.check.marked import marked
from derive.check.setting import latex
from derive.lecture import load
from derive.notation import names

WORKING = (
    r"$net_{h1} = w_1 i_1 + w_2 i_2 + b_1 = 0.3775$" "\n\n"
    r"$out_{h1} = \frac{1}{1+e^{0.3775}} = 0.4067$" "\n\n"
    r"$out_{o1} = 0.8$ and $x = \input{/etc/passwd}$"
)


def copy(text: str, lecture: str = "net-out") -> str:
    known = load(lecture)
    return marked(known, "a_b&c.md", check(known, text)).split("\\begin{document}")[1]


def test_every_equality_has_its_mark_and_a_slip_the_right_line() -> None:
    tex, verdicts = copy(WORKING), check(load("net-out"), WORKING)
    body = tex[tex.index("\\DvWorking") :]
    for verdict in ("right", "slip", "carried", "undecided", "unread"):
        times = sum(each.verdict == verdict for each in verdicts)
        below = sum(bool(each.latex) for each in verdicts) if verdict == "right" else 0
        assert body.count(f"\\mbox{{\\Dr{verdict.capitalize()}}}") == times + below
        assert not times or f"{times}~{verdict}" in tex
    assert r"a\_b\&c.md" in tex


def test_a_slip_is_red_with_what_belongs_there() -> None:
    tex = copy(r"$E_{o1} = (target_{o1} - out_{o1})^2$")
    assert r"\DrColourslip" in tex or r"\DrColour{slip}" in tex
    assert r"\frac{1}{2}" in tex and r"\textbf{formula}" in tex


@pytest.mark.parametrize(
    "text", [r"\input{/etc/passwd}", r"\write18{rm}", r"\csname x\endcsname", r"\def\x{}", "^^5cinput", r"\catcode`\%=1"]
)
@pytest.mark.parametrize("frame", ["$out_{{h1}} = {}$", "${} = 0.5$", r"$y = \text{{{}}}$", r"$\text{{{}}} = 3$"])
def test_what_was_written_reaches_tex_escaped(text: str, frame: str) -> None:
    tex = copy(frame.format(text))
    assert not re.search(r"\\(input|write18|csname x|def\\x|catcode)|\^\^5c", tex)


def test_a_long_sum_may_be_broken_and_a_long_member_that_was_not_read_is_cut() -> None:
    tex = copy("$net_{h1} = " + " + ".join(["w_1 i_1"] * 40) + "$ and $out_{h1} = " + "unknown " * 40 + "$")
    member = re.search(r"\\DvMember\{=\}\{(.*)", tex)
    assert member is not None and not member[1].startswith("{")  # a group holds together
    assert tex.count(r"\DvBreak") >= 39
    assert tex.count("unknown") < 12


def test_the_right_line_is_not_said_twice() -> None:
    tex = copy(r"$out_{h1} = \frac{1}{1+e^{0.3775}}$")
    assert "the exponent of the activation" in tex and "expected" not in tex


def test_nothing_to_mark_is_said() -> None:
    assert "No equality was found" in copy("no mathematics")


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        (r"out_{h1} = \sigma(net_{h1})", r"\sigma\left(\mathrm{net}_{h1}\right)"),
        (r"out_{h1} = (1 - 2) \times 3", r"\left(1 - 2\right) \times 3"),
        (r"out_{h1} = 2 * -3", r"2 \cdot \left(-3\right)"),
        (r"out_{h1} = \frac{1}{2} (3 + 4)^2", r"\frac{1}{2} \, {\left(3 + 4\right)}^{2}"),
        (r"out_{h1} = 1.5e-4", r"1.5\cdot 10^{-4}"),
        (r"out_{h1} = 1[net_{h1} > 0]", r"\mathbf{1}\left[\mathrm{net}_{h1} > 0\right]"),
        (r"out_{h1} = e^{-net_{h1}}", r"e^{-\mathrm{net}_{h1}}"),
    ],
)
def test_formulas_are_set_from_the_parsed_tree(text: str, set_as: str) -> None:
    known = load("net-out")
    tree = check(known, text, kind="formula")[0].claim.members[1].tree
    assert tree is not None
    assert latex(tree, names(known)) == set_as
