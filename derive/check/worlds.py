"""The lecture as numbers: the truth, random points, and what follows where a formula is another.

A `Model` holds one formula for each quantity, from the derivation. A `World` gives every
quantity a value: at the lecture's givens or at random ones, with some formulas changed (a
slip) and some figures put in (the writer's own).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from derive.chain import Backward, Derivation, derivation, role
from derive.check.arrays import Missing, functions, is_stacked, stacked, whole
from derive.check.rounds import after, round_of
from derive.check.singles import single_of
from derive.check.spellings import spellings
from derive.errors import InputError, TooLargeError
from derive.graph import arguments
from derive.layers import layer_derivation
from derive.lecture import Lecture
from derive.network import scalar_graph
from derive.notation import NOTATIONS, Names, names
from derive.quantities import SHARES, Id, New, Partial, Quantity, before, is_whole, symbol
from derive.rounding import to_decimal
from derive.spelling import Vocabulary
from derive.trees import context, opposite

if TYPE_CHECKING:
    from sympy import Expr

_LOCAL = ("local", "loss-by-out")
# of several ways to one derivative, the one in which every factor is a quantity of its own
_REASONS = (
    "equation",
    "carried",
    "sum-samples",
    "loss-by-out",
    "net-chain",
    "sum-products",
    "chain-net",
    "update",
    "local",
)


@dataclass(frozen=True)
class Model:
    """One formula for each quantity of a lecture; `truth` is None where it has no figures."""

    lecture: Lecture
    names: Names
    derivation: Derivation
    trees: Mapping[Id, Expr]

    @cached_property
    def backward(self) -> Mapping[int | None, Backward]:
        """Local derivatives and who uses what, for each sample."""
        graph = self.derivation.graph
        roots = [e.quantity for e in graph.equations if e.quantity.kind == graph.of.kind] or [graph.of]
        return {root.sample: Backward(graph, root) for root in roots}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Every spelling of every quantity."""
        return spellings(self.names, self.derivation)

    @cached_property
    def by_layers(self) -> Derivation:
        """The derivation by whole layers, for what is said of them."""
        return layer_derivation(self.lecture, NOTATIONS[self.names.key].style)

    @cached_property
    def functions(self) -> Mapping[int, tuple[Callable[[Any], Any], Callable[[Any], Any]]]:
        """Each layer's activation and its derivative, of its net alone."""
        return dict(functions(self.lecture))

    @cached_property
    def truth(self) -> World | None:
        """The values that are right."""
        givens = self.derivation.graph.givens
        return None if any(value is None for value in givens.values()) else World(self, givens)

    @cached_property
    def exact_values(self) -> frozenset[Any]:
        """The givens' sizes, and what an optimizer's shares leave of 1: a figure may be one of them exactly."""
        givens = self.truth.givens if self.truth is not None else {}
        left = [1 - value for each, value in givens.items() if isinstance(each, Quantity) and each.kind in SHARES]
        return frozenset(abs(context().mpf(str(to_decimal(each).normalize()))) for each in (*givens.values(), *left))

    @cached_property
    def points(self) -> tuple[World, ...]:
        """Worlds with random givens, on which two formulas are compared."""
        return tuple(World(self, _random_givens(self, seed)) for seed in range(3))

    @cached_property
    def _namesakes(self) -> dict[Id, tuple[Id, ...]]:
        """What bears the same name as a quantity: b_1 of the first unit and b_1 of the first layer."""
        found: dict[Id, dict[Id, None]] = {}
        for ids in self.vocabulary.ids.values():
            for each in ids if len(ids) > 1 else ():
                found.setdefault(each, {}).update(dict.fromkeys(ids))
        return {each: tuple(ids) for each, ids in found.items()}

    def also(self, quantity: Id) -> tuple[Id, ...]:
        """A quantity and its namesakes."""
        if isinstance(quantity, Partial):
            pairs = [(of, by) for of in self.also(quantity.of) for by in self.also(quantity.by)]
            return tuple(Partial(of, by) for of, by in pairs)
        return self._namesakes.get(quantity, (quantity,))

    @cached_property
    def cases(self) -> dict[Id, tuple[Any, ...]]:
        """The slips that can be made at a quantity, as `slips.kept_cases` finds them."""
        return {}

    @cached_property
    def habits(self) -> dict[tuple[str, int], dict[Id, Expr]]:
        """The formulas with a slip made throughout, as `slips.kept_throughout` finds them."""
        return {}

    @cached_property
    def follows(self) -> dict[tuple[Any, ...], Any]:
        """What follows from figures, as `figures.followed` finds it."""
        return {}

    @cached_property
    def _homes(self) -> dict[Id, Id]:
        return {}

    @cached_property
    def _needs(self) -> dict[Id, frozenset[Id]]:
        return {}

    def needs(self, quantity: Id) -> frozenset[Id]:
        """Every quantity that one is computed from, itself included."""
        if quantity not in self._needs:
            tree = self.trees.get(quantity)
            parts = [self.needs(self.home(each)) for each in arguments(tree)] if tree is not None else []
            self._needs[quantity] = frozenset({quantity}).union(*parts)
        return self._needs[quantity]

    def home(self, quantity: Id) -> Id:
        """The id under which a quantity is kept: a parameter's first place, d(loss)/d(net) for delta."""
        if quantity not in self._homes:
            self._homes[quantity] = self._home(quantity)
        return self._homes[quantity]

    def _home(self, quantity: Id) -> Id:
        if round_of(quantity) == 0:
            return self.home(before(quantity))
        if quantity in self.trees and round_of(quantity):
            return quantity
        if isinstance(quantity, Partial):
            return self._partial(self.home(quantity.of), self.home(quantity.by))
        if isinstance(quantity, New):
            inner = self.home(quantity.of)
            bare = Quantity(quantity.of.kind)
            computed = bare in self.names.equations and bare not in self.names.updated
            return inner if computed else New(inner) if isinstance(inner, Quantity) else quantity
        quantity = single_of(self.names.units, quantity)
        bare = Quantity(quantity.kind, quantity.index)
        if bare in self.names.parameters:
            return replace(self.names.parameters[bare], round=quantity.round)
        state, _, kind = quantity.kind.rpartition("_")
        if state and (first := self.names.parameters.get(Quantity(kind, quantity.index))):
            return replace(quantity, kind=f"{state}_{first.kind}", index=first.index)
        if quantity.kind == "delta" and self.lecture.network and self.derivation.graph.delta_sign > 0:
            return Partial(
                replace(self.root, sample=quantity.sample, round=quantity.round), replace(quantity, kind="net")
            )
        return quantity

    @cached_property
    def samples(self) -> tuple[int, ...]:
        """The numbers of the samples, where there are several."""
        return tuple(range(1, len(self.lecture.inputs) + 1)) if len(self.lecture.inputs) > 1 else ()

    @cached_property
    def _valued(self) -> dict[Id, bool]:
        return {}

    def has(self, quantity: Id) -> bool:
        """Whether there is such a quantity: it has a value, or is one of a round."""
        if quantity not in self._valued:
            self._valued[quantity] = bool(round_of(quantity)) or self.points[0].get(quantity) is not None
        return self._valued[quantity]

    @property
    def root(self) -> Quantity:
        """What is differentiated."""
        return self.derivation.graph.of

    def _partial(self, of: Id, by: Id) -> Partial:
        """A derivative of one output's error is the loss's where the other errors do not change."""
        if (
            role(of) == "error"
            and isinstance(of, Quantity)
            and isinstance(by, Quantity)
            and role(by) != "error"
        ):
            other = replace(self.root, sample=of.sample, round=of.round)
            start = replace(by, round=None)  # what reaches what is the same in every round
            shares = [
                e for e in self.backward[of.sample].equations if role(e) == "error" and self.reaches(start, e)
            ]
            return Partial(other, by) if shares == [replace(of, round=None)] else Partial(of, by)
        return Partial(of, by)

    def reaches(self, start: Id, end: Id) -> bool:
        """Whether the end is computed from the start."""
        return start in self.needs(end)


@dataclass(frozen=True)
class World:
    """A value for every quantity: `changed` formulas and `fixed` figures over a `base`."""

    model: Model
    givens: Mapping[Id, Any]
    changed: Mapping[Id, Expr] = field(default_factory=dict)
    fixed: Mapping[Id, Any] = field(default_factory=dict)
    base: World | None = None
    moved: frozenset[Id] = frozenset()  # what is fixed here and was not so in the base
    kept: dict[Id, Any] = field(default_factory=dict)

    def but(self, changed: Mapping[Id, Expr] | None = None, fixed: Mapping[Id, Any] | None = None) -> World:
        """The same world with other formulas, or with figures put in."""
        return World(
            self.model,
            self.givens,
            {**self.changed, **(changed or {})},
            {**self.fixed, **(fixed or {})},
            self,
            frozenset(fixed or ()),
        )

    def __getitem__(self, quantity: Id) -> Any:
        home = self.model.home(quantity)
        if home not in self.kept:
            self.kept[home] = None  # while it is computed: a changed formula may need itself
            try:
                self.kept[home] = self._value(home)
            finally:
                if self.kept[home] is None:
                    del self.kept[home]
        if self.kept[home] is None:
            raise Missing(f"{home} is computed from itself")
        return self.kept[home]

    def get(self, quantity: Id) -> Any:
        """The value, or None where there is none."""
        try:
            return self[quantity]
        except (Missing, TooLargeError, InputError):
            return None

    def _value(self, quantity: Id) -> Any:
        if quantity in self.fixed:
            return self.fixed[quantity]
        if is_stacked(quantity):
            return stacked(self.model.lecture, self.model.samples, self.__getitem__, quantity)
        if self.model.lecture.network is not None and is_whole(quantity):
            return whole(self.model.lecture, self.model.names.units, self.__getitem__, quantity)
        tree = self.changed.get(quantity, self.model.trees.get(quantity))
        if tree is not None:
            if self.base is not None and not self._touched(quantity):
                return self.base[quantity]
            return self.model.derivation.graph.value(tree, self)  # type: ignore[arg-type]
        if quantity in self.givens:
            return self.givens[quantity]
        if round_of(quantity) is not None:
            return self._after(quantity)
        return self._derived(quantity)

    def _after(self, quantity: Id) -> Any:
        """The value of a round, which only the truth has."""
        found = after(self.model.lecture, quantity) if self is self.model.truth else None
        if found is None:
            raise Missing(str(quantity))
        return found

    def _touched(self, quantity: Id) -> bool:
        needs = self.model.needs(quantity)
        return (
            not needs.isdisjoint(self.moved)
            or any(each in needs for each in self.changed)
            or bool(self.changed and _late(self.changed))
        )

    def _derived(self, quantity: Id) -> Any:
        if isinstance(quantity, New):
            return self[quantity.of]  # a parameter that is held fixed
        if isinstance(quantity, Partial) and isinstance(quantity.of, Quantity):
            return self._chain(quantity.of, quantity.by)
        raise Missing(str(quantity))

    def _chain(self, of: Quantity, by: Id) -> Any:
        """d(of)/d(by) by the chain rule over the graph."""
        if of == by:
            return context().mpf(1)
        backward = self.model.backward.get(of.sample) or next(iter(self.model.backward.values()))
        if of not in backward.equations or not (by in backward.consumers or by in backward.equations):
            raise Missing(f"d({of})/d({by})")
        total = context().mpf(0)
        for onward in backward.consumers.get(by, ()):
            if onward == of or self.model.reaches(onward, of):
                total += self._slope(backward, onward, by) * (
                    1 if onward == of else self[Partial(of, onward)]
                )
        return total

    def _slope(self, backward: Backward, of: Quantity, by: Id) -> Any:
        local = Partial(of, by)
        steps = self.model.derivation.by_lhs.get(local, ())
        if steps and all(step.reason in _LOCAL for step in steps):
            return self[local]
        return self.model.derivation.graph.value(backward.local(of, by), self)  # type: ignore[arg-type]


def _late(changed: Mapping[Id, Expr]) -> bool:
    """Whether a formula was changed so that it needs quantities which it did not need before."""
    return any(isinstance(each, New) for tree in changed.values() for each in arguments(tree))


def model(lecture: Lecture) -> Model:
    """The model of a lecture that is one network or one set of equations."""
    style = NOTATIONS[lecture.notation].style
    found = derivation(scalar_graph(lecture, style))
    return Model(lecture, names(lecture), found, dict(_trees(found)))


def _trees(found: Derivation) -> Iterator[tuple[Id, Expr]]:
    """One formula for each quantity; delta is d(loss)/d(net), a share's derivative the loss's."""
    for lhs in found.by_lhs:
        step = found.pick(lhs, _REASONS)
        if step is not None and role(lhs) != "delta" and not _is_share(lhs, found):
            yield lhs, step.formula
        if isinstance(lhs, Quantity) and lhs.kind == "delta" and found.graph.delta_sign < 0:
            root = replace(found.graph.of, sample=lhs.sample, round=lhs.round)
            yield lhs, opposite(symbol(Partial(root, replace(lhs, kind="net"))))


def _is_share(lhs: Id, found: Derivation) -> bool:
    if not isinstance(lhs, Partial) or role(lhs.of) != "error" or not isinstance(lhs.of, Quantity):
        return False
    return any(step.reason == "loss-by-out" for step in found.by_lhs[lhs])


def _random_givens(found: Model, seed: int) -> dict[Id, Any]:
    """Givens away from zero and from each other; a probability's targets still sum to 1."""
    source = random.Random(1000 + seed)
    # inputs, targets and rates are positive; weights have either sign
    values = {
        given: context().mpf(source.uniform(0.15, 0.95))
        * (source.choice((-1, 1)) if role(given) in ("w", "b") else 1)
        for given in found.derivation.graph.givens
    }
    network = found.lecture.network
    if network is not None and network.loss == "cross-entropy":
        for sample in dict.fromkeys(
            g.sample for g in values if isinstance(g, Quantity) and g.kind == "target"
        ):
            group = [
                g for g in values if isinstance(g, Quantity) and g.kind == "target" and g.sample == sample
            ]
            total = sum(values[g] for g in group)
            values.update({g: values[g] / total for g in group})
    return values
