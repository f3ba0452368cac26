"""The author's own macros: \\newcommand, \\def and \\DeclareMathOperator, put in where they are used.

Nothing is run: a macro is text with holes, put in a bounded number of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MOST_MACROS = 200
LONGEST_BODY = 500  # characters
DEEPEST = 8  # macros within macros
LONGEST_TEXT = 20_000  # of a piece of mathematics with its macros put in

_DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareMathOperator|DeclareRobustCommand)\*?\s*"
    r"\{?\s*\\(?P<name>[A-Za-z]+)\s*\}?\s*(?:\[(?P<count>\d)\])?\s*(?:\[(?P<default>[^\[\]{}]*)\])?\s*(?=\{)"
    r"|\\def\s*\\(?P<plain>[A-Za-z]+)\s*(?P<holes>(?:#\d)*)\s*(?=\{)"
)
_HOLE = re.compile(r"#(\d)")


@dataclass(frozen=True, slots=True)
class Macro:
    """A text with `#1` to `#9` in it; `default` stands for the first one where that is optional."""

    body: str
    arguments: int
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A text and where in the source each of its letters begins and ends."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __add__(self, other: Placed) -> Placed:
        return Placed(self.text + other.text, self.starts + other.starts, self.ends + other.ends)

    def __getitem__(self, part: slice) -> Placed:
        return Placed(self.text[part], self.starts[part], self.ends[part])


def placed(text: str, start: int) -> Placed:
    """A text that stands in the source at `start`."""
    return Placed(text, tuple(range(start, start + len(text))), tuple(range(start + 1, start + len(text) + 1)))


def macros(text: str) -> tuple[Mapping[str, Macro], str]:
    """The macros that a text defines, and the text with the definitions blanked out."""
    found: dict[str, Macro] = {}
    pieces, place = [], 0
    for match in _DEFINITION.finditer(text) if "\\" in text else ():
        end = closing(text, match.end())
        if end <= match.end() or match.start() < place:
            continue
        body = text[match.end() + 1 : end]
        if "DeclareMathOperator" in match[0]:
            body = rf"\operatorname{{{body}}}"
        if len(body) <= LONGEST_BODY and len(found) < MOST_MACROS:
            count = int(match["count"] or 0) or len(match["holes"] or "") // 2
            found[match["name"] or match["plain"]] = Macro(body, count, match["default"])
        pieces += [text[place : match.start()], re.sub(r"[^\n]", " ", text[match.start() : end + 1])]
        place = end + 1
    return found, "".join((*pieces, text[place:])) if found else text


def expanded(text: Placed, known: Mapping[str, Macro]) -> Placed:
    """The text with macros put in; what they bring along stands where they are called."""
    if not known or "\\" not in text.text:
        return text
    called = re.compile(rf"\\({'|'.join(sorted(map(re.escape, known), key=len, reverse=True))})(?![A-Za-z])")
    for _ in range(DEEPEST):
        if not called.search(text.text) or len(text.text) > LONGEST_TEXT:
            break
        text = _once(text, called, known)
    return text


def _once(text: Placed, called: re.Pattern[str], known: Mapping[str, Macro]) -> Placed:
    found, place = Placed("", (), ()), 0
    while (match := called.search(text.text, place)) and len(found.text) <= LONGEST_TEXT:
        macro = known[match[1]]
        arguments, end = _arguments(text, match.end(), macro)
        found = found + text[place : match.start()] + _filled(macro, arguments, text[match.start() : end])
        place = end
    return found + text[place:]


def _filled(macro: Macro, arguments: list[Placed], call: Placed) -> Placed:
    """The body with its holes filled; letters of the body stand where the macro is called."""
    found, place = Placed("", (), ()), 0
    for hole in _HOLE.finditer(macro.body):
        found = found + _at(macro.body[place : hole.start()], call)
        found = found + (arguments[int(hole[1]) - 1] if 0 < int(hole[1]) <= len(arguments) else Placed("", (), ()))
        place = hole.end()
    return found + _at(macro.body[place:], call)


def _at(text: str, call: Placed) -> Placed:
    return Placed(text, (call.starts[0],) * len(text), (call.ends[-1],) * len(text))


def _arguments(text: Placed, place: int, macro: Macro) -> tuple[list[Placed], int]:
    """What stands behind a macro in braces, or letter by letter, and where that ends."""
    found: list[Placed] = []
    if macro.default is not None and macro.arguments:
        match = re.compile(r"\s*\[([^\[\]]*)\]").match(text.text, place)
        found.append(text[match.start(1) : match.end(1)] if match else _at(macro.default, text[place - 1 : place]))
        place = match.end() if match else place
    for start, end, after in braced(text.text, place, macro.arguments - len(found)):
        found.append(text[start:end])
        place = after
    return found, place


def braced(text: str, place: int, count: int, reach: int = 4 * LONGEST_BODY) -> Iterator[tuple[int, int, int]]:
    """Start and end of what stands in each of the braces from a place on, or letter by letter; the place behind it."""
    for _ in range(count):
        match = re.compile(r"\s*(\{|\\[A-Za-z]+|\\.|[^\s}])", re.DOTALL).match(text, place)
        if match is None:
            return
        end = closing(text, match.start(1), reach) if match[1] == "{" else match.end()
        if end < 0:
            return
        inner = (match.start(1) + 1, end) if match[1] == "{" else (match.start(1), end)
        place = end + (match[1] == "{")
        yield (*inner, place)


def closing(text: str, place: int, reach: int = 4 * LONGEST_BODY) -> int:
    """The place of the brace that closes the one at `place`; -1 where none does within reach (characters)."""
    level = 0
    for end in range(place, min(len(text), place + reach)):
        level += (text[end] == "{") - (text[end] == "}")
        if level == 0:
            return end
    return -1
