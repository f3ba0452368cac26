"""Short names of derivatives, dW and δh: whether they are meant so is seen from what they are set to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from derive.check.reading import Claim
from derive.check.spans import all_meet, exact, figure_span, is_figure, same
from derive.check.values import Env, has_names, leaves, try_value
from derive.check.worlds import Model
from derive.quantities import Id, Partial, Quantity, core
from derive.syntax import Tree

Reading = Callable[[Id], Id]


def with_adjoints(model: Model, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims with derivatives for their short names, if most of what they are set to says so.

    Of a sample, dz may be the derivative of the whole loss or of the sample's own.
    """
    first = [(claim, *claim.instances)[:2][-1] for claim in claims]
    heads = [each for each in first if _is_short(each.members[0].tree)]
    for reading in (_of_loss(model), _of_own_loss(model)) if heads else ():
        votes = [vote for claim in heads for vote in _votes(model, claim, reading)]
        if sum(votes) * 2 > len(votes):
            return tuple(_reread(claim, reading) for claim in claims)
    return claims


def _is_short(tree: Tree | None) -> bool:
    return tree is not None and tree.op == "local" and bool(tree.ids) and isinstance(tree.ids[0], Partial)


def _of_loss(model: Model) -> Reading:
    """What stands for the loss as what the lecture differentiates."""
    return lambda each: Partial(model.root, each.by) if _is_of_loss(each) and isinstance(each, Partial) else each


def _of_own_loss(model: Model) -> Reading:
    """The same of a sample's own loss, where it is by something of a sample."""

    def reading(each: Id) -> Id:
        if not _is_of_loss(each) or not isinstance(each, Partial):
            return each
        return Partial(replace(model.root, sample=core(each.by).sample), each.by)

    return reading


def _is_of_loss(each: Id) -> bool:
    return isinstance(each, Partial) and each.of == Quantity("loss")


def _votes(model: Model, claim: Claim, reading: Reading) -> Iterator[bool]:
    """For each thing that a short name is set to, whether it is the derivative's value."""
    head = claim.members[0].tree
    assert head is not None
    world = model.truth or model.points[0]
    meant = [found for each in head.ids if (found := world.get(reading(each))) is not None]
    for tree in (member.tree for member in claim.members[1:] if member.tree is not None):
        if is_figure(tree) and model.truth is not None:
            yield any(all_meet(figure_span(tree), exact(each)) for each in meant)
        elif has_names(tree) and all(leaf.op != "local" for leaf in leaves(tree)):
            found = try_value(tree, Env(world))
            yield any(bool(same(each, found)) for each in meant if found is not None)


def _reread(claim: Claim, reading: Reading) -> Claim:
    def tree(each: Tree) -> Tree:
        if _is_short(each):
            return replace(each, op="id" if len(each.ids) == 1 else "ids", ids=tuple(map(reading, each.ids)))
        return replace(each, args=tuple(map(tree, each.args))) if each.args else each

    members = tuple(replace(m, tree=tree(m.tree)) if m.tree is not None else m for m in claim.members)
    return replace(
        claim,
        members=members,
        instances=tuple(_reread(each, reading) for each in claim.instances),
        turned=tuple(_reread(each, reading) for each in claim.turned),
    )
