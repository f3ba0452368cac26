"""What a mistake is said to be: its kind and a sentence, and whether it gives what was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from derive.check.arrays import shape_of
from derive.check.expecting import Suspect, telling
from derive.check.slips import Slip
from derive.check.spans import Span, all_meet, exact, meets, same
from derive.check.values import try_value
from derive.quantities import Id
from derive.terminal import unicode


@dataclass(frozen=True, slots=True)
class Named:
    """One mistake that fits: its kind, a sentence, and where it is made, if it is one of the table.

    `is_known` is False where no mistake fits, and there is but a guess at the kind.
    """

    kind: str
    says: str
    slip: Slip | None = None
    variant: int = 0
    is_known: bool = True


def fits(case: Suspect, right: Any) -> bool:
    """Whether what was written is `right(world)`: at two random points, or as a figure."""
    if case.is_formula:
        for point in case.model.points[:2]:
            written, other = try_value(case.tree, case.env(point)), right(point)
            if written is None or other is None or not same(written, other):
                return False
        return True
    world, span = case.model.truth, case.span()
    if world is None or span is None:
        return False
    other = right(world)
    if other is None:
        return False
    if shape_of(span.low) and shape_of(span.low) == shape_of(other):
        truth = world.get(case.draft.subject) if case.draft.subject is not None else None
        return truth is not None and explains(span, truth, other)
    return all_meet(span, exact(other))


def explains(span: Span, truth: Any, other: Any) -> bool:
    """For a layer: whether the entries that do not hold are the other's, and there are such."""
    holds = meets(span, exact(truth))
    theirs = meets(span, exact(other))
    return holds is not None and theirs is not None and not holds.all() and bool((holds | theirs).all())


# ---------------------------------------------------------------- words


def name_of(case: Suspect, quantity: Id) -> str:
    """What a quantity is called, as readable text."""
    return unicode(case.model.names.latex(quantity))


def figure_of(found: Any, digits: int = 6) -> str:
    """A value with so many significant digits, trailing zeros dropped."""
    from mpmath import nstr

    return str(nstr(found, digits)).removesuffix(".0")


def close(case: Suspect, text: str, right: Any) -> str:
    """The right figure with as many decimals as the written one."""
    return unicode(telling(right, len(text.partition(".")[2]), case.model.lecture.display.decimals))
