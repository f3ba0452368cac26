"""Frames for what comes behind the first update: later turns, online samples, the loss over many rounds."""

from __future__ import annotations

from collections.abc import Iterator

from derive.blocks import Block, Figure, Frame, Math, Prose, Table, Text
from derive.curves import loss_curve
from derive.kinks import remarks
from derive.layout_pieces import (
    IN_FULL,
    across,
    gradient_of,
    ids_of,
    layer_name,
    likewise,
    lines,
    outcomes,
    parameters_of,
    samples_of,
    update_of,
)
from derive.quantities import Id, New, Partial, Quantity
from derive.rounds import renumbered, root_of
from derive.working import Desk, Seen, working

_PARAMETERS = 12    # in the table of a later turn's updates


def other_samples(at: Desk) -> Iterator[Frame]:
    """The samples behind the first: what their forward passes and gradients come to, side by side."""
    rest = samples_of(at)[1:]
    if not rest or not at.derivation.values:
        return
    forward = [(f"sample {s}", outcomes(at, s)) for s in rest]
    outs = [q for _, ids in forward for q in ids]
    lead = Prose(("The same formulas with the inputs and targets of the other samples.",))
    yield Frame("The other samples: forward pass", (lead, *across(at, forward), *remarks(at, outs)))
    yield Frame("The loss over all samples", tuple(lines(at, [Quantity("loss")])))
    gradients = [(f"sample {s}", [*_deltas(at, s), *_gradients(at, s)]) for s in rest]
    yield Frame("The other samples: gradients", tuple(across(at, gradients)))


def _deltas(at: Desk, sample: int | None) -> list[Id]:
    if "signal" not in at.route.reasons:
        return []
    layers = range(len(at.names.units) - 1, 0, -1)
    return [q for layer in layers for q in ids_of(at, "delta", layer, sample)]


def _gradients(at: Desk, sample: int | None) -> list[Id]:
    return [Partial(Quantity("loss", (), sample), q) for q in reversed_layers(at)]


def reversed_layers(at: Desk) -> list[Quantity]:
    """The parameters that are updated, the last layer's first."""
    return [q for layer in range(len(at.names.units) - 1, 0, -1) for q in parameters_of(at, layer)]


def later_turns(at: Desk) -> Iterator[Frame]:
    """Every turn behind the first that is worked: its forward pass and its update."""
    for turn in range(1, at.derivation.graph.turns) if at.derivation.values else ():
        yield from _forward(at, turn)
        yield from _update(at, turn)


def _title(at: Desk, turn: int) -> str:
    samples = len(at.lecture.inputs)
    if at.lecture.training.update == "batch":
        return f"Round {turn + 1}"
    again = f"Round {turn // samples + 1}, sample" if turn >= samples else "Sample"
    return f"{again} {turn % samples + 1}"


def _forward(at: Desk, turn: int) -> Iterator[Frame]:
    """The second turn's forward pass in full, layer by layer; the others as a table."""
    graph, root = at.derivation.graph, root_of(at.derivation.graph, turn)
    samples = (root.sample,) if root.sample else samples_of(at)
    if turn > 1 or len(samples) > 1:
        columns = [(f"sample {s}" if s else "", [renumbered(graph, q, turn) for q in outcomes(at, s)])
                   for s in samples]
        loss = [renumbered(graph, root, turn)] if len(samples) > 1 else []
        yield Frame(f"{_title(at, turn)}: forward pass",
                    (about_turn(at, turn), *across(at, columns), *lines(at, loss)))
        return
    seen: Seen = {}
    layers = len(at.names.units) - 1
    for layer in range(1, layers + 1):
        pairs = zip(ids_of(at, "net", layer, root.sample), ids_of(at, "out", layer, root.sample), strict=True)
        ids = [renumbered(graph, q, turn) for both in pairs for q in both]
        blocks: list[Block] = [b for q in ids[:2 * IN_FULL] for b in working(at, q, seen)]
        blocks += [*likewise(at, ids[2 * IN_FULL:]), *remarks(at, ids)]
        blocks = [about_turn(at, turn), *blocks] if layer == 1 else blocks
        if layer == layers:
            blocks += [b for q in (*_errors(at, turn), renumbered(graph, root, turn))
                       for b in working(at, q, seen)]
        yield Frame(f"{_title(at, turn)}: {layer_name(layer, layers)}", tuple(blocks))


def _errors(at: Desk, turn: int) -> list[Id]:
    """The outputs' errors, where the loss is made of them."""
    root = root_of(at.derivation.graph, turn)
    step = at.step(renumbered(at.derivation.graph, root, turn))
    ids = [renumbered(at.derivation.graph, Quantity("error", (i,), root.sample), turn)
           for i in range(1, at.names.units[-1] + 1)]
    return [] if step is None or step.reason == "expanded" else [q for q in ids if at.step(q)]


def about_turn(at: Desk, turn: int) -> Prose:
    first = next(iter(at.derivation.graph.parameters), None)
    if first is None:
        return Prose(("The same computation again.",))
    now = renumbered(at.derivation.graph, first, turn)
    before = New(first) if turn == 1 else New(renumbered(at.derivation.graph, first, turn - 1))  # type: ignore[arg-type]
    return Prose(("The weights are the new ones now: ", Math(f"{at.names.latex(now)} = {at.names.latex(before)}"),
                  f", and so on. The number in square brackets says how many updates were done before: {turn}."))


def _update(at: Desk, turn: int) -> Iterator[Frame]:
    """The first parameter's update in full, the others' figures."""
    graph = at.derivation.graph
    parameters = reversed_layers(at)
    pairs = [(renumbered(graph, gradient_of(at, q, turn), turn), renumbered(graph, New(q), turn))
             for q in parameters[:_PARAMETERS]]
    if not pairs:
        return
    scheduled = [q for q in (Quantity("learning_rate", (), None, turn),) if at.step(q)]
    chain = [renumbered(graph, q, turn) for q in update_of(at, parameters[0])]
    root = root_of(graph, turn)
    deltas = _deltas(at, root.sample) if root.sample or len(at.lecture.inputs) == 1 else []
    signals = [renumbered(graph, q, turn) for q in deltas]
    full = [*scheduled, *signals, pairs[0][0], *chain]
    blocks = [*lines(at, full), *likewise(at, [q for both in pairs[1:] for q in both])]
    yield Frame(f"{_title(at, turn)}: gradients and update", tuple(blocks))


def results(at: Desk) -> Iterator[Frame]:
    """The loss before and after."""
    if blocks := chosen_rounds(at):
        yield Frame("The loss, update after update", tuple(blocks))


def chosen_rounds(at: Desk) -> list[Block]:
    """A table of the chosen rounds, and a curve where there are many."""
    rounds = tuple(sorted(dict.fromkeys((0, *at.lecture.training.show_rounds))))
    if len(rounds) < 2 or not at.derivation.values:
        return []
    name = at.names.latex(Quantity(at.lecture.of))
    curve = [loss_curve(at.lecture, rounds[-1], name)] if rounds[-1] > 2 else []
    return [_chosen(at, rounds), *curve]


def _chosen(at: Desk, rounds: tuple[int, ...]) -> Table:
    """A row for each chosen number of updates: the loss, and the outputs where there are few."""
    ids: list[Id] = [Quantity(at.lecture.of)]
    outs = [Quantity("out", (len(at.names.units) - 1, i), sample) for sample in samples_of(at)
            for i in range(1, at.names.units[-1] + 1)] if at.lecture.network else at.derivation.graph.outputs()
    ids += outs if len(outs) <= IN_FULL and at.level == "unit" else []
    header: tuple[Text, ...] = (("Updates",), *((Math(at.names.latex(q)),) for q in ids))
    return Table(header, tuple(((Math(str(count)),), *(_after(at, q, count) for q in ids)) for count in rounds))


def _after(at: Desk, quantity: Id, count: int) -> Text | Figure:
    """The figure after so many updates; one that training alone can find is given."""
    assert isinstance(quantity, Quantity)
    later = Quantity(quantity.kind, quantity.index, quantity.sample, count)
    known = quantity if not count else later
    figure = at.figures.found(later)
    return Figure(figure, str(known)) if known in at.derivation.values else (Math(figure),)
