"""Quantities after many updates: the figure of a round, and what it would be under another rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

from derive.errors import InputError
from derive.lecture import Lecture
from derive.quantities import Id, New, Partial, at
from derive.trees import context

MOST_ROUNDS = 1_000_000  # updates; a figure of a later round is left undecided


def round_of(quantity: Id) -> int | None:
    """After how many updates a quantity is meant; None where none is said."""
    if isinstance(quantity, Partial):
        return round_of(quantity.of) if round_of(quantity.of) is not None else round_of(quantity.by)
    return round_of(quantity.of) if isinstance(quantity, New) else quantity.round


def after(lecture: Lecture, quantity: Id) -> Any:
    """The value of a quantity with a round, in double precision; None where it cannot be had."""
    from derive.training import ask

    if (round_of(quantity) or 0) > MOST_ROUNDS:
        return None
    try:
        return context().mpf(ask(lecture, quantity))
    except InputError:
        return None


def otherwise(lecture: Lecture, quantity: Id) -> Iterator[tuple[str, str, Any]]:
    """Kind, sentence and value of each way in which a figure of a round is got wrong."""
    training, done = lecture.training, round_of(quantity) or 0
    if lecture.network is None:
        yield from _neighbours(lecture, quantity, done)
        return
    order: Literal["simultaneous", "sequential"]
    order = "sequential" if training.order == "simultaneous" else "simultaneous"
    says = "weights that were already updated" if order == "sequential" else "weights before the update"
    yield (
        "updated-weights",
        f"the hidden error signals are taken back through {says}",
        after(replace(lecture, training=replace(training, order=order)), quantity),
    )
    yield from _neighbours(lecture, quantity, done)
    held = "updated" if not training.update_biases else "held fixed"
    other = replace(lecture, training=replace(training, update_biases=not training.update_biases))
    yield "formula", f"this is what comes out with the biases {held}", after(other, quantity)


def _neighbours(lecture: Lecture, quantity: Id, done: int) -> Iterator[tuple[str, str, Any]]:
    """One round too few, and one too many."""
    for number in (done - 1, done + 1):
        if number >= 0:
            says = f"this is the value after {number:,} update{'' if number == 1 else 's'}"
            yield "rounds", says, after(lecture, at(quantity, None, number))
