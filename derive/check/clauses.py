"""The layout of a piece of mathematics: rows and columns, clauses, chains of equalities.

A segment's tokens are cut where one equality ends and the next begins; a clause
that begins with `=` or an operator goes on with the one before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from derive.bars import CLOSES, ENDS, OPENS

if TYPE_CHECKING:
    from lark import Token

Tokens = tuple["Token", ...]
Known = Callable[[str], bool]

# signs of an equality as they are written, and what is meant
RELATIONS = {
    "≈": "≈",
    "≃": "≈",
    "≅": "≈",
    "approx": "≈",
    "simeq": "≈",
    "cong": "≈",
    "sim": "≈",
    "doteq": "≈",
    ":=": "→",
    "coloneqq": "→",
    "←": "→",
    "⟵": "→",
    "leftarrow": "→",
    "longleftarrow": "→",
    "gets": "→",
    "→": "→",
    "⟶": "→",
    "rightarrow": "→",
    "longrightarrow": "→",
    "to": "→",
    "mapsto": "→",
    "->": "→",
}
_BACKWARDS = {"leftrightarrow", "longleftrightarrow"}
_BEGINS_ANEW = {"PLUS", "OPERATOR"}
_SIGNS = {"PLUS", "MINUS", "OPERATOR"}  # nothing but a sign is a mark, such as (*)
_DROPPED_AT_ENDS = {"COMMA", "SEMICOLON", "DOT", "QUAD"}


def relation(token: Token) -> str:
    """`=`, `≈` or `→` (an update)."""
    return RELATIONS.get(str(token).lstrip("\\"), "=")


@dataclass(frozen=True, slots=True)
class Clause:
    """The tokens of one equality or a part of it; `goes_on`: it can only be the end of what stands before."""

    tokens: Tokens
    goes_on: bool = False


def clauses(tokens: Iterable[Token], known: Known) -> tuple[Clause, ...]:
    """The clauses of a segment in reading order: the columns of an `aligned` are read down.

    `known` tells whether a text (`\\text{Total Error}`) is a name.
    """
    rows = [_cells(row) for row in _cut(_opened(list(tokens)), {"NEWROW"})]
    found = [clause for part, new_row in _columns(rows) for clause in _parts(part, new_row, known)]
    return tuple(clause for clause in found if any(token.type not in _SIGNS for token in clause.tokens))


def _opened(tokens: list[Token]) -> list[Token]:
    """Without the brackets around whole equalities: \\boxed{a = b}, (a = b), an array as an alignment."""
    opened: list[int] = []
    dropped: dict[int, None] = {}
    equality: set[int] = set()
    for place, token in enumerate(tokens):
        if token.type in OPENS:
            opened.append(place)
        elif token.type in CLOSES and opened:
            start = opened.pop()
            if start in equality and not opened and _is_frame(tokens, start):
                dropped.update({start: None, place: None})
        elif token.type == "RELATION" and opened:
            equality.add(opened[-1])
    return [_gap(token) if place in dropped else token for place, token in enumerate(tokens)]


def _is_frame(tokens: list[Token], start: int) -> bool:
    if tokens[start].type == "BEGINCASES" and start:  # behind anything else they are a value by cases
        return tokens[start - 1].type in ("ENVIRONMENT", "COMMA", "QUAD", "NEWROW", "IMPLIES")
    return start == 0 or tokens[start - 1].type not in (
        "CARET",
        "FRAC",
        "SQRT",
        "ACCENT",
        "WORD",
        "GREEK",
        "COMMAND",
        "SUB",
        "TEXT",
        "OPERATOR",
        "PLUS",
        "MINUS",
    )


def _gap(token: Token) -> Token:
    """A bracket that only frames an equality, as the end of a clause (round) or as nothing."""
    from lark import Token

    kind = "QUAD" if token.type in ("LPAR", "RPAR") else "ENVIRONMENT"
    return Token.new_borrow_pos(kind, str(token), token)


def _cut(tokens: Iterable[Token], kinds: set[str]) -> list[list[Token]]:
    """Cut at tokens of some kinds that stand in no bracket."""
    pieces: list[list[Token]] = [[]]
    stream = list(tokens)
    for token, after, level in zip(stream, [*stream, None][1:], _levels(stream), strict=True):
        cuts = token.type in kinds or (str(token) == ":" and "IMPLIES" in kinds)
        if level == 0 and cuts and not _within_number(pieces[-1], token, after):
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def _levels(tokens: Sequence[Token]) -> Iterator[int]:
    """In how many brackets each token stands; one that is never closed holds nothing, so no sign is lost in it."""
    opened: list[int] = []
    steps = [0] * len(tokens)
    for place, token in enumerate(tokens):
        if token.type in OPENS:
            opened.append(place)
        elif token.type in CLOSES and opened:
            steps[opened.pop()], steps[place] = 1, -1
    return accumulate(steps)


def _within_number(before: list[Token], comma: Token, after: Token | None) -> bool:
    """0,7513 where decimals have points: it is not cut, so that nobody is told that they wrote 0."""
    return (
        comma.type == "COMMA"
        and bool(before) and before[-1].type == "NUMBER" and before[-1].end_pos == comma.start_pos
        and after is not None and after.type == "NUMBER" and after.start_pos == comma.end_pos
    )  # fmt: skip


def _cells(row: list[Token]) -> list[list[Token]]:
    """A row's columns, each made of its right-aligned and its left-aligned cell."""
    cells = [[t for t in cell if t.type != "ENVIRONMENT"] for cell in _cut(row, {"AMP"})]
    if any(len(cell) == 1 and cell[0].type == "RELATION" for cell in cells):  # eqnarray: a & = & b
        return [[token for cell in cells for token in cell]]
    return [cells[n] + (cells[n + 1] if n + 1 < len(cells) else []) for n in range(0, len(cells), 2)]


def _columns(rows: list[list[list[Token]]]) -> Iterator[tuple[list[Token], bool]]:
    """The parts column by column, and whether a part stands below another one."""
    begun: dict[int, bool] = {}
    columns: dict[int, list[list[Token]]] = {}
    for row in rows:
        place = 0
        for number, part in enumerate(row):
            if not part:
                continue
            place = number if begun.get(number) or part[0].type != "RELATION" else place
            if place == number or not columns.get(place):
                columns.setdefault(number, []).append(part)
                begun[number] = True
            else:
                columns[place][-1] = columns[place][-1] + part
    for number in sorted(columns):
        yield from ((part, n > 0) for n, part in enumerate(columns[number]))


def _parts(part: list[Token], new_row: bool, known: Known) -> Iterator[Clause]:
    for number, piece in enumerate(_cut(part, {"COMMA", "SEMICOLON", "QUAD", "IMPLIES", "COMPARE"})):
        for n, clause in enumerate(_without_prose(piece, known)):
            tokens = _trimmed(clause)
            begins_with_minus = bool(tokens) and tokens[0].type == "MINUS"
            yield Clause(tokens, begins_with_minus and new_row and number == n == 0)


def _without_prose(piece: list[Token], known: Known) -> list[list[Token]]:
    """Cut where words stand that are no name and no operand of the formula."""
    pieces: list[list[Token]] = [[]]
    for number, (token, level) in enumerate(zip(piece, _levels(piece), strict=True)):
        before = piece[number - 1] if number else None
        after = piece[number + 1] if number + 1 < len(piece) else None
        name = _led_up_to(token, after, known) if token.type == "TEXT" and level == 0 else None
        if name is not None:
            pieces.append([name])
        elif level == 0 and _divides(token, before, after, known) and not _names_two(token, pieces[-1]):
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


_HANGING = {"SUB", "PRIME", "MARK", "CARET", "TRANSPOSE", "RAISED", "SUFFIX", "INDEX"}
_JOINING = {"OPERATOR", "PLUS", "MINUS", "RELATION"}
_CONTENT = re.compile(r"\\[A-Za-z]+\*?\s*\{([^{}]*)\}\Z", re.DOTALL)
_SPOKEN = re.compile(r"[:,;.?!]\s*\Z|\A\s*[(,;]|\A\s+\S|\S\s+\Z")
_CONNECTIVES = frozenset(
    [
        "and",
        "or",
        "so",
        "then",
        "with",
        "where",
        "for",
        "hence",
        "thus",
        "since",
        "because",
        "if",
        "therefore",
        "also",
        "now",
        "similarly",
        "given",
        "und",
        "oder",
        "also",
        "mit",
        "wobei",
        "daher",
        "et",
        "ou",
        "donc",
        "avec",
        "y",
        "o",
        "con",
        "donde",
        "entonces",
        "as",
        "we",
        "get",
        "that",
        "is",
        "from",
        "by",
        "using",
        "note",
    ]
)


_AND = ("and", "und", "et", "y", "e", "и", "resp.")


def _divides(token: Token, before: Token | None, after: Token | None, known: Known) -> bool:
    """Whether a token is words between formulas; bare ones too, but for short ones that may be letters side by side."""
    if token.type == "TEXT":
        return _is_prose(token, before, after, known)
    return token.type == "WORD" and len(token) > 2 and token.lower() in _CONNECTIVES and not known(str(token))


def _names_two(token: Token, before: list[Token]) -> bool:
    """Whether an *and* stands between names that share what follows: a and b = 1."""
    content = match[1] if (match := _CONTENT.match(token)) else str(token)
    return content.strip() in _AND and bool(before) and not any(each.type == "RELATION" for each in before)


def _led_up_to(token: Token, after: Token | None, known: Known) -> Token | None:
    """The name at the end of words, on which something hangs: \\text{ because ReLU}'."""
    from lark import Token

    words = match[1].split() if (match := _CONTENT.match(token)) else []
    if len(words) < 2 or after is None or after.type not in (*_HANGING, "LPAR") or known(" ".join(words)):
        return None
    return Token.new_borrow_pos("TEXT", rf"\text{{{words[-1]}}}", token) if known(words[-1]) else None


def _is_prose(token: Token, before: Token | None, after: Token | None, known: Known) -> bool:
    """`\\text{Thus, }`, `\\text{ and }`: words that are no name and no operand, nor a whole member."""
    match = _CONTENT.match(token)
    content = match[1] if match else ""
    words = content.split()
    if not re.search(r"[^\W\d_]", content):
        return not re.search(r"\d", content)
    if re.search(r"[:,;?!]\s*\Z|\A\s*[(,;]", content):
        return True
    if (
        known(content)
        or content.strip() == "d"
        or (after is not None and after.type in _HANGING)
        or before == "d"
    ):
        return False
    if after is not None and after.type in ("LPAR", "LSQB") and after.start_pos == token.end_pos:
        return False
    if _joins(before) and (after is None or _joins(after)):
        return False
    if before is None and _joins(after):
        return False
    return (
        bool(_SPOKEN.search(content))
        or words[0].lower() in _CONNECTIVES
        or (len(words) > 1 and (before is None or after is None))
    )


def _joins(token: Token | None) -> bool:
    return token is not None and token.type in _JOINING


def _trimmed(tokens: list[Token]) -> Tokens:
    first, last = 0, len(tokens)
    while first < last and tokens[first].type in _DROPPED_AT_ENDS:
        first += 1
    while first < last and tokens[last - 1].type in _DROPPED_AT_ENDS:
        last -= 1
    return tuple(tokens[first:last])


# ---------------------------------------------------------------- chains


@dataclass(slots=True)
class Chain:
    """Members and the signs between them while they are gathered: `members[i] signs[i] members[i+1]`."""

    members: list[list[Token]] = field(default_factory=lambda: [[]])
    signs: list[Token] = field(default_factory=list)

    def extend(self, tokens: Tokens) -> None:
        """Go on with tokens; each sign that stands in no bracket begins another member."""
        for token, level in zip(tokens, _levels(tokens), strict=True):
            if token.type == "RELATION" and level == 0:
                self.signs.append(token)
                self.members.append([])
            else:
                self.members[-1].append(token)

    def open_ended(self) -> bool:
        """Whether the last sign waits for its right side."""
        return bool(self.signs) and not self.members[-1] and relation(self.signs[-1]) != "→"


def continues(clause: Clause, chain: Chain, adjacent: bool) -> bool:
    """Whether a clause goes on with the chain before it; `adjacent`: nothing stands between them."""
    first = clause.tokens[0]
    if first.type == "RELATION":
        return relation(first) != "→" and any(chain.members)
    if (
        (first.type in _BEGINS_ANEW and first.type != "PLUS")
        or clause.goes_on
        or (first.type == "PLUS" and adjacent)
    ):
        return any(chain.members)
    return adjacent and (chain.open_ended() or _unfinished(chain))


def _unfinished(chain: Chain) -> bool:
    return bool(chain.members[-1]) and chain.members[-1][-1].type in ("PLUS", "MINUS", "OPERATOR")


def divided(chain: Chain, is_updated: Callable[[list[Token]], bool]) -> Iterator[Chain]:
    """The chain cut at arrows that are no update's: `a → b = c` says b = c."""
    part = Chain([chain.members[0]], [])
    for sign, member in zip(chain.signs, chain.members[1:], strict=True):
        if relation(sign) == "→" and not (part.members[-1] and is_updated(part.members[-1])):
            yield part
            part = Chain([member], [])
        else:
            part.signs.append(sign)
            part.members.append(member)
    yield part


__all__ = ["ENDS", "Chain", "Clause", "clauses", "continues", "divided", "relation"]
