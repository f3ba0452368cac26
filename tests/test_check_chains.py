"""Chains: figures first, givens restated, whole numbers, exact sums, layers lying on their side."""

from __future__ import annotations

import pytest

from derive.check.judging import Verdict, check, check_claim
from derive.lecture import load

NET = load("net-out")


def verdicts(found: tuple[Verdict, ...]) -> list[str]:
    return [each.verdict for each in found]


# the verdict a sign of a chain in net-out
CHAINS = [
    # the figure first: it is judged, not the name behind it
    ("0.3775 = net_{h1}", "right"),
    ("0.4775 = net_{h1}", "slip"),
    ("0.2748 = E_{o2}", "slip"),
    (r"0.0822 = \frac{\partial E_{total}}{\partial w_5}", "right"),
    (r"0.15\cdot0.05+0.2\cdot0.1+0.35 = net_{h1}", "right"),
    (r"\frac{1}{1+e^{-0.3775}} = out_{h1}", "right"),
    (r"\frac12(0.7413)^2 = 0.2748 = E_{o1}", "right right"),
    (r"0.2748 = E_{o1} = \frac12(target_{o1}-out_{o1})^2", "right right"),
    (r"0.2748 = \frac12(target_{o1}+out_{o1})^2", "slip"),
    ("-0.7413 = target_{o1}-out_{o1}", "right"),
    ("1 - 0.5933 = 1-out_{h1}", "right"),
    # a given is exact, however it is written
    (r"\eta = 0", "slip"),
    (r"\eta = 1", "slip"),
    ("w_5 = 0", "slip"),
    ("w_5 = 0.40", "right"),
    ("w_5 = .4", "right"),
    ("i_1 = 0.1", "slip"),
    (r"i_1 \approx 0.1", "undecided"),
    ("w_6 = 0.5", "slip"),
    ("target_{o2} = 1", "slip"),
    # whole numbers are no roundings of each other
    ("1 = 2", "slip"),
    ("0 = 1", "slip"),
    ("1 + 1 = 2", "right"),
    (r"\frac{1}{3} = 0.333", "right"),
    # a sum of exact terms has no slack
    ("net_{h1} = 0.0075 + 0.02 + 0.35 = 0.3875 = 0.3775", "right slip right"),
    ("net_{h1} = 0.0075 + 0.02 + 0.35 = 0.3785", "right slip"),
    # numbers of other quantities, with which the sum comes out right by chance
    (r"net_{h1} = 0.15\cdot 0.1 + 0.25\cdot 0.05 + 0.35 = 0.3775", "slip right"),
    (r"net_{h1} = 0.2\cdot 0.1 + 0.35\cdot 1 + 0.05\cdot 0.15 = 0.3775", "right right"),
    ("net_{h1} = 0.02 + 0.35 + 0.0075 = 0.3775", "right right"),
    # what holds because i_2 is twice i_1 here
    ("i_2 = 2 i_1", "undecided"),
    ("net_{h1} = w_1 i_1 + 2 w_2 i_1 + b_1 = 0.3775", "undecided right"),
    ("w_1 i_2 = 2 w_1 i_1", "undecided"),
    # a coarse figure that the numbers left of it give exactly
    ("1.2 - 1.20 = 0", "right"),
]


@pytest.mark.parametrize(("text", "expected"), CHAINS)
def test_the_verdicts_of_a_chain(text: str, expected: str) -> None:
    assert verdicts(check_claim(NET, text)) == expected.split()


@pytest.mark.parametrize(
    ("lecture", "text", "expected"),
    [
        # f is the lecture's activation, but for a polynomial that the working calls so
        ("net-out", "$f(x) = x^2$, $f(3) = 9$, $f'(x) = 2x$, $f'(3) = 6$", "right right right right"),
        ("net-out", "$f(x) = x^2$, $f(3) = 8$, $f'(x) = 3x$", "right slip slip"),
        ("net-out", r"$f(x) = \frac{1}{1+e^{x}}$", "slip"),
        ("chain-rule", "$y' = 10t$, $y' = 5t$", "right slip"),
        # a value of a later round under the plain name: only behind an update
        ("net-out", "$w_5 = 0.3589$", "slip"),
        ("net-out", "$w_5 = 0.4 - 0.5 \\cdot 0.0822 = 0.3589$", "right right"),
        ("net-out", "$out_{o1} = 0.7514$, $out_{o1} = 0.7420$", "right slip"),
        ("net-out", "$out_{o1} = 0.7514$, $w_5^+ = 0.3589$, $w_5 = 0.3589$, $out_{o1} = 0.7420$", "right right right right"),
        ("net-out", "$out_{o1} = 0.7514$. The updated weights: $w_5 = 0.3589$", "right right"),
        ("net-out", "$w_5 = 0.3589$, $w_6 = 0.4087$, $w_7 = 0.5113$, $out_{o1} = 0.7420$", "right right right right"),
        # one letter off a name of the lecture is no name of the working's own
        ("net-out", "$E_{toal} = 0.9$, $E_{toatl} = 0.9$, $taget_{o1} = 0.01$", "unread unread unread"),
        ("net-out", "$E_{hidden} = 0.9$, $out_{i1} = 0.05$, $foo_{total} = 3$", "right right right"),
        # a name of the working with two values
        ("net-out", "$foo = 3$, $foo = 4$", "right undecided"),
        ("net-out", "$foo = 0.66$, $foo = 0.663$", "right right"),
    ],
)
def test_what_a_working_says_for_itself(lecture: str, text: str, expected: str) -> None:
    assert verdicts(check(load(lecture), text)) == expected.split()


def test_why_nothing_is_decided_is_said() -> None:
    said = {
        "z_1 = W_2 x + b_1": "the shapes do not go together",
        "z_1 = W_1 W_1": "the shapes do not go together",
    }
    for text, note in said.items():
        (found,) = check_claim(load("matrix-form"), text)
        assert (found.verdict, found.notes) == ("undecided", (note,))
    assert check_claim(NET, "i_2 = 2 i_1")[0].notes == ("holds with these numbers only",)


def test_a_value_of_another_round_is_said_to_be_that() -> None:
    found = check_claim(NET, "w_5 = 0.3589")[0], check_claim(NET, "out_{o1} = 0.742")[0]
    assert [each.kinds[0] for each in found] == ["name", "rounds"]
    assert found[1].message.startswith("this is out_o1 after 1 update, not out_o1 as it is here")


def test_a_reason_is_said_once() -> None:
    first, second = check_claim(NET, "frob_1 + 1 = frob_2 + 1 = 4")
    assert "frob_2" in first.message and second.message == "nothing stands left of it that could be read"


def test_the_nearest_name_is_said() -> None:
    assert "did you mean Etotal?" in check(NET, "$E_{toal} = 0.9$")[0].message


def test_the_term_that_is_none_is_named() -> None:
    slip = check_claim(NET, r"net_{h1} = 0.15\cdot 0.1 + 0.25\cdot 0.05 + 0.35 = 0.3775")[0]
    assert slip.kinds == ("substitution",) and slip.message.startswith("0.15 · 0.1 is no term of net_h1")


def test_a_chain_with_its_figure_first_is_shown_as_it_was_written() -> None:
    slip = check_claim(NET, "0.4775 = net_{h1}")[0]
    assert (slip.quantity, slip.written, slip.expected) == ("net[1][1]", "0.4775", "0.3775")
    assert [member.text for member in slip.claim.members] == ["0.4775", "net_{h1}"]


def test_a_given_is_said_with_its_own_digits() -> None:
    slip = check_claim(NET, "i_1 = 0.1")[0]
    assert (slip.kinds[0], slip.expected) == ("given", "0.05")


def test_a_matrix_is_not_its_transpose_a_vector_may_lie_or_stand() -> None:
    layers = load("matrix-form")
    rows = [["0.3", "-0.2", "0.1"], ["-0.4", "0.1", "0.2"]]

    def matrix(table: list[list[str]]) -> str:
        return r"\begin{bmatrix}" + r"\\".join("&".join(row) for row in table) + r"\end{bmatrix}"

    turned = check(layers, f"$W_2 = {matrix([list(column) for column in zip(*rows, strict=True)])}$")[0]
    assert (turned.verdict, turned.kinds) == ("slip", ("formula",)) and "transposed" in turned.message
    assert verdicts(check(layers, f"$W_2 = {matrix(rows)}$")) == ["right"]
    for vector in ([["0.488"], ["0.354"], ["0.679"]], [["0.488", "0.354", "0.679"]]):
        assert verdicts(check(layers, f"$a_1 = {matrix(vector)}$")) == ["right"]


def test_a_second_pass_may_be_rounded_early() -> None:
    text = r"""
$w_5 \leftarrow 0.4 - 0.5 \cdot 0.08217 = 0.35892$, $w_6 = 0.40867$. Second pass:

$out_{h1} = 0.59326$, $out_{h2} = 0.59687$, $net_{o1} = 0.35892*0.59326 + 0.40867*0.59687 + 0.6 = 1.05686$
"""
    assert {each.verdict for each in check(load("net-out"), text)} == {"right"}


def test_a_second_pass_does_not_follow_from_the_first_one_s_figures() -> None:
    text = r"""
$output_{y1} = 0.5978$, $Error = \frac12(1-0.5978)^2 = 0.0809$

Iteration 2: $output_{y1} = 0.6435$, $Error = \frac12(1-0.6435)^2 = 0.0636$
"""
    lecture = load("two-rounds")
    assert {each.verdict for each in check(lecture, text)} == {"right"}
    assert "0.0736" in [each.written for each in check(lecture, text.replace("0.0636", "0.0736")) if each.verdict == "slip"]
