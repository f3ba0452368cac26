"""Figures in a formula: which are exact, and how they were rounded."""

from __future__ import annotations

from typing import Any

from derive.check.arrays import shape_of
from derive.check.spans import Span, all_meet, exact, figure_span, figure_text, is_figure, same, span_of
from derive.check.values import leaves, number
from derive.check.worlds import Model, World
from derive.quantities import Id, Partial, Quantity, generalisations
from derive.rounding import to_decimal
from derive.syntax import Tree

# figures that are as exact as they are short: the halves and ones of a formula
_EXACT = ("0.5", ".5", "0.25", ".25", "1.0", "2.0", "0.0", "1.", "2.")


def figures_of(tree: Tree) -> tuple[str, ...]:
    return tuple(dict.fromkeys(leaf.text for leaf in leaves(tree) if leaf.op == "number"))


def literal(text: str, model: Model) -> Span:
    """A figure in a formula: exact where it is whole or is a quantity's exact value, else an interval."""
    whole = "." not in text and "e" not in text.lower()
    return exact(number(text)) if text in _EXACT or whole or is_exact(text, model) else span_of(text)


def is_exact(text: str, model: Model) -> bool:
    """Whether a figure is the exact value of a quantity; 0.470 is a rounded one, whatever is 0.47."""
    return not text.endswith("0") and number(text.lstrip("-")) in model.exact_values


def ground_span(tree: Tree, model: Model) -> Span:
    """A figure's interval; nothing but itself where it is a given's exact value."""
    text = "" if tree.op == "matrix" else figure_text(tree)
    return exact(number(text)) if "." in text and is_exact(text, model) else figure_span(tree)


def is_wider(ground: Span, span: Span) -> bool:
    """Whether a figure is coarser than the one that is to follow from it."""
    widths = [each.high - each.low for each in (ground, span)]
    return not shape_of(widths[0]) and not shape_of(widths[1]) and widths[0] > widths[1] * 1.5


def rounded(found: Any) -> Any:
    """A given without the hair that 50 binary digits add."""
    return number(f"{to_decimal(found).normalize():f}")


def are_as_large(world: World | None, left: Id | None, right: Id | None) -> bool:
    """Whether two derivatives have one value."""
    if world is None or not (isinstance(left, Partial) and isinstance(right, Partial)):
        return False
    values = [found for each in (left, right) if (found := world.get(each)) is not None]
    return len(values) == 2 and bool(same(*values))


def are_entries(model: Model, head: Tree | None, tree: Tree) -> bool:
    """Whether a matrix holds the values of all names that begin as its own: X of X_11, X_12, … of equations."""
    if model.truth is None or model.lecture.network is not None or head is None or tree.op != "matrix":
        return False
    cells = [cell for row in tree.args for cell in row.args]
    values = [model.truth.get(each) for each in head.ids if isinstance(each, Quantity)]
    pairs = zip(cells, values, strict=False)
    return len(cells) == len(values) and all(
        found is not None and is_figure(cell) and all_meet(figure_span(cell), exact(found)) for cell, found in pairs
    )


def how_rounded(tree: Tree, truth: Any) -> tuple[str, ...]:
    """A note where a figure was cut off rather than rounded."""
    if tree.op == "matrix" or not is_figure(tree) or shape_of(truth):
        return ()
    span = figure_span(tree)
    unit = (span.high - span.low) * 2 / 3
    return ("cut off",) if abs(abs(truth) - abs(number(figure_text(tree)))) > unit / 2 else ()


def is_coarse(tree: Tree, span: Span, truth: Any, subject: Id, model: Model) -> bool:
    """Fewer decimals than the lecture shows, under two significant digits, and not far off."""
    if tree.op == "matrix" or shape_of(truth) or model.home(subject) in model.derivation.graph.givens:
        return False
    text, width = figure_text(tree), span.high - span.low
    far = 2 * width if "." in text else 0
    if not span.low - far <= truth <= span.high + far or number(text) == rounded(truth):
        return False
    display = model.lecture.display
    shown = dict(display.decimals_of)
    keys = (key for key in generalisations(subject) if key in shown)
    wanted = next((shown[key][0] for key in keys), display.decimals)
    digits = text.strip("-").replace(".", "").lstrip("0")
    return len(text.partition(".")[2]) < wanted and len(digits) < 2
