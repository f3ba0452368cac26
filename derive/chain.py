"""Local derivatives, paths, gradients, updates: a Graph as a Derivation.

Every quantity keeps its name: a derivative is a short formula over other named derivatives,
accumulated backwards once, never over the inlined network. For one quantity there may be
several steps, one a way in which it is taught; a notation's route picks one.

    reason        step
    equation      net, out, error, loss: the equation itself
    expanded      the loss with every error written out
    local         d(a)/d(b) of one equation (`spelt` writes the rule of differentiation out)
    loss-by-out   d(loss)/d(out) of an output unit
    short         d(loss)/d(net) where the loss and the activation cancel to out - target
    net-chain     d(loss)/d(net) = d(loss)/d(out) d(out)/d(net)
    sum-products  d(loss)/d(out) = sum over what it feeds, each d(loss)/d(net) d(net)/d(out); also by an input
    sum-errors    d(loss)/d(out) = sum over the outputs' errors, each by its own `error-chain`
    chain-out     d(loss)/d(w) = d(loss)/d(out) d(out)/d(net) d(net)/d(w)
    chain-net     d(loss)/d(w) = d(loss)/d(net) d(net)/d(w); summed over the places of a shared w
    …-spelt       the same with the local derivatives written out; sum-nets is that of sum-products
    error-signal  delta = d(loss)/d(net): the delta rule; `signal`: d(loss)/d(w) = delta * input
    update        new(w) = w - learning_rate d(loss)/d(w); `update-signal`: with delta * input put in
    substituted   everything put into one formula first, then differentiated
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from derive.graph import Equation, Graph, arguments
from derive.quantities import PENALTY, Id, New, Partial, Quantity, quantity_of, symbol
from derive.rounds import turns
from derive.steps import Derivation as Derivation
from derive.steps import Step as Step
from derive.steps import evaluated, ready, undisturbed
from derive.trees import add, mul, number, opposite, rebuilt

if TYPE_CHECKING:
    from sympy import Expr


def derivation(graph: Graph) -> Derivation:
    """Every equation, local derivative, gradient and update of a graph."""
    with undisturbed():
        return evaluated(graph, turns(graph, tuple(_steps(graph))))


def symbolic(graph: Graph) -> Derivation:
    """The same steps without figures."""
    with undisturbed():
        return Derivation(tuple(turns(graph, tuple(_steps(graph)))), {}, graph)


def _steps(graph: Graph) -> Iterator[Step]:
    for equation in graph.equations:
        yield ready(equation.quantity, equation.formula, "equation", equation.forms)
        yield from _expanded(graph, equation)
    roots = tuple(dict.fromkeys(e.quantity for e in graph.equations if e.quantity.kind == graph.of.kind))
    shares = [root for root in roots if root != graph.of] or [graph.of]
    for root in shares:
        yield from Backward(graph, root).steps()
    if len(shares) > 1:
        yield from _combined(graph, shares)


def _expanded(graph: Graph, equation: Equation) -> Iterator[Step]:
    """The loss with each output's error written out."""
    if equation.quantity.kind != graph.of.kind:
        return
    used = equation.arguments()
    shares = {symbol(e.quantity): e.formula for e in graph.equations
              if role(e.quantity) == "error" and e.quantity in used}
    if shares:
        terms = _terms(equation.formula)
        yield ready(equation.quantity, add(*(shares.get(term, term) for term in terms)), "expanded")


def _combined(graph: Graph, shares: list[Quantity]) -> Iterator[Step]:
    """The gradient over all samples: the sum, or the mean, of the samples' gradients."""
    whole = next(e for e in graph.equations if e.quantity == graph.of)
    penalties = [e for e in graph.equations if e.quantity == PENALTY and PENALTY in whole.arguments()]
    slopes = {by: slope for e in penalties for by, (*_, slope) in _slopes(e)}
    for parameter in graph.parameters:
        parts = add(*(symbol(Partial(share, parameter)) for share in shares))
        formula = mul(number(1, len(shares)), parts) if graph.training.reduction == "mean" else parts
        if parameter in slopes:
            yield ready(Partial(PENALTY, parameter), slopes[parameter], "local")
            formula = add(*_terms(formula), symbol(Partial(PENALTY, parameter)))
        yield ready(Partial(graph.of, parameter), formula, "sum-samples")


def role(quantity: Id) -> str:
    """The kind of a network's quantity; "" for a name of an equation, whatever it is called."""
    return quantity.kind if isinstance(quantity, Quantity) and quantity.index else ""


class Backward:
    """The steps of one root's derivatives, from the root back to the givens."""

    def __init__(self, graph: Graph, root: Quantity) -> None:
        self.root, self.graph = root, graph
        self.penalty = PENALTY if graph.training.l2 else None
        self.equations = {e.quantity: e for e in graph.equations
                          if e.quantity.sample == root.sample or e.quantity == self.penalty}
        self.consumers: dict[Id, list[Quantity]] = {}
        for equation in self.equations.values():
            for argument in equation.arguments():
                self.consumers.setdefault(argument, []).append(equation.quantity)
        self.slopes = {e.quantity: dict(self.sequenced(e)) for e in self.equations.values()}
        self.reaches = self._reaching()

    def _reaching(self) -> dict[Id, None]:
        """The quantities that the root depends on."""
        found: dict[Id, None] = {self.root: None}
        for quantity, equation in reversed(self.equations.items()):
            if quantity in found:
                found.update(dict.fromkeys(equation.arguments()))
        return found

    def sequenced(self, equation: Equation) -> Iterator[tuple[Id, tuple[Expr, ...]]]:
        """The slopes; with a sequential order of updates a hidden out goes back by the new weights."""
        later = self.graph.training.order == "sequential" and role(equation.quantity) == "net"
        for by, forms in _slopes(equation):
            new = later and role(by) == "out"
            yield by, tuple(rebuilt(form, self.updated) for form in forms) if new else forms

    def updated(self, node: Expr) -> Expr:
        quantity = quantity_of(node.name) if node.is_Symbol else None
        known = isinstance(quantity, Quantity) and quantity in self.graph.parameters
        return symbol(New(quantity)) if known else node  # type: ignore[arg-type]

    def signed(self, tree: Expr) -> Expr:
        """A derivative as an error signal, and back: the same, or with the other sign."""
        return opposite(tree) if self.graph.delta_sign < 0 else tree

    def onward(self, quantity: Id) -> list[Quantity]:
        """The quantities computed from this one, on the way to the root."""
        return [c for c in self.consumers.get(quantity, []) if c in self.reaches]

    def local(self, of: Quantity, by: Id) -> Expr:
        return self.slopes[of][by][-1]

    def steps(self) -> Iterator[Step]:
        counts = Quantity("l2") if self.penalty else None   # nobody differentiates by it
        order = [q for q in (*self.graph.givens, *self.equations)
                 if q in self.reaches and q not in (self.root, counts)]
        for quantity in reversed(order):
            if isinstance(quantity, Quantity) and role(quantity) not in ("target", "error"):
                yield from self.locals(quantity)
                yield from self.by(quantity)

    def locals(self, by: Quantity) -> Iterator[Step]:
        """d(c)/d(by) for every equation c that uses `by`."""
        for of in self.onward(by):
            if role(by) == "out" and role(of) != "net":
                continue   # said as d(loss)/d(out)
            if of == self.root and len(self.onward(by)) > 1:
                continue   # d(root)/d(by) is the sum over all its paths, the direct one stands in it by its formula
            yield Step(Partial(of, by), "local", partial(self.slopes[of].__getitem__, by))

    def is_sum_of_root(self, quantity: Quantity) -> bool:
        """Whether d(root)/d(quantity) is 1: an output's error inside the loss."""
        return quantity != self.root and (role(quantity) == "error" or quantity == self.penalty)

    def by(self, quantity: Quantity) -> Iterator[Step]:
        """Every way to d(root)/d(quantity)."""
        onward, lhs, kind = self.onward(quantity), Partial(self.root, quantity), role(quantity)
        if kind == "out" and all(c == self.root or self.is_sum_of_root(c) for c in onward):
            yield from self.loss_by_out(quantity, onward)
            return
        if onward == [self.root]:
            return   # the local derivative is the whole of it
        onward = [c for c in onward if c != self.penalty]
        yield from self.special(quantity, onward)
        reason = {"net": "net-chain", "w": "chain-net", "b": "chain-net"}.get(kind, "sum-products")
        yield Step(lhs, reason, lambda: (self.over_named(quantity, onward),))
        if self.is_penalised(quantity) or not all(self.stays_named(c, quantity) for c in onward):
            yield Step(lhs, "sum-nets" if reason == "sum-products" else f"{reason}-spelt",
                       lambda: (self.over_named(quantity, onward), self.over_written(quantity, onward)))

    def over_named(self, quantity: Quantity, onward: list[Quantity]) -> Expr:
        return self.penalised(quantity, self.named(quantity, onward), False)

    def over_written(self, quantity: Quantity, onward: list[Quantity]) -> Expr:
        return self.penalised(quantity, self.written(quantity, onward, self.total), True)

    def special(self, quantity: Quantity, onward: list[Quantity]) -> Iterator[Step]:
        """The ways that only a network has: by errors, by three factors, by error signals."""
        lhs, kind = Partial(self.root, quantity), role(quantity)
        if kind == "out":
            yield from self.sum_errors(quantity, onward)
        elif kind == "net":
            yield from self.delta(quantity, onward)
        elif kind in ("w", "b", "x"):
            out = self.only_out(onward) if kind != "x" else None
            if out is not None:
                yield Step(lhs, "chain-out", lambda: (self.three_factors(quantity, onward[0], out),))
            yield Step(lhs, "signal", lambda: (self.by_signal(quantity, onward),))

    def by_signal(self, quantity: Quantity, onward: list[Quantity]) -> Expr:
        return self.penalised(quantity, self.signed(self.written(quantity, onward, self.signal)), True)

    def is_penalised(self, quantity: Quantity) -> bool:
        return self.penalty in self.reaches and quantity in self.slopes[PENALTY]

    def penalised(self, quantity: Quantity, tree: Expr, written: bool) -> Expr:
        """A gradient with the part that comes from the penalty, named or written out."""
        if not self.is_penalised(quantity):
            return tree
        slope = self.slopes[PENALTY][quantity]
        return add(*_terms(tree), slope[-1] if written else symbol(Partial(PENALTY, quantity)))

    def total(self, quantity: Quantity) -> Expr:
        return symbol(Partial(self.root, quantity))

    def signal(self, net: Quantity) -> Expr:
        return symbol(_delta(net))

    def named(self, quantity: Quantity, onward: list[Quantity]) -> Expr:
        """The sum over what the quantity feeds, with named local derivatives."""
        return add(*(self.local(c, quantity) if c == self.root else mul(self.total(c), symbol(Partial(c, quantity)))
                     for c in onward))

    def written(self, quantity: Quantity, onward: list[Quantity], upstream: Callable[[Quantity], Expr]) -> Expr:
        """The same sum with the local derivatives written out, by totals or by error signals."""
        terms = []
        for c in onward:
            slope = symbol(Partial(c, quantity)) if self.stays_named(c, quantity) else self.local(c, quantity)
            if c == self.root:
                terms.append(slope)
                continue
            weight_first = role(quantity) == "out" and upstream == self.signal
            terms.append(product(slope, upstream(c)) if weight_first else product(upstream(c), slope))
        return add(*terms)

    def stays_named(self, of: Quantity, by: Quantity) -> bool:
        """Whether d(of)/d(by) is not written out: cases are worked by themselves."""
        return of != self.root and not role(of) and self.local(of, by).func.__name__ == "Piecewise"

    def only_out(self, onward: list[Quantity]) -> Quantity | None:
        """The out behind the net, where there is one place and one out."""
        outs = self.onward(onward[0]) if len(onward) == 1 else []
        return outs[0] if len(outs) == 1 and (role(onward[0]), role(outs[0])) == ("net", "out") else None

    def three_factors(self, quantity: Quantity, net: Quantity, out: Quantity) -> Expr:
        """d(root)/d(out) d(out)/d(net) d(net)/d(w)."""
        chain = mul(self.total(out), symbol(Partial(out, net)), symbol(Partial(net, quantity)))
        return self.penalised(quantity, chain, False)

    def loss_by_out(self, out: Quantity, onward: list[Quantity]) -> Iterator[Step]:
        *forms, slope = self.slopes[onward[0]][out]
        alone = onward[0] == self.root
        raw = tuple(form if alone else add(form, number(0)) for form in forms)
        if not alone:
            yield ready(Partial(onward[0], out), slope, "loss-by-out", tuple(forms))
        yield ready(Partial(self.root, out), slope, "loss-by-out", raw)

    def sum_errors(self, out: Quantity, onward: list[Quantity]) -> Iterator[Step]:
        """Over the outputs' errors, where every unit the out feeds is the net of an output of its own."""
        ends = []
        for net in onward:
            outs = self.onward(net)
            errors = self.onward(outs[0]) if len(outs) == 1 else []
            if len(errors) != 1 or not self.is_sum_of_root(errors[0]):
                return
            ends.append((errors[0], outs[0], net))
        if len(ends) < 2:
            return
        for error, last, net in ends:
            chain = mul(symbol(Partial(error, last)), symbol(Partial(last, net)), symbol(Partial(net, out)))
            yield ready(Partial(error, out), chain, "error-chain")
        yield ready(Partial(self.root, out), add(*(symbol(Partial(e, out)) for e, _, _ in ends)), "sum-errors")

    def delta(self, net: Quantity, onward: list[Quantity]) -> Iterator[Step]:
        """The error signal by the delta rule: what comes back, times f'(net)."""
        signal, plain = _delta(net), self.named(net, onward)
        chains = self.signed(plain)
        if net in self.graph.short:
            yield ready(signal, self.signed(self.graph.short[net]), "short", (chains,))
            yield ready(Partial(self.root, net), self.graph.short[net], "short", (plain,))
        if len(onward) == 1 and role(onward[0]) == "out":
            back = self.back(onward[0])
            yield ready(signal, product(back, self.local(onward[0], net)), "error-signal", (chains,))
        else:
            yield ready(signal, chains, "error-signal")

    def back(self, out: Quantity) -> Expr:
        """d(root)/d(out) as a signal: by the deltas of the units it feeds, or by the loss itself."""
        onward = self.onward(out)
        if all(role(c) == "net" for c in onward):
            return self.written(out, onward, self.signal)
        return self.signed(self.local(onward[0], out))


def _delta(net: Quantity) -> Quantity:
    """The error signal of a net."""
    return Quantity("delta", net.index, net.sample, net.round)


def product(left: Expr, right: Expr) -> Expr:
    """left * right, a factor 1 left out and inner products not bracketed."""
    if right == number(1):
        return left
    before = left.args if left.is_Mul and not any(arg.is_Pow for arg in left.args) else (left,)
    return mul(*before, *(right.args if right.is_Mul and not right.args[0].is_Number else (right,)))


def _slopes(equation: Equation) -> Iterator[tuple[Id, tuple[Expr, ...]]]:
    """The derivative by each argument in its forms: as taught, else term by term by SymPy."""
    terms = _terms(equation.formula)
    for argument, places in _standing(equation.formula).items():
        if role(argument) == "target" or (equation.quantity == PENALTY and argument not in equation.taught):
            continue   # no working differentiates by a target, or by how much a penalty counts
        taught = equation.taught.get(argument)
        yield argument, taught or (add(*(_differentiate(terms[k], symbol(argument)) for k in places)),)


def _terms(formula: Expr) -> tuple[Any, ...]:
    return formula.args if formula.is_Add else (formula,)


@lru_cache(maxsize=100_000)
def _standing(formula: Expr) -> Mapping[Id, tuple[int, ...]]:
    """In which terms of a formula each of its arguments stands; a sum is looked through once."""
    found: dict[Id, list[int]] = {}
    for place, term in enumerate(_terms(formula)):
        for argument in arguments(term):
            found.setdefault(argument, []).append(place)
    return {argument: tuple(places) for argument, places in found.items()}


def _differentiate(term: Expr, atom: Expr) -> Expr:
    """d(term)/d(atom); a plain product drops the factor, everything else goes to SymPy."""
    if term == atom:
        return number(1)
    if term.is_Mul and all(arg.is_Symbol or arg.is_Number for arg in term.args) and term.args.count(atom) == 1:
        rest = [arg for arg in term.args if arg != atom and arg is not number(1)]
        return mul(*rest)
    return term.diff(atom)


def spelt(equation: Equation, by: Id) -> tuple[Expr, ...]:
    """d/dw (the whole sum), then its terms' derivatives, a 0 for each without w."""
    from derive.trees import differential

    terms = _terms(equation.formula)
    parts = [number(0)] * len(terms)
    for place in _standing(equation.formula)[by]:
        parts[place] = _differentiate(terms[place], symbol(by))
    return (differential(equation.formula, symbol(by)), add(*parts))
