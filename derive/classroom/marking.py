"""Marks for figures: right, carried from an earlier slip, or a slip and which; in the student's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isclose, nan

from derive.check.slips import SLIPS
from derive.classroom.answers import Answer, answer
from derive.classroom.columns import compiled
from derive.classroom.demands import Change, Scheme, schemes
from derive.classroom.figures import Sheets
from derive.classroom.homework import Blank, Homework
from derive.quantities import Id

VERDICTS = ("right", "carried", "slip", "coarse", "unread", "empty")
_DIGITS, _ARITHMETIC = "digits", "arithmetic"
_SAME = 1e-9        # of two formulas for one number, by which these differ in double precision
_HALF, _WHOLE = 0.5 + 1e-6, 1.0 + 1e-6     # units of the last digit: rounded, or cut off


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of one blank: its verdict, points, the mistake by name, a remark, what was written."""

    blank: Blank
    verdict: str
    points: float
    kind: str = ""
    remark: str = ""
    written: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Own:
    """A student's own numbers: figures that were filled in, and what follows from them, each with its slack.

    `wrong` are the figures that do not hold, with what would (nan: no figure of the sheet); what depends on one
    of them is tainted. `suspected` are slips,
    in quantities that have no blank, by which a wrong figure may have come about.
    """

    scheme: Scheme
    givens: Mapping[Id, float]
    figures: dict[Id, tuple[float, float]] = field(default_factory=dict)
    wrong: dict[Id, float] = field(default_factory=dict)
    kept: dict[Id, tuple[float, float, bool]] = field(default_factory=dict)
    suspected: dict[Change, None] = field(default_factory=dict)

    def follows(self, quantity: Id) -> tuple[float, float, bool]:
        """The value that follows from the figures before it, its slack, and whether a wrong one is among them."""
        if quantity not in self.kept:
            self.kept[quantity] = self._follows(quantity)
        return self.kept[quantity]

    def value(self, quantity: Id) -> tuple[float, float, bool]:
        """The student's own figure where there is one, else what follows."""
        if quantity in self.figures:
            return (*self.figures[quantity], quantity in self.wrong)
        return self.follows(quantity)

    def _follows(self, quantity: Id) -> tuple[float, float, bool]:
        if quantity in self.givens:
            return self.givens[quantity], 0.0, False
        formula = compiled(self.scheme.formulas[quantity])
        parts = {use: self.value(use) for use in formula.uses}
        middle = {use: part[0] for use, part in parts.items()}
        centre = float(formula(middle.__getitem__))
        slack = 0.0
        for use, part in parts.items():
            if part[1]:
                moved = dict(middle)
                moved[use] += part[1]
                slack += abs(float(formula(moved.__getitem__)) - centre)
        return centre, slack, any(part[2] for part in parts.values())


def marks(sheets: Sheets, row: int, texts: Mapping[str, str], share: float = 1.0) -> tuple[Mark, ...]:
    """The marks of one student's blanks in the order of the sheet; `share` of the points is given to what is carried.

    `texts` gives what stands in a blank by its id.
    """
    import numpy

    of = sheets.of
    owns = tuple(Own(scheme, _givens(sheets, scheme, row)) for scheme in schemes(of))
    answers = {blank.id: answer(texts.get(blank.id, "")) for blank in of.blanks}
    done: dict[int, Mark] = {}
    with numpy.errstate(all="ignore"):
        for blank in _in_order(of, owns):
            done[blank.number] = _mark(sheets, row, blank, answers[blank.id], owns, share)
    return tuple(done[blank.number] for blank in of.blanks)


def _givens(sheets: Sheets, scheme: Scheme, row: int) -> dict[Id, float]:
    return {given: float(sheets.written[given][row]) for given in scheme.model.derivation.graph.givens
            if given in sheets.written}


def _in_order(of: Homework, owns: tuple[Own, ...]) -> list[Blank]:
    """The blanks in the order of computing."""
    place = {quantity: n for own in owns for n, quantity in enumerate(own.scheme.order)}
    return sorted(of.blanks, key=lambda blank: place.get(_home(owns, blank)[1], -1))


def _home(owns: tuple[Own, ...], blank: Blank) -> tuple[Own, Id]:
    """Whose numbers a blank belongs to, and under which id."""
    for own in owns:
        home = own.scheme.model.home(blank.quantity)
        if home in own.scheme.formulas or home in own.givens:
            return own, home
    raise LookupError(blank.id)


def _mark(sheets: Sheets, row: int, blank: Blank, said: Answer, owns: tuple[Own, ...], share: float) -> Mark:
    """One blank; the student's figure is remembered for those that follow."""
    expected = sheets.text(blank.quantity)[row]
    own, home = _home(owns, blank)
    if said.figure is None:
        return Mark(blank, "unread" if said.text else "empty", 0.0, "", "no figure" if said.text else "",
                    said.text, expected)
    exact = float(sheets.value(blank.quantity)[row]) if blank.given is None else float(expected)
    verdict, kind, remark = _verdict(blank, said, expected, own, home, exact)
    unit = float(max(said.unit, Decimal(1).scaleb(-12)))
    wrong = verdict in ("slip", "carried")
    # a wrong figure too is one that was rounded, or cut off, and gone on with as it was before
    own.figures.setdefault(home, (float(said.figure), (_WHOLE if wrong else _HALF) * unit))
    if wrong:
        own.wrong[home] = exact
    points = {"right": 1.0, "carried": share}.get(verdict, 0.0) * blank.points
    return Mark(blank, verdict, points, kind, remark, said.text, expected)


def _verdict(blank: Blank, said: Answer, expected: str, own: Own, home: Id, exact: float) -> tuple[str, str, str]:
    assert said.figure is not None
    figure, unit = float(said.figure), 10.0 ** -blank.decimals
    coarse = said.unit > Decimal(1).scaleb(-blank.decimals) and said.figure != Decimal(_plain(expected))
    if not coarse and _near(figure, exact, 0.0, unit):
        return "right", "", ""
    centre, slack, tainted = own.follows(home)
    if coarse:
        unit = float(said.unit)
        if any(_near(figure, value, 0.0, unit) for value in (exact, centre)):
            return "coarse", "", f"the sheet asks for {blank.decimals} decimals"
    elif _near(figure, centre, slack, unit):
        return ("carried", "", "follows from an earlier slip") if tainted else ("right", "", "rounded early")
    elif _copied(own, figure, exact, unit):
        return "carried", "", "the same as an earlier figure, which is wrong"
    fits = _kinds(own, home, figure, unit, slack)
    before = [change for change in fits if change in own.suspected]
    for change in before[:1] or fits[:1]:
        _made(own, change, home)
    if before:
        return "carried", "", "follows from the same slip as an earlier figure"
    own.suspected.update(dict.fromkeys(change for change in fits if change.site != home))
    kind = fits[0].slip if fits else ""
    return "slip", kind or _plainly(figure, centre, unit, slack), ""


def _copied(own: Own, figure: float, exact: float, unit: float) -> bool:
    """Whether a wrong figure stands for the same number as an earlier one and is the same again."""
    return any(isclose(right, exact, rel_tol=_SAME) and _near(figure, *own.figures[other], unit)
               for other, right in own.wrong.items())


def _near(figure: float, exact: float, slack: float, unit: float) -> bool:
    """Whether a figure is the value rounded, or cut off."""
    lower, upper = (_WHOLE, _HALF) if exact >= 0 else (_HALF, _WHOLE)
    return exact - slack - lower * unit <= figure <= exact + slack + upper * unit


# ---------------------------------------------------------------- which mistake

def _kinds(own: Own, home: Id, figure: float, unit: float, slack: float) -> list[Change]:
    """The slips of the table that give this figure from the student's own figures, the nearest place first."""
    fits = [change for change in own.scheme.changes if home in change.cone
            and _near(figure, _where_made(own, change, home), slack, unit)]
    order = {slip.title: place for place, slip in enumerate(SLIPS)}
    return sorted(fits, key=lambda each: (each.site != home, order[each.slip]))


def _made(own: Own, change: Change, home: Id) -> None:
    """A slip in a quantity that has no blank is made once: what else needs that quantity follows from it."""
    if change.site == home:
        return
    own.figures[change.site] = float(change.formula(lambda use: own.value(use)[0])), 0.0
    own.wrong[change.site] = nan
    own.kept.clear()


def _where_made(own: Own, change: Change, home: Id) -> float:
    """The quantity where the slip is made on the way to it; figures that were filled in stand."""
    other: dict[Id, float] = {}

    def look(quantity: Id) -> float:
        return other[quantity] if quantity in other else own.value(quantity)[0]
    if change.site != home and change.site in own.figures:
        return float("nan")
    for quantity in change.cone:
        if quantity in own.figures and quantity != home:
            continue
        formula = change.formula if quantity == change.site else compiled(own.scheme.formulas[quantity])
        other[quantity] = float(formula(look))
        if quantity == home:
            break
    return other.get(home, float("nan"))


def _plainly(figure: float, centre: float, unit: float, slack: float) -> str:
    """A slip of the pen: the sign, the decimal point, one digit; else of arithmetic."""
    if _near(-figure, centre, slack, unit):
        return "sign"
    if any(_near(figure / 10.0 ** power, centre, slack, unit / 10.0 ** power) for power in (-3, -2, -1, 1, 2, 3)):
        return _DIGITS
    one, two = f"{round(abs(figure) / unit):012d}", f"{round(abs(centre) / unit):012d}"
    apart = [place for place, (a, b) in enumerate(zip(one, two, strict=False)) if a != b]
    swapped = len(apart) == 2 and apart[1] == apart[0] + 1 and sorted(one) == sorted(two)
    return _DIGITS if len(one) == len(two) and (len(apart) == 1 or swapped) else _ARITHMETIC


def _plain(text: str) -> str:
    return text.replace(r" \times 10^{", "e").rstrip("}")
