"""Where the mathematics stands, in hostile text too: no text raises, none takes long."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.check.reading import read
from derive.check.segments import segments
from tests.claims import NET_OUT, lines


def test_comments_and_verbatim_of_tex_are_no_working() -> None:
    text = "% $E = 1$\n\\begin{verbatim}$E = 2$\\end{verbatim}\n50\\% $E = 3$ % $E = 4$\n"
    assert lines(text, kind="tex") == ["<loss> = 3"]


def test_a_single_formula_needs_no_dollars() -> None:
    assert lines("E_{total}#0 = 0.298371109", kind="formula") == ["<loss#0> = 0.298371109"]


HOSTILE = {
    "braces": "$E = " + "{" * 100_000 + "1" + "}" * 100_000 + "$",
    "line": "$E = " + "x+" * 2_400_000 + "1$",
    "signs": "$" + "=" * 1_000_000 + "$",
    "dollars": "$" * 1_000_000 + "=",
    "opens": "\\[ = " * 300_000,
    "pieces": "$E=1$ " * 500_000,
    "quotes": "$E = " + ">\n" * 9_000 + "1$",
    "digits": "$E = " + "9" * 19_000 + "$",
    "powers": "$E = " + "a^" * 9_000 + "1$",
    "subs": "$" + "_{a" * 6_000 + "=1$",
    "hats": "$" + "\\hat " * 3_000 + "y = 1$",
    "bars": "$E = " + "|" * 15_000 + "$",
    "verbatim": "\\begin{verbatim}" * 100_000 + "=",
    "nul": "$E = \0 1$",
    "input": "$E = \\input{/etc/passwd}$",
    "write": "$E = \\write18{ls}$",
    "import": "$E = __import__('os')$",
    "unbalanced": "$E = )]}(1$",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["markdown", "tex", "formula"])
def test_hostile_text_is_unread_or_nothing(name: str, kind: str) -> None:
    claims = read(HOSTILE[name], NET_OUT, kind=kind)
    assert not any(claim.is_read(n) for claim in claims for n in range(len(claim.signs)))
    assert all(m.problem for claim in claims for m in claim.members if m.tree is None)


def test_a_power_too_large_is_only_read() -> None:
    assert lines("$E = 9^{9^{9^9}}$") == ["<loss> = pow(9, pow(9, pow(9, 9)))"]


PIECES = [
    "$",
    "$$",
    "=",
    "E",
    "w_5",
    "^+",
    "\\frac{",
    "}{",
    "}",
    "(",
    ")",
    "\\begin{aligned}",
    "\\end{aligned}",
    "\\\\",
    "&",
    "\\text{and}",
    "\\begin{bmatrix}",
    "\\end{bmatrix}",
    "0.3",
    ",",
    ";",
    "\\quad",
    "\\rightarrow",
    "∂",
    "|",
    "\n",
    "\\[",
    "\\]",
    "`",
    "```",
    "σ",
    "\\sum_{i=1}",
    "d",
    "/",
    "'",
    "²",
    "\\hat",
    "error",
    "?",
    "[",
    "]",
    ">",
    "\\partial",
    "\\nabla_",
]


@settings(deadline=None, max_examples=250)
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join)
    | st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.sampled_from(["markdown", "tex", "formula"]),
    st.sampled_from(["point", "comma"]),
)
def test_no_text_raises(text: str, kind: str, decimal: str) -> None:
    for claim in read(text, NET_OUT, kind=kind, decimal=decimal):
        assert len(claim.members) == len(claim.signs) + 1
        for sign in claim.signs:
            assert text[sign.place.start : sign.place.end].strip()
        for member in claim.members:
            assert (member.tree is None) == bool(member.problem)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            ["$", "$$", "\\(", "\\)", "\\[", "\\]", "a=b", "\n\n", "\\begin{align}", "\\end{align}", "```\n"]
        ),
        max_size=20,
    ).map("".join)
)
def test_segments_stand_where_they_say(text: str) -> None:
    end = 0
    for segment in segments(text, "markdown"):
        assert segment.start >= end and text[segment.start : segment.end] == segment.text
        end = segment.end


def test_blanks_are_gone_through_once() -> None:
    """Quadratic in the length of a line, or of the text, these would take minutes."""
    assert len(segments(("net_{h1} = " + " " * 49_000 + "1\n") * 20, "markdown")) == 20
    assert len(read(("net_{h1} = " + " " * 49_000 + "1\n") * 20, NET_OUT)) == 20
