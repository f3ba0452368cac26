"""Random lectures, and what their quantities and derivatives are by an independent computation.

`lectures()` is a hypothesis strategy. `run` computes a network from the lecture alone, with
mpmath or SymPy, and can nudge any quantity; `slopes` are central differences of it. Nothing
here imports the derivation.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

import mpmath
import sympy
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from derive import functions
from derive.graph import Graph
from derive.lecture import Cell, Layer, Lecture, Network, Training
from derive.quantities import symbol

CTX = mpmath.MPContext()
CTX.dps = 60
STEP = CTX.mpf("1e-15")     # a difference over it is right to about 25 digits
AWAY = CTX.mpf("1e-6")      # from a kink
OWN = {"x/(1+exp(-x))": lambda m, x: x / (1 + m.exp(-x)),
       "sin(x) + x^2/10": lambda m, x: m.sin(x) + x**2 / 10,
       "sqrt(1+x^2) - 1": lambda m, x: m.sqrt(1 + x**2) - 1,
       "log(1+exp(2*x))/2": lambda m, x: m.log(1 + m.exp(2 * x)) / 2}
ACTIVATIONS = {"sigmoid": lambda m, x: 1 / (1 + m.exp(-x)), "tanh": lambda m, x: m.tanh(x),
               "relu": lambda m, x: m.Max(0, x) if hasattr(m, "Max") else max(x, m.mpf(0)),
               "leaky-relu": lambda m, x: m.Max(x / 100, x) if hasattr(m, "Max") else max(x / 100, x),
               "softplus": lambda m, x: m.log(1 + m.exp(x)), "linear": lambda m, x: x,
               "bipolar-sigmoid": lambda m, x: m.tanh(x / 2), **OWN}
KINKED = ("relu", "leaky-relu")
LOSSES = {"half-squared-error": lambda m, t, a, n: (t - a)**2 / 2,
          "squared-error": lambda m, t, a, n: (t - a)**2,
          "mean-squared-error": lambda m, t, a, n: (t - a)**2 / n,
          "binary-cross-entropy": lambda m, t, a, n: -t * m.log(a) - (1 - t) * m.log(1 - a),
          "cross-entropy": lambda m, t, a, n: -t * m.log(a)}




def examples(count: int) -> settings:
    """So many random examples, the same at every run; THOROUGH=20 in the environment makes it 20 times as many.

    They are not shrunk: a lecture is small, and shrinking takes minutes.
    """
    return settings(max_examples=count * int(os.environ.get("THOROUGH", "1")), deadline=None, derandomize=True,
                    phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck))


# ---------------------------------------------------------------- random lectures

POOL = {"u": "0.35", "v": "-0.6", "p": "0.15"}   # names that several places share


def _number(low: int = -150, high: int = 150) -> st.SearchStrategy[Cell]:
    return st.integers(low, high).map(lambda n: Cell(Decimal(n) / 100))


_SHARED = st.sampled_from([Cell(Decimal(value), name) for name, value in POOL.items()])


def _row(draw: Any, count: int, cell: st.SearchStrategy[Cell]) -> tuple[Cell, ...]:
    return tuple(draw(cell) for _ in range(count))


def _bias(draw: Any, units: int, cell: st.SearchStrategy[Cell]) -> dict[str, Any]:
    """One a unit, one a layer, or none."""
    kind = draw(st.sampled_from(["unit", "layer", "none"]))
    if kind == "none":
        return {}
    if kind == "layer":
        return {"bias": (draw(cell),) * units, "shared_bias": True}
    return {"bias": _row(draw, units, cell)}


def _targets(draw: Any, count: int, loss: str) -> tuple[Cell, ...]:
    """Any numbers; for cross-entropy one hot, or any between 0 and 1."""
    if not loss.endswith("cross-entropy"):
        return _row(draw, count, _number())
    if loss == "cross-entropy" and draw(st.booleans()):
        hot = draw(st.integers(0, count - 1))
        return tuple(Cell(Decimal(i == hot)) for i in range(count))
    return _row(draw, count, _number(0, 100))


@st.composite
def lectures(draw: Any, depth: int = 3, width: int = 4, samples: int = 3, shared: bool = True) -> Lecture:
    """A lecture of a random network: every activation, loss, kind of bias, sharing and reduction."""
    units = draw(st.lists(st.integers(1, width), min_size=2, max_size=depth + 1))
    loss = draw(st.sampled_from(sorted(LOSSES)))
    ends = {"cross-entropy": ["softmax", "sigmoid"], "binary-cross-entropy": ["sigmoid"]}
    any_of = sorted([*ACTIVATIONS, "softmax"])
    weight = st.one_of(_number(), _number(), _SHARED) if shared and draw(st.booleans()) else _number()
    bias = st.one_of(_number(), _SHARED) if shared and draw(st.booleans()) else _number()
    bias = bias.map(lambda cell: replace(cell, name=cell.name and f"b_{cell.name}"))
    layers = []
    for place, (n, below) in enumerate(zip(units[1:], units, strict=False), 2):
        names = ends.get(loss, any_of) if place == len(units) else any_of
        layers.append(Layer(n, draw(st.sampled_from(names)), tuple(_row(draw, below, weight) for _ in range(n)),
                            **_bias(draw, n, bias)))
    count = draw(st.integers(1, samples))
    how = Training(draw(_number(1, 100)), draw(st.booleans()), reduction=draw(st.sampled_from(["sum", "mean"])))
    vectors = draw(st.sampled_from(["column", "row"]))
    return Lecture("random", "random.toml", "A random network",
                   network=Network(units[0], tuple(layers), loss, vectors), training=how,
                   inputs=tuple(_row(draw, units[0], _number()) for _ in range(count)),
                   targets=tuple(_targets(draw, units[-1], loss) for _ in range(count)))


# ---------------------------------------------------------------- the independent computation

@dataclass(frozen=True)
class Run:
    """How to compute: `number` makes one, `m` has exp, log …; `nudge` is added to quantities, `fixed` holds some."""

    m: Any = CTX
    number: Callable[[Any], Any] = lambda value: CTX.mpf(str(value))
    nudge: Mapping[str, Any] | None = None
    fixed: Mapping[str, Any] | None = None


def parameters(lecture: Lecture) -> dict[str, str]:
    """The id of every weight's and bias's place, and of the first place that it shares."""
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for place, key in _places(lecture):
        found[place] = first.setdefault(key or place, place)
    return found


def _places(lecture: Lecture) -> Iterator[tuple[str, str]]:
    for layer, row in enumerate(lecture.network.layers, 1):
        for i, weights in enumerate(row.weights, 1):
            for j, cell in enumerate(weights, 1):
                yield f"w[{layer}][{i}][{j}]", cell.name
        for i, cell in enumerate(row.bias, 1):
            yield f"b[{layer}][{i}]", cell.name or (f"one of layer {layer}" if row.shared_bias else "")


def run(lecture: Lecture, how: Run = Run()) -> dict[str, Any]:
    """Every quantity by its id, computed forward from the lecture's numbers."""
    found: dict[str, Any] = {}
    first = parameters(lecture)

    def put(name: str, value: Any) -> Any:
        held = (how.fixed or {}).get(name)
        found[name] = (value if held is None else held) + (how.nudge or {}).get(name, 0)
        return found[name]

    for place, cell in _cells(lecture):
        found[place] = found[first[place]] if first[place] in found else put(place, how.number(cell.value))
    several = len(lecture.inputs) > 1
    if lecture.training.l2:
        kinds = ("w", "b") if lecture.training.l2_biases else ("w",)
        squares = [found[place]**2 for place in dict.fromkeys(first.values()) if place[0] in kinds]
        put("penalty", how.number(lecture.training.l2) / 2 * sum(squares))
    losses = []
    for sample, (inputs, targets) in enumerate(zip(lecture.inputs, lecture.targets, strict=True), 1):
        losses.append(_sample(lecture, inputs, targets, f"@{sample}" if several else "", found, put, how))
    if several:
        share = sum(losses[1:], losses[0])
        share = share / len(losses) if lecture.training.reduction == "mean" else share
        put("loss", share + (found.get("penalty", 0) if lecture.training.update == "batch" else 0))
    return found


def _cells(lecture: Lecture) -> Iterator[tuple[str, Cell]]:
    for layer, row in enumerate(lecture.network.layers, 1):
        for i, weights in enumerate(row.weights, 1):
            yield from ((f"w[{layer}][{i}][{j}]", cell) for j, cell in enumerate(weights, 1))
        yield from ((f"b[{layer}][{i}]", cell) for i, cell in enumerate(row.bias, 1))


def _sample(lecture: Lecture, inputs: Any, targets: Any, mark: str, found: dict[str, Any],
            put: Callable[[str, Any], Any], how: Run) -> Any:
    at = [put(f"x[{i}]{mark}", how.number(cell.value)) for i, cell in enumerate(inputs, 1)]
    for layer, row in enumerate(lecture.network.layers, 1):
        nets = []
        for i in range(1, row.units + 1):
            terms = [found[f"w[{layer}][{i}][{j}]"] * a for j, a in enumerate(at, 1)]
            terms += [found[f"b[{layer}][{i}]"] * (-1 if row.threshold else 1)] if row.bias else []
            nets.append(put(f"net[{layer}][{i}]{mark}", sum(terms[1:], terms[0])))
        at = [put(f"out[{layer}][{i}]{mark}", out) for i, out in enumerate(_outs(how.m, row.activation, nets), 1)]
    share, n = LOSSES.get(lecture.network.loss) or _by_row(functions.LOSSES, lecture.network.loss, "share"), len(at)
    goal = [how.number(cell.value) for cell in targets]
    found.update({f"target[{i}]{mark}": t for i, t in enumerate(goal, 1)})
    errors = [share(how.m, t, a, n) for t, a in zip(goal, at, strict=True)]
    penalty = found.get("penalty", 0) if not mark or lecture.training.update == "online" else 0
    if n > 1 or penalty:
        errors = [put(f"error[{i}]{mark}", error) for i, error in enumerate(errors, 1)]
    return put(f"loss{mark}", sum(errors[1:], errors[0]) + penalty)


def _by_row(table: Mapping[str, Any], name: str, part: str) -> Callable[..., Any]:
    """A row that has no formula of its own here, by the formula of the program's table."""
    def value(m: Any, *arguments: Any) -> Any:
        atoms = sympy.symbols(f"x0:{len(arguments)}", real=True)
        tree = getattr(table[name], part)(*atoms)
        return tree.subs(dict(zip(atoms, arguments, strict=True))) if m is sympy else \
            sympy.lambdify(atoms, tree, [{"Max": max}, m])(*arguments)
    return value


def _outs(m: Any, activation: str, nets: list[Any]) -> list[Any]:
    if activation == "softmax":
        powers = [m.exp(net) for net in nets]
        return [power / sum(powers[1:], powers[0]) for power in powers]
    rule = ACTIVATIONS.get(activation) or _by_row(functions.ACTIVATIONS, activation, "formula")
    return [rule(m, net) for net in nets]


def inlined(graph: Graph) -> sympy.Expr:
    """What a graph is differentiated for, as one formula of its givens; nothing of the derivation is in it."""
    formulas = {symbol(e.quantity): e.formula for e in graph.equations}

    @cache
    def put(tree: sympy.Expr) -> sympy.Expr:
        if tree in formulas:
            return put(formulas[tree])
        args, name = [put(arg) for arg in tree.args], tree.func.__name__
        if name in functions.ACTIVATIONS:
            return _outs(sympy, name, args)[0]
        return tree.func(*args) if args else tree
    return put(symbol(graph.of))


def smooth(lecture: Lecture) -> bool:
    """Whether no unit with a kink stands near it."""
    found = run(lecture)
    return all(abs(found[name]) > AWAY for name in found if name.startswith("net[")
               and lecture.network.layers[int(name[4:name.index("]")]) - 1].activation in KINKED)


def slopes(lecture: Lecture) -> Callable[[str, str], Any]:
    """d(of)/d(by) as a function of two ids, by central differences; of a net, the units below it are held."""
    base = run(lecture)
    outs = {name: value for name, value in base.items() if name.startswith("out[")}

    @cache
    def ends(by: str, local: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        held = outs if local else {}
        return run(lecture, Run(nudge={by: STEP}, fixed=held)), run(lecture, Run(nudge={by: -STEP}, fixed=held))

    def slope(of: str, by: str) -> Any:
        high, low = ends(by, of.startswith("net["))
        return (high[of] - low[of]) / (2 * STEP)
    return slope


def close(a: Any, b: Any, digits: int = 22) -> bool:
    """Whether two values agree to that many digits, or differ by nothing beside 1."""
    return bool(abs(CTX.mpf(a) - CTX.mpf(b)) <= CTX.mpf(10)**-digits * max(1, abs(CTX.mpf(b))))
