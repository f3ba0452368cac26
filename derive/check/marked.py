"""The marked copy of a working: set as mathematics, a mark at every equality, the right line below a slip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePath

from derive.blocks import Worksheet
from derive.check.judging import VERDICTS, Verdict
from derive.check.reading import Member
from derive.check.setting import latex
from derive.lecture import Lecture
from derive.notation import Names, names
from derive.render import page
from derive.tex import escape

LONGEST = 60  # characters of a member that was not read: it stands in the file as a whole
_RELATIONS = {"=": "=", "≈": r"\approx", "→": r"\rightarrow"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One equality: its sign and right side as LaTeX, its verdict, and what is said of it."""

    relation: str
    latex: str
    verdict: str
    kinds: str
    message: str
    right: str


@dataclass(frozen=True, slots=True)
class Row:
    """One chain of equalities: the line it stands on, its left side as LaTeX, its equalities."""

    line: int
    lhs: str
    entries: tuple[Entry, ...]


def marked(lecture: Lecture, file: str, verdicts: tuple[Verdict, ...]) -> str:
    """The TeX of the marked copy of a file, from the verdicts on it.

    Nothing of the file's text reaches TeX but through our printer, or escaped.
    """
    called = names(lecture)
    found = Counter(each.verdict for each in verdicts)
    sheet = Worksheet(lecture.title, (), author=lecture.author, course=lecture.course, paper=lecture.paper)
    rows = tuple(_rows(called, verdicts))
    return page("report.tex", sheet=sheet, drawings={}, handout=False, file=PurePath(file).name, rows=rows,
                counts=[(verdict, found[verdict]) for verdict in VERDICTS if found[verdict]], total=len(verdicts))


def _rows(called: Names, verdicts: tuple[Verdict, ...]) -> Iterator[Row]:
    for _, chain in groupby(verdicts, key=lambda each: each.claim.place.start):
        signs = tuple(chain)
        lhs = signs[0].claim.members[signs[0].number]
        yield Row(signs[0].line, _set(lhs, called), tuple(_entry(each, called) for each in signs))


def _entry(each: Verdict, called: Names) -> Entry:
    sign = _RELATIONS.get(each.claim.signs[each.number].relation, "=")
    right = each.latex if each.verdict == "slip" else ""
    says = each.message.removesuffix(f"; expected {each.expected}") if right else each.message  # it stands below
    return Entry(sign, _set(each.claim.members[each.number + 1], called), each.verdict,
                 ", ".join(each.kinds), says, right)


def _set(member: Member, called: Names) -> str:
    """A member as mathematics; as it was written, where it was not read."""
    if member.tree is not None:
        return latex(member.tree, called)
    text = member.text if len(member.text) <= LONGEST else member.text[:LONGEST] + "…"
    return rf"\mbox{{\ttfamily\small {escape(text)}}}"
