"""The formulas that one is mistaken for: one function a mistake, for the table of slips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from derive.chain import role
from derive.check.worlds import Model
from derive.functions import ACTIVATIONS
from derive.graph import arguments
from derive.network import activated
from derive.quantities import Id, New, Partial, Quantity, at, core, symbol
from derive.trees import add, div, mul, neg, number, opposite, sub

if TYPE_CHECKING:
    from sympy import Expr


def rebuilt(tree: Expr, swap: Mapping[Expr, Expr]) -> Expr:
    """The tree with some parts replaced, everything else in the author's order."""
    if tree in swap:
        return swap[tree]
    if not tree.args or tree.func.__name__ in ("Piecewise", "ExprCondPair") or tree.is_Number:
        return tree
    args = [rebuilt(arg, swap) for arg in tree.args]
    if all(new is old for new, old in zip(args, tree.args, strict=True)):
        return tree
    return tree.func(*args, evaluate=False)


def _terms(tree: Expr) -> tuple[Expr, ...]:
    return tree.args if tree.is_Add else (tree,)


def _each_term(tree: Expr, change: Callable[[Expr], Expr | None]) -> Iterator[Expr]:
    """The sum with one term changed (None: left out), a term at a time."""
    terms = _terms(tree)
    for place, term in enumerate(terms):
        made = change(term)
        yield add(*terms[:place], *([] if made is None else [made]), *terms[place + 1 :])


def _swapped(tree: Expr, old: Id, others: Iterator[Id]) -> Iterator[Expr]:
    for other in others:
        if other != old:
            yield rebuilt(tree, {symbol(old): symbol(other)})


def _is_slope(site: Id) -> bool:
    """d(out)/d(net)."""
    return isinstance(site, Partial) and role(site.of) == "out" and role(site.by) == "net"


def _is_end(model: Model, site: Id) -> bool:
    """d(loss)/d(out) of an output."""
    return (
        isinstance(site, Partial)
        and role(site.by) == "out"
        and isinstance(site.by, Quantity)
        and role(site.of) in ("", "error")
        and _last(model) == site.by.index[0]
    )


def _is_upstream(site: Id, *kinds: str) -> bool:
    """A derivative of the loss by one of these kinds."""
    return isinstance(site, Partial) and role(site.of) in ("", "error") and role(site.by) in kinds


def _last(model: Model) -> int:
    return len(model.lecture.network.layers) if model.lecture.network else 0


def _activation(model: Model, net_or_out: Id) -> str:
    assert model.lecture.network is not None and isinstance(net_or_out, Quantity)
    return model.lecture.network.layers[net_or_out.index[0] - 1].activation


def of_layer(model: Model, quantity: Quantity) -> Iterator[Id]:
    """The quantities of the same kind in the same layer, of the same sample and round."""
    for other in (*model.derivation.graph.givens, *model.trees):
        if (
            isinstance(other, Quantity)
            and other.kind == quantity.kind
            and (other.sample, other.round) == (quantity.sample, quantity.round)
            and other.index[: -1 if quantity.kind != "w" else 1]
            == quantity.index[: -1 if quantity.kind != "w" else 1]
        ):
            yield other


def _used(tree: Expr, *kinds: str) -> list[Quantity]:
    return [each for each in arguments(tree) if isinstance(each, Quantity) and role(each) in kinds]


def negated_end(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_end(model, site):
        yield neg(tree)


def negated_net(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "out":
        swap = {symbol(net): neg(symbol(net)) for net in _used(tree, "net")}
        yield rebuilt(tree, swap)


def added_update(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if parts := _update_parts(site, tree):
        yield add(*parts)


def negated_term(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "net":
        yield from _each_term(tree, neg)


def negated(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if isinstance(site, Partial):
        yield neg(tree)


def no_slope(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site):
        yield number(1)


def slope_is_out(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site) and isinstance(site, Partial):
        yield symbol(site.of)


def slope_at_net(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site) and isinstance(site, Partial):
        yield rebuilt(tree, {symbol(site.of): symbol(site.by)})
        # f'(out): the slope computed where the activation's result stands
        formula, slope, _ = activated(_activation(model, site.by), symbol(site.of), symbol(site.of))
        if _activation(model, site.by) != "softmax" and role(site.by) == "net":
            yield rebuilt(slope, {symbol(site.of): formula})


def slope_in_part(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site) and tree.is_Mul:
        for place in range(len(tree.args)):
            yield mul(*tree.args[:place], *tree.args[place + 1 :])


def slope_not_squared(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site):
        yield from _without_squares(tree)


def _without_squares(tree: Expr) -> Iterator[Expr]:
    for part in _parts(tree):
        if part.is_Pow and part.args[1] == 2:
            yield rebuilt(tree, {part: part.args[0]})


def slope_of_another(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site) and isinstance(site, Partial):
        out = symbol(site.of)
        for name in ("sigmoid", "tanh"):
            made = ACTIVATIONS[name].derivative(symbol(site.by), out)
            if made != tree:
                yield made
        yield mul(out, add(number(1), out))
        yield sub(number(1), mul(number(2), out))


def slope_of_neighbour(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site) and isinstance(site, Partial) and isinstance(site.of, Quantity):
        outs = (each for each in model.trees if role(each) == "out" and core(each).sample == site.of.sample)
        yield from _swapped(tree, site.of, (each for each in outs if isinstance(each, Quantity)))


def other_weight(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "net" or (
        isinstance(site, Partial) and role(site.of) == "net" and role(site.by) in ("out", "x")
    ):
        for weight in _used(tree, "w"):
            yield from _swapped(tree, weight, of_layer(model, weight))


def transposed(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "net" or (
        isinstance(site, Partial) and role(site.of) == "net" and role(site.by) in ("out", "x")
    ):
        swap = {}
        for weight in _used(tree, "w"):
            layer, to, source = weight.index
            turned = model.home(replace(weight, index=(layer, source, to)))
            if turned in model.derivation.graph.givens and turned != weight:
                swap[symbol(weight)] = symbol(turned)
        if swap:
            yield rebuilt(tree, swap)


def path_left_out(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    sums = _is_upstream(site, "out", "x", "w", "b") or site == model.root or _is_state(site) or role(site) == "net"
    if sums and len(_terms(tree)) > 1:
        yield from _each_term(tree, lambda term: term if role(site) == "net" and _used(term, "b") else None)


def _is_state(site: Id) -> bool:
    """What an optimizer carries along: a velocity, a moment."""
    return isinstance(site, New) and "_" in site.of.kind


def other_sender(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "net" or (isinstance(site, Partial) and role(site.of) == "net" and role(site.by) == "w"):
        for source in _used(tree, "out", "x"):
            yield from _swapped(tree, source, of_layer(model, source))
        yield from _from_layer_below(model, tree)


def _from_layer_below(model: Model, tree: Expr) -> Iterator[Expr]:
    """The inputs of the net one layer further down: x for the first layer's outs."""
    sources = _used(tree, "out")
    below = [
        replace(each, index=(each.index[0] - 1, each.index[1]))
        if each.index[0] > 1
        else replace(each, kind="x", index=each.index[1:])
        for each in sources
    ]
    if sources and all(each in model.trees or each in model.derivation.graph.givens for each in below):
        yield rebuilt(tree, {symbol(a): symbol(b) for a, b in zip(sources, below, strict=True)})


def other_sample(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    """One or all of the quantities of a formula taken from another sample."""
    used = [each for each in arguments(tree) if core(each).sample]
    for number_ in model.samples if len({core(each).sample for each in used}) == 1 else ():
        swap = {symbol(each): symbol(at(each, number_)) for each in used if core(each).sample != number_}
        if swap:
            yield rebuilt(tree, swap)
        for old, new in swap.items() if len(swap) > 1 else ():
            yield rebuilt(tree, {old: new})


def no_bias(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "net" and _used(tree, "b"):
        yield add(*(term for term in _terms(tree) if not _used(term, "b")))


def bias_times_input(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "net" and _used(tree, "b"):
        for source in _used(tree, "out", "x"):
            yield rebuilt(
                tree, {symbol(_used(tree, "b")[0]): mul(symbol(_used(tree, "b")[0]), symbol(source))}
            )


def weight_left_out(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if isinstance(site, Partial) and role(site.of) == "net" and role(site.by) in ("out", "x"):
        yield number(1)


def _is_loss(model: Model, site: Id, tree: Expr) -> bool:
    return role(site) == "error" or (site == model.root and bool(_used(tree, "out")))


def factor_of_two(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_loss(model, site, tree) or _is_end(model, site):
        yield mul(number(2), tree)
        yield mul(number(1, 2), tree)


def not_squared(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_loss(model, site, tree):
        yield from _without_squares(tree)


def _parts(tree: Expr) -> Iterator[Expr]:
    yield tree
    for arg in tree.args:
        yield from _parts(arg)


def mean(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    outputs = model.names.units[-1]
    if outputs > 1 and (_is_loss(model, site, tree) or _is_end(model, site) or site == model.root):
        yield div(tree, number(outputs))
        yield mul(number(outputs), tree)


def other_target(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    for target in _used(tree, "target"):
        yield from _swapped(tree, target, of_layer(model, target))


def short_form(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    loss = model.lecture.network.loss if model.lecture.network else ""
    if loss == "half-squared-error":  # there only the activation's derivative is left out
        return
    by = site.by if isinstance(site, Partial) and _is_upstream(site, "net") else None
    if isinstance(by, Quantity) and by.index[0] == _last(model) and by not in model.derivation.graph.short:
        yield sub(symbol(replace(by, kind="out")), symbol(Quantity("target", by.index[1:], by.sample)))


def _update_parts(site: Id, tree: Expr) -> tuple[Expr, Expr] | None:
    """The old parameter and the step that is taken away from it; None where this is no such update."""
    old = symbol(site.of) if isinstance(site, New) else None
    if old is None or not tree.is_Add or tree.args[0] != old or not _rates(tree):
        return None
    return old, opposite(add(*tree.args[1:]))


def _rates(tree: Expr) -> list[Id]:
    return [each for each in arguments(tree) if isinstance(each, Quantity) and each.kind == "learning_rate"]


def _less(tree: Expr, factor: Expr) -> Expr:
    """The product without one of its factors."""
    if tree.is_Mul and factor in tree.args:
        return mul(*(arg for arg in tree.args if arg != factor))
    return rebuilt(tree, {arg: _less(arg, factor) for arg in tree.args}) if tree.is_Mul else tree


def no_rate(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if parts := _update_parts(site, tree):
        yield sub(parts[0], _less(parts[1], symbol(_rates(tree)[0])))


def rate_twice(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if parts := _update_parts(site, tree):
        yield sub(parts[0], mul(symbol(_rates(tree)[0]), parts[1]))


def only_step(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if parts := _update_parts(site, tree):
        yield neg(parts[1])
        yield parts[1]
        yield parts[0]


def updated_weights(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    """d(loss)/d(out) of a hidden unit with the weights after the update."""
    if _is_upstream(site, "out") and not _is_end(model, site):
        swap = {}
        for part in arguments(tree):
            if isinstance(part, Partial) and role(part.of) == "net" and role(part.by) == "out":
                weights = _used(model.trees[part], "w") if part in model.trees else []
                swap.update({symbol(part): symbol(New(w)) for w in weights if New(w) in model.trees})
        if swap:
            yield rebuilt(tree, swap)
