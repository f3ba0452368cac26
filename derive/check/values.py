"""What somebody wrote as numbers: a tree's value in a world, and the interval that a figure stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from derive.check.arrays import Missing, adds, layer_of, of_ones, shape_of, single
from derive.check.conditions import holds
from derive.check.worlds import World
from derive.errors import InputError, TooLargeError
from derive.functions import ACTIVATIONS, APPLIED
from derive.quantities import Id, Quantity, core, is_whole
from derive.spelling import canonical
from derive.syntax import Tree
from derive.trees import LARGEST, context, elementwise, evaluate, size_of


class Misfit(LookupError):
    """Vectors and matrices whose shapes do not go together."""


UNKNOWN = (
    Missing,
    Misfit,
    TooLargeError,
    InputError,
    ZeroDivisionError,
    OverflowError,
    ValueError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class Env:
    """Where a tree is evaluated.

    `chosen` settles names that may mean several quantities, `locals` holds the working's own
    names by key, `literals` figures by their text and `put` a variable that is being varied.
    `subject` is what is spoken of: f is its layer's activation.
    """

    world: World
    chosen: Mapping[tuple[Id, ...], Id] = field(default_factory=dict)
    locals: Mapping[str, Any] = field(default_factory=dict)
    literals: Mapping[str, Any] = field(default_factory=dict)
    put: Mapping[str, Any] = field(default_factory=dict)
    subject: Id | None = None


def value(tree: Tree, env: Env) -> Any:
    """The value of a resolved tree at 50 digits; one of UNKNOWN where it has none."""
    rule = _RULES.get(tree.op)
    if rule is None:
        raise Missing(f"a {tree.op}")
    found = rule(tree, env)
    if tree.op in _GROWING and not size_of(found) <= LARGEST:
        raise TooLargeError("it is too large")
    return found


def try_value(tree: Tree, env: Env) -> Any:
    """The value, or None where there is none."""
    try:
        return value(tree, env)
    except UNKNOWN:
        return None


@lru_cache(maxsize=100_000)
def number(text: str) -> Any:
    """A figure as it is written, exactly."""
    return context().mpf(text)


def _number(tree: Tree, env: Env) -> Any:
    return env.literals[tree.text] if tree.text in env.literals else number(tree.text)


def key_of(leaf: Tree) -> str:
    """The key under which a name of the working is known."""
    return canonical(leaf.text) if leaf.text else str(leaf.ids[0])


def _quantity(tree: Tree, env: Env) -> Any:
    if env.put and key_of(tree) in env.put:
        return env.put[key_of(tree)]
    if tree.ids in env.chosen:
        return env.world[env.chosen[tree.ids]]
    if len(tree.ids) != 1:
        raise Missing(tree.text)
    return env.world[tree.ids[0]]


def _local(tree: Tree, env: Env) -> Any:
    key = key_of(tree)
    if key in env.put:
        return env.put[key]
    if key not in env.locals:
        raise Missing(key)
    found = env.locals[key]
    return (
        value(found, replace(env, locals={k: v for k, v in env.locals.items() if k != key}))
        if isinstance(found, Tree)
        else found
    )


def _sum(tree: Tree, env: Env) -> Any:
    total = value(tree.args[0], env)
    for arg in tree.args[1:]:
        term = value(arg, env)
        if not adds(env.world.model.lecture, shape_of(total), shape_of(term)):
            raise Misfit("a sum of different shapes")
        total = term + total if shape_of(term) else total + term
    return total


def _product(tree: Tree, env: Env) -> Any:
    left, right = value(tree.args[0], env), value(tree.args[1], env)
    a, b = shape_of(left), shape_of(right)
    if tree.text == " " and (found := of_ones(tree.args, left, right)) is not None:
        return found
    if not a or not b:
        return right * left if b else left * right  # an array first: a number from mpmath is slow to find out
    if tree.text == "∘":
        if a != b:
            raise Misfit("an elementwise product of different shapes")
        return left * right
    if a[1] == b[0]:
        return single(left.dot(right))
    if a == b and tree.text != " ":
        return left * right  # as programs multiply arrays; side by side the sign is left out
    raise Misfit("a product of shapes that do not fit")


def _quotient(tree: Tree, env: Env) -> Any:
    top, bottom = value(tree.args[0], env), value(tree.args[1], env)
    if shape_of(top) and shape_of(bottom) and shape_of(top) != shape_of(bottom):
        raise Misfit("a quotient of different shapes")
    return top / bottom


def _power(tree: Tree, env: Env) -> Any:
    base, exponent = value(tree.args[0], env), value(tree.args[1], env)
    ctx = context()
    if shape_of(exponent):
        raise Misfit("an exponent that is no number")
    if tree.args[0].op == "norm" and exponent == 2:
        return base * base
    if not shape_of(base) and base and abs(exponent) * abs(ctx.log(abs(base), 10)) > 5000:
        raise TooLargeError("a power is too large to compute")
    rows, *columns = shape_of(base) or (0,)
    if rows > 1 and columns == [rows] and not (exponent > 0 and has_names(tree.args[0])):
        raise Missing("a power of a matrix")  # of layers, squares are of the entries; of numbers it may be either
    return elementwise(
        lambda each: _real(each ** (int(exponent) if exponent == int(exponent) else exponent))
    )(base)


def _real(found: Any) -> Any:
    if isinstance(found, context().mpc):
        raise TooLargeError("a root of a negative number has no real value")
    return found


def _call(tree: Tree, env: Env) -> Any:
    arguments = [value(arg, env) for arg in tree.args]
    name = tree.text
    if name in ("max", "min"):
        return _extreme(max if name == "max" else min, arguments)
    if name == "share":
        return _shared(arguments, env)
    if name == "same":
        return context().mpf(arguments[0] == arguments[1])
    if len(arguments) != 1:
        raise Missing(f"{name} of several numbers")
    if name in ("f", "f'"):
        return elementwise(_own_function(tree, env)[len(name) - 1])(*arguments)
    if name.endswith("'"):
        return elementwise(_slope(name[:-1]))(*arguments)
    if name in _FUNCTIONS:
        return elementwise(_FUNCTIONS[name])(*arguments)
    if name in ("sum", "diag"):
        return _of_layer(name, *arguments)
    if name not in APPLIED or (name == "softmax" and not shape_of(arguments[0])):
        raise Missing(name)
    return APPLIED[name](*arguments)


def _own_function(tree: Tree, env: Env) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """f and its derivative where several layers have one each: that of the net it is applied to, or spoken of."""
    found = env.world.model.functions
    leaf = tree.args[0]
    meant = env.chosen.get(leaf.ids, leaf.ids[0]) if leaf.op in ("id", "ids") else None
    layer = layer_of(meant) if meant is not None else layer_of(env.subject)
    if layer is None or layer not in found:
        raise Missing(tree.text)
    return found[layer]


def _shared(arguments: list[Any], env: Env) -> Any:
    """What several layers with the same parameters get together, as the layer that is spoken of has it."""
    layer, found = layer_of(env.subject), env.world.model.by_layers.graph.applied
    key = f"share_{core(env.subject).kind}{layer}" if env.subject is not None else ""
    if key not in found or not all(map(shape_of, arguments)):
        raise Missing("share")
    try:
        return found[key](*arguments)
    except IndexError:
        raise Misfit("layers of other shapes") from None


def _extreme(chosen: Callable[[list[Any]], Any], arguments: list[Any]) -> Any:
    """The largest or smallest, entry by entry where a layer is among them: max(0, z)."""
    import numpy

    shapes = {shape_of(each) for each in arguments} - {()}
    if not shapes:
        return chosen(arguments)
    if len(shapes) > 1:
        raise Misfit("a maximum over different shapes")
    stacked = numpy.broadcast_arrays(*[numpy.array(each, dtype=object) for each in arguments])
    entries = [chosen(list(each)) for each in zip(*(a.flat for a in stacked), strict=True)]
    return numpy.array(entries, dtype=object).reshape(stacked[0].shape)


def _of_layer(name: str, layer: Any) -> Any:
    """The sum of a layer's entries, or the layer as a diagonal matrix."""
    import numpy

    if not shape_of(layer):
        return layer
    flat = list(layer.flat)
    if name == "sum":
        return sum(flat)
    zero = context().mpf(0)
    return numpy.array(
        [[each if i == j else zero for j in range(len(flat))] for i, each in enumerate(flat)], dtype=object
    )


def _slope(name: str) -> Callable[[Any], Any]:
    import sympy

    if name not in ACTIVATIONS:
        raise Missing(name)
    net, out = sympy.Symbol("net", real=True), sympy.Symbol("out", real=True)
    row = ACTIVATIONS[name]
    return lambda v: evaluate(row.derivative(net, out), {net: v, out: APPLIED[name](v)}, APPLIED)


def _checked_exp(exponent: Any) -> Any:
    if abs(exponent) > 10**6:
        raise TooLargeError("an exponential is too large to compute")
    return context().exp(exponent)


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": _checked_exp,
    "log": lambda v: _real(context().log(v)),
    "step": lambda v: context().mpf(v > 0),
    "sqrt": lambda v: _real(context().sqrt(v)),
    "sin": lambda v: context().sin(v),
    "cos": lambda v: context().cos(v),
    "tan": lambda v: context().tan(v),
    "sinh": lambda v: context().sinh(v),
    "cosh": lambda v: context().cosh(v),
    "abs": abs,
}


def _partial(tree: Tree, env: Env) -> Any:
    """The derivative by a name, by differences that are exact to 25 digits."""
    of, by = tree.args
    if by.op not in ("id", "ids", "local"):
        raise Missing("a derivative by a formula")
    free = env.locals.get(key_of(by))
    start, step = value(by, env) if free is None else free, context().mpf(10) ** -17
    if isinstance(start, Tree):
        start = value(by, env)
    if shape_of(start):
        raise Missing("a derivative by a layer")
    held = _held(of, env)
    ends = [value(of, _moved(env, by, start + move, held)) for move in (step, -step)]
    return (ends[0] - ends[1]) / (2 * step)


def _held(of: Tree, env: Env) -> dict[Id, Any]:
    """The parameters of a later turn: what an update gave them does not move along."""
    found = [env.chosen.get(leaf.ids, leaf.ids[0]) for leaf in leaves(of) if leaf.op in ("id", "ids")]
    updated = env.world.model.names.updated
    carried = [each for each in found if isinstance(each, Quantity) and each.round and (
        each.kind in ("w", "b") or Quantity(each.kind) in updated)]
    return {each: env.world[each] for each in carried if not is_whole(each)}


def _moved(env: Env, by: Tree, at: Any, held: Mapping[Id, Any]) -> Env:
    """The same with one name at another value, and what is computed from it moved along."""
    put = {**env.put, key_of(by): at}
    if by.op != "id" or key_of(by) in env.locals:
        return replace(env, put=put)
    fixed = {**held, env.world.model.home(by.ids[0]): at}
    return replace(env, put=put, world=env.world.but(fixed=fixed))


def _matrix(tree: Tree, env: Env) -> Any:
    import numpy

    rows = [[value(cell, env) for cell in row.args] for row in tree.args]
    if any(shape_of(cell) for row in rows for cell in row) or len({len(row) for row in rows}) != 1:
        raise Misfit("a matrix of matrices")
    found = numpy.empty((len(rows), len(rows[0])), dtype=object)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            found[i, j] = cell
    return single(found)


def _cases(tree: Tree, env: Env) -> Any:
    names = env.world.model.vocabulary
    for row in tree.args:
        found = True if len(row.args) == 1 else holds(row.args[1], names, lambda side: value(side, env))
        if found is None:
            raise Missing("a condition")
        if found:
            return value(row.args[0], env)
    raise Missing("no case holds")


def _item(tree: Tree, env: Env) -> Any:
    inner, place = value(tree.args[0], env), tree.text
    if not place.isdecimal() or len(place) > 3 or not 0 < int(place) <= max(shape_of(inner), default=0):
        raise Missing("an entry")
    return inner.flat[int(place) - 1]


def _norm(tree: Tree, env: Env) -> Any:
    inner = value(tree.args[0], env)
    entries = list(inner.flat) if shape_of(inner) else [inner]
    return context().sqrt(sum(entry * entry for entry in entries))


def _transposed(tree: Tree, env: Env) -> Any:
    inner = value(tree.args[0], env)
    return inner.T if shape_of(inner) else inner


_RULES: dict[str, Callable[[Tree, Env], Any]] = {
    "number": _number,
    "id": _quantity,
    "ids": _quantity,
    "local": _local,
    "add": _sum,
    "mul": _product,
    "div": _quotient,
    "pow": _power,
    "call": _call,
    "partial": _partial,
    "cases": _cases,
    "matrix": _matrix,
    "norm": _norm,
    "item": _item,
    "neg": lambda tree, env: -value(tree.args[0], env),
    "transpose": _transposed,
    "abs": lambda tree, env: abs(value(tree.args[0], env)),
    "floor": lambda tree, env: elementwise(context().floor)(value(tree.args[0], env)),
}
_GROWING = ("number", "mul", "div", "pow", "call")  # what can make large numbers of small ones


# ---------------------------------------------------------------- what stands in a tree


def leaves(tree: Tree) -> Iterator[Tree]:
    """Names and numbers, from left to right; the conditions of cases are left out."""
    if not tree.args:
        yield tree
    for arg in (row.args[0] for row in tree.args) if tree.op == "cases" else tree.args:
        yield from leaves(arg)


def has_names(tree: Tree) -> bool:
    """Whether a quantity or a name of the working stands in it."""
    return any(leaf.op in ("id", "ids", "local") for leaf in leaves(tree))
