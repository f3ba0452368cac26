"""Named equations in dependency order and their values; equations of a lecture as a Graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from derive.errors import InputError, TooLargeError
from derive.functions import APPLIED
from derive.lecture import Lecture, Training
from derive.quantities import Id, Quantity, quantity_of, symbol
from derive.slopes import slope
from derive.trees import context, evaluate

if TYPE_CHECKING:
    from sympy import Expr

Values = Mapping[Id, Any]   # mpf at 50 digits, or an object array of mpf for a whole layer


@dataclass(frozen=True, slots=True)
class Equation:
    """quantity = formula. `forms` are said before the formula: σ(net) before 1/(1+e^-net).

    `taught` gives derivatives of the quantity by some of its arguments in the forms that are
    taught (the last one is the derivative); by the others it is differentiated.
    """

    quantity: Quantity
    formula: Expr
    forms: tuple[Expr, ...] = ()
    taught: Mapping[Id, tuple[Expr, ...]] = field(default_factory=dict)

    def arguments(self) -> tuple[Id, ...]:
        """The quantities the formula uses, in the order of their first use."""
        return arguments(self.formula)


@dataclass(frozen=True, slots=True)
class Graph:
    """Equations in dependency order, the values of what they start from, and what is asked.

    `givens` maps each given to its value (None where a lecture has no figures),
    `parameters` are those of them that are updated, `of` is what is differentiated, once for
    each sample; `roots` are the losses whose gradients make an update, in turn (online one a
    sample), `turns` how many turns are worked. `delta_sign` times d(of)/d(net) is the error
    signal. `short` gives d(of)/d(net) where loss and activation cancel to a short form;
    `applied` evaluates functions that only this graph has.
    """

    equations: tuple[Equation, ...]
    givens: Mapping[Id, Any]
    parameters: tuple[Quantity, ...]
    of: Quantity
    by: tuple[Quantity, ...] = ()
    short: Mapping[Id, Expr] = field(default_factory=dict)
    applied: Mapping[str, Any] = field(default_factory=dict)
    training: Training = field(default_factory=Training)
    roots: tuple[Quantity, ...] = ()
    turns: int = 1
    delta_sign: int = 1

    def value(self, tree: Expr, values: Values) -> Any:
        """The tree's value at 50 digits."""
        return evaluate(tree, lambda atom: values[quantity_of(atom.name)], {**APPLIED, **self.applied})


@lru_cache(maxsize=100_000)
def arguments(tree: Expr) -> tuple[Id, ...]:
    """The quantities a formula uses, in the order of their first use."""
    found: dict[Id, None] = {}
    stack = [tree]
    while stack:
        node = stack.pop()
        if node.is_Symbol:
            found[quantity_of(node.name)] = None
        stack.extend(reversed(node.args))
    return tuple(found)


def forward(graph: Graph) -> dict[Id, Any]:
    """The value of every given and of every equation's quantity; empty without figures."""
    if any(value is None for value in graph.givens.values()):
        return {}
    values = dict(graph.givens)
    for equation in graph.equations:
        try:
            values[equation.quantity] = graph.value(equation.formula, values)
        except TooLargeError as error:
            raise InputError(f"{equation.quantity} has no value: {error.what}") from None
    return values


def number_of(value: Decimal | None) -> Any:
    """A given as an mpf of 50 digits."""
    return None if value is None else context().mpf(str(value))


def equations_graph(lecture: Lecture) -> Graph:
    """The graph of a lecture of equations: each formula parsed, in dependency order."""
    from derive.expressions import parse, to_sympy

    assert lecture.derive is not None
    ids = {name: Quantity(name) for name, _ in (*lecture.equations, *lecture.values)}
    trees = {name: parse(text, where=f"{lecture.source}: equations.{name}") for name, text in lecture.equations}
    free = _free(trees.values(), ids)
    table = {name: symbol(quantity) for name, quantity in {**ids, **free}.items()}
    built = {ids[name]: to_sympy(tree, table) for name, tree in trees.items()}
    values = dict(lecture.values)
    given = [q for q in (*ids.values(), *free.values()) if q not in built]
    givens: dict[Id, Any] = {q: number_of(values.get(q.kind)) for q in given}
    parameters = tuple(map(Quantity, lecture.derive.parameters))
    if parameters:
        givens[Quantity("learning_rate")] = number_of(lecture.training.learning_rate.value)
    equations = tuple(_equation(q, built[q]) for q in ordered({q: arguments(f) for q, f in built.items()}))
    by = tuple(map(Quantity, lecture.derive.by))
    return Graph(equations, givens, parameters, Quantity(lecture.derive.of), by)


def _equation(quantity: Quantity, formula: Expr) -> Equation:
    """A formula with its local derivatives by rule."""
    own = symbol(quantity)
    taught = {by: (slope(formula, symbol(by), own),) for by in arguments(formula)}
    return Equation(quantity, formula, (), taught)


def _free(trees: Iterable[Any], known: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """Names without an equation or a value (a lecture without figures has those)."""
    from derive.expressions import names_in

    return {name: Quantity(name) for tree in trees for name in names_in(tree) if name not in known}


def ordered(needs: Mapping[Any, tuple[Id, ...]]) -> tuple[Any, ...]:
    """The keys so that each comes behind those it needs; otherwise in the author's order."""
    done: dict[Any, None] = {}
    while len(done) < len(needs):
        ready = (key for key, parts in needs.items()
                 if key not in done and all(part in done or part not in needs for part in parts))
        key = next(ready, None)
        if key is None:
            raise InputError("the equations go round in a circle: " + ", ".join(str(k) for k in needs if k not in done))
        done[key] = None
    return tuple(done)
