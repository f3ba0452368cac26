"""Tables: ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES; one row each, in the form that is taught.

A row builds unevaluated SymPy trees (derive.trees) from the trees of its arguments, so
one row serves single units and, elementwise, whole layers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from derive.trees import add, bounded, context, div, elementwise, evaluate, mul, neg, number, power, sub

if TYPE_CHECKING:
    import sympy
    from sympy import Expr
    Rule = Callable[..., "sympy.Expr"]


@dataclass(frozen=True, slots=True)
class Activation:
    """out = f(net).

    `formula(net)` is f written out; `derivative(net, out)` is d out/d net in the form
    that is taught, mostly in terms of out; `latex` is what f is called, `word` in prose.
    `names` are further names a reader may use for it; a kink is where f has no derivative.
    """

    formula: Rule
    derivative: Rule
    latex: str
    word: str
    names: tuple[str, ...] = ()
    kink: str = ""


def _cases(above: Expr, below: Expr, net: Expr) -> Expr:
    import sympy

    return sympy.Piecewise((above, sympy.Gt(net, 0, evaluate=False)), (below, True), evaluate=False)


def _exp(tree: Expr) -> Expr:
    import sympy

    return sympy.exp(tree, evaluate=False)


def _log(tree: Expr) -> Expr:
    import sympy

    return sympy.log(tree, evaluate=False)


def _max(tree: Expr) -> Expr:
    import sympy

    return sympy.Max(number(0), tree, evaluate=False)


def _sigmoid(net: Expr) -> Expr:
    return div(number(1), add(number(1), _exp(neg(net))))


def _tanh(net: Expr) -> Expr:
    return div(sub(_exp(net), _exp(neg(net))), add(_exp(net), _exp(neg(net))))


def _one_minus(tree: Expr) -> Expr:
    return sub(number(1), tree)


LEAK = (1, 100)

ACTIVATIONS: Mapping[str, Activation] = {
    "sigmoid": Activation(_sigmoid, lambda net, out: mul(out, _one_minus(out)), r"\sigma", "sigmoid",
                          ("σ", "sigma", "sigmoid", "logistic", "Sigmoid", "activation", "logsig")),
    "tanh": Activation(_tanh, lambda net, out: _one_minus(power(out, 2)), r"\tanh", "tanh", ("tanh", "Tanh", "tansig")),
    "relu": Activation(_max, lambda net, out: _cases(number(1), number(0), net), r"\mathrm{ReLU}", "ReLU",
                       ("ReLU", "relu", "Relu"), kink="0"),
    "leaky-relu": Activation(lambda net: _cases(net, mul(number(*LEAK), net), net),
                             lambda net, out: _cases(number(1), number(*LEAK), net),
                             r"\mathrm{LReLU}", "leaky ReLU",
                             ("LReLU", "LeakyReLU", "leakyrelu", "leaky_relu"), kink="0"),
    "softplus": Activation(lambda net: _log(add(number(1), _exp(net))), lambda net, out: _sigmoid(net),
                           r"\mathrm{softplus}", "softplus", ("softplus",)),
    "linear": Activation(lambda net: net, lambda net, out: number(1), r"\mathrm{id}", "linear", ("id", "linear")),
    "bipolar-sigmoid": Activation(lambda net: sub(div(number(2), add(number(1), _exp(neg(net)))), number(1)),
                                  lambda net, out: mul(number(1, 2), add(number(1), out), _one_minus(out)),
                                  r"f", "bipolar sigmoid", ("bipolar", "bipolarsigmoid")),
    # a whole layer at once: network.py and layers.py write its sums out
    "softmax": Activation(lambda net, *nets: div(_exp(net), add(*map(_exp, nets))),
                          lambda net, out: mul(out, _one_minus(out)), r"\mathrm{softmax}", "softmax",
                          ("softmax", "Softmax")),
}


@dataclass(frozen=True, slots=True)
class Loss:
    """loss = the sum of one share an output.

    `share(target, out, n)` is one output's error, n the number of outputs; `derivative`
    is its derivative by out as it is taught, `signal` the same written with out first,
    `raw` what the rules of differentiation give before that is tidied up; `word` names it.
    `short` maps an activation to the loss's derivative by net in the short form, for the
    pairs where the rest cancels. `norm` is the factor before ||target - out||^2 at layer
    level (None: not a squared error; a zero below stands for n).
    """

    share: Rule
    derivative: Rule
    signal: Rule
    raw: Rule
    word: str
    short: Mapping[str, Rule]
    norm: tuple[int, int] | None = None


def _square(target: Expr, out: Expr) -> Expr:
    return power(sub(target, out), 2)


def _raw_square(target: Expr, out: Expr, *before: Expr) -> Expr:
    """factor · 2 (t - o)^(2-1) · (-1), the power rule before it is tidied up."""
    exponent = add(number(2), number(-1))
    return mul(number(2), *before, power(sub(target, out), exponent), number(-1))


def _minus_log(target: Expr, out: Expr, n: int = 1) -> Expr:
    return neg(mul(target, _log(out)))


def _binary(target: Expr, out: Expr, n: int = 1) -> Expr:
    return neg(add(mul(target, _log(out)), mul(_one_minus(target), _log(_one_minus(out)))))


def _binary_slope(target: Expr, out: Expr, n: int = 1) -> Expr:
    return div(sub(out, target), mul(out, _one_minus(out)))


def _log_slope(target: Expr, out: Expr, n: int = 1) -> Expr:
    return neg(div(target, out))


def _over(top: int, n: int) -> list[Expr]:
    return [number(top, n)] if n > 1 else []


def _binary_raw(target: Expr, out: Expr, n: int = 1) -> Expr:
    return add(neg(div(target, out)), div(_one_minus(target), _one_minus(out)))


LOSSES: Mapping[str, Loss] = {
    "half-squared-error": Loss(
        lambda t, o, n=1: mul(number(1, 2), _square(t, o)), lambda t, o, n=1: neg(sub(t, o)),
        lambda t, o, n=1: sub(o, t), lambda t, o, n=1: _raw_square(t, o, number(1, 2)),
        "half the squared error", {}, (1, 2)),
    "squared-error": Loss(
        lambda t, o, n=1: _square(t, o), lambda t, o, n=1: mul(number(-2), sub(t, o)),
        lambda t, o, n=1: mul(number(2), sub(o, t)), lambda t, o, n=1: _raw_square(t, o),
        "squared error", {}, (1, 1)),
    "mean-squared-error": Loss(
        lambda t, o, n=1: mul(*_over(1, n), _square(t, o)), lambda t, o, n=1: mul(number(-2, n), sub(t, o)),
        lambda t, o, n=1: mul(number(2, n), sub(o, t)), lambda t, o, n=1: _raw_square(t, o, *_over(1, n)),
        "mean squared error", {}, (1, 0)),
    "binary-cross-entropy": Loss(
        _binary, _binary_slope, _binary_slope, _binary_raw,
        "binary cross-entropy", {"sigmoid": lambda t, o: sub(o, t)}),
    "cross-entropy": Loss(
        _minus_log, _log_slope, _log_slope, lambda t, o, n=1: neg(mul(t, div(number(1), o))),
        "cross-entropy", {"softmax": lambda t, o: sub(o, t)}),
}


@dataclass(frozen=True, slots=True)
class Optimizer:
    """How a parameter is updated from its gradient.

    Rules take a table of trees by name: parameter, rate, gradient, updates (the number of
    updates done before), the row's `settings` (name: usual value) and its states. `states`
    are numbers that a parameter carries along from 0 (velocity, moments), each with the rule
    of its new value, which is called `new velocity`; `corrected` are the new values without
    their bias towards 0, called `corrected moment1`; `update` is the parameter's new value.
    """

    word: str
    update: Rule
    states: Mapping[str, Rule] = field(default_factory=dict)
    corrected: Mapping[str, Rule] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


def _blend(state: str, share: str, exponent: int = 1) -> Rule:
    """beta state + (1 - beta) gradient^exponent, a running mean."""
    return lambda t: add(mul(t[share], t[state]), mul(_one_minus(t[share]), _raised(t["gradient"], exponent)))


def _raised(tree: Expr, exponent: int) -> Expr:
    return tree if exponent == 1 else power(tree, exponent)


def _gather(t: Mapping[str, Expr]) -> Expr:
    return add(mul(t["beta"], t["velocity"]), t["gradient"])


def _descend(direction: Rule) -> Rule:
    """parameter - rate * direction."""
    return lambda t: sub(t["parameter"], mul(t["rate"], direction(t)))


def _scaled(top: Expr, square: Expr, epsilon: Expr) -> Expr:
    """top / (sqrt(square) + epsilon)."""
    return div(top, add(power(square, number(1, 2)), epsilon))


def _unbiased(state: str, share: str) -> Rule:
    """A running mean that began at 0, over 1 - beta^k at the k-th update."""
    return lambda t: div(t[f"new {state}"], _one_minus(power(t[share], add(t["updates"], number(1)))))


def _adam(t: Mapping[str, Expr]) -> Expr:
    return _scaled(t["corrected moment1"], t["corrected moment2"], t["epsilon"])


# the forms of PyTorch's torch.optim; Adam: Kingma and Ba 2015; Nesterov: Sutskever et al. 2013, shifted by one
OPTIMIZERS: Mapping[str, Optimizer] = {
    "sgd": Optimizer("gradient descent", _descend(lambda t: t["gradient"])),
    "momentum": Optimizer("momentum", _descend(lambda t: t["new velocity"]), {"velocity": _gather},
                          settings={"beta": "0.9"}),
    "momentum-average": Optimizer("momentum by a running mean", _descend(lambda t: t["new velocity"]),
                                  {"velocity": _blend("velocity", "beta")}, settings={"beta": "0.9"}),
    "nesterov": Optimizer("Nesterov's momentum",
                          _descend(lambda t: add(t["gradient"], mul(t["beta"], t["new velocity"]))),
                          {"velocity": _gather}, settings={"beta": "0.9"}),
    "adagrad": Optimizer("AdaGrad", _descend(lambda t: _scaled(t["gradient"], t["new moment2"], t["epsilon"])),
                         {"moment2": lambda t: add(t["moment2"], power(t["gradient"], 2))},
                         settings={"epsilon": "1e-8"}),
    "rmsprop": Optimizer("RMSprop", _descend(lambda t: _scaled(t["gradient"], t["new moment2"], t["epsilon"])),
                         {"moment2": _blend("moment2", "beta", 2)}, settings={"beta": "0.9", "epsilon": "1e-8"}),
    "adam": Optimizer("Adam", _descend(_adam),
                      {"moment1": _blend("moment1", "beta1"), "moment2": _blend("moment2", "beta2", 2)},
                      {"moment1": _unbiased("moment1", "beta1"), "moment2": _unbiased("moment2", "beta2")},
                      {"beta1": "0.9", "beta2": "0.999", "epsilon": "1e-8"}),
}


@dataclass(frozen=True, slots=True)
class Schedule:
    """How the learning rate changes: `rate` takes initial, updates (done before) and the `settings`."""

    word: str
    rate: Rule
    settings: Mapping[str, str] = field(default_factory=dict)


def _floor(tree: Expr) -> Expr:
    import sympy

    return sympy.floor(tree, evaluate=False)


SCHEDULES: Mapping[str, Schedule] = {
    "constant": Schedule("constant", lambda t: t["initial"]),
    "step": Schedule("in steps",
                     lambda t: mul(t["initial"], power(t["factor"], _floor(div(t["updates"], t["every"])))),
                     {"factor": "0.5", "every": "1000"}),
    "exponential": Schedule("exponential", lambda t: mul(t["initial"], power(t["factor"], t["updates"])),
                            {"factor": "0.999"}),
}


# what an optimizer or a schedule may be set by, in a lecture's [training]
_SET_BY = [row.settings for row in OPTIMIZERS.values()] + [row.settings for row in SCHEDULES.values()]
SETTINGS = tuple(dict.fromkeys(name for settings in _SET_BY for name in settings))


@cache
def function(name: str) -> Any:
    """The SymPy function of an activation, unevaluated; it differentiates as its row says."""
    import sympy

    row = ACTIVATIONS[name]

    def fdiff(self: Any, argindex: int = 1) -> Any:
        return row.derivative(self.args[0], self)

    return type(name, (sympy.Function,), {"fdiff": fdiff})


def apply(name: str, *arguments: Expr) -> Expr:
    """f(net) with the function's name, not written out."""
    result: Expr = function(name)(*arguments, evaluate=False)
    return result


def _numeric(name: str) -> Callable[..., Any]:
    def value(net: Any) -> Any:
        import sympy

        x = sympy.Symbol("x", real=True)
        return evaluate(ACTIVATIONS[name].formula(x), {x: net}, {})
    return value


_powers_of_e = bounded("exp")


def _relu(net: Any) -> Any:
    return net if net > 0 else context().mpf(0)


def _logistic(net: Any) -> Any:
    return 1 / (1 + _powers_of_e(-net))


def _softmax(net: Any) -> Any:
    powers = _powers_of_e(net)
    return powers / sum(powers.flat)


# the named functions at 50 digits; the quick ones by hand, the rest from their formulas
APPLIED: Mapping[str, Callable[..., Any]] = {
    **{name: elementwise(_numeric(name)) for name in ACTIVATIONS},
    "sigmoid": elementwise(_logistic), "tanh": bounded("tanh"),
    "relu": elementwise(_relu), "linear": lambda net: net, "softmax": _softmax,
}
