"""The table of known mistakes: each changes the derivation at one place.

A row gives, for the formula of one quantity, the formulas it is mistaken for. What follows
from that is computed through the whole derivation and compared with what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from derive.check import optimizing
from derive.check.changes import (
    added_update,
    bias_times_input,
    factor_of_two,
    mean,
    negated,
    negated_end,
    negated_net,
    negated_term,
    no_bias,
    no_rate,
    no_slope,
    not_squared,
    only_step,
    other_sample,
    other_sender,
    other_target,
    other_weight,
    path_left_out,
    rate_twice,
    short_form,
    slope_at_net,
    slope_in_part,
    slope_is_out,
    slope_not_squared,
    slope_of_another,
    slope_of_neighbour,
    transposed,
    updated_weights,
    weight_left_out,
)
from derive.check.worlds import Model, World
from derive.quantities import Id

if TYPE_CHECKING:
    from sympy import Expr

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


# of what an optimizer carries along
OPTIMIZED: tuple[Slip, ...] = (
    Slip("sign of the velocity", "sign", "a term of {name} has the wrong sign", optimizing.negated_term),
    Slip("shares exchanged", "formula", "in {name} a share and 1 less that share are exchanged",
         optimizing.swapped_shares),
    Slip("share left out", "formula", "a share is left out of {name}, or is one too many", optimizing.other_form),
    Slip("gradient not squared", "formula", "the gradient in {name} is not squared, or is where it should not be",
         optimizing.not_squared),
    Slip("correction left out", "formula", "{name} is not divided by 1 - β to the power of the round",
         optimizing.no_correction),
    Slip("root left out", "formula", "the square root is left out of {name}", optimizing.no_root),
    Slip("optimizer left out", "formula", "{name} is made by the gradient itself, as gradient descent does it",
         optimizing.plain_gradient),
)

SLIPS: tuple[Slip, ...] = (
    Slip("sign of the error", "sign", "the sign of the error is turned round", negated_end),
    Slip(
        "sign of the exponent",
        "sign",
        "the exponent of the activation in {name} has the wrong sign",
        negated_net,
    ),
    Slip("sign of the update", "sign", "the step is added to {name} instead of subtracted", added_update),
    Slip("sign of a term", "sign", "a term of {name} has the wrong sign", negated_term),
    Slip("sign of a derivative", "sign", "{name} has the wrong sign", negated),
    Slip(
        "derivative of the activation left out",
        "derivative",
        "the derivative of the activation, {name}, is left out",
        no_slope,
    ),
    Slip(
        "activation for its derivative",
        "derivative",
        "the activation itself stands where its derivative, {name}, belongs",
        slope_is_out,
    ),
    Slip(
        "factor of the derivative left out",
        "derivative",
        "a factor of {name} is left out",
        slope_in_part,
    ),
    Slip("square of the derivative left out", "derivative", "the square in {name} is left out", slope_not_squared),
    Slip(
        "derivative at the wrong place",
        "derivative",
        "{name} is taken at the net input where the output belongs, or the reverse",
        slope_at_net,
    ),
    Slip(
        "derivative of another activation",
        "derivative",
        "{name} is another activation's derivative",
        slope_of_another,
    ),
    Slip("derivative of another unit", "derivative", "{name} is taken from another unit", slope_of_neighbour),
    Slip("another weight", "substitution", "another weight of the layer is used in {name}", other_weight),
    Slip("transposed weights", "formula", "the weights in {name} are transposed", transposed),
    Slip("path left out", "formula", "a term of the sum {name} is left out", path_left_out),
    Slip(
        "wrong sending unit",
        "substitution",
        "another unit's output or another input is used in {name}",
    other_sender,
    ),
    Slip(
        "another sample", "substitution", "another sample's numbers are used in {name}", other_sample
    ),
    Slip("bias left out", "formula", "the bias is left out of {name}", no_bias),
    Slip("bias times input", "formula", "the bias in {name} is multiplied by an input", bias_times_input),
    Slip("weight left out", "derivative", "the weight, {name}, is left out on the way back", weight_left_out),
    Slip(
        "factor of two",
        "formula",
        "a factor 2 or 1/2 is left out of {name}, or is one too many",
        factor_of_two,
    ),
    Slip("not squared", "formula", "the difference in {name} is not squared", not_squared),
    Slip("mean for sum", "formula", "{name} is divided by the number of outputs, or multiplied by it", mean),
    Slip("another target", "substitution", "the target of another output is used in {name}", other_target),
    Slip(
        "short form",
        "derivative",
        "output minus target is not {name} with this loss and activation",
        short_form,
    ),
    Slip("learning rate left out", "formula", "the learning rate is left out of {name}", no_rate),
    Slip("learning rate twice", "formula", "the learning rate is applied twice in {name}", rate_twice),
    Slip(
        "only the step", "formula", "{name} is the old value less the step, not one of them alone", only_step
    ),
    Slip(
        "weights already updated",
        "updated-weights",
        "the error signal is taken back through weights that were already updated",
        updated_weights,
    ),
    *OPTIMIZED,
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


def kept_throughout(model: Model, slip: Slip, variant: int) -> dict[Id, Expr]:
    """As `throughout`, found once for each model."""
    key = slip.title, variant
    if key not in model.habits:
        model.habits[key] = throughout(model, slip, variant)
    return model.habits[key]
