"""Named equations in dependency order and their values; equations of a lecture as a Graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from derive.errors import InputError, TooLargeError
from derive.functions import APPLIED
from derive.lecture import Lecture, Training
from derive.quantities import Id, New, Partial, Quantity, core, generalisations, quantity_of, symbol
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
    `applied` evaluates functions that only this graph has. For errors `keys` says at which key of the
    file `source` a kind of quantity is given: a pattern, {} is the number of the layer.
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
    source: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)

    def outputs(self) -> tuple[Quantity, ...]:
        """What the result is computed from: for L = (y - t)^2 it is y."""
        last = next(e.arguments() for e in self.equations if e.quantity == self.of)
        return tuple(e.quantity for e in self.equations if e.quantity in last)

    def value(self, tree: Expr, values: Values) -> Any:
        """The tree's value at 50 digits."""
        return evaluate(tree, lambda atom: values[quantity_of(atom.name)], {**APPLIED, **self.applied})

    def figure(self, quantity: Id, formula: Expr, values: Values) -> Any:
        """A quantity's value at 50 digits; InputError with file, key and quantity where it has none."""
        try:
            return self.value(formula, values)
        except TooLargeError as error:
            key = key_of(self, quantity)
            expected = "a smaller learning rate" if key == RATE_KEY else error.expected
            raise InputError(f"{quantity} has no value: {error.what}", where=f"{self.source}: {key}",
                             expected=expected) from None


RATE_KEY = "training.learning_rate"


def key_of(graph: Graph, quantity: Id) -> str:
    """The key of the lecture file on which a quantity's value hangs; after an update the learning rate."""
    if isinstance(quantity, New) or "#" in str(quantity):
        return RATE_KEY
    key = next((graph.keys[key] for key in generalisations(quantity) if key in graph.keys), "")
    if isinstance(quantity, Partial) and not key:
        return key_of(graph, quantity.of)
    return key.format(*core(quantity).index[:1]) or RATE_KEY


@lru_cache(maxsize=100_000)
def arguments(tree: Expr) -> tuple[Id, ...]:
    """The quantities a formula uses, in the order of their first use."""
    found: dict[str, None] = {}
    stack = [tree]
    while stack:
        node = stack.pop()
        if node.is_Symbol:
            found[node.name] = None
        stack += reversed(node.args)
    return tuple(map(quantity_of, found))


def forward(graph: Graph) -> dict[Id, Any]:
    """The value of every given and of every equation's quantity; empty without figures."""
    if any(value is None for value in graph.givens.values()):
        return {}
    values = dict(graph.givens)
    for equation in graph.equations:
        values[equation.quantity] = graph.figure(equation.quantity, equation.formula, values)
    return values


def number_of(value: Decimal | None) -> Any:
    """A given as an mpf of 50 digits."""
    return None if value is None else context().mpf(str(value))


def equations_graph(lecture: Lecture) -> Graph:
    """The graph of a lecture of equations: each formula parsed, in dependency order."""
    from derive.expressions import names_in, parse, to_sympy

    assert lecture.derive is not None
    ids = {name: Quantity(name) for name, _ in (*lecture.equations, *lecture.values)}
    trees = {name: parse(text, where=f"{lecture.source}: equations.{name}") for name, text in lecture.equations}
    free = _free(trees.values(), ids)
    table = {name: symbol(quantity) for name, quantity in {**ids, **free}.items()}
    built = {ids[name]: to_sympy(tree, {each: table[each] for each in names_in(tree)}) for name, tree in trees.items()}
    values = dict(lecture.values)
    given = [q for q in (*ids.values(), *free.values()) if q not in built]
    givens: dict[Id, Any] = {q: number_of(values.get(q.kind)) for q in given}
    parameters = tuple(map(Quantity, lecture.derive.parameters))
    if parameters:
        givens[Quantity("learning_rate")] = number_of(lecture.training.learning_rate.value)
    equations = tuple(_equation(q, built[q]) for q in ordered({q: arguments(f) for q, f in built.items()}))
    by = tuple(map(Quantity, lecture.derive.by))
    keys = {name: f"equations.{name}" for name in trees}
    return Graph(equations, givens, parameters, Quantity(lecture.derive.of), by, source=lecture.source, keys=keys)


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
    place = {key: number for number, key in enumerate(needs)}
    sorter = TopologicalSorter({key: [part for part in parts if part in needs] for key, parts in needs.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        raise InputError("the equations go round in a circle: " + ", ".join(map(str, error.args[1][::-1]))) from None
    done, ready = list[Any](), list[tuple[int, Any]]()
    while sorter.is_active():
        for key in sorter.get_ready():
            heappush(ready, (place[key], key))
        done.append(heappop(ready)[1])
        sorter.done(done[-1])
    return tuple(done)


def needed(targets: Iterable[Id], formulas: Mapping[Id, Expr], known: Iterable[Id]) -> Iterator[Id]:
    """What has to be computed for the targets, and they themselves, each behind what it uses.

    Quantities without a formula come too; those that are known do not.
    """
    done = dict.fromkeys(known)
    stack = [(target, False) for target in reversed([*targets])]
    while stack:
        quantity, ready = stack.pop()
        if quantity in done:
            continue
        uses = arguments(formulas[quantity]) if quantity in formulas and not ready else ()
        if missing := [(use, False) for use in reversed(uses) if use not in done]:
            stack += [(quantity, True), *missing]
            continue
        done[quantity] = None
        yield quantity
