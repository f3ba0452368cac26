"""Layers of one number: they are that number, whichever of the two somebody writes."""

from __future__ import annotations

from derive.quantities import Quantity, is_whole


def single_of(units: tuple[int, ...], quantity: Quantity) -> Quantity:
    """The only entry of a layer that has just one; else the quantity. `units` of each layer, inputs first."""
    if not is_whole(quantity) or len(units) < 2:
        return quantity
    kind = quantity.kind.rpartition("_")[2]
    if not quantity.index:
        shape: tuple[int, ...] = (units[0 if kind == "x" else -1],) if kind in ("x", "target", "error") else (0,)
    elif not 1 <= quantity.index[0] < len(units) or len(quantity.index) > 1:
        return quantity
    else:
        to, source = units[quantity.index[0]], units[quantity.index[0] - 1]
        shape = (to, source) if kind == "w" else (to,)
    if any(n != 1 for n in shape):
        return quantity
    return Quantity(quantity.kind, (*quantity.index, *shape), quantity.sample, quantity.round)
