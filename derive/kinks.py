"""What is said where a function has no derivative (ReLU at 0, max at a tie), and of units that are dead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from derive.blocks import Block, Math, Prose
from derive.functions import ACTIVATIONS, LEAK
from derive.quantities import Id, Quantity, is_whole
from derive.working import Desk

if TYPE_CHECKING:
    from sympy import Expr

_DEAD = (" is negative: the unit is dead here. It gives out 0, its slope is 0, and no error "
         "comes back through it; the weights that lead to it do not change.")
_SHUT = " is negative: the ReLU is shut here. It gives out 0, its slope is 0, and no error comes back through it."
_EXTREMES = {"Max": ("max", max), "Min": ("min", min)}


def remarks(at: Desk, ids: Sequence[Id]) -> Iterator[Block]:
    """What is to be said of the quantities' functions at these numbers."""
    for quantity in ids if at.derivation.values else ():
        if isinstance(quantity, Quantity) and quantity in at.derivation.values:
            yield from _of_unit(at, quantity) if at.lecture.network else _of_equation(at, quantity)


def _of_unit(at: Desk, out: Quantity) -> Iterator[Block]:
    """What a unit, or every unit of a whole layer, gives out."""
    assert at.lecture.network is not None
    net = replace(out, kind="net")
    if out.kind != "out" or net not in at.derivation.values:
        return
    layer = at.lecture.network.layers[out.index[0] - 1]
    if layer.activation in ACTIVATIONS and ACTIVATIONS[layer.activation].kink:
        leak = LEAK[0] / LEAK[1] if layer.activation == "leaky-relu" else 0
        for unit, value in _entries(net, at.derivation.values[net]):
            slope = f"{layer.kink.normalize():f}" if layer.kink else f"{leak:g}"
            yield from _said(Math(at.names.latex(unit)), layer.activation, value, slope, _DEAD)


def _entries(net: Quantity, value: Any) -> Iterator[tuple[Quantity, Any]]:
    if not is_whole(net):
        yield net, value
        return
    yield from ((replace(net, index=(*net.index, i)), each) for i, each in enumerate(value.flat, 1))


def _said(name: Math, activation: str, value: Any, slope: str, dead: str) -> Iterator[Block]:
    if value == 0:
        word = ACTIVATIONS[activation].word
        yield Prose((name, f" is exactly 0, where {word} has a kink and no derivative; its slope there is taken as ",
                     Math(slope), "."), "bullet")
    elif value < 0 and activation == "relu":
        yield Prose((name, dead), "bullet")


def _of_equation(at: Desk, quantity: Quantity) -> Iterator[Block]:
    """ReLUs, maxima, minima and absolute values in a formula."""
    step = at.derivation.by_lhs.get(quantity, (None,))[0]
    for node in _nodes(step.formula) if step is not None else ():
        kind = node.func.__name__
        if kind in _EXTREMES:
            yield from _tie(at, kind, node.args)
        elif kind in ACTIVATIONS and ACTIVATIONS[kind].kink:
            leak = LEAK[0] / LEAK[1] if kind == "leaky-relu" else 0
            yield from _said(_name(at, node.args[0]), kind, _value(at, node.args[0]), f"{leak:g}", _SHUT)
        elif kind == "Abs" and _value(at, node.args[0]) == 0:
            yield Prose((_name(at, node.args[0]), " is exactly 0, where the absolute value has a kink and no "
                                                  "derivative; its slope there is taken as 0."), "bullet")


def _tie(at: Desk, kind: str, args: tuple[Expr, ...]) -> Iterator[Block]:
    """That the largest (or smallest) number stands there twice: the first one of them counts."""
    word, extreme = _EXTREMES[kind]
    values = [_value(at, arg) for arg in args]
    first, *others = [arg for arg, value in zip(args, values, strict=True) if value == extreme(values)]
    if others:
        names = [part for arg in others for part in (" and ", _name(at, arg))]
        yield Prose((_name(at, first), *names, f" are equal, where {word} has a kink and no derivative; "
                     "the first of them is taken, and the derivative by ", *names[1:], " is 0 there."), "bullet")


def _name(at: Desk, tree: Expr) -> Math:
    return Math(at.symbols().latex(tree))


def _value(at: Desk, tree: Expr) -> Any:
    return at.derivation.graph.value(tree, at.derivation.values)


def _nodes(tree: Any) -> Iterator[Any]:
    yield tree
    for arg in tree.args:
        yield from _nodes(arg)
