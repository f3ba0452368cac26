"""The program's own layout: the frames of a lecture that has none, or is shown in another notation.

The network and its givens, the forward pass layer by layer, the loss, the way back by the
notation's route, the network after the update.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive import pictures
from derive.blocks import Block, Frame, Math, Prose, Table, Working
from derive.graph_layout import equation_frames, givens_of
from derive.kinks import remarks
from derive.later_layout import later_turns, other_samples, results
from derive.layout_pieces import (
    IN_FULL,
    figures_table,
    given_rows,
    gradient_of,
    ids_of,
    layer_name,
    likewise,
    lines,
    parameters_of,
    samples_of,
    update_of,
)
from derive.quantities import Id, Partial, Quantity
from derive.steps import ready
from derive.updating import settings
from derive.working import WORDS, Desk, Seen, said, working

_IN_ROW = 4      # givens in one row of the table


def laid_out(at: Desk) -> Iterator[Frame]:
    """The frames of a lecture in teaching order."""
    seen: Seen = {}
    if at.lecture.network is None:
        yield from equation_frames(at)
        return
    yield Frame("The network", (Prose((_about(at),)), *pictures.drawn(at, "givens"), *names_of(at)))
    sample, layers = samples_of(at)[0], len(at.names.units) - 1
    yield from _forward(at, sample, seen)
    sequential = at.lecture.training.order == "sequential" and sample is None
    for layer in range(layers, 0, -1):
        yield from _backward(at, layer, sample, seen)
        yield from _updates(at, layer) if sequential else ()
    batch = at.lecture.training.update == "batch"
    yield from other_samples(at) if batch else ()
    for layer in range(layers, 0, -1):
        yield from _updates(at, layer) if not sequential else ()
    if at.derivation.values:
        yield Frame("The network after the update", pictures.drawn(at, "new"))
    yield from later_turns(at)
    yield from results(at)


def _about(at: Desk) -> str:
    sizes = "-".join(map(str, at.names.units))
    return f"A {sizes} network; each unit adds up its weighted inputs and applies its activation."


def names_of(at: Desk) -> list[Block]:
    """The table of givens: what each is called and its number."""
    if at.lecture.network is None:
        return givens_of(at)
    if at.level == "layer":
        return _whole_givens(at)
    rows = [row for title, ids in _groups(at) for row in given_rows(at, title, ids, _IN_ROW)]
    return [Table((("Given",), ("Value",)), tuple(rows))] if rows else []


def _whole_givens(at: Desk) -> list[Block]:
    """Vectors and matrices in running text, so that TeX puts as many in a row as fit."""
    known = [q for q in at.derivation.graph.givens if at.figures.known(q)]
    runs: list[str | Math] = []
    for quantity in known:
        runs += [*([",  "] if runs else []), Math(f"{at.names.latex(quantity)} = {at.figures.found(quantity)}")]
    return [Prose(tuple(runs))] if runs else []


def _groups(at: Desk) -> Iterator[tuple[str, list[Id]]]:
    givens = [q for q in at.derivation.graph.givens if isinstance(q, Quantity)]
    layers = len(at.names.units) - 1
    for sample in samples_of(at):
        mark = f", sample {sample}" if sample else ""
        yield f"Inputs{mark}", [q for q in givens if q.kind == "x" and q.sample == sample]
        yield f"Targets{mark}", [q for q in givens if q.kind == "target" and q.sample == sample]
    for layer in range(1, layers + 1):
        where = layer_name(layer, layers)
        yield f"Weights, {where}", [q for q in givens if q.kind == "w" and q.index[0] == layer]
        thresholds = at.lecture.network is not None and at.lecture.network.layers[layer - 1].threshold
        biases: list[Id] = [q for q in givens if q.kind == "b" and q.index[0] == layer]
        yield f"{'Thresholds' if thresholds else 'Biases'}, {where}", biases
    yield "Learning rate", [Quantity("learning_rate")]
    yield "Settings", [*settings(at.lecture.training)]


def _of_sample(title: str, sample: int | None) -> str:
    return f"Sample {sample}: {title[0].lower()}{title[1:]}" if sample else title


def _forward(at: Desk, sample: int | None, seen: Seen) -> Iterator[Frame]:
    layers = len(at.names.units) - 1
    for layer in range(1, layers + 1):
        pairs = list(zip(ids_of(at, "net", layer, sample), ids_of(at, "out", layer, sample), strict=True))
        full, rest = pairs[:IN_FULL], pairs[IN_FULL:]
        blocks: list[Block] = [b for pair in full for q in pair for b in working(at, q, seen)]
        if rest:
            blocks += [Prose((WORDS["likewise"],), "lead"), figures_table(at, rest, ("Sum", "Output"))]
        blocks += remarks(at, [q for pair in pairs for q in pair])
        yield Frame(_of_sample(f"Forward pass: {layer_name(layer, layers)}", sample), tuple(blocks))
    loss = Quantity("loss", (), sample)
    step = at.step(loss)
    errors = [] if step is None or step.reason == "expanded" or at.level == "layer" else [
        Quantity("error", (i,), sample) for i in range(1, at.names.units[-1] + 1)]
    blocks = [b for q in (*(e for e in errors if at.step(e)), loss) for b in working(at, q, seen)]
    if at.derivation.values and sample in (None, 1):
        blocks += pictures.drawn(at, "outs")
    yield Frame(_of_sample("The loss", sample), tuple(blocks))


def _backward(at: Desk, layer: int, sample: int | None, seen: Seen) -> Iterator[Frame]:
    layers = len(at.names.units) - 1
    where = layer_name(layer, layers)
    if not (at.route.spelt_out and at.level == "unit"):
        blocks: list[Block] = [b for q in _signals(at, layer, sample) for b in working(at, q, seen)]
        said = [Prose((_SIGNS[at.derivation.graph.delta_sign],))] if _SIGNS[at.derivation.graph.delta_sign] else []
        yield Frame(_of_sample(f"Backward pass: {where}", sample), (*said, *_order(at, layer), *blocks))
    yield from _gradients(at, layer, where, sample, seen)


def _signals(at: Desk, layer: int, sample: int | None) -> list[Id]:
    """What is worked before a layer's gradients: error signals, or the derivatives by out and net."""
    loss = Quantity("loss", (), sample)
    if "signal" in at.route.reasons:
        first = ids_of(at, "out", layer, sample) if layer == len(at.names.units) - 1 else []
        plain = [Partial(loss, q) for q in first if _by_loss(at, Partial(loss, q))]
        return [*plain, *ids_of(at, "delta", layer, sample)]
    ids: list[Id] = []
    for out, net in zip(ids_of(at, "out", layer, sample), ids_of(at, "net", layer, sample), strict=True):
        local = [Partial(out, net)] if at.route.spelt_out else []
        ids += [Partial(loss, out), *local, Partial(loss, net)]
    return ids


def _by_loss(at: Desk, quantity: Id) -> bool:
    step = at.step(quantity)
    return step is not None and step.reason == "loss-by-out"


def _gradients(at: Desk, layer: int, where: str, sample: int | None, seen: Seen) -> Iterator[Frame]:
    loss = Quantity("loss", (), sample)
    gradients = [Partial(loss, q) for q in parameters_of(at, layer)]
    if "update-signal" in at.route.reasons and sample is None and at.level == "unit":
        return   # the update puts the error signal in; the gradient is not named
    if at.route.spelt_out and at.level == "unit":
        blocks: list[Block] = list(working(at, gradients[0], seen)) if gradients else []
        rest: list[Id] = list(gradients[1:])
    else:
        many = len(gradients) > 2 * IN_FULL
        full = gradients[:1] if many else gradients
        blocks = [b for q in full for b in working(at, q, seen)]
        rest = list(gradients[len(full):])
    if rest:
        blocks += likewise(at, rest)
        seen.update(dict.fromkeys(rest))
    yield Frame(_of_sample(f"Gradients: {where}", sample), tuple(blocks))
    yield from _short(at, layer, sample, seen)


def _short(at: Desk, layer: int, sample: int | None, seen: Seen) -> Iterator[Frame]:
    """What the derivatives by the nets cancel to, where the route has gone the long way."""
    if "short" in at.route.reasons:
        return
    ids = [Partial(Quantity("loss", (), sample), q) for q in ids_of(at, "net", layer, sample)]
    steps = [step for q in ids for step in at.derivation.by_lhs.get(q, ()) if step.reason == "short"]
    if steps:
        words = "Loss and activation fit together: written out, the products above cancel to a short form."
        lines_ = tuple(said(at, ready(step.lhs, step.formula, step.reason)) for step in steps)
        seen.update(dict.fromkeys(step.lhs for step in steps))
        yield Frame(_of_sample("The short form", sample), (Prose((words,)), Working(lines_)))


# what is said of error signals, by their sign
_SIGNS = {1: "", -1: "The error signal is minus the derivative of the loss by the net, so that updates add it."}


def _order(at: Desk, layer: int) -> list[Block]:
    """What is said where error signals go back by weights that are new already."""
    if at.lecture.training.order != "sequential" or layer == len(at.names.units) - 1:
        return []
    return [Prose(("The layer behind has been updated already, and its new weights carry the error back. "
                   "The derivatives below are therefore not quite those of the loss.",))]


def _updates(at: Desk, layer: int) -> Iterator[Frame]:
    """A layer's updates: with an optimizer what it carries along, too."""
    layers, parameters = len(at.names.units) - 1, parameters_of(at, layer)
    if not parameters:
        return
    chains = [update_of(at, q) for q in parameters]
    summed = len(at.lecture.inputs) > 1 and at.lecture.training.update == "batch"
    many = len(parameters) > (2 if "update-signal" in at.route.reasons else 1) * IN_FULL or len(chains[0]) > 1
    count = (1 if len(chains[0]) > 1 else 2) if many and at.derivation.values else len(parameters)
    full = [q for parameter, chain in list(zip(parameters, chains, strict=True))[:count]
            for q in (*([gradient_of(at, parameter)] if summed else []), *chain)]
    shown = 2 if len(chains[0]) == 2 else 1    # of Adam's many numbers only the last
    rest = [q for chain in chains[count:] for q in chain[-shown:]]
    sample = samples_of(at)[0] if not summed else None
    yield Frame(_of_sample(f"Update: {layer_name(layer, layers)}", sample), (*lines(at, full), *likewise(at, rest)))
