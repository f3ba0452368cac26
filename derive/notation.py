"""A table of notations: what each quantity is called, and the route by which a derivative is worked.

A pattern holds `<l>` layer, `<i>` unit, `<to>`, `<from>`, `<n>` the running number of a
parameter, `<name>` what is marked; `<l+1>`, `<i-1>` count otherwise. The first pattern of a
row is printed, all are read. A row's key is a kind (`net`), a kind in a role (`net.output`)
or a whole layer (`net[]`); roles are `single` (the only output), `output`, `deep` (one of
several hidden layers) and `hidden`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from derive.lecture import Lecture, places
from derive.lettering import after, marked, name_latex, of_sample_and_round, upright
from derive.quantities import DEPTH, SETTINGS, Id, New, Partial, Quantity, core, generalisations, is_whole

if TYPE_CHECKING:
    from derive.expressions import Vocabulary

Patterns = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Route:
    """How a derivative is worked.

    `reasons` ranks the steps that a derivation offers for one quantity: the first that is
    there is taken. `spelt_out`: a gradient's factors follow it as numbered steps; `rules`:
    the derivative of a sum is written out term by term.
    """

    reasons: tuple[str, ...]
    spelt_out: bool = False
    rules: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """The order in which a formula's terms are written, and the signs between them.

    `bias` is "last", "first" or "times-one"; `symbols` and `numbers` are the signs of a
    product of names and of numbers ("" is none); `d` the sign of a derivative.
    """

    weight_first: bool = True
    bias: str = "last"
    out_first: bool = False
    symbols: str = r"\cdot"
    numbers: str = r"\cdot"
    d: str = r"\partial"


@dataclass(frozen=True, slots=True)
class Notation:
    """One row: its names, the order of its terms and its route."""

    about: str
    names: Patterns
    style: Style
    route: Route


_COMMON: Patterns = {
    "learning_rate": (r"\eta", r"\alpha", "lr", "learning rate", "learning_rate"),
    "loss": ("L", "E", "C", "J", r"\mathcal{L}", r"\ell", "Loss", "loss", "Error", "E_{total}", "cost", "total"),
    "error": ("E_{<i>}", "L_{<i>}"),
    "target": ("t_{<i>}", "target_{<i>}", "T_{<i>}", "y_{<i>}"), "target[]": (r"\mathbf{t}", "target", "T"),
    "x": ("x_{<i>}", "i_{<i>}", "X_{<i>}"), "x[]": (r"\mathbf{x}", "x", "X"),
    "w[]": ("W_{<l>}", "W^{(<l>)}", "w_{<l>}"), "b[]": (r"\mathbf{b}_{<l>}", "b^{(<l>)}", "b_{<l>}"),
    "delta": (r"\delta_{<i>}^{(<l>)}",), "delta[]": (r"\boldsymbol{\delta}^{(<l>)}", r"\delta_{<l>}"),
    "new": ("<name>^+", "<name>'", "<name>^{new}", "<name>_{new}", "<name>^*"),
    "penalty": ("R", r"\Omega", "penalty"), "l2": (r"\lambda",), "weight_decay": (r"\lambda_{w}",),
    "factor": (r"\gamma",), "every": ("K",),
}
# what an optimizer carries along for a parameter, around the parameter's name
_STATES: Patterns = {
    "velocity": ("v_{<name>}",), "moment1": ("m_{<name>}",), "moment2": ("s_{<name>}", "v_{<name>}"),
    "corrected1": (r"\hat{m}_{<name>}",), "corrected2": (r"\hat{s}_{<name>}", r"\hat{v}_{<name>}"),
}

_TRAINING = ("learning_rate", *SETTINGS)

_SIGNALS = ("short", "error-signal", "signal", "sum-nets", "loss-by-out", "local")
_FACTORS = ("chain-out", "sum-errors", "error-chain", "chain-net", "net-chain", "sum-products", "loss-by-out")
_PATHS = ("expanded", "chain-net-spelt", "net-chain-spelt", "sum-nets", "loss-by-out", "local", "update")

NOTATIONS: Mapping[str, Notation] = {
    "delta": Notation(
        "error signals by the delta rule; upper index: layer, the inputs are layer 1",
        {**_COMMON,
         "x": ("a_{<i>}^{1}", "x_{<i>}"), "x[]": (r"\mathbf{a}^{1}", "x"),
         "unit": ("a_{<i>}^{<l+1>}",),
         "net": ("z_{<i>}^{<l+1>}", "net_{<i>}^{<l+1>}", "h_{<i>}^{<l+1>}"),
         "net[]": (r"\mathbf{z}^{<l+1>}", "net^{<l+1>}"),
         "out": ("a_{<i>}^{<l+1>}", "o_{<i>}^{<l+1>}"), "out[]": (r"\mathbf{a}^{<l+1>}",),
         "target.single": ("t", "target"), "target": ("t_{<i>}", "target_{<i>}"),
         "w": ("w_{<to><from>}^{<l+1>}",), "w[]": ("W^{<l+1>}",),
         "b": ("b_{<i>}^{<l+1>}",), "b[]": (r"\mathbf{b}^{<l+1>}",),
         "delta": (r"\delta_{<i>}^{<l+1>}",), "delta[]": (r"\boldsymbol{\delta}^{<l+1>}",),
         "loss": ("C", *_COMMON["loss"]), "error": ("C_{<i>}", "E_{<i>}"),
         "new": ("<name>^{new}", *_COMMON["new"])},
        Style(weight_first=True, out_first=True, symbols=r"\,", numbers=r"\cdot"),
        Route(("update-signal", *_SIGNALS))),
    "net-out": Notation(
        "net and out of hidden (h) and output (o) units; every factor a numbered step",
        {**_COMMON,
         "x": ("i_{<i>}", "x_{<i>}"), "x[]": (r"\mathbf{i}", "x"),
         "unit.deep": ("h_{<l><i>}",), "unit.hidden": ("h_{<i>}",), "unit.output": ("o_{<i>}",),
         "net.deep": ("net_{h<l><i>}",), "net.hidden": ("net_{h<i>}",), "net.output": ("net_{o<i>}",),
         "net[].deep": (r"\mathbf{net}_{h<l>}",), "net[].hidden": (r"\mathbf{net}_{h}",),
         "net[].output": (r"\mathbf{net}_{o}",),
         "out.deep": ("out_{h<l><i>}", "output_{h<l><i>}"), "out.hidden": ("out_{h<i>}", "output_{h<i>}"),
         "out.output": ("out_{o<i>}", "output_{o<i>}"),
         "out[].deep": (r"\mathbf{out}_{h<l>}",), "out[].hidden": (r"\mathbf{out}_{h}",),
         "out[].output": (r"\mathbf{out}_{o}",),
         "target": ("target_{o<i>}", "target_{<i>}", "t_{<i>}"), "target[]": (r"\mathbf{target}_{o}", "target"),
         "w": ("w_{<n>}",), "b": ("b_{<n>}",),
         "delta.deep": (r"\delta_{h<l><i>}",), "delta.hidden": (r"\delta_{h<i>}",),
         "delta.output": (r"\delta_{o<i>}",),
         "delta[].deep": (r"\boldsymbol{\delta}_{h<l>}",), "delta[].hidden": (r"\boldsymbol{\delta}_{h}",),
         "delta[].output": (r"\boldsymbol{\delta}_{o}",),
         "loss": ("E_{total}", "E", "Total Error", *_COMMON["loss"]), "error": ("E_{o<i>}", "E_{<i>}")},
        Style(bias="times-one", symbols=r"\times", numbers=r"\times"),
        Route(("local", "update", *_FACTORS), spelt_out=True)),
    "named-sums": Notation(
        "sums H and y with their outputs; d rather than ∂",
        {**_COMMON,
         "x": ("x_{<i>}", "X_{<i>}", "i_{<i>}"),
         "unit.deep": ("H_{<l><i>}",), "unit.hidden": ("H_{<i>}",), "unit.output": ("y_{<i>}",),
         "net.deep": ("H_{<l><i>}",), "net.hidden": ("H_{<i>}",), "net.output": ("y_{<i>}",),
         "net[].deep": (r"\mathbf{H}_{<l>}",), "net[].hidden": (r"\mathbf{H}",), "net[].output": (r"\mathbf{y}",),
         "out.deep": ("output_{H<l><i>}", "out_{H<l><i>}"), "out.hidden": ("output_{H<i>}", "out_{H<i>}"),
         "out.output": ("output_{y<i>}", "out_{y<i>}", "out_{<i>}"),
         "out[].deep": (r"\mathbf{output}_{H<l>}",), "out[].hidden": (r"\mathbf{output}_{H}",),
         "out[].output": (r"\mathbf{output}_{y}",),
         "target": ("T_{<i>}", "t_{<i>}", "target_{<i>}"), "target[]": (r"\mathbf{T}",),
         "w": ("w_{<n>}", "W_{<n>}"), "b": ("b_{<n>}",),
         "delta.deep": (r"\delta_{H<l><i>}",), "delta.hidden": (r"\delta_{H<i>}",),
         "delta.output": (r"\delta_{y<i>}",),
         "delta[].deep": (r"\boldsymbol{\delta}_{H<l>}",), "delta[].hidden": (r"\boldsymbol{\delta}_{H}",),
         "delta[].output": (r"\boldsymbol{\delta}_{y}",),
         "loss": ("Error", "Total Error", "TotalError", *_COMMON["loss"]),
         "error": ("Error_{<i>}", "E_{<i>}"), "new": ("<name>^{new}", *_COMMON["new"])},
        Style(weight_first=False, symbols="*", numbers="*", d="d"),
        Route(("expanded", "local", "update", *_FACTORS), spelt_out=True, rules=True)),
    "node": Notation(
        "sums h, activations a and biases named by node; sums over paths",
        {**_COMMON,
         "unit": ("h_{<l><i>}",), "unit.single": ("z",), "unit.output": ("z_{<i>}",),
         "net": ("h_{<l><i>}", "z_{<l><i>}"), "net.single": ("z",), "net.output": ("z_{<i>}",),
         "net[]": (r"\mathbf{h}_{<l>}",), "net[].output": (r"\mathbf{z}",), "net[].single": (r"\mathbf{z}",),
         "out": ("a_{<l><i>}",), "out.single": ("y_{pred}", r"\hat{y}"),
         "out.output": ("y_{pred,<i>}", "y_{pred<i>}", r"\hat{y}_{<i>}"),
         "out[]": (r"\mathbf{a}_{<l>}",), "out[].output": (r"\mathbf{y}_{pred}",),
         "out[].single": (r"\mathbf{y}_{pred}",),
         "target.single": ("y", "target"), "target": ("y_{<i>}", "t_{<i>}"), "target[]": (r"\mathbf{y}",),
         "w": ("w_{<n>}",), "b": ("b_{h<l><i>}",), "b.single": ("b_{z}",), "b.output": ("b_{z<i>}",),
         "delta": (r"\delta_{h<l><i>}",), "delta.single": (r"\delta_{z}",), "delta.output": (r"\delta_{z<i>}",),
         "delta[]": (r"\boldsymbol{\delta}_{h<l>}",), "delta[].output": (r"\boldsymbol{\delta}_{z}",),
         "delta[].single": (r"\boldsymbol{\delta}_{z}",),
         "error": ("L_{<i>}",), "new": ("<name>_{(new)}", *_COMMON["new"])},
        Style(bias="first", symbols=r"\,", numbers=""), Route(_PATHS)),
    "matrix": Notation(
        "z, a, W and δ by layers; primes for what is updated",
        {**_COMMON,
         "unit": ("a_{<i>}^{(<l>)}",), "unit.output": (r"\hat{y}_{<i>}",),
         "net": ("z_{<i>}^{(<l>)}", "z_{<l><i>}"), "net[]": (r"\mathbf{z}_{<l>}", "z_{(<l>)}", "z^{(<l>)}"),
         "out": ("a_{<i>}^{(<l>)}", "a_{<l><i>}"), "out[]": (r"\mathbf{a}_{<l>}", "a_{(<l>)}", "a^{(<l>)}"),
         "out.output": (r"\hat{y}_{<i>}", "a_{<i>}^{(<l>)}", "a_{<l><i>}"),
         "out[].output": (r"\hat{\mathbf{y}}", "a_{<l>}", "a^{(<l>)}", "a_{(<l>)}"),
         "target": ("y_{<i>}", "t_{<i>}"), "target[]": (r"\mathbf{y}", "t", "target"),
         "w": ("w_{<to><from>}^{(<l>)}", "W_{<l>,<to><from>}"), "b": ("b_{<i>}^{(<l>)}", "b_{<l><i>}"),
         "delta": (r"\delta_{<i>}^{(<l>)}", r"\delta_{<l><i>}"),
         "x": (*_COMMON["x"], "a_{<i>}^{(0)}"), "x[]": (r"\mathbf{x}", "X", "input", "a^{(0)}", "a_{0}"),
         "error": ("L_{<i>}",), "new": ("<name>'", *_COMMON["new"])},
        Style(out_first=True, symbols=r"\,", numbers=r"\cdot"),
        Route(("expanded", "update", *_SIGNALS))),
}


@dataclass(frozen=True)
class Names:
    """What every quantity of a lecture is called in a notation."""

    key: str                                     # the notation's name
    notation: Notation
    units: tuple[int, ...]                       # of each layer, inputs first
    parameters: Mapping[Quantity, Quantity]      # place -> the parameter that stands there
    numbers: Mapping[Quantity, int]              # running number of a weight or bias
    own: Patterns = field(default_factory=dict)  # the lecturer's, over the notation's
    equations: tuple[Quantity, ...] = ()         # of a lecture of equations: all its quantities
    updated: tuple[Quantity, ...] = ()           # and those that are updated

    def latex(self, quantity: Id) -> str:
        """The name that is printed."""
        return self._cached[quantity] if quantity in self._cached else self._keep(quantity)

    @cached_property
    def _cached(self) -> dict[Id, str]:
        return {}

    def _keep(self, quantity: Id) -> str:
        self._cached[quantity] = name = upright(next(self.spellings(quantity)))
        return name

    def spellings(self, quantity: Id) -> Iterator[str]:
        """Every way the quantity may be written, the printed one first."""
        if isinstance(quantity, Quantity):
            quantity = self._parameter(quantity)
        yield from self.own_spellings(quantity)
        yield from self._regular(quantity)

    def own_spellings(self, quantity: Id) -> Iterator[str]:
        """What the lecturer calls the quantity."""
        for key in generalisations(quantity):
            for pattern in self.own.get(key, ()):
                if self._suits(pattern, key, quantity):
                    yield self._fill(pattern, quantity)

    def bare_spellings(self, layer: Quantity) -> Iterator[str]:
        """What a whole layer can be called where the lecturer names its entries: a where these are a_1 and a_2."""
        for key in generalisations(layer):
            for pattern in self.own.get(key, ()):
                if _ENTRY.search(pattern):
                    yield self._fill(_NO_INDEX.sub("", _ENTRY.sub("", pattern)), layer)

    def _suits(self, pattern: str, key: str, quantity: Id) -> bool:
        """Whether a pattern can tell its numbers apart: one without an index is the whole layer's name."""
        inner = core(quantity)
        if not DEPTH.get(inner.kind) or len(self.units) < 2 or self._is_alone(inner):
            return True
        names_entries = bool(_ENTRY.search(pattern))
        return not names_entries if is_whole(inner) else names_entries or key == str(quantity)

    def _is_alone(self, inner: Quantity) -> bool:
        """Whether a layer has one number, or one parameter for all of its numbers."""
        kind, layer = inner.kind.rpartition("_")[2], inner.index[:1]
        if kind in ("w", "b"):
            places = self.parameters.items()
            return len({p for place, p in places if place.kind == kind and place.index[:1] == layer}) == 1
        number = (*layer, -1)[0] if DEPTH[inner.kind] > 1 else 0 if kind == "x" else -1
        return number < len(self.units) and self.units[number] == 1

    def _parameter(self, quantity: Quantity) -> Quantity:
        bare = Quantity(quantity.kind, quantity.index)
        first = self.parameters.get(bare, bare)
        return Quantity(first.kind, first.index, quantity.sample, quantity.round)

    def _regular(self, quantity: Id) -> Iterator[str]:
        d = self.notation.style.d
        if isinstance(quantity, Partial):
            for of in self.spellings(quantity.of):
                for by in self.spellings(quantity.by):
                    yield rf"\frac{{{after(d, upright(of))}}}{{{after(d, upright(by))}}}"
        elif isinstance(quantity, New):
            above = self._carried(quantity.of) is not None    # m_{w(new)} would be that of the new w
            for pattern in self.notation.names["new"]:
                for name in self.spellings(quantity.of):
                    yield marked(pattern.replace("_{(new)}", "^{(new)}") if above else pattern, name)
        elif (carried := self._carried(quantity)) is not None:
            yield from self._states(quantity, *carried)
        else:
            yield from self._patterns(quantity)

    def _carried(self, quantity: Quantity) -> tuple[str, Quantity] | None:
        """The state and the parameter of what an optimizer carries along; None for anything else."""
        state, _, kind = quantity.kind.partition("_")
        parameter = Quantity(kind, quantity.index)
        known = parameter in self.updated if self.equations else kind in ("w", "b")
        return (state, parameter) if state in _STATES and known else None

    def _states(self, quantity: Quantity, state: str, parameter: Quantity) -> Iterator[str]:
        """The names of what an optimizer carries along for a parameter."""
        for pattern in _STATES[state]:
            for name in self.spellings(parameter):
                yield of_sample_and_round(pattern.replace("<name>", name), quantity)

    def _patterns(self, quantity: Quantity) -> Iterator[str]:
        own = Quantity(quantity.kind) in self.equations   # equations have names of their own, but for training's
        named = self.notation.names if len(self.units) > 1 or (not own and quantity.kind in _TRAINING) else {}
        patterns = next((named[key] for key in self._keys(quantity) if key in named), (name_latex(quantity.kind),))
        for pattern in patterns:
            yield self._fill(pattern, quantity)

    def _keys(self, quantity: Quantity) -> Iterator[str]:
        kind = quantity.kind + ("[]" if is_whole(quantity) and quantity.kind in DEPTH else "")
        layers = len(self.units) - 1
        layer = quantity.index[0] if quantity.index else 0
        last = layer == layers or quantity.kind == "target"
        if last and self.units[-1] == 1:
            yield f"{kind}.single"
        yield f"{kind}.output" if last else f"{kind}.deep" if layers > 2 else f"{kind}.hidden"
        if not last:
            yield f"{kind}.hidden"
        yield kind

    def _fill(self, pattern: str, quantity: Id) -> str:
        if isinstance(quantity, New):
            return marked(pattern, next(self.spellings(quantity.of)))
        if isinstance(quantity, Partial):
            quantity = core(quantity)
        if "><" in pattern and max(self.units, default=0) > 9:
            pattern = pattern.replace("><", ">,<")
        filled = _SLOT.sub(lambda m: self._slot(m, quantity), pattern)
        return of_sample_and_round(filled, quantity)

    def _slot(self, match: re.Match[str], quantity: Quantity) -> str:
        index = quantity.index
        known = {"l": index[0] if index else 0, "i": index[-1] if index else 0,
                 "to": index[1] if len(index) > 1 else 0, "from": index[-1] if index else 0,
                 "n": self.numbers.get(Quantity(quantity.kind, quantity.index), 0)}
        return str(known[match[1]] + int(match[2] or 0))

    def ids(self) -> Iterator[Id]:
        """Every quantity of the lecture's equations, or of its network, whole layers last."""
        if self.equations:
            yield from (*self.equations, *([Quantity("learning_rate")] if self.updated else []))
            return
        for kind in ("x", "target", "error"):
            yield from (Quantity(kind, (i,)) for i in range(1, self.units[0 if kind == "x" else -1] + 1))
        for kind in ("net", "out", "delta"):
            yield from (Quantity(kind, (layer, i)) for layer, n in enumerate(self.units[1:], 1)
                        for i in range(1, n + 1))
        yield from dict.fromkeys(self.parameters.values())
        yield from (Quantity("loss"), Quantity("learning_rate"), Quantity("x"), Quantity("target"))
        yield from (Quantity(kind, (layer,)) for kind in ("net", "out", "delta", "w", "b")
                    for layer in range(1, len(self.units)))

    def vocabulary(self) -> Vocabulary:
        """Every spelling of every quantity, for the reader of formulas."""
        return self._vocabulary

    def _own_marked(self, each: Id) -> Iterator[str]:
        yield from self.own_spellings(each)
        for name in self.own_spellings(each.of) if isinstance(each, New) else ():
            yield from (marked(pattern, name) for pattern in self.notation.names["new"])

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        from derive.expressions import Vocabulary, canonical
        from derive.functions import ACTIVATIONS

        spelt: dict[str, dict[Id, None]] = {}
        own: dict[str, dict[Id, None]] = {}   # these win over another quantity's name in the notation
        for quantity in self.ids():
            updated = isinstance(quantity, Quantity) and (quantity in self.updated or quantity.kind in ("w", "b"))
            for each in (quantity, New(quantity)) if isinstance(quantity, Quantity) and updated else (quantity,):
                for table, names in ((spelt, self.spellings(each)), (own, self._own_marked(each))):
                    for name in names:
                        table.setdefault(canonical(name), {})[each] = None
        spelt |= own
        functions = {name: key for key, row in ACTIVATIONS.items() for name in row.names}
        return Vocabulary(ids={key: tuple(ids) for key, ids in spelt.items()}, functions=functions)


_SLOT = re.compile(r"<(l|i|to|from|n)([+-]\d+)?>")
_ENTRY = re.compile(r"<(?:i|to|from|n)(?:[+-]\d+)?>|<name>")   # what tells the numbers of a layer apart
_NO_INDEX = re.compile(r"[_^](?:\{[\s,]*\}|(?=[_^]|\Z))")


def names(lecture: Lecture, notation: str | None = None) -> Names:
    """The names of a lecture's quantities in its own notation or another.

    The lecturer's own names belong to the lecture's own notation.
    """
    standing = places(lecture)
    parameters = {place: first for place, (first, _) in standing.items()}
    counters = {"w": count(1), "b": count(1)}
    numbers = {first: next(counters[first.kind]) for first in dict.fromkeys(parameters.values())}
    own: dict[str, tuple[str, ...]] = {}
    if notation in (None, lecture.notation):
        own = {str(place): (name_latex(cell.name),) for place, (_, cell) in standing.items()
               if cell.name and not cell.name.startswith("[")}
        own.update(dict(lecture.names))
    units = (lecture.network.inputs, *(layer.units for layer in lecture.network.layers)) if lecture.network else (0,)
    chosen = notation or lecture.notation
    updated = lecture.derive.parameters if lecture.derive else ()
    return Names(chosen, NOTATIONS[chosen], units, parameters, numbers, own, _of_equations(lecture),
                 tuple(map(Quantity, updated)))


def _of_equations(lecture: Lecture) -> tuple[Quantity, ...]:
    """Every quantity of a lecture of equations."""
    from derive.expressions import names_in, parse

    found = dict.fromkeys([name for name, _ in (*lecture.equations, *lecture.values)] if lecture.equations else [])
    for _, text in lecture.equations:
        found.update(dict.fromkeys(names_in(parse(text))))
    return tuple(map(Quantity, found))
