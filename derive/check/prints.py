"""Arrays as programs print them, [[0.1 -0.2] [0.3 0.4]]: the commas that are not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Token

_FIGURES = {"NUMBER", "MINUS", "COMMA", "LSQB", "RSQB", "SPACE"}


def with_commas(tokens: list[Token]) -> list[Token]:
    """The tokens with a comma between the numbers and rows of a bracket that holds nothing but figures."""
    printed = [place for start, end in _arrays(tokens) for place in range(start + 1, end)]
    if not printed:
        return tokens
    gaps = {place for place in printed if _is_gap(tokens, place)}
    return [each for place, token in enumerate(tokens) for each in _behind(token, place in gaps)]


def _arrays(tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """First and last place of every outermost square bracket of figures."""
    level, start, plain = 0, 0, True
    for place, token in enumerate(tokens):
        if token.type == "LSQB":
            start, plain, level = (place, True, 1) if not level else (start, plain, level + 1)
        plain &= token.type in _FIGURES
        if token.type == "RSQB" and level:
            level -= 1
            if not level and plain:
                yield start, place


def _is_gap(tokens: list[Token], place: int) -> bool:
    """Whether a new entry or row begins here: after a number or row, with a sign that hangs on its number."""
    before, token = tokens[place - 1], tokens[place]
    if before.type not in ("NUMBER", "RSQB"):
        return False
    hangs = token.type == "MINUS" and token.end_pos == tokens[place + 1].start_pos
    return token.type in ("NUMBER", "LSQB") or (hangs and before.end_pos != token.start_pos)


def _behind(token: Token, gap: bool) -> Iterator[Token]:
    from lark import Token

    if gap:
        yield Token.new_borrow_pos("COMMA", ",", token)
    yield token
