"""The other way to a derivative: everything put into one formula first, then differentiated.

    y = 5 x + 3 = 5 (t^2) + 3 = 5 t^2 + 3        d(y)/d(t) = d/dt (5 t^2 + 3) = 10 t

Only for lectures of equations that ask for it: a network is never put into one formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from derive.errors import TooLargeError
from derive.graph import Graph
from derive.quantities import Partial, symbol
from derive.steps import Step, ready
from derive.trees import add, differential

if TYPE_CHECKING:
    from sympy import Expr

_LARGEST = 2000   # nodes of a formula that is still put into one


def substituted(graph: Graph) -> Iterator[Step]:
    """The steps of this way: the one formula, and its derivative by each quantity that is asked for."""
    formulas = {symbol(e.quantity): e.formula for e in graph.equations}
    start = formulas[symbol(graph.of)]
    inlined = inline(start, formulas, graph.source)
    tidy = again(inlined)
    yield ready(graph.of, tidy, "substituted", (start, inlined))
    for by in graph.by:
        behind = {atom: tree for atom, tree in formulas.items() if atom != symbol(by)}
        whole = again(inline(start, behind, graph.source))
        yield ready(Partial(graph.of, by), whole.diff(symbol(by)), "substituted", (differential(whole, symbol(by)),))


def inline(tree: Expr, formulas: Mapping[Expr, Expr], source: str = "") -> Expr:
    """The tree with each name replaced by its formula, and by theirs in turn, in the author's order.

    TooLargeError, which names the lecture file `source`, where it becomes too long.
    """
    size = [0]

    def put(node: Expr) -> Expr:
        size[0] += 1
        if size[0] > _LARGEST:
            raise TooLargeError("the equations are too long to be put into one",
                                where=f"{source}: derive.ways" if source else "", expected='["chain"]')
        if node in formulas:
            return put(formulas[node])
        made: Expr = node.func(*map(put, node.args), evaluate=False) if node.args else node
        return made
    return put(tree)


def again(tree: Expr) -> Expr:
    """The tree built anew with SymPy's own tidying: 5 (t^2) is 5 t^2, 5 * 2 t is 10 t."""
    built = tree.func(*map(again, tree.args)) if tree.args else tree
    tidy: Expr = add(*built.as_ordered_terms()) if built.is_Add else built
    return tidy
