"""Figures in a formula: which are exact, and how they were rounded."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from derive.check.arrays import shape_of
from derive.check.figures import entries_of, parts
from derive.check.spans import Span, all_meet, exact, figure_span, figure_text, is_figure, same, span_of
from derive.check.values import leaves, number
from derive.check.worlds import Model, World
from derive.quantities import Id, Partial, Quantity, generalisations, is_whole
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


def is_padded(text: str, model: Model) -> bool:
    """Whether a figure has all decimals of a result: 0.400 is a rounded one even where 0.4 is given."""
    return text.endswith("0") and len(text.partition(".")[2]) >= model.lecture.display.decimals


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


def are_counts(trees: Iterable[Tree | None]) -> bool:
    """Whether there are whole numbers without a point only: these are exact."""
    texts = [leaf.text for tree in trees for leaf in (leaves(tree) if tree is not None else ())
             if leaf.op == "number"]
    return bool(texts) and all(text.isdecimal() for text in texts)


def is_restated(tree: Tree, subject: Id, truth: Any, model: Model) -> bool:
    """Whether a given is restated by a figure that is not it: fewer decimals than it has, or than are shown."""
    if model.home(subject) not in model.derivation.graph.givens and not is_whole(subject):
        return False
    if tree.op != "matrix":
        return not shape_of(truth) and _is_blunted(figure_text(tree), subject, truth, model)
    cells = [cell for row in tree.args for cell in row.args]
    ids = [model.home(each) for each in entries_of(model, subject)]
    if len(ids) != len(cells) or any(each not in model.derivation.graph.givens for each in ids):
        return False
    values = [truth] if not shape_of(truth) else list(truth.flat)
    return any(_is_blunted(figure_text(c), i, v, model) for c, i, v in zip(cells, ids, values, strict=True))


def _is_blunted(text: str, given: Id, found: Any, model: Model) -> bool:
    decimals = -int(to_decimal(found).normalize().as_tuple().exponent)
    written = -int(Decimal(text).as_tuple().exponent)
    return number(text) != rounded(found) and written < min(decimals, _shown_decimals(given, model))


def exact_sizes(model: Model, subject: Id | None, world: World) -> set[Any]:
    """The exact sizes of what a quantity is computed from, and of the terms of its sum.

    0.3775 in its sigmoid is no rounded figure, nor is 0.02 where w_2 i_2 is that.
    """
    if subject is None:
        return set()
    home = model.home(subject)
    tree = model.trees.get(home)
    found = [world.get(each) for each in parts(model, home)]
    terms = tree.args if tree is not None and tree.is_Add else ()
    found += [model.derivation.graph.value(term, world) for term in terms]  # type: ignore[arg-type]
    return {rounded(abs(each)) for each in found if each is not None and not shape_of(each)}


def how_rounded(tree: Tree, truth: Any) -> tuple[str, ...]:
    """A note where a figure was cut off rather than rounded."""
    if tree.op == "matrix" or not is_figure(tree) or shape_of(truth):
        return ()
    span = figure_span(tree)
    unit = (span.high - span.low) * 2 / 3
    return ("cut off",) if abs(abs(truth) - abs(number(figure_text(tree)))) > unit / 2 else ()


def doubts(tree: Tree, span: Span, truth: Any, subject: Id | None, model: Model) -> str:
    """Why a figure is not right although it may be near the truth: it is coarse, or a given restated; else nothing."""
    if subject is None or truth is None or not is_figure(tree):
        return ""
    if is_coarse(tree, span, truth, subject, model):
        return "coarse"
    return "restated" if is_restated(tree, subject, truth, model) else ""


def is_coarse(tree: Tree, span: Span, truth: Any, subject: Id, model: Model) -> bool:
    """Fewer decimals than the lecture shows, under two significant digits, and as near as these can be."""
    if tree.op == "matrix" or shape_of(truth) or model.home(subject) in model.derivation.graph.givens:
        return False
    text = figure_text(tree)
    if not span.low <= truth <= span.high or number(text) == rounded(truth):
        return False
    digits = text.strip("-").replace(".", "").lstrip("0")
    return len(text.partition(".")[2]) < _shown_decimals(subject, model) and len(digits) < 2


def _shown_decimals(quantity: Id, model: Model) -> int:
    """How many decimals the lecture shows of a quantity."""
    shown = dict(model.lecture.display.decimals_of)
    keys = (key for key in generalisations(quantity) if key in shown)
    return next((shown[key][0] for key in keys), model.lecture.display.decimals)
