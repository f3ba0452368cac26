"""Ids as values: quantities, derivatives and updated parameters, and their SymPy symbols.

    x[1]  target[2]  net[1][2]  out[2][1]  delta[2][1]  w[2][1][3]  b[1][2]  error[1]
    loss  learning_rate         w[2]  net[1]  x            (whole layers)
    d(loss)/d(w[2][1][1])   new(w[2][1][1])   out[2][1]@3  (sample 3)   loss#10 (after 10 updates)
    new(w[2][1][1])#10 is w[2][1][1]#10; new(w[2][1][1]#10) comes out of the update behind it

Indices start at 1. In a lecture of equations a quantity's id is its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from derive.errors import InputError

if TYPE_CHECKING:
    import sympy

# kinds of a network's quantities and how many indices name one number of it
DEPTH = {"x": 1, "target": 1, "net": 2, "out": 2, "delta": 2, "w": 3, "b": 2,
         "error": 1, "loss": 0, "learning_rate": 0, "penalty": 0}
# what an optimizer carries along for a parameter (velocity_w[1][1][2]) or computes from it
STATES = ("velocity", "moment1", "moment2", "corrected1", "corrected2")
DEPTH |= {f"{state}_{kind}": DEPTH[kind] for state in STATES for kind in ("w", "b")}
SETTINGS = ("beta", "beta1", "beta2", "epsilon", "factor", "every", "weight_decay", "l2")
SHARES = ("beta", "beta1", "beta2")     # what is left of 1 is used beside them
DEPTH |= dict.fromkeys(SETTINGS, 0)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named number, or with fewer indices a whole layer of them.

    `sample` and `round` are None where there is one sample, or where the values
    before the first update are meant.
    """

    kind: str
    index: tuple[int, ...] = ()
    sample: int | None = None
    round: int | None = None

    def __str__(self) -> str:
        text = self.kind + "".join([f"[{i}]" for i in self.index])
        text += "" if self.sample is None else f"@{self.sample}"
        return text + ("" if self.round is None else f"#{self.round}")


@dataclass(frozen=True, slots=True)
class Partial:
    """The derivative of `of` by `by`."""

    of: Id
    by: Id

    def __str__(self) -> str:
        return f"d({self.of})/d({self.by})"


@dataclass(frozen=True, slots=True)
class New:
    """The value of a parameter after the next update."""

    of: Quantity

    def __str__(self) -> str:
        return f"new({self.of})"


Id = Quantity | Partial | New
PENALTY = Quantity("penalty")   # what L2 adds to the loss

_QUANTITY = re.compile(r"([^\W\d]\w*)((?:\[\d+\])*)(?:@(\d+))?(?:#(\d+))?\Z")
_PARTIAL = re.compile(r"d\((.+)\)/d\((.+)\)((?:@\d+)?(?:#\d+)?)\Z")
_NEW = re.compile(r"new\((.+)\)((?:@\d+)?(?:#\d+)?)\Z")


def parse_id(text: str) -> Id:
    """The id that `text` spells; InputError where it spells none."""
    text = text.replace(" ", "")
    if len(text) > 200:
        raise InputError(f"{text[:40]}… is not an id", expected="an id such as net[1][2] or d(loss)/d(w[1][1][1])")
    if match := _PARTIAL.match(text):
        return marked(Partial(quantity_of(match[1]), quantity_of(match[2])), match[3])
    if match := _NEW.match(text):
        inner = quantity_of(match[1])
        if isinstance(inner, Quantity):
            return marked(New(inner), match[2])
    if match := _QUANTITY.match(text):
        index = tuple(int(i) for i in re.findall(r"\d+", match[2]))
        return Quantity(match[1], index, *(int(n) if n else None for n in match.group(3, 4)))
    raise InputError(f"{text!r} is not an id", expected="an id such as net[1][2] or d(loss)/d(w[1][1][1])")


def at(quantity: Id, sample: int | None = None, round: int | None = None) -> Id:
    """The same quantity for a sample or after a number of updates (parameters have no sample)."""
    if sample is None and round is None:
        return quantity
    if isinstance(quantity, Partial):
        return Partial(at(quantity.of, sample, round), at(quantity.by, sample, round))
    if isinstance(quantity, New):
        inner = at(quantity.of, sample, round)
        assert isinstance(inner, Quantity)
        return New(inner)
    if quantity.kind in ("w", "b", "learning_rate"):
        sample = None
    return replace(quantity, sample=quantity.sample if sample is None else sample,
                   round=quantity.round if round is None else round)


def before(quantity: Id) -> Id:
    """The quantity of round 0, which needs no round."""
    if isinstance(quantity, Partial):
        return Partial(before(quantity.of), before(quantity.by))
    if isinstance(quantity, New):
        inner = before(quantity.of)
        assert isinstance(inner, Quantity)
        return New(inner)
    return replace(quantity, round=None)


def marked(quantity: Id, marks: str) -> Id:
    """The quantity that an id with `marks` (@2, #10, @2#10) behind it means; new(w)#3 is w#3, w after 3 updates."""
    if not marks:
        return quantity
    sample, number = re.search(r"@(\d+)", marks), re.search(r"#(\d+)", marks)
    done = quantity.of if isinstance(quantity, New) and number else quantity
    return at(done, int(sample[1]) if sample else None, int(number[1]) if number else None)


def is_state(quantity: Id) -> bool:
    """Whether the id is something that an optimizer carries along."""
    return isinstance(quantity, Quantity) and quantity.kind.startswith(STATES)


def is_whole(quantity: Id) -> bool:
    """Whether the id stands for a whole layer (a vector or a matrix) rather than one number."""
    if isinstance(quantity, Partial):
        return is_whole(quantity.by) or is_whole(quantity.of)
    if isinstance(quantity, New):
        return is_whole(quantity.of)
    return len(quantity.index) < DEPTH.get(quantity.kind, 0)


def entries(whole: Id, rows: int, columns: int | None = None) -> tuple[Id, ...]:
    """The ids of a whole layer's entries, row by row."""
    places = [(i,) for i in range(1, rows + 1)] if columns is None else [
        (i, j) for i in range(1, rows + 1) for j in range(1, columns + 1)]
    return tuple(entry(whole, place) for place in places)


def entry(whole: Id, place: tuple[int, ...]) -> Id:
    """One entry of a whole layer's id: `entry(d(loss)/d(w[1]), (2, 1))` is d(loss)/d(w[1][2][1]).

    Of d(out[1])/d(net[1]) an entry (i,) is d(out[1][i])/d(net[1][i]), an entry (i, j) has j below.
    """
    if isinstance(whole, Partial):
        return Partial(entry(whole.of, place[:1]) if is_whole(whole.of) else whole.of,
                       entry(whole.by, place[-1:] if is_whole(whole.of) else place))
    if isinstance(whole, New):
        inner = entry(whole.of, place)
        assert isinstance(inner, Quantity)
        return New(inner)
    return replace(whole, index=whole.index + place)


def core(quantity: Id) -> Quantity:
    """The quantity itself, the one that is updated, or the one that is differentiated by."""
    while not isinstance(quantity, Quantity):
        quantity = quantity.by if isinstance(quantity, Partial) else quantity.of
    return quantity


@lru_cache(maxsize=100_000)
def generalisations(quantity: Id) -> tuple[str, ...]:
    """The keys that speak of a quantity, most particular first; `[names]` and `decimals_of` use them.

    `net[1][2]` is spoken of by net[1][2], net[1], net; an updated weight by
    new(w[1][2][1]), …, new(w), new; a derivative by each pair of such keys.
    """
    if isinstance(quantity, New):
        return tuple(f"new({key})" for key in generalisations(quantity.of)) + ("new",)
    if isinstance(quantity, Partial):
        pairs = [(f"d({a})/d({b})", i + j, j) for i, a in enumerate(generalisations(quantity.of))
                 for j, b in enumerate(generalisations(quantity.by))]
        keys = tuple(key for key, _, _ in sorted(pairs, key=lambda p: p[1:]))
        return keys + (("gradient",) if quantity.of == Quantity("loss") else ()) + ("derivative",)
    bare = replace(quantity, sample=None, round=None)
    steps = [replace(bare, index=bare.index[:n]) for n in range(len(bare.index), -1, -1)]
    exact = () if bare == quantity else (str(quantity),)
    return exact + tuple(map(str, steps))


@lru_cache(maxsize=1_000_000)
def symbol(quantity: Id) -> sympy.Symbol:
    """The SymPy symbol of an id; the only place where symbols are made."""
    import sympy

    return sympy.Symbol(str(quantity), real=True)


@lru_cache(maxsize=1_000_000)
def quantity_of(name: str) -> Id:
    """The id of a symbol's name."""
    return parse_id(name)
