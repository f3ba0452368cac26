"""The table of known mistakes: each changes the derivation at one place.

A row gives, for the formula of one quantity, the formulas it is mistaken for. What follows
from that is computed through the whole derivation and compared with what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from derive.chain import role
from derive.check.worlds import Model, World
from derive.functions import ACTIVATIONS
from derive.graph import arguments
from derive.network import activated
from derive.quantities import Id, New, Partial, Quantity, symbol
from derive.trees import add, div, mul, neg, number, sub

if TYPE_CHECKING:
    import sympy

    Expr = sympy.Expr

KINDS = (
    "name",
    "substitution",
    "arithmetic",
    "digits",
    "sign",
    "derivative",
    "formula",
    "given",
    "updated-weights",
    "rounds",
)


@dataclass(frozen=True, slots=True)
class Slip:
    """One known mistake: its `kind`, a sentence for a student, and the formulas it makes of a quantity's own.

    `says` may hold `{name}`, what the quantity is called.
    """

    title: str
    kind: str
    says: str
    change: Callable[[Model, Id, Expr], Iterator[Expr]]


# ---------------------------------------------------------------- trees


def rebuilt(tree: Expr, swap: Mapping[Expr, Expr]) -> Expr:
    """The tree with some parts replaced, everything else in the author's order."""
    if tree in swap:
        return swap[tree]
    if not tree.args or tree.func.__name__ in ("Piecewise", "ExprCondPair") or tree.is_Number:
        return tree
    args = [rebuilt(arg, swap) for arg in tree.args]  # type: ignore[arg-type]
    if all(new is old for new, old in zip(args, tree.args, strict=True)):
        return tree
    return tree.func(*args, evaluate=False)


def _terms(tree: Expr) -> tuple[Expr, ...]:
    return tree.args if tree.is_Add else (tree,)  # type: ignore[return-value]


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


# ---------------------------------------------------------------- which formula it is


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


def _of_layer(model: Model, quantity: Quantity) -> Iterator[Id]:
    """The quantities of the same kind in the same layer."""
    for other in (*model.derivation.graph.givens, *model.trees):
        if (
            isinstance(other, Quantity)
            and other.kind == quantity.kind
            and other.sample == quantity.sample
            and other.index[: -1 if quantity.kind != "w" else 1]
            == quantity.index[: -1 if quantity.kind != "w" else 1]
        ):
            yield other


def _used(tree: Expr, *kinds: str) -> list[Quantity]:
    return [each for each in arguments(tree) if isinstance(each, Quantity) and role(each) in kinds]


# ---------------------------------------------------------------- sign


def _negated_end(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_end(model, site):
        yield neg(tree)


def _negated_net(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "out":
        swap = {symbol(net): neg(symbol(net)) for net in _used(tree, "net")}
        yield rebuilt(tree, swap)


def _added_update(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if isinstance(site, New):
        old, step = _update_parts(site, tree)
        yield add(old, step)


def _negated_term(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "net":
        yield from _each_term(tree, neg)


def _negated(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if isinstance(site, Partial):
        yield neg(tree)


# ---------------------------------------------------------------- activation


def _no_slope(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site):
        yield number(1)


def _slope_is_out(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site) and isinstance(site, Partial):
        yield symbol(site.of)


def _slope_at_net(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site) and isinstance(site, Partial):
        yield rebuilt(tree, {symbol(site.of): symbol(site.by)})
        # f'(out): the slope computed where the activation's result stands
        formula, slope, _ = activated(_activation(model, site.by), symbol(site.of), symbol(site.of))
        if _activation(model, site.by) != "softmax" and role(site.by) == "net":
            yield rebuilt(slope, {symbol(site.of): formula})


def _slope_in_part(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site) and tree.is_Mul:
        for place in range(len(tree.args)):
            yield mul(*tree.args[:place], *tree.args[place + 1 :])  # type: ignore[arg-type]


def _slope_of_another(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site) and isinstance(site, Partial):
        out = symbol(site.of)
        for name in ("sigmoid", "tanh"):
            made = ACTIVATIONS[name].derivative(symbol(site.by), out)
            if made != tree:
                yield made
        yield mul(out, add(number(1), out))
        yield sub(number(1), mul(number(2), out))


def _slope_of_neighbour(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_slope(site) and isinstance(site, Partial) and isinstance(site.of, Quantity):
        yield from _swapped(tree, site.of, _of_layer(model, site.of))


# ---------------------------------------------------------------- wiring


def _other_weight(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "net" or (
        isinstance(site, Partial) and role(site.of) == "net" and role(site.by) in ("out", "x")
    ):
        for weight in _used(tree, "w"):
            yield from _swapped(tree, weight, _of_layer(model, weight))


def _transposed(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
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


def _path_left_out(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if (_is_upstream(site, "out", "x", "w", "b") or site == model.root) and len(_terms(tree)) > 1:
        yield from _each_term(tree, lambda term: None)


def _other_sender(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "net" or (isinstance(site, Partial) and role(site.of) == "net" and role(site.by) == "w"):
        for source in _used(tree, "out", "x"):
            yield from _swapped(tree, source, _of_layer(model, source))


def _no_bias(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "net" and _used(tree, "b"):
        yield add(*(term for term in _terms(tree) if not _used(term, "b")))


def _bias_times_input(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if role(site) == "net" and _used(tree, "b"):
        for source in _used(tree, "out", "x"):
            yield rebuilt(
                tree, {symbol(_used(tree, "b")[0]): mul(symbol(_used(tree, "b")[0]), symbol(source))}
            )


def _weight_left_out(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if isinstance(site, Partial) and role(site.of) == "net" and role(site.by) in ("out", "x"):
        yield number(1)


# ---------------------------------------------------------------- loss


def _is_loss(model: Model, site: Id, tree: Expr) -> bool:
    return role(site) == "error" or (site == model.root and bool(_used(tree, "out")))


def _factor_of_two(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_loss(model, site, tree) or _is_end(model, site):
        yield mul(number(2), tree)
        yield mul(number(1, 2), tree)


def _not_squared(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_loss(model, site, tree):
        squares = [part for part in _parts(tree) if part.is_Pow and part.args[1] == 2]
        for square in squares:
            yield rebuilt(tree, {square: square.args[0]})  # type: ignore[dict-item]


def _parts(tree: Expr) -> Iterator[Expr]:
    yield tree
    for arg in tree.args:
        yield from _parts(arg)  # type: ignore[arg-type]


def _mean(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    outputs = model.names.units[-1]
    if outputs > 1 and (_is_loss(model, site, tree) or _is_end(model, site) or site == model.root):
        yield div(tree, number(outputs))
        yield mul(number(outputs), tree)


def _other_target(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    for target in _used(tree, "target"):
        yield from _swapped(tree, target, _of_layer(model, target))


def _short_form(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if _is_upstream(site, "net") and isinstance(site, Partial) and isinstance(site.by, Quantity):
        if site.by.index[0] == _last(model) and site.by not in model.derivation.graph.short:
            by = site.by
            yield sub(symbol(replace(by, kind="out")), symbol(Quantity("target", by.index[1:], by.sample)))


# ---------------------------------------------------------------- update


def _update_parts(site: New, tree: Expr) -> tuple[Expr, Expr]:
    gradient = next(each for each in arguments(tree) if isinstance(each, Partial))
    return symbol(site.of), mul(symbol(Quantity("learning_rate")), symbol(gradient))


def _no_rate(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if isinstance(site, New):
        old, step = _update_parts(site, tree)
        yield sub(old, step.args[1])  # type: ignore[arg-type]


def _rate_twice(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if isinstance(site, New):
        old, step = _update_parts(site, tree)
        yield sub(old, mul(step.args[0], step))  # type: ignore[arg-type]


def _only_step(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    if isinstance(site, New):
        old, step = _update_parts(site, tree)
        yield neg(step)
        yield old


def _updated_weights(model: Model, site: Id, tree: Expr) -> Iterator[Expr]:
    """d(loss)/d(out) of a hidden unit with the weights after the update."""
    if _is_upstream(site, "out") and not _is_end(model, site):
        swap = {}
        for part in arguments(tree):
            if isinstance(part, Partial) and role(part.of) == "net" and role(part.by) == "out":
                weights = _used(model.trees[part], "w") if part in model.trees else []
                swap.update({symbol(part): symbol(New(w)) for w in weights if New(w) in model.trees})
        if swap:
            yield rebuilt(tree, swap)


SLIPS: tuple[Slip, ...] = (
    Slip("sign of the error", "sign", "the sign of the error is turned round", _negated_end),
    Slip(
        "sign of the exponent",
        "sign",
        "the exponent of the activation in {name} has the wrong sign",
        _negated_net,
    ),
    Slip("sign of the update", "sign", "the step is added to {name} instead of subtracted", _added_update),
    Slip("sign of a term", "sign", "a term of {name} has the wrong sign", _negated_term),
    Slip("sign of a derivative", "sign", "{name} has the wrong sign", _negated),
    Slip(
        "derivative of the activation left out",
        "derivative",
        "the derivative of the activation, {name}, is left out",
        _no_slope,
    ),
    Slip(
        "activation for its derivative",
        "derivative",
        "{name} is the activation's derivative, not the activation itself",
        _slope_is_out,
    ),
    Slip("factor of the derivative left out", "derivative", "a factor of {name} is left out", _slope_in_part),
    Slip(
        "derivative at the wrong place",
        "derivative",
        "{name} is taken at the net input where the output belongs, or the reverse",
        _slope_at_net,
    ),
    Slip(
        "derivative of another activation",
        "derivative",
        "{name} is another activation's derivative",
        _slope_of_another,
    ),
    Slip(
        "derivative of another unit", "derivative", "{name} is taken from another unit", _slope_of_neighbour
    ),
    Slip("another weight", "substitution", "another weight of the layer is used in {name}", _other_weight),
    Slip("transposed weights", "formula", "the weights in {name} are transposed", _transposed),
    Slip("path left out", "formula", "a term of the sum {name} is left out", _path_left_out),
    Slip(
        "wrong sending unit",
        "substitution",
        "another unit's output or another input is used in {name}",
        _other_sender,
    ),
    Slip("bias left out", "formula", "the bias is left out of {name}", _no_bias),
    Slip("bias times input", "formula", "the bias in {name} is multiplied by an input", _bias_times_input),
    Slip(
        "weight left out", "derivative", "the weight, {name}, is left out on the way back", _weight_left_out
    ),
    Slip(
        "factor of two",
        "formula",
        "a factor 2 or 1/2 is left out of {name}, or is one too many",
        _factor_of_two,
    ),
    Slip("not squared", "formula", "the difference in {name} is not squared", _not_squared),
    Slip("mean for sum", "formula", "{name} is divided by the number of outputs, or multiplied by it", _mean),
    Slip("another target", "substitution", "the target of another output is used in {name}", _other_target),
    Slip(
        "short form",
        "derivative",
        "output minus target is not {name} with this loss and activation",
        _short_form,
    ),
    Slip("learning rate left out", "formula", "the learning rate is left out of {name}", _no_rate),
    Slip("learning rate twice", "formula", "the learning rate is applied twice in {name}", _rate_twice),
    Slip(
        "only the step", "formula", "{name} is the old value less the step, not one of them alone", _only_step
    ),
    Slip(
        "weights already updated",
        "updated-weights",
        "the error signal is taken back through weights that were already updated",
        _updated_weights,
    ),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A slip at one quantity: the formula that stands there instead, the n-th that the slip makes."""

    slip: Slip
    site: Id
    tree: Expr
    number: int = 0
    worlds: dict[int, World] = field(default_factory=dict)

    def world(self, world: World) -> World:
        """The world in which the slip is made; computed once."""
        if id(world) not in self.worlds:
            self.worlds[id(world)] = world.but({self.site: self.tree})
        return self.worlds[id(world)]


def kept_cases(model: Model, site: Id) -> tuple[Case, ...]:
    """Every slip that can be made in the formula of one quantity; found once for each model."""
    if site not in model.cases and site in model.trees:
        model.cases[site] = tuple(cases(model, site))
    return model.cases.get(site, ())


def cases(model: Model, site: Id) -> Iterator[Case]:
    """Every slip that can be made in the formula of one quantity."""
    tree = model.trees[site]
    for slip in SLIPS:
        for n, made in enumerate(slip.change(model, site, tree)):
            if made != tree:
                yield Case(slip, site, made, n)


def throughout(model: Model, slip: Slip, variant: int = 0) -> dict[Id, Expr]:
    """The formulas where a slip is made at every place it can be made at."""
    changed: dict[Id, Expr] = {}
    for site, tree in model.trees.items():
        made = list(slip.change(model, site, tree))
        if len(made) > variant and made[variant] != tree:
            changed[site] = made[variant]
    return changed
