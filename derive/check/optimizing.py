"""The formulas that an update is mistaken for: one function a mistake, for the table of slips.

An update is old - rate * direction; what an optimizer carries along (velocity, moments) and its
corrected moments have formulas of their own, the rows of functions.OPTIMIZERS.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from derive.check.changes import rebuilt
from derive.check.worlds import Model
from derive.graph import arguments
from derive.quantities import SETTINGS, Id, New, Partial, Quantity, symbol
from derive.trees import add, mul, neg, number, sub

if TYPE_CHECKING:
    from sympy import Expr


def _parts(model: Model, site: Id, tree: Expr) -> tuple[Expr, Expr, Expr] | None:
    """The old value, the learning rate and the direction of a parameter's update; None for anything else."""
    if not isinstance(site, New) or _bare(site.of) not in model.derivation.graph.parameters:
        return None
    old, step = tree.args[0], tree.args[1]
    rate, *direction = (arg for arg in _flat(step) if arg != -1)
    return old, rate, mul(*direction)


def _flat(tree: Expr) -> Iterator[Expr]:
    """The factors of a product, brackets undone."""
    for arg in tree.args if tree.is_Mul else (tree,):
        yield from _flat(arg) if arg.is_Mul else (arg,)


def _bare(quantity: Quantity) -> Quantity:
    return Quantity(quantity.kind, quantity.index)


def plain_gradient(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    """The update as gradient descent makes it, without what the optimizer carries along."""
    parts, gradients = _parts(model, site, tree), _gradients(model, site)
    if parts and gradients and parts[2] != gradients[0]:
        yield sub(parts[0], mul(parts[1], gradients[0]))


def _gradients(model: Model, site: Id) -> list[Expr]:
    """The gradient that a parameter's update, or what is carried along for it, goes by."""
    if not isinstance(site, New):
        return []
    seen: dict[Id, None] = {}
    todo: list[Id] = [site]
    while todo:
        tree = model.trees.get(todo.pop())
        found = arguments(tree) if tree is not None else ()
        seen.update(dict.fromkeys(each for each in found if isinstance(each, Partial)))
        todo += [each for each in found if isinstance(each, New) or "corrected" in str(each)]
    return [symbol(each) for each in seen]


def _is_carried(model: Model, site: Id) -> bool:
    """The new value of a velocity or a moment."""
    return isinstance(site, New) and _bare(site.of) not in model.derivation.graph.parameters


def negated_term(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    """A velocity or moment with one of its two terms subtracted."""
    if _is_carried(model, site) and tree.is_Add:
        first, second = tree.args
        yield from (add(first, neg(second)), add(neg(first), second))


def _shares(tree: Expr) -> dict[Expr, Expr]:
    """Each setting of a running mean, and 1 less it."""
    settings = [symbol(each) for each in arguments(tree) if isinstance(each, Quantity) and each.kind in SETTINGS]
    return {each: sub(number(1), each) for each in settings}


def swapped_shares(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    """(1 - beta) v + beta g for beta v + (1 - beta) g."""
    if _is_carried(model, site):
        for share, rest in _shares(tree).items():
            yield rebuilt(tree, {share: rest, rest: share})


def other_form(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    """beta v + g where beta v + (1 - beta) g is meant, and the reverse; beta left out before v."""
    if not _is_carried(model, site) or not tree.is_Add:
        return
    first, second = tree.args
    for share, rest in _shares(tree).items():
        plain = rebuilt(tree, {rest: number(1)})
        yield plain if plain != tree else add(first, mul(rest, second))
        yield add(rebuilt(first, {share: number(1)}), second)


def not_squared(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_carried(model, site):
        for gradient in _gradients(model, site):
            square = gradient**2
            yield rebuilt(tree, {square: gradient}) if tree.has(square) else rebuilt(tree, {gradient: square})


def no_correction(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    """A moment as it is for its corrected value; the correction with beta for beta^k."""
    if isinstance(site, Quantity) and site.kind.startswith("corrected"):
        top = next(each for each in arguments(tree) if isinstance(each, New))
        yield symbol(top)
        yield mul(symbol(top), *(arg.args[0] for arg in tree.args if arg.is_Pow))


def no_root(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _parts(model, site, tree):
        roots = [node for node in _nodes(tree) if node.is_Pow and node.args[1] == number(1, 2)]
        for root in roots:
            yield rebuilt(tree, {root: root.args[0]})


def _nodes(tree: Expr) -> Iterator[Expr]:
    yield tree
    for arg in tree.args:
        yield from _nodes(arg)
