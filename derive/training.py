"""Many rounds of updates in double precision, and the gradients of many variants at once.

The code that runs is generated from the derivation's own steps (codegen.py). Ids beyond
the network's, for what an optimizer adds (its rules: functions.OPTIMIZERS):

    velocity_w[l][to][from]  velocity_b[l][i]  moment1_w[…]  moment2_b[…]   carried along from 0
    updates                  how many updates were done before
    learning_rate            the rate of the next update; learning_rate#0 where a schedule begins
    beta  beta1  beta2  epsilon  factor  every  weight_decay                settings
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count, groupby
from typing import TYPE_CHECKING, Any

from derive.chain import symbolic
from derive.codegen import CAREFUL, FLOATS, Dialect, arrays, buffered, function, text
from derive.errors import InputError
from derive.functions import OPTIMIZERS, SCHEDULES
from derive.graph import RATE_KEY, Graph, arguments, forward, needed
from derive.lecture import Lecture, places
from derive.network import no_value, samples, scalar_graph
from derive.notation import Style
from derive.quantities import Id, New, Partial, Quantity, symbol
from derive.trees import add, mul

if TYPE_CHECKING:
    import numpy
    from sympy import Expr

    Array = numpy.ndarray[Any, Any]

# of the ways to a derivative the ones with the fewest operations
ROUTE = ("short", "chain-net-spelt", "net-chain-spelt", "sum-nets", "loss-by-out", "equation", "local")
BLOCK = 5000    # variants at a time: what they work in stays in the cache
RATE, START, UPDATES = Quantity("learning_rate"), Quantity("learning_rate", (), None, 0), Quantity("updates")
DECAY = Quantity("weight_decay")

State = Mapping[Id, float]
Formulas = Mapping[Id, "Expr"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What training runs on: a formula for each quantity but the new ones, and the start.

    `start` gives a number for every given, setting and state; `roots` are the losses whose
    gradients make an update, in turn (online one for each sample); `groups` are the parameters
    that are updated together, `quantities` those of the forward pass.
    """

    formulas: Formulas
    start: State
    roots: tuple[Quantity, ...]
    groups: tuple[tuple[Quantity, ...], ...]
    quantities: tuple[Id, ...]

    def parameters(self) -> tuple[Quantity, ...]:
        """The parameters that are updated."""
        return tuple(parameter for group in self.groups for parameter in group)


@dataclass(frozen=True, slots=True)
class Program:
    """Generated code: `run(rounds, numbers of the inputs)` gives the numbers of the outputs."""

    run: Callable[[int, Iterable[Any]], tuple[Any, ...]]
    inputs: tuple[Id, ...]
    outputs: tuple[Id, ...]


def values_after(lecture: Lecture, rounds: int) -> State:
    """Every quantity (givens, parameters, states, nets, outs, errors, loss) after that many updates.

    Online, every sample's update counts. InputError names the update after which there is no value.
    """
    state = _trained(lecture, rounds)
    return {**state, **_values(lecture, state, plan(lecture).quantities)}


def history(lecture: Lecture, rounds: int, every: int) -> Iterator[tuple[int, State]]:
    """(updates done, every quantity) at the start, after each `every` updates and at the end."""
    yield from stops(lecture, (min(turn, rounds) for turn in range(0, rounds + every, every)))


def stops(lecture: Lecture, counts: Iterable[int]) -> Iterator[tuple[int, State]]:
    """(updates done, every quantity) after each of these numbers of updates, which do not fall."""
    state = plan(lecture).start
    for done in counts:
        state = _after(lecture, state, done - int(state[UPDATES]))
        yield done, {**state, **_values(lecture, state, plan(lecture).quantities)}


def ask(lecture: Lecture, quantity: Id) -> float:
    """The value of a quantity, a derivative or an updated parameter after its round: loss#10000.

    Without a round it is the value before the first update.
    """
    done, plain = _split(quantity, {place: first for place, (first, _) in places(lecture).items()})
    if isinstance(plain, New):      # what comes out of the next update, in whatever order that is made
        done, plain = done + 1, plain.of
    known, state = plan(lecture), _trained(lecture, done)
    if plain not in known.formulas and plain not in state:
        such = "loss#10, out[2][1]#10 or w[1][1][1]#10" if lecture.network else f"{lecture.of}#10"
        raise InputError(f"{quantity} is none of the lecture's numbers", where=lecture.source,
                         expected=f"an id such as {such}")
    return _values(lecture, state, (plain,))[plain]


def _split(quantity: Id, first: Mapping[Quantity, Quantity]) -> tuple[int, Id]:
    """The round, and the id without it; another place of a shared parameter is its first."""
    if isinstance(quantity, Partial):
        (done, of), (_, by) = _split(quantity.of, first), _split(quantity.by, first)
        return done, Partial(of, by)
    inner = quantity.of if isinstance(quantity, New) else quantity
    bare = Quantity(inner.kind, inner.index, inner.sample)
    plain = first.get(bare, bare)
    return inner.round or 0, New(plain) if isinstance(quantity, New) else plain


def variants(lecture: Lecture, givens: Mapping[Id, Array], wanted: tuple[Id, ...] | None = None) -> dict[Id, Array]:
    """Values, gradients and updated parameters for N sets of givens at once.

    `givens` maps ids of givens to arrays of shape (N,); the lecture's number stands for a given
    that is left out. The result has an array of shape (N,) for every quantity of the forward pass,
    every d(loss)/d(parameter) and every new(parameter), or for those `wanted`: inf or nan where a
    number is too large for double precision. The parameters are updated simultaneously.
    """
    import numpy

    known = plan(lecture)
    wanted = wanted or (*known.quantities, *(Partial(Quantity(lecture.of), p) for p in known.parameters()),
                        *(New(p) for p in known.parameters()))
    columns = {quantity: numpy.asarray(column, dtype=float) for quantity, column in givens.items()}
    length = _length(known, columns)
    result = [numpy.empty(length) for _ in wanted]
    program, buffers = _blockwise(lecture, wanted)
    numbers: Mapping[Id, Any] = {**known.start, **columns}
    inputs = [numbers[quantity] for quantity in program.inputs]
    work = [numpy.empty(min(BLOCK, length)) for _ in range(buffers - len(wanted))]
    with numpy.errstate(all="ignore"):
        for low in range(0, length, BLOCK):
            part = slice(low, low + BLOCK)
            block = [column if isinstance(column, float) else column[part] for column in inputs]
            rows = [row[part] for row in result]
            values = program.run(1, [*block, *rows, *(array[:len(rows[0])] for array in work)])
            for row, value in zip(rows, values, strict=True):
                if value is not row:    # a number, or an array of somebody else's
                    row[:] = value
    return dict(zip(wanted, result, strict=True))


def _length(known: Plan, columns: Mapping[Id, Array]) -> int:
    """How many variants there are; InputError for an unknown given or columns of several lengths."""
    shape: tuple[int, ...] = next((column.shape for column in columns.values()), (1,))
    for quantity in sorted(set(columns) - set(known.start), key=str):
        raise InputError(f"{quantity} is no given of the lecture", expected="a parameter, input or target")
    for quantity, column in columns.items():
        if len(shape) != 1 or column.shape != shape:
            raise InputError(f"the numbers for {quantity} have the shape {column.shape}",
                             expected="one number a variant, as many for each given")
    return shape[0]


# ------------------------------------------------------------------ the plan

@lru_cache(maxsize=16)
def plan(lecture: Lecture) -> Plan:
    """A lecture's training; InputError where there are no figures or nothing is updated."""
    # the order is kept by the groups below, not by the formulas
    usual = replace(lecture.training, order="simultaneous")
    graph = replace(scalar_graph(replace(lecture, training=usual), Style(out_first=True)), turns=0)
    if lecture.network is None and not graph.parameters:
        raise InputError("there is nothing to train", where=lecture.source,
                         expected="a lecture with [network], or with [training] beside [equations]")
    if any(value is None for value in graph.givens.values()):
        raise InputError("training needs figures", where=lecture.source, expected="a value for every quantity")
    online = lecture.training.update == "online"
    roots = tuple(Quantity("loss", (), sample) for sample in samples(lecture)) if online else (graph.of,)
    states = OPTIMIZERS[lecture.training.optimizer].states
    formulas = _formulas(lecture, graph)
    start: dict[Id, float] = {q: float(value) for q, value in graph.givens.items() if q not in formulas}
    start |= _settings(lecture)
    start |= {_state(name, p): 0.0 for p in graph.parameters for name in states}
    scheduled = (RATE,) if RATE in formulas else ()
    return Plan(formulas, start, roots, _groups(graph.parameters, lecture.training.order),
                (*scheduled, *(equation.quantity for equation in graph.equations)))


def _settings(lecture: Lecture) -> State:
    """The numbers of the optimizer and the schedule: their rows' usual ones, the lecture's over them."""
    training = lecture.training
    usual = {**OPTIMIZERS[training.optimizer].settings, **SCHEDULES[training.schedule].settings}
    for name, _ in training.settings:
        if name not in usual:
            raise InputError(f"{training.optimizer} with a {training.schedule} rate has no setting {name}",
                             where=f"{lecture.source}: training", expected=", ".join(usual) or "no settings")
    given: dict[Id, float] = {Quantity(name): float(number) for name, number in usual.items()}
    given |= {Quantity(name): float(number) for name, number in training.settings}
    start = float(training.learning_rate.value or 0)
    return {**given, UPDATES: 0.0, START: start, DECAY: float(training.weight_decay)}


def _state(name: str, parameter: Quantity) -> Quantity:
    """What an optimizer carries along for a parameter: velocity_w[1][1][2]."""
    return Quantity(f"{name}_{parameter.kind}", parameter.index)


def _groups(parameters: tuple[Quantity, ...], order: str) -> tuple[tuple[Quantity, ...], ...]:
    """All at once, or layer by layer from the last one, each from what is new already."""
    if order == "simultaneous":
        return (parameters,)
    backwards = sorted(parameters, key=lambda p: -p.index[0])
    return tuple(tuple(group) for _, group in groupby(backwards, key=lambda p: p.index[0]))


def _formulas(lecture: Lecture, graph: Graph) -> dict[Id, Expr]:
    """One formula a quantity: the derivation's own, and the schedule's."""
    working = symbolic(graph)
    found: dict[Id, Expr] = {step.lhs: step.formula for lhs in working.by_lhs if not isinstance(lhs, New)
                             if (step := working.pick(lhs, ROUTE))}
    # the library's tanh beats the formula: it neither overflows nor cancels
    found |= {equation.quantity: form for equation in graph.equations for form in equation.forms
              if type(form).__name__ == "tanh"}
    schedule = SCHEDULES[lecture.training.schedule]
    if schedule.settings:
        found[RATE] = schedule.rate({"initial": symbol(START), "updates": symbol(UPDATES),
                                     **{name: symbol(Quantity(name)) for name in schedule.settings}})
    return found


def _news(lecture: Lecture, parameter: Quantity, root: Quantity) -> dict[Id, Expr]:
    """The new values of what the optimizer carries along for a parameter, then the parameter's."""
    row, training = OPTIMIZERS[lecture.training.optimizer], lecture.training
    gradient: Expr = symbol(Partial(root, parameter))
    if training.weight_decay and parameter.kind == "w":
        gradient = add(gradient, mul(symbol(DECAY), symbol(parameter)))
    terms: dict[str, Expr] = {
        "parameter": symbol(parameter), "rate": symbol(RATE), "gradient": gradient,
        "updates": symbol(UPDATES), **{name: symbol(Quantity(name)) for name in row.settings}}
    for name in row.states:
        state = _state(name, parameter)
        terms |= {name: symbol(state), f"new {name}": symbol(New(state))}
    terms |= {f"corrected {name}": rule(terms) for name, rule in row.corrected.items()}
    news: dict[Id, Expr] = {New(_state(name, parameter)): rule(terms) for name, rule in row.states.items()}
    return {**news, New(parameter): row.update(terms)}


# ------------------------------------------------------------------ the code

@lru_cache(maxsize=64)
def _straight(lecture: Lecture, wanted: tuple[Id, ...], dialect: Dialect) -> Program:
    """The code that computes the wanted quantities once."""
    lines, inputs, names = _once(lecture, wanted, dialect)
    run = function(lines, [names[q] for q in inputs], [names[q] for q in wanted], dialect, repeat=False)
    return Program(run, inputs, wanted)


@lru_cache(maxsize=8)
def _blockwise(lecture: Lecture, wanted: tuple[Id, ...]) -> tuple[Program, int]:
    """The same over arrays, and how many arrays it writes into: its last inputs, those of the wanted ones first."""
    lines, inputs, names = _once(lecture, wanted, arrays())
    outputs = [names[quantity] for quantity in wanted]
    code, buffers = buffered(lines, outputs)
    run = function(code, [*(names[q] for q in inputs), *buffers], outputs, arrays(), repeat=False)
    return Program(run, inputs, wanted), len(buffers)


def _once(lecture: Lecture, wanted: tuple[Id, ...],
          dialect: Dialect) -> tuple[list[str], tuple[Id, ...], dict[Id, str]]:
    """Lines that compute the wanted quantities, the quantities they start from, everybody's variable."""
    known, names = plan(lecture), dict[Id, str]()
    news = [_news(lecture, p, known.roots[0]) for p in known.parameters() if New(p) in wanted]
    formulas = {**known.formulas, **{quantity: tree for new in news for quantity, tree in new.items()}}
    lines = [*_lines(wanted, formulas, names, count(), dialect)]
    return lines, tuple(quantity for quantity in names if quantity not in formulas), names


@lru_cache(maxsize=64)
def _loop(lecture: Lecture, roots: tuple[Quantity, ...], dialect: Dialect) -> Program:
    """The code that makes an update by the gradient of each root in turn, round after round."""
    known, names, fresh = plan(lecture), dict[Id, str](), count()
    lines: list[str] = []
    for root in roots:
        for group in known.groups:
            lines += _lines([Partial(root, p) for p in group], known.formulas, names, fresh, dialect)
            for parameter in group:
                lines += _replaced(_news(lecture, parameter, root), known.formulas, names, fresh, dialect)
        lines += [f"{names[UPDATES]} = {names[UPDATES]} + 1.0"] if UPDATES in names else []
        names = {quantity: name for quantity, name in names.items() if quantity in known.start}
    inputs = tuple(names)
    changing = {UPDATES, *(q for p in known.parameters() for q in _carried(lecture, p))}
    outputs = tuple(quantity for quantity in inputs if quantity in changing)
    run = function(lines, [names[q] for q in inputs], [names[q] for q in outputs], dialect, repeat=True)
    return Program(run, inputs, outputs)


def _carried(lecture: Lecture, parameter: Quantity) -> tuple[Quantity, ...]:
    return (parameter, *(_state(name, parameter) for name in OPTIMIZERS[lecture.training.optimizer].states))


def _lines(targets: Sequence[Id], formulas: Formulas, names: dict[Id, str], fresh: Iterator[int],
           dialect: Dialect) -> Iterator[str]:
    """One line for each quantity that the targets need; `names` gets its variable."""
    for quantity in needed(targets, formulas, names):
        variable = f"v{next(fresh)}"
        if quantity in formulas:
            yield f"{variable} = {text(formulas[quantity], names, dialect)}"
        names[quantity] = variable


def _replaced(news: Formulas, formulas: Formulas, names: dict[Id, str], fresh: Iterator[int],
              dialect: Dialect) -> Iterator[str]:
    """A parameter and what is carried along with it take their new values."""
    *states, last = news
    yield from _lines([*states, *arguments(news[last])], {**formulas, **news}, names, fresh, dialect)
    yield f"{names[_of(last)]} = {text(news[last], names, dialect)}"
    for state in states:
        yield f"{names[_of(state)]} = {names[state]}"


def _of(new: Id) -> Quantity:
    assert isinstance(new, New)
    return new.of


# ------------------------------------------------------------------ running it

@lru_cache(maxsize=64)
def _trained(lecture: Lecture, rounds: int) -> State:
    """All that is given or carried along, after that many updates."""
    return _after(lecture, plan(lecture).start, rounds)


def _after(lecture: Lecture, state: State, rounds: int) -> State:
    for dialect in (FLOATS, CAREFUL):
        if (found := _tried(lecture, state, rounds, dialect)) is not None:
            return found
    raise _beyond(lecture, _last(lecture, state, rounds), "training goes beyond all numbers")


def _last(lecture: Lecture, state: State, rounds: int) -> State:
    """The state before the first update that fails: ahead while it works, by halves once it does not."""
    stride = rounds
    while stride:
        found = _tried(lecture, state, stride, CAREFUL)
        state, stride = (state, stride // 2) if found is None else (found, stride)
    return state


def _tried(lecture: Lecture, state: State, rounds: int, dialect: Dialect) -> State | None:
    """The state after more updates; None where a number outgrows double precision."""
    try:
        found = _advanced(lecture, state, rounds, dialect)
    except (ArithmeticError, ValueError):
        return None
    return found if all(map(math.isfinite, found.values())) else None


def _advanced(lecture: Lecture, state: State, rounds: int, dialect: Dialect) -> State:
    """Single updates up to the first sample's turn, whole turns in one run, single updates for the rest."""
    roots, done = plan(lecture).roots, int(state[UPDATES])
    last = done + rounds
    while done < last:
        turn = done % len(roots)
        whole = 0 if turn else (last - done) // len(roots)
        program = _loop(lecture, roots if whole else (roots[turn],), dialect)
        numbers = program.run(whole or 1, [state[quantity] for quantity in program.inputs])
        done += whole * len(roots) or 1
        state = {**state, **dict(zip(program.outputs, numbers, strict=True)), UPDATES: float(done)}
    return state


def _values(lecture: Lecture, state: State, wanted: tuple[Id, ...]) -> State:
    """The wanted quantities' values in a state."""
    for dialect in (FLOATS, CAREFUL):
        program = _straight(lecture, wanted, dialect)
        try:
            numbers = program.run(1, [state[quantity] for quantity in program.inputs])
        except (ArithmeticError, ValueError):
            continue
        if all(map(math.isfinite, numbers)):
            return dict(zip(wanted, numbers, strict=True))
    for one in wanted if len(wanted) > 1 else ():
        _values(lecture, state, (one,))     # names the first that has none
    raise _beyond(lecture, state, f"{wanted[0]} is beyond double precision")


def _beyond(lecture: Lecture, state: State, what: str) -> InputError:
    """That training ends here, for the forward pass's own reason where it has one, else because of `what`."""
    if not state[UPDATES]:
        forward(scalar_graph(lecture, Style()))     # where the start has no value, that is the error
    return InputError(f"after update {int(state[UPDATES])} {no_value(lecture, state) or what}",
                      where=f"{lecture.source}: {RATE_KEY}", expected="a smaller learning rate")
