"""LaTeX of our own as readable text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import examples, lectures

from derive.lecture import load
from derive.notation import NOTATIONS
from derive.terminal import equality, paragraph, table, unicode
from derive.working import desk


@pytest.mark.parametrize(("latex", "text"), [
    (r"\frac{a}{b}", "a/b"), (r"\frac{1}{2}(a - b)", "½(a - b)"), (r"\frac{1}{2}", "1/2"), (r"\frac{a + b}{c}", "(a + b)/c"), ("w_{5}^{+}", "w₅⁺"), (r"\eta", "η"),
    (r"\mathrm{net}_{h1}", "net_h1"), ("a_{1}^{2}", "a₁²"), (r"\sigma(z)", "σ(z)"), (r"0.4 \times (-2)", "0.4 × (-2)"),
    (r"\frac{\partial E}{\partial w_{5}}", "∂E/∂w₅"), (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", "[1, 2; 3, 4]"),
    (r"\mathbf{a}^{\mathsf{T}}", "aᵀ"), (r"\sqrt{x}", "√(x)"), (r"a \circ b", "a ∘ b"), (r"\hat{y}_{1}", "ŷ₁"),
    (r"\lVert a - b \rVert^{2}", "‖ a - b ‖²"), (r"\delta_{1}^{(2)}", "δ₁⁽²⁾"), ("x^{-1}", "x⁻¹"),
])
def test_as_text(latex, text):
    assert unicode(latex) == text


@examples(15)
@given(lectures(width=2), st.sampled_from([*NOTATIONS]), st.sampled_from(["unit", "layer"]))
def test_nothing_of_tex_is_left(lecture, notation, level):
    at = desk(lecture, notation, level)
    for step in at.derivation.steps:
        for tree in (*step.forms, step.formula):
            for text in (unicode(at.symbols().latex(tree)), unicode(at.numbers().latex(tree))):
                assert not set(text) & set("\\&\0"), text
                assert text.count("(") == text.count(")")
                assert "mathrm" not in text and "frac" not in text and "begin" not in text


@pytest.mark.parametrize("name", ["net-out", "matrix-form"])
def test_different_quantities_stay_different(name):
    at = desk(load(name))
    texts = [unicode(at.names.latex(q)) for q in at.derivation.values]
    assert len(texts) == len(set(texts))


def test_a_long_equality_has_its_members_below_each_other():
    short, long = "a" * 20, " + ".join(["bb" * 5] * 12)
    assert equality(["x", short, short]) == f"x = {short} = {short}"
    lines = equality(["x", long, short], "1. ").splitlines()
    assert lines[0].startswith("1. x = bb") and lines[-1] == f"     = {short}"
    assert max(map(len, lines)) <= 80
    assert all(line.strip().startswith(("+ ", "= ", "1.")) for line in lines)


def test_a_long_matrix_is_broken_between_its_rows():
    rows = "; ".join(["1.25, -2.5, 3.75"] * 12)
    lines = equality(["W", f"[{rows}]", "0"]).splitlines()
    assert max(map(len, lines)) <= 80 and all(line.endswith((";", "]", "0")) for line in lines)


def test_tables_stand_in_columns_and_prose_in_lines():
    rows = table([("Given", "Value"), ("b", "1"), ("long name", "x " * 60)]).splitlines()
    assert [row.index("Value") for row in rows[:1]] == [11] and rows[1] == "b          1"
    assert max(map(len, rows)) <= 80 and rows[3].startswith(" " * 11 + "x")
    assert max(map(len, paragraph("word " * 40).splitlines())) <= 80
