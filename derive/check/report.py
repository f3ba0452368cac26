"""Verdicts for people and for programs: lines for a terminal, and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from derive.check.judging import VERDICTS, Verdict
from derive.lecture import Lecture

WIDTH = 100  # characters of an equation that are shown
_COLOURS = {"slip": "31", "carried": "33", "right": "32", "undecided": "36", "unread": "36"}
_HINTS = {
    "name": "one quantity is called by another's name",
    "substitution": "look at the numbers that were put in",
    "arithmetic": "do the arithmetic again",
    "digits": "look at the digits",
    "sign": "look at the signs",
    "derivative": "look at the derivative",
    "formula": "look at the formula",
    "given": "compare with what is given",
    "updated-weights": "which weights does the error signal go back through?",
    "rounds": "count the rounds",
}


def to_json(lecture: Lecture, file: str, verdicts: tuple[Verdict, ...]) -> dict[str, Any]:
    """The verdicts on one file as DESIGN.md has it: an entry for every sign, read or not."""
    return {
        "lecture": lecture.name,
        "equations": len(verdicts),
        "read": sum(each.verdict != "unread" for each in verdicts),
        "lines": [_entry(file, each) for each in verdicts],
    }


def _entry(file: str, each: Verdict) -> dict[str, Any]:
    return {
        "file": file,
        "line": each.line,
        "text": equation(each)[0],
        "quantity": each.quantity,
        "verdict": each.verdict,
        "kind": each.kinds[0] if each.kinds else "",
        "kinds": list(each.kinds),
        "notes": list(each.notes),
        "written": each.written,
        "expected": each.expected,
        "message": each.message,
    }


def to_text(
    verdicts: tuple[Verdict, ...],
    *,
    file: str = "",
    colour: bool = False,
    all: bool = False,
    hint: bool = False,
    unmarked: int = 0,
) -> str:
    """Each slip with its place, the equation and what is wrong with it; then one line of counts.

    `all` lists every equality; `hint` says where and which kind, never the answer. What was typed
    as a claim (no `file`) is listed unless it is plainly right. `unmarked` lines were passed
    over although they look like mathematics.
    """
    shown = [each for each in verdicts if all or each.verdict == "slip" or not (file or _is_plain(each))]
    lines = [line for each in shown for line in (*_lines(each, file, colour, hint), "")]
    return "\n".join([*lines, counts(verdicts) + _passed_over(unmarked)])


def _is_plain(each: Verdict) -> bool:
    return each.verdict == "right" and not each.notes


def _passed_over(lines: int) -> str:
    if not lines:
        return ""
    looks = "1 line looks" if lines == 1 else f"{lines} lines look"
    return f"\n{looks} like mathematics but stand{'s' if lines == 1 else ''} outside $…$: not read"


def counts(verdicts: tuple[Verdict, ...]) -> str:
    """How many of each verdict: *12 equalities: 10 right, 1 carried, 1 slip*."""
    found = Counter(each.verdict for each in verdicts)
    parts = ", ".join(f"{found[verdict]} {verdict}" for verdict in VERDICTS if found[verdict])
    one = "equality" if len(verdicts) == 1 else "equalities"
    return f"{len(verdicts)} {one}" + (f": {parts}" if parts else "")


def _lines(each: Verdict, file: str, colour: bool, hint: bool) -> Iterator[str]:
    text, start, length = equation(each)
    text, start, length = _window(text, start, length)
    paint = (lambda line: f"\033[{_COLOURS[each.verdict]}m{line}\033[0m") if colour else str
    kinds = f" ({', '.join(each.kinds)})" if each.kinds else ""
    place = f"{_plain(file)}:{each.line}" if file else f"line {each.line}"
    yield f"{place}: {paint(each.verdict + kinds)}"
    yield f"    {text}"
    if each.verdict in ("slip", "unread"):
        yield f"    {' ' * start}{paint('^' * max(1, length))}"
    if hint and each.kinds:
        yield f"    {_HINTS.get(each.kinds[0], 'look again')}"
    elif each.message:
        yield f"    {_plain(each.message)}"
    if each.notes and not hint:
        yield f"    {'; '.join(each.notes)}"


def equation(each: Verdict) -> tuple[str, int, int]:
    """The chain on one line, and where in it the member behind the sign stands, with its length."""
    text, start, length = "", 0, 0
    for number, member in enumerate(each.claim.members):
        if number:
            text += f" {each.claim.signs[number - 1].relation} "
        written = _plain(member.text)
        if number == each.number + 1:
            start, length = len(text), len(written)
        text += written
    return text, start, length


def _plain(text: str) -> str:
    """Without control characters, which a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _window(text: str, start: int, length: int) -> tuple[str, int, int]:
    """At most WIDTH characters around the member; what is cut off is said by an ellipsis."""
    if len(text) <= WIDTH:
        return text, start, length
    first = max(0, min(start - WIDTH // 3, len(text) - WIDTH))
    head, tail = "…" if first else "", "…" if first + WIDTH < len(text) else ""
    return (
        head + text[first : first + WIDTH] + tail,
        start - first + len(head),
        min(length, first + WIDTH - start),
    )
