"""The chain rule link by link: products of derivatives that hold by their names alone."""

from __future__ import annotations

from collections.abc import Iterator

from derive.quantities import Id, Partial, is_whole
from derive.syntax import Tree


def telescopes(head: Tree, tree: Tree) -> bool:
    """Whether a product of derivatives is the chain rule's for the derivative on the left, link by link."""
    if head.op not in ("id", "ids"):
        return False
    factors = list(_factors(tree))
    if len(factors) < 2 or any(f.op not in ("id", "ids") for f in factors):
        return False
    return any(
        _links(goal, [f.ids for f in factors])
        for goal in head.ids
        if isinstance(goal, Partial) and (is_whole(goal) or head.op == "ids")
    )


def _factors(tree: Tree) -> Iterator[Tree]:
    if tree.op == "mul":
        for arg in tree.args:
            yield from _factors(arg)
    else:
        yield tree


def _links(goal: Partial, factors: list[tuple[Id, ...]]) -> bool:
    if not factors:
        return goal.of == goal.by
    for place, ids in enumerate(factors):
        for each in ids:
            if (
                isinstance(each, Partial)
                and each.of == goal.of
                and _links(Partial(each.by, goal.by), factors[:place] + factors[place + 1 :])
            ):
                return True
    return False
