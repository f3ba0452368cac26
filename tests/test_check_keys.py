"""The generated key of every lecture that comes with the program, read and judged: all right, nothing unread."""

from __future__ import annotations

import pytest

from derive.check.judging import check
from derive.lecture import load, shipped
from tests.honest import text


@pytest.mark.parametrize("name", shipped())
def test_a_lectures_own_key_is_read_and_right(name: str) -> None:
    lecture = load(name)
    for part in lecture.parts or (lecture,):
        found = check(part, text(part))
        assert found
        assert [(each.claim.text, each.verdict, each.message) for each in found if each.verdict != "right"] == []
