"""What the program's own frames are made of: the ids of a layer, tables of figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.blocks import Block, Figure, Math, Prose, Table, Text, Working
from derive.quantities import Id, Partial, Quantity
from derive.rounds import root_of
from derive.updating import worked
from derive.working import WORDS, Desk, asked, briefly, in_full, in_symbols

IN_FULL = 4     # units of a layer, and parameters, that are worked line by line
_ACROSS = 4     # samples in one table


def samples_of(at: Desk) -> tuple[int | None, ...]:
    """The numbers of the samples; a single one bears no number."""
    return tuple(range(1, len(at.lecture.inputs) + 1)) if len(at.lecture.inputs) > 1 else (None,)


def ids_of(at: Desk, kind: str, layer: int, sample: int | None) -> list[Id]:
    """The units' quantities of a layer; at layer level the whole layer."""
    if at.level == "layer":
        return [Quantity(kind, (layer,), sample)]
    return [Quantity(kind, (layer, i), sample) for i in range(1, at.names.units[layer] + 1)]


def outcomes(at: Desk, sample: int | None) -> list[Id]:
    """What a sample's forward pass finds, layer by layer, and its loss."""
    pairs = [pair for layer in range(1, len(at.names.units))
             for pair in zip(ids_of(at, "net", layer, sample), ids_of(at, "out", layer, sample), strict=True)]
    return [*(q for pair in pairs for q in pair), Quantity("loss", (), sample)]


def layer_name(layer: int, layers: int) -> str:
    """What a layer is called in titles."""
    if layer == layers:
        return "output layer"
    return "hidden layer" if layers == 2 else f"hidden layer {layer}"


def parameters_of(at: Desk, layer: int) -> list[Quantity]:
    """The weights and biases of a layer that are updated."""
    return [q for q in at.derivation.graph.parameters if q.index[0] == layer]


def pair(at: Desk, quantity: Id) -> tuple[Text | Figure, Text | Figure]:
    """A name and its figure, or its formula where there are no figures."""
    name = (Math(f"{at.names.latex(quantity)} ="),)
    if at.figures.known(quantity):
        return name, asked(at, quantity)
    line = in_symbols(at, quantity)
    return name, ((Math(line.members[-1].latex),) if line else ("",))


def given_rows(at: Desk, title: str, ids: Sequence[Id], across: int) -> Iterator[tuple[Text, Text]]:
    """Givens with their numbers, so many in a row of a table, their title before the first row."""
    known = [q for q in ids if at.figures.known(q)]
    for start in range(0, len(known), across):
        cell: list[str | Math] = []
        for q in known[start:start + across]:
            cell += [*([", "] if cell else []), Math(f"{at.names.latex(q)} = {at.figures.found(q)}")]
        yield ((title if start == 0 else "",), tuple(cell))


def figures_table(at: Desk, rows: Sequence[tuple[Id, ...]], heads: tuple[str, ...]) -> Table:
    """Figures of many quantities: a name and a blank each."""
    header = tuple(part for head in heads for part in ((head,), ("",)))
    return Table(header, tuple(tuple(cell for q in row for cell in pair(at, q)) for row in rows))


def likewise(at: Desk, ids: list[Id]) -> list[Block]:
    """The other quantities of a kind: by figures, or by their formulas where there are none."""
    if not ids:
        return []
    lead = Prose((WORDS["likewise"],), "lead")
    if not at.derivation.values:
        return [lead, Working(tuple(line for q in ids if (line := in_symbols(at, q)) is not None))]
    if at.level == "layer" or len(ids) <= IN_FULL:
        return [lead, Working(tuple(line for q in ids if (line := briefly(at, q)) is not None))]
    cells = [tuple(c for q in ids[i:i + 2] for c in pair(at, q)) for i in range(0, len(ids), 2)]
    return [lead, Table((("",),) * 4, tuple(row + (("",),) * (4 - len(row)) for row in cells))]


def lines(at: Desk, ids: Sequence[Id]) -> list[Block]:
    """Each quantity in one full line."""
    return [Working((line,)) for q in ids if (line := in_full(at, q)) is not None]


def across(at: Desk, columns: Sequence[tuple[str, Sequence[Id]]]) -> Iterator[Block]:
    """The same quantities of several samples (or turns) side by side, a column each.

    Whole layers do not fit into a table; they stand one below the other.
    """
    if at.level == "layer":
        for title, ids in columns:
            yield Prose((title,), "lead")
            yield Working(tuple(line for q in ids if (line := briefly(at, q)) is not None))
        return
    for start in range(0, len(columns), _ACROSS):
        part = columns[start:start + _ACROSS]
        header = (("",), *((title,) for title, _ in part))
        rows = zip(*(ids for _, ids in part), strict=True)
        yield Table(header, tuple((_common(at, row), *(_figure(at, q) for q in row)) for row in rows))


def _common(at: Desk, row: tuple[Id, ...]) -> Text:
    """The name of a table's row: that of its first entry without sample."""
    return (Math(at.names.latex(_anonymous(row[0]))),)


def _anonymous(quantity: Id) -> Id:
    if isinstance(quantity, Partial):
        return Partial(_anonymous(quantity.of), _anonymous(quantity.by))
    return Quantity(quantity.kind, quantity.index, None, quantity.round) if isinstance(quantity, Quantity) \
        else quantity


def _figure(at: Desk, quantity: Id) -> Text | Figure:
    return asked(at, quantity) if at.figures.known(quantity) else ("",)


def update_of(at: Desk, parameter: Quantity) -> tuple[Id, ...]:
    """What an update of a parameter works out: what the optimizer carries along, and the new value."""
    return worked(at.derivation.graph.training, parameter)


def gradient_of(at: Desk, parameter: Quantity, turn: int = 0) -> Partial:
    """The derivative that a turn's update of a parameter uses."""
    return Partial(root_of(at.derivation.graph, turn), parameter)
