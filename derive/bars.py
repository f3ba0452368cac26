"""Kinds of tokens: what an operand ends with, what brackets open and close; and which bar of |x| does which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import lark

ENDS = {
    "NUMBER", "WORD", "GREEK", "TEXT", "RPAR", "RSQB", "RBRACE", "SUB", "PRIME", "MARK", "TRANSPOSE", "INDEX",
    "SUFFIX", "RAISED", "END", "RBAR", "RNORM", "_RFLOOR", "FRACDIGITS",
}  # fmt: skip
OPENS = {"LPAR", "LSQB", "_LCURLY", "_LFLOOR", "LBRACE", "BEGIN", "BEGINCASES"}
CLOSES = {"RPAR", "RSQB", "_RCURLY", "_RFLOOR", "RBRACE", "END", "ENDCASES"}


def bars(stream: Iterable[lark.Token]) -> Iterator[lark.Token]:
    """|x|, ‖x‖: a bar closes where one of its kind is open in this bracket and an operand stands before."""
    from lark import Token

    open_bars: list[str] = []
    before = ""
    for token in stream:
        kind = token.type
        if kind in ("BAR", "NORM"):
            closes = bool(open_bars) and open_bars[-1] == kind and before in ENDS
            kind = {"BAR": ("LBAR", "RBAR"), "NORM": ("LNORM", "RNORM")}[kind][closes]
            token = Token.new_borrow_pos(kind, str(token), token)
        if kind in OPENS or kind in ("LBAR", "LNORM"):
            open_bars.append("NORM" if kind == "LNORM" else "BAR" if kind == "LBAR" else kind)
        elif open_bars and (kind in CLOSES or kind in ("RBAR", "RNORM")):
            open_bars.pop()
        before = kind
        yield token
