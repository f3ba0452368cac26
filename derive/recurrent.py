"""A recurrent network (a simple Elman network) unrolled over its steps as equations.

    net_t = w_x x_t + w_h h_(t-1) + b_h      h_t = f(net_t)
    z_t = w_y h_t + b_y                      y_t = g(z_t)       L = the errors of the last, or of every step

A linear layer has no sum of its own: y_t = w_y h_t + b_y.
The step is the last part of a name: h_2 is the state after step 2, of several units h_1_2 is the
first one's; w_h_1_2 is the weight from unit 2 to unit 1. Every step uses the same weights, so a
weight's derivative is a sum over steps. The rows of `data` are the steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from derive.errors import InputError

if TYPE_CHECKING:
    from derive.lecture_schema import FileIn, LayerIn

Values = dict[str, Decimal]
ACTIVATIONS = ("sigmoid", "tanh", "relu", "softplus", "linear")
# an output's error by its target and what it gives out; n is the number of outputs
ERRORS = {
    "half-squared-error": "1/2*({t} - {y})^2",
    "squared-error": "({t} - {y})^2",
    "mean-squared-error": "1/{n}*({t} - {y})^2",
    "binary-cross-entropy": "-{t}*log({y}) - (1 - {t})*log(1 - {y})",
    "cross-entropy": "-{t}*log({y})",
}


def unrolled(file: FileIn, source: str) -> FileIn:
    """The file with equations in place of its recurrent network; InputError where its shapes do not fit."""
    from derive.lecture_schema import DeriveIn

    net = _Net(file, source)
    equations = dict(net.equations())
    biases = ("b_h", "b_y") if not file.training.update_biases else ()
    by = tuple(name for name in net.parameters if name.rstrip("_0123456789") not in biases)
    derive = file.derive or DeriveIn(of="L", by=by)
    values = {**file.values, **net.values} if file.figures else file.values
    return file.model_copy(update={"network": None, "data": type(file.data)(), "equations": equations,
                                   "values": values, "derive": derive})


class _Net:
    """The network's names by place, and their numbers."""

    def __init__(self, file: FileIn, source: str) -> None:
        assert file.network is not None
        self.file, self.source, self.network = file, source, file.network
        self.values: Values = {}
        self.parameters: dict[str, None] = {}
        if len(self.network.layers) != 2 or self.network.layers[1].recurrent is not None:
            raise self.wrong("network.layers", f"{len(self.network.layers)} layers", "a hidden and an output layer")
        self.hidden, self.output = self.network.layers
        self.refuse_others()
        self.steps = self.count("data.inputs", file.data.inputs, self.network.inputs)

    def refuse_others(self) -> None:
        """A recurrent network has biases, plain slopes and a sum over its steps."""
        for n, layer in enumerate(self.network.layers, 1):
            for key in ("threshold", "kink"):
                if getattr(layer, key) is not None:
                    raise self.wrong(f"network.layers[{n}].{key}", "in a recurrent network", "bias, or [equations]")
        if self.network.error_signal != "gradient":
            raise self.wrong("network.error_signal", "in a recurrent network", '"gradient"')
        if self.file.training.reduction != "sum":
            raise self.wrong("training.reduction", "a mean over the steps of a recurrent network", '"sum"')

    def wrong(self, key: str, what: str, expected: str) -> InputError:
        return InputError(what, where=f"{self.source}: {key}", expected=expected)

    def count(self, key: str, rows: Any, wide: int) -> int:
        if not rows:
            raise self.wrong(key, "missing", "a row a step")
        return len(rows) if wide == 1 or isinstance(rows[0], tuple) else 1

    def equations(self) -> Iterator[tuple[str, str]]:
        """Each quantity's name and formula, step by step."""
        x, target = self.data("x", self.file.data.inputs, self.network.inputs, self.steps), self.targets()
        w_x = self.matrix("w_x", "layers[1].weights", self.hidden.weights, self.hidden.units, self.network.inputs)
        w_h = self.matrix("w_h", "layers[1].recurrent", self.hidden.recurrent, self.hidden.units, self.hidden.units)
        b_h = self.bias("b_h", 1, self.hidden)
        w_y = self.matrix("w_y", "layers[2].weights", self.output.weights, self.output.units, self.hidden.units)
        b_y = self.bias("b_y", 2, self.output)
        state, errors = self.start(), list[str]()
        for t in range(1, self.steps + 1):
            sums = [[*_products(w_x[i], x[t]), *_products(w_h[i], state), *b_h[i]] for i in range(self.hidden.units)]
            yield from self.layer(1, ("net", "h"), t, sums)
            state = names("h", self.hidden.units, t)
            if t in target:
                yield from self.layer(2, ("z", "y"), t, [[*_products(row, state), *b]
                                                         for row, b in zip(w_y, b_y, strict=True)])
                shares = dict(self.errors(t, target[t]))
                errors += shares
                yield from shares.items() if len(target) > 1 or self.output.units > 1 else ()
        yield "L", " + ".join(errors) if len(errors) > 1 else shares[errors[0]]

    def layer(self, place: int, kinds: tuple[str, str], t: int, sums: list[list[str]]) -> Iterator[tuple[str, str]]:
        activation = self.network.layers[place - 1].activation
        if activation not in ACTIVATIONS:
            raise self.wrong(f"network.layers[{place}].activation", f"{activation[:40]} in a recurrent network",
                             ", ".join(ACTIVATIONS))
        nets, outs = (names(kind, len(sums), t) for kind in kinds)
        linear = activation == "linear"
        yield from zip(outs if linear else nets, map(" + ".join, sums), strict=True)
        yield from () if linear else ((o, f"{activation}({n})") for n, o in zip(nets, outs, strict=True))

    def errors(self, t: int, targets: list[str]) -> Iterator[tuple[str, str]]:
        n, pattern = self.output.units, ERRORS[self.network.loss]
        pattern = pattern.removeprefix("1/{n}*") if n == 1 else pattern
        outs, shares = names("y", n, t), names("E", n, t)
        for share, target, out in zip(shares, targets, outs, strict=True):
            yield share, pattern.format(t=target, y=out, n=n)

    def start(self) -> list[str]:
        """The state before the first step; 0 where it is left out."""
        start = self.hidden.start if self.hidden.start is not None else Decimal(0)
        cells = start if isinstance(start, tuple) else (start,) * self.hidden.units
        return self.row("h", "network.layers[1].start", cells, self.hidden.units, 0)

    def targets(self) -> dict[int, list[str]]:
        """The targets of each step that has an error."""
        rows, n = self.file.data.targets, self.output.units
        every = self.network.loss_at == "every"
        steps = range(1, self.steps + 1) if every else range(self.steps, self.steps + 1)
        if not every and rows and not isinstance(rows[0], tuple) and n > 1:
            rows = (rows,)
        return self.data("target", rows, n, len(steps), steps.start)

    def data(self, kind: str, rows: Any, wide: int, steps: int, first: int = 1) -> dict[int, list[str]]:
        key = "data.inputs" if kind == "x" else "data.targets"
        if self.count(key, rows, wide) != steps:
            raise self.wrong(key, f"{self.count(key, rows, wide)} steps", f"{steps}")
        found = {}
        for t, row in enumerate(rows if wide == 1 or isinstance(rows[0], tuple) else (rows,), first):
            found[t] = self.row(kind, f"{key}[{t - first + 1}]", row if isinstance(row, tuple) else (row,), wide, t)
        return found

    def row(self, kind: str, key: str, cells: Any, wide: int, t: int) -> list[str]:
        if len(cells) != wide:
            raise self.wrong(key, f"{len(cells)} numbers", f"{wide}")
        return [self.cell(name, cell, key) for name, cell in zip(names(kind, wide, t), cells, strict=True)]

    def matrix(self, kind: str, key: str, rows: Any, high: int, wide: int) -> list[list[str]]:
        """Names of a matrix's entries [to][from]; a single row or column needs no index."""
        if rows is None and self.file.figures:
            raise self.wrong(f"network.{key}", "missing", f"{high} rows of {wide}")
        if rows is not None and self.network.vectors == "row":
            rows = tuple(zip(*rows, strict=True)) if len({len(row) for row in rows}) == 1 else rows
        if rows is not None and [len(row) for row in rows] != [wide] * high:
            raise self.wrong(f"network.{key}", f"{len(rows)} rows", f"{high} rows of {wide}")
        found = []
        for i in range(high):
            auto = [kind + f"_{i + 1}" * (high > 1) + f"_{j + 1}" * (wide > 1) for j in range(wide)]
            row = rows[i] if rows is not None else (None,) * wide
            found.append([self.parameter(name, cell, key) for name, cell in zip(auto, row, strict=True)])
        return found

    def bias(self, kind: str, place: int, layer: LayerIn) -> list[list[str]]:
        """The bias of each unit, as a list of one or of none."""
        if not isinstance(layer.bias, tuple):
            one = [] if layer.bias is None else [self.parameter(kind, layer.bias, f"layers[{place}].bias")]
            return [one] * layer.units
        if len(layer.bias) != layer.units:
            raise self.wrong(f"network.layers[{place}].bias", f"{len(layer.bias)} numbers", f"{layer.units}")
        return [[self.parameter(f"{kind}_{i}" if layer.units > 1 else kind, cell, f"layers[{place}].bias")]
                for i, cell in enumerate(layer.bias, 1)]

    def parameter(self, name: str, cell: Any, key: str) -> str:
        name = self.cell(name, cell, f"network.{key}")
        self.parameters[name] = None
        return name

    def cell(self, name: str, cell: Any, key: str) -> str:
        """The quantity's name: the lecturer's where there is one, else the name of the place with its number."""
        if isinstance(cell, str):
            return cell
        if name in self.file.values:
            raise self.wrong(f"values.{name}", f"{name} has a number of its own", f"another name (see {key})")
        if cell is not None:
            self.values[name] = cell
        return name


def names(kind: str, count: int, t: int) -> list[str]:
    """h_2 of one unit at step 2; h_1_2, h_2_2 of two."""
    return [f"{kind}_{t}"] if count == 1 else [f"{kind}_{i}_{t}" for i in range(1, count + 1)]


def _products(weights: list[str], values: list[str]) -> list[str]:
    return [f"{w}*{v}" for w, v in zip(weights, values, strict=True)]
