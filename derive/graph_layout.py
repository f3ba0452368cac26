"""The program's own layout for a lecture of equations.

The equations and their givens, the graph, the values from front to back, each equation's local
derivatives, the chain rule from back to front, the updates, the graph with everything on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from derive import pictures
from derive.blocks import Block, Frame, Table, Working
from derive.kinks import remarks
from derive.later_layout import about_turn, results
from derive.layout_pieces import given_rows, likewise, lines
from derive.quantities import Id, Partial, Quantity
from derive.rounds import renumbered
from derive.updating import settings, worked
from derive.working import Desk, Seen, in_symbols, working


def equation_frames(at: Desk) -> Iterator[Frame]:
    """The frames of a lecture of equations in teaching order."""
    seen: Seen = {}
    graph = at.derivation.graph
    said = [in_symbols(at, e.quantity) for e in graph.equations]
    yield Frame("The equations", (Working(tuple(line for line in said if line)), *givens_of(at)))
    yield Frame("The graph", pictures.drawn(at, "givens"))
    if at.derivation.values:
        values = [e.quantity for e in graph.equations]
        yield Frame("Forward: the values", (*_worked(at, values, {}), *remarks(at, values)))
    wanted = on_the_way(at)
    local = tuple(q for q in _partials(at, "local") if isinstance(q, Partial) and q.by in wanted)
    if local and not at.route.spelt_out:   # else they are the numbered steps of the chain rule
        yield Frame("Local derivatives", _worked(at, local, seen))
    back = tuple(Partial(graph.of, q) for q in wanted if at.step(Partial(graph.of, q)) is not None)
    if back:
        yield Frame("Backward: the chain rule", _worked(at, back, seen))
    if graph.parameters:
        yield Frame("Update", _worked(at, (q for p in graph.parameters for q in worked(graph.training, p)), seen))
    if at.derivation.values:
        yield Frame("The graph with values and gradients", pictures.drawn(at, "gradients"))
        yield from _later_rounds(at)
    yield from results(at)


def _later_rounds(at: Desk) -> Iterator[Frame]:
    """Every round behind the first that is worked: its values, its gradients and its update."""
    graph = at.derivation.graph
    moved = [e.quantity for e in graph.equations if renumbered(graph, e.quantity, 1) in at.derivation.by_lhs]
    for turn in range(1, graph.turns):
        values = [renumbered(graph, quantity, turn) for quantity in moved]
        yield Frame(f"Round {turn + 1}: the values",
                    (about_turn(at, turn), *_worked(at, values, {}), *remarks(at, values)))
        slopes = [renumbered(graph, Partial(graph.of, p), turn) for p in graph.parameters]
        now = [renumbered(graph, q, turn) for p in graph.parameters for q in worked(graph.training, p)]
        rate = [q for q in (Quantity("learning_rate", (), None, turn),) if at.step(q)]
        yield Frame(f"Round {turn + 1}: gradients and update", (*likewise(at, slopes), *lines(at, [*rate, *now])))


def givens_of(at: Desk) -> list[Block]:
    """A table of the givens and their numbers: what is updated, what stays, what the training is set to."""
    graph = at.derivation.graph
    known = [q for q in graph.givens if at.figures.known(q)]
    training = (Quantity("learning_rate"), *settings(at.lecture.training))
    staying = [q for q in known if q not in (*training, *graph.parameters)]
    groups: dict[str, Sequence[Id]] = {"Updated": graph.parameters, "Held fixed": staying, "Training": training}
    rows = [row for title, ids in groups.items() for row in given_rows(at, title, ids, _IN_ROW)]
    if known == staying:
        return [Table((("Given",),), tuple((value,) for _, value in rows))] if rows else []
    return [Table((("Given",), ("Value",)), tuple(rows))]


_IN_ROW = 6   # givens in one row of the table


def on_the_way(at: Desk) -> dict[Id, None]:
    """The quantities between what is differentiated and what it is differentiated by, from back to front.

    What is asked for comes last, in the order in which it is asked for.
    """
    graph = at.derivation.graph
    moved: dict[Id, None] = dict.fromkeys(graph.by)
    for equation in graph.equations:
        if any(a in moved for a in equation.arguments()):
            moved[equation.quantity] = None
    between = [e.quantity for e in reversed(graph.equations) if e.quantity in moved]
    return dict.fromkeys([*(q for q in between if q not in graph.by and q != graph.of), *graph.by])


def _partials(at: Desk, reason: str) -> dict[Id, None]:
    return dict.fromkeys(step.lhs for step in at.derivation.steps if step.reason == reason)


def _worked(at: Desk, ids: Iterable[Id], seen: Seen) -> tuple[Block, ...]:
    return tuple(block for q in ids for block in working(at, q, seen))
