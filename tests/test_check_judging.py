"""Verdicts: intervals, what follows, coarse figures, hostile text, the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.check.judging import check, check_claim
from derive.check.report import counts, equation, to_json, to_text
from derive.check.segments import unmarked
from derive.check.spans import all_meet, exact, span_of, spread
from derive.check.values import number
from derive.lecture import load
from derive.rounding import MODES, shown
from tests.honest import marked

NET = load("net-out")


# beside the first fifty some that were once called carried: early rounding, layers of one number
@pytest.mark.parametrize("seed", [*range(50), 162, 217, 368])
def test_honest_work_is_read_and_never_wrong(seed: int) -> None:
    _, found = marked(seed)
    assert found
    assert [(each.line, each.verdict, each.written) for each in found if each.verdict != "right"] == []


# samples, optimizers, rounds, shared weights, own activations, recurrent networks, equations
@pytest.mark.parametrize("seed", [1, 2, 5, 6, 10, 11, 12, 13, 14, 16, 20, 28, 30, 32, 34, 43])
def test_honest_work_on_lectures_of_every_kind_is_read_and_never_wrong(seed: int) -> None:
    _, found = marked(seed, "wide")
    assert found
    assert [(each.line, each.verdict, each.written) for each in found if each.verdict != "right"] == []


def test_the_message_names_the_wrong_number() -> None:
    text = r"net_{o1} = 0.40 \cdot 0.5933 + 0.50 \cdot 0.5969 + 0.60"
    assert check_claim(NET, text)[0].message.startswith("0.50 is w₇; w₆ = 0.45 belongs there")


def test_of_two_quantities_with_one_value_the_formula_s_own_is_named(tmp_path: Path) -> None:
    path = tmp_path / "three.toml"
    path.write_text("""
title = "Three inputs"
notation = "delta"
network.inputs = 3
data = { inputs = [1, 0, 1], targets = [1] }
[[network.layers]]
units = 1
weights = [[0.3, -0.2, 0.6]]
activation = "sigmoid"
""", encoding="utf-8")
    (first, _) = check_claim(load(str(path)), r"w_{13}^{2,new} = 0.6 - 0.1 \cdot (-0.0594) \cdot 0 = 0.6")
    assert first.message.startswith("0 is a₂¹; a₃¹ = 1 belongs there")


@pytest.mark.parametrize("text", [
    r"z^{(\ell)} = W^{(\ell)} a^{(\ell-1)} + b^{(\ell)}", "z^ℓ = W^ℓ a^{ℓ-1} + b^ℓ", r"z_j^{(\ell)} = \sum_k w_{jk}^{(\ell)} a_k^{(\ell-1)} + b_j^{(\ell)}",
    "z_l = W_l a_{l-1} + b_l",
    r"z^{(1)} = W^{(1)} a^{(0)} + b^{(1)}", r"\frac{\partial \ell}{\partial W_l} = \delta_l a_{l-1}^T",
    r"\delta_l = (W_{l+1}^T \delta_{l+1}) \circ a_l \circ (1 - a_l)"])
def test_a_letter_for_the_layer_stands_for_layers_alone_the_inputs_are_layer_0(text: str) -> None:
    assert [each.verdict for each in check_claim(load("matrix-form"), text)] == ["right"]
    wrong = "undecided" if "sum" in text else "slip"   # the limits of a sum are the writer's to say
    assert [each.verdict for each in check_claim(load("matrix-form"), text.replace("=", "= 2"))] == [wrong]


def test_sigma_is_the_layer_s_activation_where_no_layer_has_a_sigmoid() -> None:
    for text, verdicts in [(r"a_{11} = \sigma(h_{11}) = \tanh(h_{11})", ["right", "right"]),
                           (r"a_{11} = \frac{1}{1+e^{-h_{11}}}", ["slip"]), (r"a_{11} = g(h_{11})", ["right"])]:
        assert [each.verdict for each in check_claim(load("tanh-squared"), text)] == verdicts
    assert [each.verdict for each in check_claim(NET, r"out_{h1} = \sigma(net_{h1}) = \tanh(net_{h1})")] == ["right", "slip"]


def test_a_figure_of_a_name_whose_formula_cannot_be_read_is_no_slip() -> None:
    assert [each.verdict for each in check_claim(NET, r"q = -\log p_7 = 0.533")] == ["unread", "right"]


def test_digits_swapped_in_a_layer_s_new_weights_are_not_taken_for_weights_held_fixed() -> None:
    text = r"W_2' = \begin{pmatrix}0.305&-0.196&0.108\\-0.406&0.096&0.129\end{pmatrix}"
    (found,) = check_claim(load("matrix-form"), text)
    assert found.kinds[0] == "digits" and "held fixed" not in found.message


def test_what_follows_from_a_slip_says_so() -> None:
    found = check(NET, "$w_5^+ = 0.4 - 0.0821 = 0.3179$")
    assert [each.verdict for each in found] == ["slip", "carried"]
    assert found[1].notes == ("follows from an earlier slip",)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("$a = 1$\n\nout_h1 = 0.7\nw = 3 but not `x = 3`\n\n```\nx = 3\n```\n", 2),
        ("out_h1 = 0.7\nw = 3\n", 0),
        ("$a = 1$ [a=1] <img width=50> https://x.y/?a=1", 0),
    ],
)
def test_lines_outside_the_marks_of_mathematics_are_counted(text: str, lines: int) -> None:
    assert unmarked(text, "markdown") == lines
    assert ("outside $…$" in to_text((), file="a.md", unmarked=lines)) == bool(lines)


@given(st.decimals(-99, 99, allow_nan=False, places=12), st.integers(0, 8), st.sampled_from(sorted(MODES)))
def test_a_figure_stands_for_what_it_was_rounded_from(value: object, decimals: int, mode: str) -> None:
    exact_value = number(str(value))
    assert all_meet(exact(exact_value), span_of(shown(exact_value, decimals, mode)))


def test_a_machine_print_is_held_to_fourteen_digits() -> None:
    assert check_claim(NET, "out_{h1} = 0.593269992107187")[0].verdict == "right"
    assert check_claim(NET, "out_{h1} = 0.593269992117187")[0].verdict == "slip"


def test_a_spread_adds_up_what_every_figure_may_be_off() -> None:
    span = spread(lambda v: v["a"] * v["b"], {"a": span_of("2.0"), "b": span_of("3.0")})
    assert all_meet(span, exact(number("5.86"))) and not all_meet(span, exact(number("5.6")))


def test_early_rounding_is_noted_and_not_a_slip() -> None:
    text = "$net_{o1} = 0.4 * 0.593 + 0.45 * 0.597 + 0.6 = 1.10585$"
    figure = check(NET, text)[-1]
    assert figure.verdict == "right" and "rounded early" in " ".join(figure.notes)


def test_cut_off_is_noted() -> None:
    assert check_claim(NET, "net_{o1} = 1.105")[0].notes == ("cut off rather than rounded",)


def test_what_follows_from_a_slip_above_or_below_is_carried() -> None:
    slip, after = "$out_{h1} = 0.9532$", "$net_{o1} = 1.2498$"
    for text in (f"{slip}\n\n{after}", f"{after}\n\n{slip}"):
        found = {each.written: each.verdict for each in check(NET, text)}
        assert found == {"0.9532": "slip", "1.2498": "carried"}


def test_parts_of_a_lecture_an_equality_holds_if_it_holds_in_one() -> None:
    found = check(load("named-sums"), "$y = 5x + 3$\n\n$output_{H1} = .5932$")
    assert [each.verdict for each in found] == ["right", "right"]


HOSTILE = [
    "__import__('os') = 3",
    "net_{o1} = 9^{9^{9^9}}",
    "net_{o1} = " + "{" * 100_000,
    r"\input{/etc/passwd} = 1",
    r"net_{o1} = \write18{touch x}",
    "net_{o1} = \x00",
    "= = =",
    "net_{o1} = 1/0",
    "net_{o1} = \\log(0)",
    "\\frac{\\partial}{\\partial x}",
    "net_{o1} = \\begin{bmatrix} 1 & 2 \\\\ 3 \\end{bmatrix}",
    "1e400 = 1e-400",
    "net_{o1} = (-1)^{0.5}",
    "W_1 W_1 W_1 = 3",
    "\\sum_{i=1}^n i = 3",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_data(text: str) -> None:
    assert all(each.verdict in ("undecided", "unread", "slip", "right") for each in check_claim(NET, text))
    assert all(each.verdict in ("undecided", "unread", "slip", "right") for each in check(NET, f"$${text}$$"))


WORDS = st.sampled_from(
    [
        "net_{h1}",
        "out_{o1}",
        "w_5",
        "w_5^+",
        "\\sigma(",
        ")",
        "(",
        "=",
        "+",
        "-",
        "0.3775",
        "1",
        "0",
        "\\frac{\\partial E}{\\partial w_5}",
        "^2",
        "^{-1}",
        "\\times",
        "/",
        "E_{total}",
        "e^{",
        "}",
        "W_1",
        "\\begin{bmatrix} 1 & 2 \\end{bmatrix}",
        "x",
        "\\rightarrow",
        "foo",
        "^T",
        "\\log",
    ]
)


@settings(max_examples=150)
@given(st.lists(WORDS, max_size=14))
def test_no_text_raises(words: list[str]) -> None:
    text = " ".join(words)
    assert check_claim(NET, text) == check_claim(NET, text)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\sigma(1,2) = 3", "undecided"),
        (r"\tanh(1,2) = 1", "undecided"),
        ("10^{99999999} = 1", "undecided"),
        ("e^{99999} = 1", "undecided"),
        ("1e999999999 = 2", "unread"),
        ("net_{h1} = 1.5e99999999999999999999", "unread"),
        ("1e-999999999 = 2", "unread"),
        ("net_{h1} = 1e400", "slip"),
        (r"net_{h1} = \sigma^{-1}(out_{h1})", "unread"),   # the inverse, or 1 over it
        (r"w_{5 = 0.4", "unread"),   # a bracket that is never closed hides no sign
        (r"\frac{{ = 3", "unread"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}^{99999999} = 3", "undecided"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}^2 = \begin{pmatrix}1&4\\9&16\end{pmatrix}", "undecided"),
        (r"\lfloor\begin{pmatrix}1&2\end{pmatrix}\rfloor = \begin{pmatrix}1&2\end{pmatrix}", "right"),
    ],
)
def test_what_has_no_value_or_an_immense_one_is_never_decided(claim: str, verdict: str) -> None:
    (found,) = check_claim(NET, claim)
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("1000^{99} = 7", "1.000 · 10²⁹⁷"),
        ("net_{h1} = 1", "0.3775"),
        ("loss#100 = 3", "0.0200"),
        ("2 + 2 = 5", "4"),
        ("0.001 * 0.02 = 0.3", "2.000 · 10⁻⁵"),
    ],
)
def test_what_was_expected_is_never_cut_to_nothing_nor_a_line_of_digits(claim: str, expected: str) -> None:
    (found,) = check_claim(NET, claim)
    assert found.verdict == "slip" and found.expected == expected


@pytest.mark.parametrize(
    "text",
    [
        "$" + r"\sum_{x=1}^{2} " * 20 + "1 = 3$",
        "$" + "".join(rf"\sum_{{{letter}=1}}^{{90}} " for letter in "abcd") + "a b c d = 3$",
        "$" + "".join(rf"\sum_{{{letter}=1}}^{{60}} " for letter in "ijkl") + "w_{ij} w_{kl} = 3$",
    ],
)
def test_sums_in_sums_have_one_limit_together(text: str) -> None:
    """Written out, each of them would take longer than all tests."""
    assert check(NET, text)[0].verdict in ("undecided", "unread")


def test_the_report_points_at_the_member_that_fails() -> None:
    verdicts = check(NET, r"$out_{o1} = \sigma(net_{o1}) = \frac{1}{1+e^{1.1059}} = 0.7513$")
    slip = next(each for each in verdicts if each.verdict == "slip")
    text, start, length = equation(slip)
    assert text[start : start + length] == r"\frac{1}{1+e^{1.1059}}"
    lines = to_text(verdicts, file="a.md").splitlines()
    assert lines[0] == "a.md:1: slip (sign)" and lines[2].strip() == "^" * length
    assert lines[-1] == "3 equalities: 2 right, 1 slip" == counts(verdicts)
    assert "0.75" not in to_text(verdicts, hint=True).split("\n")[3]
    assert "\033[31m" in to_text(verdicts, colour=True) and "\033" not in to_text(verdicts)


def test_json_has_an_entry_for_every_sign() -> None:
    verdicts = check(NET, "$net_{h1} = 0.3775$ and $out_{h1} = frob_9 + 1 = 0.5392$")
    report = json.loads(json.dumps(to_json(NET, "a.md", verdicts)))
    assert (report["lecture"], report["equations"], report["read"]) == ("net-out", 3, 2)
    assert [entry["verdict"] for entry in report["lines"]] == ["right", "unread", "slip"]
    assert report["lines"][2]["kind"] == "digits" == report["lines"][2]["kinds"][0]
    assert report["lines"][2]["written"] == "0.5392" and report["lines"][2]["expected"] == "0.5933"


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert "\033" not in to_text(check(NET, "$net_{h1} = \033[31m 0.5$"), file="\033[2J.md", all=True)
