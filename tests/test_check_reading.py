"""Somebody's working as claims: places, what cannot be read and why, files that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.check.reading import read, read_file, read_quantity
from derive.errors import FormulaError, InputError
from derive.quantities import parse_id
from tests.claims import NET_OUT, W5, lines, shape


def test_a_decimal_comma_is_one_where_it_is_said() -> None:
    assert lines("$E = 0,75 + 0{,}5$; $w_{5} = [0,1, 0,2]$", decimal="comma") == [
        "<loss> = add(0.75, 0.5)",
        f"{W5} = matrix(row(0.1, 0.2))",
    ]
    assert lines("$E = 10{,}000$") == ["<loss> = 10000"]
    assert lines("$E = 0{,}3775$, $w_5 = 1{,}250$") == ["<loss> = 0.3775", f"{W5} = 1.250"]
    (claim,) = read("$E = 0,3775$", NET_OUT)
    assert "--decimal comma" in claim.members[1].problem


# ---------------------------------------------------------------- places


def test_every_sign_has_its_own_line_and_column() -> None:
    (claim,) = read("Prose\n\n$$\\begin{aligned} E &= 1 + 1 \\\\\n  &= 2 \\end{aligned}$$\n", NET_OUT)
    assert [(sign.place.line, sign.place.column) for sign in claim.signs] == [(3, 22), (4, 4)]
    assert [member.text for member in claim.members] == ["E", "1 + 1", "2"]


def test_what_was_not_read_says_where_and_what_is_near() -> None:
    (claim,) = read("a\nb $E = w_1 + out_{h3}$", NET_OUT)
    member = claim.members[1]
    assert member.tree is None and "out_{h3}" in member.problem and "did you mean outh" in member.problem
    assert member.problem_place is not None
    assert (member.problem_place.line, member.problem_place.column) == (2, 14)
    assert (member.place.line, member.place.column) == (2, 8)
    assert not claim.is_read(0)


def test_a_sign_can_be_judged_where_something_left_of_it_was_read() -> None:
    (claim,) = read("$E = \\text{words} * foo = 0.3$", NET_OUT)
    assert [claim.is_read(0), claim.is_read(1)] == [False, True]


def test_words_before_mathematics_are_its_subject() -> None:
    first, second = read("Total Error = $0.2 + 0.1 = 0.3$\n\nweight: $w_5 = 0.4$", NET_OUT)
    assert shape(first.subject) == "<loss>" and second.subject is None


def test_claims_stand_in_the_order_of_their_signs() -> None:
    claims = read(
        "$$\\begin{aligned} E &= 1 & w_5 &= 2 \\\\ w_6 &= 3 & w_7 &= 4 \\end{aligned}$$ $E = 5$", NET_OUT
    )
    starts = [claim.place.start for claim in claims]
    assert starts == sorted(starts) and len(claims) == 5


def test_the_same_text_gives_the_same_claims() -> None:
    text = "$E = 0.3$, $W_5 = W_5 - 0.5 * 0.08$ and $$net_{h1} = w_1 i_1 \\\\ = 0.3775$$ or $foo = bar$"
    assert read(text, NET_OUT) == read(text, NET_OUT)


def test_a_long_working_is_read_whole() -> None:
    text = "$E_{total} = 0.2748 + 0.0235 = 0.2983$\n" * 300
    claims = read(text, NET_OUT)
    assert sum(claim.is_read(n) for claim in claims for n in range(len(claim.signs))) == 600


# ---------------------------------------------------------------- quantities, files, hostile text


def test_a_person_names_a_quantity() -> None:
    assert read_quantity("dE/dw_5", NET_OUT).ids == (parse_id("d(loss)/d(w[2][1][1])"),)
    assert read_quantity("w5", NET_OUT).ids == (parse_id("w[2][1][1]"),)
    assert read_quantity("new(w[2][1][1])", NET_OUT).ids == (parse_id("new(w[2][1][1])"),)
    for text in ("w99", "1 + 1", "", "(", "E = 1"):
        with pytest.raises(FormulaError):
            read_quantity(text, NET_OUT)


def test_files_that_cannot_be_used_give_one_line(tmp_path: Path) -> None:
    (tmp_path / "big.md").write_bytes(b"x" * 5_000_001)
    for name in ("missing.md", "big.md", ".", "a\0b"):
        with pytest.raises(InputError) as caught:
            read_file(str(tmp_path / name))
        assert "\n" not in caught.value.line()


@pytest.mark.parametrize("begins", [b"%PDF-1.7\n", b"\x89PNG\r\n", b"PK\x03\x04"])
def test_what_is_no_text_is_refused(begins: bytes, tmp_path: Path) -> None:
    (tmp_path / "key.pdf").write_bytes(begins + b"net = 1\xff")
    with pytest.raises(InputError, match="only text can be read"):
        read_file(str(tmp_path / "key.pdf"))


def test_bad_utf8_and_nul_are_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf\xff\0 $E = 0.3$\r\n$w_5 = 0.4$\r\n")
    text = read_file(str(tmp_path / "a.md"))
    assert lines(text) == ["<loss> = 0.3", f"{W5} = 0.4"] and "\0" not in text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_another_encoding_is_named(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes("\ufeff$net_{h1} = 1$".encode(encoding))
    with pytest.raises(InputError, match="encoded in UTF-16"):
        read_file(str(path))
