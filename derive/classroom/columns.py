"""The lecture's formulas over arrays: one number a student, all students at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from derive.codegen import arrays, function, text
from derive.graph import arguments, needed
from derive.quantities import Id

if TYPE_CHECKING:
    import numpy
    from sympy import Expr

    Array = numpy.ndarray[Any, Any]

Values = Mapping[Id, Any]       # an array of shape (N,), or one float for everybody


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """A formula as code: what it uses, and its value from the values of those."""

    uses: tuple[Id, ...]
    run: Callable[[int, Iterable[Any]], tuple[Any, ...]]

    def __call__(self, look: Callable[[Id], Any]) -> Any:
        """The formula's value where `look` gives the values of what it uses."""
        return self.run(1, [look(each) for each in self.uses])[0]


@lru_cache(maxsize=20_000)
def compiled(tree: Expr) -> Formula:
    """The formula as NumPy code."""
    uses = arguments(tree)
    names = {each: f"v{place}" for place, each in enumerate(uses)}
    result = f"v{len(uses)}"
    lines = [f"{result} = {text(tree, names, arrays())}"]
    return Formula(uses, function(lines, names.values(), [result], arrays(), repeat=False))


def computed(formulas: Mapping[Id, Expr], wanted: Iterable[Id], givens: Values) -> dict[Id, Any]:
    """The values of what is wanted and of all that it needs, in the order of computing, givens first."""
    values: dict[Id, Any] = dict(givens)
    for quantity in needed(wanted, formulas, dict.fromkeys(givens, "")):
        values[quantity] = compiled(formulas[quantity])(values.__getitem__)
    return values
