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
]


@pytest.mark.parametrize(("text", "expected"), CHAINS)
def test_the_verdicts_of_a_chain(text: str, expected: str) -> None:
    assert verdicts(check_claim(NET, text)) == expected.split()


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
