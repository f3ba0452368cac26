"""The program's own layout: the frames of a lecture that has none, or is shown in another notation.

The network and its givens, the forward pass layer by layer, the loss, the way back by the
notation's route, the network after the update.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive import pictures
from derive.blocks import Block, Figure, Frame, Math, Prose, Table, Text, Working
from derive.quantities import Id, New, Partial, Quantity
from derive.working import WORDS, Desk, Seen, briefly, in_full, in_symbols, working

_IN_FULL = 4     # units of a layer, and parameters, that are worked line by line
_IN_ROW = 4      # givens in one row of the table


def laid_out(at: Desk) -> Iterator[Frame]:
    """The frames of a lecture in teaching order."""
    seen: Seen = {}
    if at.lecture.network is None:
        yield from _equations(at, seen)
        return
    yield Frame("The network", (Prose((_about(at),)), pictures.network(at, "givens"), *names_of(at)))
    for sample in _samples(at):
        yield from _forward(at, sample, seen)
        yield from _backward(at, sample, seen)
    yield from _updates(at)
    if at.derivation.values:
        yield Frame("The network after the update", (pictures.network(at, "new"),))


def _samples(at: Desk) -> tuple[int | None, ...]:
    return tuple(range(1, len(at.lecture.inputs) + 1)) if len(at.lecture.inputs) > 1 else (None,)


def _about(at: Desk) -> str:
    sizes = "-".join(map(str, at.names.units))
    return f"A {sizes} network; each unit adds up its weighted inputs and applies its activation."


def names_of(at: Desk) -> list[Block]:
    """The table of givens: what each is called and its number."""
    if at.lecture.network is None:
        rows = list(_rows("Given", [q for q in at.derivation.graph.givens if at.figures.known(q)], at))
    elif at.level == "layer":
        return _whole_givens(at)
    else:
        rows = [row for title, ids in _groups(at) for row in _rows(title, ids, at)]
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
    for sample in _samples(at):
        mark = f", sample {sample}" if sample else ""
        yield f"Inputs{mark}", [q for q in givens if q.kind == "x" and q.sample == sample]
        yield f"Targets{mark}", [q for q in givens if q.kind == "target" and q.sample == sample]
    for layer in range(1, layers + 1):
        where = _layer_name(layer, layers)
        yield f"Weights, {where}", [q for q in givens if q.kind == "w" and q.index[0] == layer]
        yield f"Biases, {where}", [q for q in givens if q.kind == "b" and q.index[0] == layer]
    yield "Learning rate", [Quantity("learning_rate")]


def _rows(title: str, ids: list[Id], at: Desk) -> Iterator[tuple[Text, Text]]:
    known = [q for q in ids if at.figures.known(q)]
    for start in range(0, len(known), _IN_ROW):
        cell: list[str | Math] = []
        for q in known[start:start + _IN_ROW]:
            cell += [*([", "] if cell else []), Math(f"{at.names.latex(q)} = {at.figures.found(q)}")]
        yield ((title if start == 0 else "",), tuple(cell))


def _layer_name(layer: int, layers: int) -> str:
    if layer == layers:
        return "output layer"
    return "hidden layer" if layers == 2 else f"hidden layer {layer}"


def _ids(at: Desk, kind: str, layer: int, sample: int | None) -> list[Id]:
    """The units' quantities of a layer; at layer level the whole layer."""
    if at.level == "layer":
        return [Quantity(kind, (layer,), sample)]
    return [Quantity(kind, (layer, i), sample) for i in range(1, at.names.units[layer] + 1)]


def _of_sample(title: str, sample: int | None) -> str:
    return f"Sample {sample}: {title[0].lower()}{title[1:]}" if sample else title


def _forward(at: Desk, sample: int | None, seen: Seen) -> Iterator[Frame]:
    layers = len(at.names.units) - 1
    for layer in range(1, layers + 1):
        pairs = list(zip(_ids(at, "net", layer, sample), _ids(at, "out", layer, sample), strict=True))
        full, rest = pairs[:_IN_FULL], pairs[_IN_FULL:]
        blocks: list[Block] = [b for pair in full for q in pair for b in working(at, q, seen)]
        if rest:
            blocks += [Prose((WORDS["likewise"],), "lead"), _table(at, rest, ("Sum", "Output"))]
        yield Frame(_of_sample(f"Forward pass: {_layer_name(layer, layers)}", sample), tuple(blocks))
    loss = Quantity("loss", (), sample)
    step = at.step(loss)
    errors = [] if step is None or step.reason == "expanded" or at.level == "layer" else [
        Quantity("error", (i,), sample) for i in range(1, at.names.units[-1] + 1)]
    blocks = [b for q in (*(e for e in errors if at.step(e)), loss) for b in working(at, q, seen)]
    if at.derivation.values and sample in (None, 1):
        blocks.append(pictures.network(at, "outs"))
    yield Frame(_of_sample("The loss", sample), tuple(blocks))


def _table(at: Desk, rows: Sequence[tuple[Id, ...]], heads: tuple[str, ...]) -> Table:
    """Figures of many quantities: a name and a blank each."""
    header = tuple(part for head in heads for part in ((head,), ("",)))
    return Table(header, tuple(tuple(cell for q in row for cell in _pair(at, q)) for row in rows))


def _pair(at: Desk, quantity: Id) -> tuple[Text | Figure, Text | Figure]:
    name = (Math(f"{at.names.latex(quantity)} ="),)
    if at.figures.known(quantity):
        return name, Figure(at.figures.found(quantity), str(quantity))
    line = in_symbols(at, quantity)
    return name, ((Math(line.members[-1].latex),) if line else ("",))


def _backward(at: Desk, sample: int | None, seen: Seen) -> Iterator[Frame]:
    layers = len(at.names.units) - 1
    for layer in range(layers, 0, -1):
        where = _layer_name(layer, layers)
        if not (at.route.spelt_out and at.level == "unit"):
            blocks = [b for q in _signals(at, layer, sample) for b in working(at, q, seen)]
            yield Frame(_of_sample(f"Backward pass: {where}", sample), tuple(blocks))
        yield from _gradients(at, layer, where, sample, seen)


def _signals(at: Desk, layer: int, sample: int | None) -> list[Id]:
    """What is worked before a layer's gradients: error signals, or the derivatives by out and net."""
    loss = Quantity("loss", (), sample)
    if "signal" in at.route.reasons:
        first = _ids(at, "out", layer, sample) if layer == len(at.names.units) - 1 else []
        plain = [Partial(loss, q) for q in first if _by_loss(at, Partial(loss, q))]
        return [*plain, *_ids(at, "delta", layer, sample)]
    ids: list[Id] = []
    for out, net in zip(_ids(at, "out", layer, sample), _ids(at, "net", layer, sample), strict=True):
        local = [Partial(out, net)] if at.route.spelt_out else []
        ids += [Partial(loss, out), *local, Partial(loss, net)]
    return ids


def _by_loss(at: Desk, quantity: Id) -> bool:
    step = at.step(quantity)
    return step is not None and step.reason == "loss-by-out"


def _parameters(at: Desk, layer: int) -> list[Quantity]:
    return [q for q in at.derivation.graph.parameters if q.index[0] == layer]


def _gradients(at: Desk, layer: int, where: str, sample: int | None, seen: Seen) -> Iterator[Frame]:
    loss = Quantity("loss", (), sample)
    gradients = [Partial(loss, q) for q in _parameters(at, layer)]
    if "update-signal" in at.route.reasons and sample is None and at.level == "unit":
        return   # the update puts the error signal in; the gradient is not named
    if at.route.spelt_out and at.level == "unit":
        blocks: list[Block] = list(working(at, gradients[0], seen)) if gradients else []
        rest: list[Id] = list(gradients[1:])
    else:
        many = len(gradients) > 2 * _IN_FULL
        full = gradients[:1] if many else gradients
        blocks = [b for q in full for b in working(at, q, seen)]
        rest = list(gradients[len(full):])
    if rest:
        blocks += [Prose((WORDS["likewise"],), "lead"), *_rest(at, rest)]
        seen.update(dict.fromkeys(rest))
    yield Frame(_of_sample(f"Gradients: {where}", sample), tuple(blocks))


def _rest(at: Desk, ids: list[Id]) -> list[Block]:
    """The other quantities of a kind: by figures, or by their formulas where there are none."""
    if not at.derivation.values:
        return [Working(tuple(line for q in ids if (line := in_symbols(at, q)) is not None))]
    wide = 2 if len(ids) > _IN_FULL else 1
    rows = [tuple(ids[i:i + wide]) for i in range(0, len(ids), wide)]
    return [Working(tuple(line for q in ids if (line := briefly(at, q)) is not None))] if wide == 1 else [
        _padded(at, rows)]


def _padded(at: Desk, rows: list[tuple[Id, ...]]) -> Table:
    cells = [tuple(cell for q in row for cell in _pair(at, q)) for row in rows]
    return Table((("",),) * 4, tuple(row + (("",),) * (4 - len(row)) for row in cells))


def _updates(at: Desk) -> Iterator[Frame]:
    layers = len(at.names.units) - 1
    several = len(at.lecture.inputs) > 1
    for layer in range(layers, 0, -1):
        new = [New(q) for q in _parameters(at, layer)]
        if not new:
            continue
        full = new if len(new) <= _IN_FULL or not at.derivation.values else new[:2]
        if "update-signal" in at.route.reasons and len(new) <= 2 * _IN_FULL:
            full = new
        sums: list[Id] = [Partial(Quantity("loss"), q.of) for q in full] if several else []
        blocks = [b for q in (*sums, *full) for b in _lines(at, q)]
        if new[len(full):]:
            blocks += [Prose((WORDS["likewise"],), "lead"), *_rest(at, list(new[len(full):]))]
        yield Frame(f"Update: {_layer_name(layer, layers)}", tuple(blocks))


def _lines(at: Desk, quantity: Id) -> Iterator[Block]:
    line = in_full(at, quantity)
    if line is not None:
        yield Working((line,))


def _equations(at: Desk, seen: Seen) -> Iterator[Frame]:
    graph = at.derivation.graph
    said = [in_symbols(at, e.quantity) for e in graph.equations]
    yield Frame("The equations", (Working(tuple(line for line in said if line)), pictures.graph(at), *names_of(at)))
    if at.derivation.values:
        forward = [b for e in graph.equations for b in working(at, e.quantity, {})]
        yield Frame("Forward: the values", tuple(forward))
    local = [s.lhs for s in at.derivation.steps if s.reason == "local"]
    yield Frame("Local derivatives", tuple(b for q in dict.fromkeys(local) for b in working(at, q, seen)))
    blocks = [b for q in _backwards(at) for b in working(at, q, seen)]
    if blocks:
        yield Frame("Backward: the chain rule", tuple(blocks))


def _backwards(at: Desk) -> Iterator[Id]:
    """The derivatives of what is asked by everything behind it, from the end to the givens."""
    of = at.derivation.graph.of
    seen = [s.lhs for s in at.derivation.steps if isinstance(s.lhs, Partial) and s.lhs.of == of]
    wanted = {Partial(of, by) for by in at.derivation.graph.by}
    yield from (q for q in dict.fromkeys(seen) if q not in wanted)
    yield from (q for q in dict.fromkeys(seen) if q in wanted)

