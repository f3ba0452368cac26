"""What types cannot say of a lecture file: names, formulas, ids and probabilities that must fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from derive.errors import FormulaError, InputError, TooLargeError, nearest
from derive.functions import ACTIVATIONS, OPTIMIZERS, SCHEDULES, SETTINGS
from derive.lecture_ids import Shape, id_problem
from derive.name_patterns import normal
from derive.quantities import DEPTH, Quantity, symbol
from derive.spelling import canonical

if TYPE_CHECKING:
    from derive.lecture_schema import FileIn

NOTATIONS = ("delta", "net-out", "named-sums", "node", "matrix")   # the rows of notation.py
PROBABILITIES = ("sigmoid", "softmax")                             # activations between 0 and 1
CONSTANTS = ("e", "pi")                                            # names with a number of their own
ENTROPIES = ("binary-cross-entropy", "cross-entropy")

SLOT = re.compile(r"<[^<>]*>?|>")
KNOWN_SLOT = re.compile(r"<(?:(l|i|to|from)(?:[+-]\d)?|(name))>")


Problem = tuple[str, str, str]                 # key, what, expected
Needs = Mapping[str, tuple[str, ...]]          # the names in each formula, by the formula's key


def check_file(file: FileIn, source: str) -> None:
    """InputError for the first thing in a file that does not fit."""
    needs = {key: _names_in(text, f"{source}: {key}") for key, text in _formula_texts(file)}
    for check in (_one_kind, _notation, _activations, _layers, _numbers, _training, _probabilities, _equations,
                  _uses, _derived, _ids, _drawings, _names, _grids):
        for key, what, expected in check(file, needs):
            raise InputError(what, where=f"{source}: {key}", expected=expected)


def _formula_texts(file: FileIn) -> Iterator[tuple[str, str]]:
    """Key and text of every formula of a file; an activation with a name is none."""
    yield from ((f"equations.{name}", text) for name, text in file.equations.items())
    for i, layer in enumerate(file.network.layers if file.network else (), 1):
        if layer.activation not in ACTIVATIONS and not _is_word(layer.activation):
            yield f"network.layers[{i}].activation", layer.activation


def _names_in(formula: str, where: str) -> tuple[str, ...]:
    """The names of a formula; FormulaError or TooLargeError where it cannot be computed."""
    from derive.expressions import names_in, parse, to_sympy

    tree = parse(formula, where=where)
    names = names_in(tree)
    try:
        to_sympy(tree, {name: symbol(Quantity(name)) for name in names})
    except FormulaError as error:
        raise FormulaError(error.what, text=formula, column=error.column, where=where,
                           expected=error.expected) from None
    except TooLargeError as error:
        raise TooLargeError(error.what, where=where, expected=error.expected) from None
    return names


def _is_word(activation: str) -> bool:
    """Whether an activation is a name, known or misspelt, and no formula: one has an x, as in log x and x²."""
    return "x" not in re.findall(r"[A-Za-z]+", activation) and bool(re.fullmatch(r"[^\W\d][\w -]*", activation))


def _used(file: FileIn, needs: Needs) -> tuple[str, ...]:
    """The names that the equations use, in the order they turn up."""
    return tuple(dict.fromkeys(name for key in file.equations for name in needs[f"equations.{key}"]))


def _one_kind(file: FileIn, needs: Needs) -> Iterator[Problem]:
    given = [key for key in ("network", "equations", "parts") if getattr(file, key)]
    if not given:
        yield "network", "missing", "[network], [equations] or parts"
    for key in given[1:]:
        yield key, f"beside {given[0]}", "one of [network], [equations] and parts"
    if "equations" in given and file.derive is None:
        yield "derive", "missing", "[derive] with of and by, beside [equations]"
    if "equations" not in given and file.derive is not None:
        yield "derive", "no equations to derive", "[derive] only beside [equations]"
    if "network" not in given and file.data.model_fields_set:
        yield "data", "no network to take the data", "[data] only beside [network]"


def _notation(file: FileIn, needs: Needs) -> Iterator[Problem]:
    if file.notation not in NOTATIONS:
        yield "notation", f"unknown notation {file.notation[:40]!r}", nearest(file.notation[:80], NOTATIONS)


def _activations(file: FileIn, needs: Needs) -> Iterator[Problem]:
    for i, layer in enumerate(file.network.layers if file.network else (), 1):
        key, text = f"network.layers[{i}].activation", layer.activation
        if text not in ACTIVATIONS and _is_word(text):
            known = nearest(text, tuple(ACTIVATIONS))
            yield key, f"unknown activation {text[:40]!r}", f"a formula in x, or {known}"
        for name in needs.get(key, ()):
            if name != "x":
                yield key, f"unknown name {name} in the formula", "a formula in x alone"
        if needs.get(key) == () or (needs.get(key) == ("x",) and _is_constant(text)):
            yield key, f"{text[:40]!r} is the same for every x", "a formula that changes with x"


# of either sign, small and large: where a formula has one value at all of them, it has no other
_SOUNDED = (-1e6, -999.9, -12.7, -1.7, -0.3, 0.4, 1.9, 11.3, 999.9, 1e6)
_SAME = 1e-30   # of the 50 digits that are computed


def _is_constant(formula: str) -> bool:
    """Whether a formula in x is a constant in disguise, such as x/x, 0*x or x^0."""
    from derive.expressions import parse, to_sympy
    from derive.functions import APPLIED
    from derive.trees import context, evaluate

    x = symbol(Quantity("x"))
    tree, values = to_sympy(parse(formula), {"x": x}), list[Any]()
    for place in _SOUNDED:
        with suppress(TooLargeError):       # it has no value there
            values.append(evaluate(tree, {x: context().mpf(place)}, APPLIED))
    return len(values) > 1 and all(abs(value - values[0]) <= _SAME * (1 + abs(values[0])) for value in values)


def _numbers(file: FileIn, needs: Needs) -> Iterator[Problem]:
    """As many targets as inputs, and a learning rate that does not climb."""
    inputs, targets = _count(file.data.inputs), _count(file.data.targets)
    if inputs and targets and inputs != targets:
        what = f"targets of {targets} sample{'s' * (targets > 1)}"
        yield "data.targets", what, f"{inputs}, as data.inputs has"
    rate = file.training.learning_rate
    value = rate if isinstance(rate, Decimal) else file.values.get(rate, Decimal(0))
    if value < 0:
        yield "training.learning_rate", f"{value} is negative", "a number of at least 0"


def _layers(file: FileIn, needs: Needs) -> Iterator[Problem]:
    """A bias or a threshold; a slope at the kink only where there is a kink; a softmax of several units."""
    for i, layer in enumerate(file.network.layers if file.network else (), 1):
        if layer.activation == "softmax" and layer.units == 1:
            yield f"network.layers[{i}].units", "one softmax unit gives 1 whatever comes in", "2 or more, or sigmoid"
        if layer.recurrent is not None or layer.start is not None:
            yield f"network.layers[{i}].recurrent", "in a feed-forward network", 'network.kind = "recurrent"'
        if layer.bias is not None and layer.threshold is not None:
            yield f"network.layers[{i}].threshold", "stands beside bias", "one of the two"
        kinked = layer.activation in ACTIVATIONS and ACTIVATIONS[layer.activation].kink
        if layer.kink is not None and not kinked:
            yield f"network.layers[{i}].kink", f"{layer.activation[:40]} has no kink", "relu or leaky-relu"


def _training(file: FileIn, needs: Needs) -> Iterator[Problem]:
    """Settings that the optimizer or the schedule has, within their bounds; rounds that there are."""
    training = file.training
    known = (*OPTIMIZERS[training.optimizer].settings, *SCHEDULES[training.schedule].settings)
    for name in (*SETTINGS, "weight_decay", "l2"):
        value = getattr(training, name)
        if value is not None and name in SETTINGS and name not in known:
            what = f"{training.optimizer} with a {training.schedule} rate has no {name}"
            owners = [owner for owner, row in OPTIMIZERS.items() if name in row.settings]
            owners += [owner for owner, row in SCHEDULES.items() if name in row.settings]
            yield f"training.{name}", what, ", ".join(known) or f"{' or '.join(owners)}, or no such key"
        if value is not None and value < 0:
            yield f"training.{name}", f"{value} is negative", "a number of at least 0"
        if value is not None and name == "every" and (value < 1 or value % 1):
            yield f"training.{name}", f"{value} is no number of updates", "a whole number of at least 1"
        if value is not None and name.startswith("beta") and value >= 1:
            yield f"training.{name}", f"{value} is too large", "a number below 1"
    for i, number in enumerate(training.show_rounds, 1):
        if number > _updates(file):
            yield f"training.show_rounds[{i}]", f"there are {_updates(file)} updates", f"rounds = {number}"


def _updates(file: FileIn) -> int:
    """How many updates the rounds make: online each sample makes one."""
    samples = _count(file.data.inputs) if file.training.update == "online" else 1
    return file.training.rounds * max(samples, 1)


def _count(raw: tuple[object, ...] | None) -> int:
    """How many samples a table of data has, 0 if it is left out."""
    return 0 if raw is None else len(raw) if raw and isinstance(raw[0], tuple) else 1


def _probabilities(file: FileIn, needs: Needs) -> Iterator[Problem]:
    if file.network is None or file.network.loss not in ENTROPIES:
        return
    last = file.network.layers[-1].activation
    if last in ACTIVATIONS and last not in PROBABILITIES:
        yield (f"network.layers[{len(file.network.layers)}].activation",
               f"{last} gives no probabilities", f"{' or '.join(PROBABILITIES)} before {file.network.loss}")
    for key, raw in _cells("data.targets", file.data.targets):
        value = raw if isinstance(raw, Decimal) else file.values.get(raw)
        if value is not None and not 0 <= value <= 1:
            yield key, f"the target {value} is outside [0, 1]", f"a probability, for {file.network.loss}"


def _cells(key: str, raw: object) -> Iterator[tuple[str, Decimal | str]]:
    """Every number or name of a key, however it is nested, with its own key."""
    if isinstance(raw, (Decimal, str)):
        yield key, raw
    for i, inner in enumerate(raw if isinstance(raw, tuple) else (), 1):
        yield from _cells(f"{key}[{i}]", inner)


def _named(file: FileIn) -> Iterator[tuple[str, str, str]]:
    """Key, name and what it stands for, of every name in place of a number."""
    layers = file.network.layers if file.network else ()
    tables = [(f"network.layers[{i}].{part}", getattr(layer, part), noun) for i, layer in enumerate(layers, 1)
              for part, noun in (("weights", "a weight"), ("bias", "a bias"), ("threshold", "a threshold"))]
    tables += [("data.inputs", file.data.inputs, "an input"), ("data.targets", file.data.targets, "a target"),
               ("training.learning_rate", file.training.learning_rate, "the learning rate")]
    for key, raw, noun in tables:
        yield from ((place, cell, noun) for place, cell in _cells(key, raw) if isinstance(cell, str))


def _uses(file: FileIn, needs: Needs) -> Iterator[Problem]:
    """A name stands for one kind of number, and every value has its name."""
    nouns: dict[str, str] = {}
    for key, name, noun in _named(file):
        if nouns.setdefault(name, noun) != noun:
            yield key, f"the name {name} stands for {nouns[name]} already", f"another name for {noun}"
    used = (*nouns, *_used(file, needs))
    spelt: dict[str, str] = {}
    for name in dict.fromkeys((*used, *file.equations)):
        if (other := spelt.setdefault(canonical(name), name)) != name:
            yield f"values.{name}", f"{name} is written as {other} is", "names that differ in more than _"
    for name in file.values:
        if name in file.equations:
            yield f"values.{name}", f"{name} has an equation already", "an equation or a value"
        if name not in used:
            yield f"values.{name}", f"the name {name} is not used", f"a number or formula with {name}, or no such key"


def _equations(file: FileIn, needs: Needs) -> Iterator[Problem]:
    """Plain names, each with an equation or a value, and no circle."""
    for name in (*file.equations, *(file.values if file.equations else ())):
        if name in CONSTANTS:
            yield f"equations.{name}", f"{name} is a number already", "another name"
    for key in file.equations:
        for name in needs[f"equations.{key}"]:
            if not re.fullmatch(r"[^\W\d]\w*", name):
                yield f"equations.{key}", f"{name[:40]!r} is not a plain name", "letters, digits and _"
            if file.figures and name not in file.equations and name not in file.values:
                yield f"equations.{key}", f"the name {name} has no value", f"{name} under [values]"
    if circle := _circle({key: needs[f"equations.{key}"] for key in file.equations}):
        path = " -> ".join(circle)
        yield "equations", f"they go round in a circle ({path})", "no equation that needs itself"


def _circle(needs: Needs) -> tuple[str, ...]:
    """Names that need one another in turn, the first once more at the end; () if none do."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return tuple(error.args[1][::-1])
    return ()


def _derived(file: FileIn, needs: Needs) -> Iterator[Problem]:
    if file.derive is None:
        return
    known = tuple(dict.fromkeys((*file.equations, *_used(file, needs))))
    if file.derive.of not in file.equations:
        yield "derive.of", f"{file.derive.of} has no equation", nearest(file.derive.of, tuple(file.equations))
    for i, name in enumerate(file.derive.by, 1):
        if name not in known:
            yield f"derive.by[{i}]", f"{name} is in no equation", nearest(name, known)
    training = file.training
    taken = ("learning_rate", *OPTIMIZERS[training.optimizer].settings, *SCHEDULES[training.schedule].settings)
    for name in taken if training.model_fields_set else ():
        if name in known:
            yield "equations", f"the name {name} is taken by [training]", "another name"
    for key in ("update", "order", "l2", "l2_biases", "weight_decay"):
        if getattr(training, key) != type(training).model_fields[key].default:
            yield f"training.{key}", "beside equations", "it in the equations themselves, or a [network]"


def _shape(file: FileIn, needs: Needs) -> Shape:
    if file.network is None:
        names = dict.fromkeys((*file.equations, *_used(file, needs), *_trained_names(file)))
        return Shape((), (), tuple(names), 1, _updates(file) if file.training.model_fields_set else 0)
    units = (file.network.inputs, *(layer.units for layer in file.network.layers))
    biases = tuple(layer.bias is not None or layer.threshold is not None for layer in file.network.layers)
    return Shape(units, biases, (), _count(file.data.inputs) or 1, _updates(file))


def _trained_names(file: FileIn) -> Iterator[str]:
    """What the training of a lecture of equations has beside their own names."""
    if file.derive is None or not file.training.model_fields_set:
        return
    row = OPTIMIZERS[file.training.optimizer]
    yield from ("learning_rate", *row.settings, *SCHEDULES[file.training.schedule].settings)
    carried = (*row.states, *(name.replace("moment", "corrected") for name in row.corrected))
    yield from (f"{state}_{name}" for state in carried for name in file.derive.by if name not in file.equations)


def _ids(file: FileIn, needs: Needs) -> Iterator[Problem]:
    """Frames name whole ids; [names] and [display] may also speak of kinds."""
    shape = _shape(file, needs)
    lists = [(f"frames[{i}].{part}[{n}]", text, False) for i, frame in enumerate(file.frames, 1)
             for part in ("show", "brief", "formulas") for n, text in enumerate(getattr(frame, part), 1)]
    tables = {"display.decimals_of": tuple(file.display.decimals_of), "names": tuple(file.names),
              "display.rounding_of": tuple(file.display.rounding_of), "variants.grid": tuple(file.variants.grid)}
    speaking = [(f'{table}."{key[:60]}"', key, True) for table, keys in tables.items() for key in keys]
    speaking += [(f"variants.vary[{n}]", text, True) for n, text in enumerate(file.variants.vary or (), 1)]
    for key, text, kinds in lists + speaking:
        if problem := id_problem(text, shape, kinds):
            yield key, *problem


def _grids(file: FileIn, needs: Needs) -> Iterator[Problem]:
    for key, (low, high, step) in file.variants.grid.items():
        if step <= 0 or high < low or high - low > 1000 * step:
            yield f'variants.grid."{key[:60]}"', f"{low} to {high} in steps of {step}", "[lowest, highest, step]"


def _drawings(file: FileIn, needs: Needs) -> Iterator[Problem]:
    """A network shows its new weights, a graph its gradients."""
    wrong = "new" if file.equations else "gradients"
    right = "givens, outs or gradients" if file.equations else "givens, outs or new"
    for i, frame in enumerate(file.frames, 1):
        if frame.draw == wrong:
            yield f"frames[{i}].draw", f"{wrong!r} is not drawn here", right
        if frame.draw == "loss" and not file.training.show_rounds:
            yield f"frames[{i}].draw", "no rounds to draw the loss of", "training.show_rounds, such as [1, 10, 100]"


def _names(file: FileIn, needs: Needs) -> Iterator[Problem]:
    for key, patterns in file.names.items():
        for i, pattern in enumerate(patterns, 1):
            if problem := _pattern_problem(pattern, _slots(key)):
                yield f'names."{key[:60]}"[{i}]', *problem


def _slots(key: str) -> tuple[str, ...]:
    """The placeholders that a pattern of this key can have."""
    if key.startswith("new"):
        return ("name",)
    return {0: (), 1: ("i",), 2: ("l", "i"), 3: ("l", "to", "from")}[DEPTH.get(key.partition("[")[0].strip(), 0)]


def _pattern_problem(pattern: str, slots: tuple[str, ...]) -> tuple[str, str] | None:
    for found in SLOT.findall(pattern):
        known = KNOWN_SLOT.fullmatch(found)
        if known is None or (known[1] or known[2]) not in slots:
            have = ", ".join(f"<{slot}>" for slot in slots) or "none"
            return f"unknown placeholder {found[:20]}", f"{have} for this key" + ", or such as <l+1>" * ("l" in slots)
    try:
        normal(pattern)
    except InputError as error:
        return error.what, error.expected
    return None
