"""Marks for figures: right, carried from an earlier slip, or a slip and which; in the student's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from math import isclose, nan

from derive.blocks import Line
from derive.check.slips import SLIPS
from derive.classroom.answers import Answer, answer
from derive.classroom.columns import Formula, compiled
from derive.classroom.demands import Change, Scheme, schemes
from derive.classroom.figures import Sheets
from derive.classroom.homework import Blank
from derive.graph import needed
from derive.quantities import Id
from derive.rounding import counted

VERDICTS = ("right", "carried", "slip", "coarse", "unread", "empty")
_DIGITS, _ARITHMETIC = "digits", "arithmetic"
_SAME = 1e-9        # of two formulas for one number, by which these differ in double precision
_HALF, _WHOLE = 0.5 + 1e-6, 1.0 + 1e-6     # units of the last digit: rounded, or cut off

Found = tuple[float, float, bool]       # a value, its slack, whether a wrong figure is among what it follows from


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
    of them is tainted. `suspected` are slips, in quantities that have no blank, by which a wrong figure may have
    come about; `unpaid` the slips found in such quantities that have cost no blank yet.
    """

    scheme: Scheme
    givens: Mapping[Id, float]
    figures: dict[Id, tuple[float, float]] = field(default_factory=dict)
    wrong: dict[Id, float] = field(default_factory=dict)
    kept: dict[Id, Found] = field(default_factory=dict)
    suspected: dict[Change, None] = field(default_factory=dict)
    unpaid: dict[Id, str] = field(default_factory=dict)

    def follows(self, quantity: Id) -> Found:
        """The value that follows from the figures before it, its slack, and whether a wrong one is among them."""
        if quantity not in self.kept:
            self.kept[quantity] = self._follows(quantity)
        return self.kept[quantity]

    def value(self, quantity: Id) -> Found:
        """The student's own figure where there is one, else what follows."""
        if quantity in self.figures:
            return (*self.figures[quantity], quantity in self.wrong)
        return self.follows(quantity)

    def _follows(self, quantity: Id) -> Found:
        if quantity in self.givens:
            return self.givens[quantity], 0.0, False
        return self.along(compiled(self.scheme.formulas[quantity]), self.value)

    @staticmethod
    def along(formula: Formula, look: Callable[[Id], Found]) -> Found:
        """The same along one formula, where `look` says what it uses."""
        parts = {use: look(use) for use in formula.uses}
        middle = {use: part[0] for use, part in parts.items()}
        centre = float(formula(middle.__getitem__))
        slack = 0.0
        for use, part in parts.items():
            if part[1]:
                moved = dict(middle)
                moved[use] += part[1]
                slack += abs(float(formula(moved.__getitem__)) - centre)
        return centre, slack, any(part[2] for part in parts.values())

    def routes(self, quantity: Id) -> Iterator[Found]:
        """What follows by the sheet's formula, then by others for the same: a short form, a longer chain."""
        yield self.follows(quantity)
        yield from (self.along(formula, self.value) for formula in _others(self.scheme, quantity))


@lru_cache(maxsize=4096)
def _others(scheme: Scheme, quantity: Id) -> tuple[Formula, ...]:
    """A quantity's formulas in known quantities, but for the one that the scheme has."""
    known = {**scheme.model.derivation.graph.givens, **scheme.formulas}
    trees = [step.formula for step in scheme.model.derivation.by_lhs.get(quantity, ())]
    others = [compiled(tree) for tree in dict.fromkeys(trees) if tree != scheme.formulas.get(quantity)]
    return tuple(formula for formula in others if all(use in known for use in formula.uses))


def marks(sheets: Sheets, row: int, texts: Mapping[str, str], share: float = 1.0,
          between: Mapping[Id, str] | None = None) -> tuple[Mark, ...]:
    """The marks of one student's blanks in the order of the sheet; `share` of the points is given to what is carried.

    `texts` gives what stands in a blank by its id, `between` figures of quantities that have no blank.
    """
    import numpy

    owns = tuple(Own(scheme, _givens(sheets, scheme, row)) for scheme in schemes(sheets.of))
    done: dict[int, Mark] = {}
    with numpy.errstate(all="ignore"):
        for own, home, blank in _in_order(sheets, owns, between or {}):
            if blank.number:
                said = answer(texts.get(blank.id, ""))
                exact = _exact(sheets, row, blank)
                done[blank.number] = _mark(sheets, row, blank, said, own, home, exact, share)
            else:
                _noted(own, home, blank, answer((between or {})[blank.quantity]))
    return tuple(done[blank.number] for blank in sheets.of.blanks)


def _givens(sheets: Sheets, scheme: Scheme, row: int) -> dict[Id, float]:
    return {given: float(sheets.written[given][row]) for given in scheme.model.derivation.graph.givens
            if given in sheets.written}


def _in_order(sheets: Sheets, owns: tuple[Own, ...], between: Mapping[Id, str]) -> list[tuple[Own, Id, Blank]]:
    """Blanks, and the quantities between them, in the order of computing; each with whose numbers it belongs to."""
    places = {quantity: n for own in owns for n, quantity in enumerate(own.scheme.order)}
    found = [(*_home(owns, blank), blank) for blank in sheets.of.blanks]
    taken = {home for _, home, _ in found}
    for quantity, text in between.items():
        unit, blank = answer(text).unit, Blank(str(quantity), 0, 0, 0, "", quantity, Line("", ()))
        own, home = _home(owns, blank)
        if home in places and home not in taken and home not in own.givens:
            found.append((own, home, replace(blank, decimals=max(0, -unit.adjusted()))))
    return sorted(found, key=lambda each: places.get(each[1], -1))


def _home(owns: tuple[Own, ...], blank: Blank) -> tuple[Own, Id]:
    """Whose numbers a blank belongs to, and under which id."""
    for own in owns:
        home = own.scheme.model.home(blank.quantity)
        if home in own.scheme.formulas or home in own.givens:
            return own, home
    raise LookupError(blank.id)


def _exact(sheets: Sheets, row: int, blank: Blank) -> float:
    return float(sheets.value(blank.quantity)[row] if blank.given is None else sheets.text(blank.quantity)[row])


def _mark(sheets: Sheets, row: int, blank: Blank, said: Answer, own: Own, home: Id, exact: float,
          share: float) -> Mark:
    """One blank; the student's figure is remembered for those that follow."""
    expected = sheets.text(blank.quantity)[row]
    if said.figure is None:
        return Mark(blank, "unread" if said.text else "empty", 0.0, "", "no figure" if said.text else "",
                    said.text, expected)
    verdict, kind, remark = _charged(own, home, _verdict(blank, said, expected, own, home, exact))
    _remembered(own, home, blank, said, exact, verdict)
    points = {"right": 1.0, "carried": share}.get(verdict, 0.0) * blank.points
    return Mark(blank, verdict, points, kind, remark, said.text, expected)


def _noted(own: Own, home: Id, blank: Blank, said: Answer) -> None:
    """A figure of a quantity that has no blank; a slip in it is paid for by the first blank that follows from it."""
    if said.figure is None:
        return
    exact = Own(own.scheme, own.givens).follows(home)[0]
    verdict, kind, _ = _verdict(blank, said, "nan", own, home, exact)
    _remembered(own, home, blank, said, exact, verdict)
    if verdict == "slip":
        own.unpaid[home] = kind


def _charged(own: Own, home: Id, found: tuple[str, str, str]) -> tuple[str, str, str]:
    """What is said of a blank that follows from a slip for which no blank has paid."""
    if found[0] != "carried" or not own.unpaid:
        return found
    before = needed((home,), own.scheme.formulas, dict.fromkeys(own.givens, ""))
    due = [site for site in own.unpaid if site in before]
    return ("slip", own.unpaid.pop(due[0]), f"the slip is in {due[0]}") if due else found


def _remembered(own: Own, home: Id, blank: Blank, said: Answer, exact: float, verdict: str) -> None:
    """One goes on with a figure as it stands, or as it was before it was rounded or cut off."""
    assert said.figure is not None
    figure, unit = float(said.figure), min(float(max(said.unit, Decimal(1).scaleb(-12))), 10.0 ** -blank.decimals)
    wrong = verdict in ("slip", "carried")
    before = min(abs(figure - exact), abs(figure - own.follows(home)[0]))
    own.figures.setdefault(home, (figure, _WHOLE * unit if wrong else max(_HALF * unit, before)))
    if wrong:
        own.wrong[home] = exact
    own.kept.clear()


def _verdict(blank: Blank, said: Answer, expected: str, own: Own, home: Id, exact: float) -> tuple[str, str, str]:
    assert said.figure is not None
    figure, unit = float(said.figure), 10.0 ** -blank.decimals
    coarse = said.unit > Decimal(1).scaleb(-blank.decimals) and said.figure != Decimal(_plain(expected))
    if not coarse and _near(figure, exact, 0.0, unit):
        return "right", "", ""
    routes = tuple(own.routes(home))
    centre, slack, _ = routes[0]
    if coarse:
        unit = float(said.unit)
        if any(_near(figure, value, 0.0, unit) for value in (exact, *(route[0] for route in routes))):
            return "coarse", "", f"the sheet asks for {counted(blank.decimals)}"
    else:
        tainted = [route[2] for route in routes if _near(figure, route[0], route[1], unit)]
        if tainted:
            return ("carried", "", "follows from an earlier slip") if tainted[0] else ("right", "", "rounded early")
        if _copied(own, figure, exact, unit):
            return "carried", "", "the same as an earlier figure, which is wrong"
    fits = _kinds(own, home, figure, unit)
    before = [change for change in fits if change in own.suspected]
    for change in before[:1] or fits[:1]:
        _made(own, change, home)
    if before:
        _narrowed(own, before)
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

def _kinds(own: Own, home: Id, figure: float, unit: float) -> list[Change]:
    """The slips of the table that give this figure from the student's own figures, the nearest place first."""
    fits = [change for change in own.scheme.changes if home in change.cone
            and _near(figure, *_where_made(own, change, home)[:2], unit)]
    order = {slip.title: place for place, slip in enumerate(SLIPS)}
    return sorted(fits, key=lambda each: (each.site != home, order[each.slip]))


def _made(own: Own, change: Change, home: Id) -> None:
    """A slip in a quantity that has no blank is made once: what else needs that quantity follows from it."""
    if change.site == home:
        return
    own.figures[change.site] = own.along(change.formula, own.value)[:2]
    own.wrong[change.site] = nan
    own.kept.clear()


def _narrowed(own: Own, before: list[Change]) -> None:
    """Of the slips suspected at a place those are left that a later figure fits as well."""
    sites = {change.site for change in before}
    for change in [each for each in own.suspected if each.site in sites and each not in before]:
        del own.suspected[change]


def _where_made(own: Own, change: Change, home: Id) -> Found:
    """The quantity where the slip is made on the way to it; figures that were filled in stand."""
    other: dict[Id, Found] = {}

    def look(quantity: Id) -> Found:
        return other[quantity] if quantity in other else own.value(quantity)
    if change.site != home and change.site in own.figures and change not in own.suspected:
        return nan, 0.0, False
    for quantity in change.cone:
        if quantity in own.figures and quantity not in (home, change.site):
            continue
        formula = change.formula if quantity == change.site else compiled(own.scheme.formulas[quantity])
        other[quantity] = own.along(formula, look)
        if quantity == home:
            break
    return other.get(home, (nan, 0.0, False))


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
