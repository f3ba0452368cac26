"""Numbers put in for names: a formula in which some givens and slopes already have their values."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from derive.check.literals import rounded
from derive.check.spans import same
from derive.check.values import Env, number, try_value
from derive.check.worlds import Model, World
from derive.quantities import Id, Partial, Quantity
from derive.syntax import Tree


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
