"""Numbers put in for names: a formula in which some givens and slopes already have their values."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from typing import Any

from derive.check.changes import of_layer
from derive.check.literals import figures_of, literal, rounded
from derive.check.spans import Span, all_meet, exact, same, span_of, spread
from derive.check.values import Env, leaves, number, try_value, value
from derive.check.worlds import Model, World
from derive.graph import arguments
from derive.quantities import Id, Partial, Quantity
from derive.syntax import Tree

EARLY = 3  # how many times its slack a figure may be off that was made of rounded ones


def holds_put_in(
    tree: Tree,
    subject: Id,
    texts: tuple[str, ...],
    named: Container[Id],
    env: Callable[[World], Env],
    model: Model,
) -> bool:
    """Whether a formula is the subject's where what its numbers (`texts`) may stand for has its value.

    What is `named` has no number put in for it. Else a target of 0 or 1 is put in by leaving it
    out: the loss is -ln(p_3).
    """
    truth, sizes = model.truth, {abs(number(text)) for text in texts}
    if truth is None:
        return False
    kept = {
        given: found
        for given, found in truth.givens.items()
        if given not in named and (rounded(abs(found)) in sizes or _is_mark(given, found))
    }
    slopes = {slope: found for slope, found in _flat_slopes(model, truth) if found in sizes}
    for world in model.points if kept or slopes else ():
        there = World(model, {**world.givens, **kept}).but(fixed=slopes)
        left, right = try_value(tree, env(there)), there.get(subject)
        if left is None or right is None or not same(left, right):
            return False
    return bool(kept or slopes)


# ---------------------------------------------------------------- numbers in each other's place


def misplaced(tree: Tree, subject: Id, env: Env, model: Model) -> Tree | None:
    """The first term of a sum of numbers that is no term of the quantity's own sum, though the sums agree.

    0.15·0.1 + 0.25·0.05 for 0.15·0.05 + 0.2·0.1: as many terms, and every such one a product of numbers
    that stand for quantities of the kinds that are multiplied there.
    """
    formula, truth = model.trees.get(model.home(subject)), model.truth
    if truth is None or formula is None or not formula.is_Add or len(tree.args) != len(formula.args):
        return None
    others = [term for term in tree.args if not any(_is_term(term, each, env, truth) for each in formula.args)]
    alike = tuple(_alike(formula, truth, model))
    return others[0] if others and all(_is_product_of(term, alike) for term in others) else None


def _is_term(term: Tree, right: Any, env: Env, truth: World) -> bool:
    """Whether a written term has the value of one of the formula's, or is made of its factors, rounded early."""
    model = truth.model
    parts = {text: literal(text, model) for text in figures_of(term)}
    span = spread(lambda literals: value(term, replace(env, literals=literals)), parts)
    givens = model.derivation.graph.givens
    factors = [(abs(found), 0 if each in givens else EARLY)
               for each in arguments(right) if (found := truth.get(each)) is not None]
    near = all(any(_is_near(span, *factor) for factor in factors) for span in parts.values())
    return near or all_meet(span, exact(model.derivation.graph.value(right, truth)))  # type: ignore[arg-type]


def _is_near(span: Span, found: Any, widths: int) -> bool:
    slack = widths * (span.high - span.low)
    return bool(span.low - slack <= found <= span.high + slack)


def _alike(formula: Any, truth: World, model: Model) -> Iterator[Any]:
    """The values of all quantities of the kinds and layers that stand in a formula."""
    for quantity in arguments(formula):
        for each in of_layer(model, quantity) if isinstance(quantity, Quantity) else ():
            if (found := truth.get(each)) is not None:
                yield abs(found)


def _is_product_of(term: Tree, values: tuple[Any, ...]) -> bool:
    """Whether a term is a product of numbers, each of which is one of these."""
    texts = [leaf.text for leaf in leaves(term)]
    products = term.op == "mul" and all(arg.op in ("mul", "neg", "number") for arg in term.args)
    return products and all(any(all_meet(span_of(text), exact(each)) for each in values) for text in texts)


# ---------------------------------------------------------------- what a number may stand for


def _is_mark(given: Id, found: Any) -> bool:
    """Whether a given is the target of a class: 1 for the right one, 0 for the others."""
    return isinstance(given, Quantity) and given.kind == "target" and found in (0, 1)


def _flat_slopes(model: Model, truth: World) -> list[tuple[Id, Any]]:
    """d(out)/d(net) of units on a straight piece of their activation, where it is exactly 0 or 1."""
    slopes = [(each, truth.get(each)) for each in model.trees if isinstance(each, Partial) and _is_slope(each)]
    return [(each, found) for each, found in slopes if found in (0, 1)]


def _is_slope(each: Partial) -> bool:
    of, by = each.of, each.by
    return (
        isinstance(of, Quantity)
        and isinstance(by, Quantity)
        and (of.kind, by.kind) == ("out", "net")
        and of.index == by.index
    )
