"""Wrong work must be found: known slips put into random workings, and how often they are found and named.

python -m tests.wrong --count 20        # prints a table of rates, a row a slip
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from derive.check.judging import Verdict, check, known_model
from derive.check.slips import OPTIMIZED, SLIPS, kept_cases
from derive.check.worlds import Model
from derive.errors import InputError, TooLargeError
from derive.figures import figure
from derive.functions import OPTIMIZERS
from derive.graph import arguments, ordered
from derive.lecture import Cell, Lecture
from derive.printing import numbers, symbols
from derive.quantities import Id, Quantity
from derive.rounding import shown
from derive.trees import context
from tests.honest import lecture

# a kind that says the same of a line as well, and why
ALIKE = {
    # a digit lost, doubled or swapped is one way in which a sum comes out wrong, and the reverse by chance
    "digits": ("arithmetic",),
    "arithmetic": ("digits",),
}


@dataclass(frozen=True)
class Injected:
    """A working with one slip: the lecture, the text, the line of the slip, its title and kind."""

    lecture: Lecture

    text: str
    line: int
    title: str
    kind: str


@dataclass(frozen=True)
class Sheet:
    """A working that is being written: the formulas, how figures are shown, and the lines so far."""

    model: Model
    decimals: int
    mode: str
    carry: str

    def figures(self, trees: Mapping[Id, Any], edit: Callable[[Id, str], str]) -> dict[Id, str]:
        """Every quantity's figure, each from the figures before it."""
        graph = self.model.derivation.graph
        known = {given: _short(value) for given, value in graph.givens.items()}
        values = dict(graph.givens)
        for quantity, tree in trees.items():
            value = graph.value(tree, _Home(self.model, values))  # type: ignore[arg-type]
            plain = figure(value, self.decimals, self.mode)   # no 0.0000 to divide by
            known[quantity] = edit(quantity, plain)
            edited = known[quantity] != plain or self.carry == "shown"
            values[quantity] = context().mpf(_plain(known[quantity])) if edited else value
        return known

    def lines(
        self,
        trees: Mapping[Id, Any],
        figures: Mapping[Id, str],
        names: Mapping[Id, Id],
        formulas: Mapping[Id, Any],
    ) -> Iterator[str]:
        """name = formula = numbers = figure, a line a quantity."""
        style = self.model.names.notation.style
        named = symbols(self.model.names.latex, style)
        put_in = numbers(lambda quantity: figures[self.model.home(quantity)], style)
        for quantity, tree in trees.items():
            left = self.model.names.latex(names.get(quantity, quantity))
            middle = named.latex(formulas.get(quantity, tree))
            yield f"$${left} = {middle} = {put_in.latex(tree)} = {figures[quantity]}$$"


def _plain(text: str) -> str:
    return text.replace(r" \times 10^{", "e").rstrip("}")


class _Home(dict[Id, Any]):
    """Values under the ids that a model keeps them by."""

    def __init__(self, model: Model, values: dict[Id, Any]) -> None:
        self.model, self.values = model, values

    def __getitem__(self, quantity: Id) -> Any:
        return self.values[self.model.home(quantity)]


def _short(value: Any) -> str:
    from derive.rounding import to_decimal

    return f"{to_decimal(value).normalize():f}"


def _with_samples(found: Lecture, seed: int) -> Lecture:
    """The same network with a second sample."""
    source = random.Random(seed)
    other = tuple(Cell(Decimal(source.randint(5, 95)) / 100) for _ in found.inputs[0])
    return replace(found, inputs=(*found.inputs, other), targets=found.targets * 2)


def _with_optimizer(found: Lecture, seed: int) -> Lecture:
    """The same network with an optimizer that carries something along."""
    return replace(found, training=replace(found.training, optimizer=_STATEFUL[seed % len(_STATEFUL)]))


_STATEFUL = tuple(name for name, row in OPTIMIZERS.items() if row.states)
# what a slip needs that the plain lectures have not
NEEDS: dict[str, Callable[[Lecture, int], Lecture]] = {
    "another sample": _with_samples,
    **{slip.title: _with_optimizer for slip in OPTIMIZED},
}


def sheet(seed: int, title: str = "") -> Sheet:
    """A random sheet by units, with what a slip of that title needs."""
    found: Lecture = replace(lecture(seed), level="unit")
    found = NEEDS[title](found, seed) if title in NEEDS else found
    return Sheet(known_model(found), found.display.decimals, found.display.rounding, found.display.carry)


def written(
    page: Sheet,
    trees: Mapping[Id, Any],
    edit: Callable[[Id, str], str] = lambda q, text: text,
    names: Mapping[Id, Id] | None = None,
    formulas: Mapping[Id, Any] | None = None,
) -> tuple[str, ...]:
    """The lines of a working."""
    return tuple(page.lines(trees, page.figures(trees, edit), names or {}, formulas or {}))


# ---------------------------------------------------------------- slips of the table, of figures and of names


def of_table(title: str, seed: int) -> Injected | None:
    """A slip of the table at a random place, in the formula or only in the numbers put in."""
    page, source = sheet(seed, title), random.Random(seed)
    places = [
        case
        for site in page.model.trees
        for case in kept_cases(page.model, site)
        if case.slip.title == title
    ]
    if not places:
        return None
    case = source.choice(places)
    if _is_equal(page.model, case.site, case.tree):
        return None
    trees = _in_order(page.model, {**page.model.trees, case.site: case.tree})
    if trees is None:
        return None
    right = {site: page.model.trees[site] for site in trees}
    hidden = {case.site: page.model.trees[case.site]} if source.random() < 0.5 else {}
    try:
        honest, wrong = written(page, right), written(page, trees, formulas=hidden)
    except TooLargeError:   # the root of a moment that the slip made negative
        return None
    place = list(trees).index(case.site)
    if hidden and honest[place].rsplit("=", 1)[1] == wrong[place].rsplit("=", 1)[1]:
        return None  # neither the formula nor the figure shows it
    return _injected(page, honest, wrong, place, title, case.slip.kind)


def _in_order(model: Model, trees: Mapping[Id, Any]) -> dict[Id, Any] | None:
    """The formulas so that each comes behind those it needs; None where that is impossible."""
    try:
        order = ordered({site: _needs(model, tree, model.trees[site]) for site, tree in trees.items()})
    except InputError:
        return None
    return {site: trees[site] for site in order}


def _needs(model: Model, *trees: Any) -> tuple[Id, ...]:
    return tuple(model.home(each) for tree in trees for each in arguments(tree))


def _is_equal(model: Model, site: Id, tree: Any) -> bool:
    """Whether the wrong formula is the right one after all: both slopes of ReLU are 1 for a positive net."""
    values = [(world.but({site: tree}).get(site), world.get(site)) for world in model.points]
    return any(wrong is None or abs(wrong - right) < 1e-20 for wrong, right in values)


def of_figure(title: str, seed: int) -> Injected | None:
    """A figure miswritten: digits swapped, lost or doubled, the point moved, the arithmetic wrong."""
    page, source = sheet(seed), random.Random(seed)
    site = source.choice(list(page.model.trees))
    edit = FIGURES[title]
    honest = written(page, page.model.trees)
    wrong = written(page, page.model.trees, lambda q, text: edit(source, text) if q == site else text)
    return _injected(
        page,
        honest,
        wrong,
        list(page.model.trees).index(site),
        title,
        "arithmetic" if title == "arithmetic" else "digits",
    )


def of_name(title: str, seed: int) -> Injected | None:
    """A quantity called by the name of another of its kind."""
    page, source = sheet(seed), random.Random(seed)
    quantities = [q for q in page.model.trees if isinstance(q, Quantity) and q.kind in ("net", "out")]
    site = source.choice(quantities)
    others = [q for q in quantities if q.kind == site.kind and q != site]
    if not others:
        return None
    honest = written(page, page.model.trees)
    wrong = written(page, page.model.trees, names={site: source.choice(others)})
    return _injected(page, honest, wrong, list(page.model.trees).index(site), title, "name")


def _injected(
    page: Sheet, honest: tuple[str, ...], wrong: tuple[str, ...], place: int, title: str, kind: str
) -> Injected | None:
    """The working, if anything that is shown changed."""
    return None if honest[place] == wrong[place] else Injected(
        page.model.lecture, "\n".join(wrong), place + 1, title, kind
    )


def _digits(text: str) -> list[int]:
    first = next((n for n, letter in enumerate(text) if letter in "123456789"), len(text))
    return [n for n in range(first, len(text)) if text[n].isdigit()]


def _swapped(source: random.Random, text: str) -> str:
    pairs = [(a, b) for a, b in zip(_digits(text), _digits(text)[1:], strict=False) if text[a] != text[b]]
    if not pairs:
        return text
    a, b = source.choice(pairs)
    letters = list(text)
    letters[a], letters[b] = letters[b], letters[a]
    return "".join(letters)


def _lost(source: random.Random, text: str) -> str:
    places = [n for n in _digits(text)[:-1] if text[n + 1] != "." or text[:n].strip("-")]
    place = source.choice(places) if len(places) > 1 else None
    return (
        text
        if place is None or text[place : place + 1] == text[place + 1 : place + 2]
        else text[:place] + text[place + 1 :]
    )


def _doubled(source: random.Random, text: str) -> str:
    places = _digits(text)[:-1]
    if len(places) < 2:
        return text
    place = source.choice(places)
    return text[:place] + text[place] + text[place:]


def _moved(source: random.Random, text: str) -> str:
    return shown(context().mpf(text) * source.choice((10, context().mpf("0.1"))), len(text.partition(".")[2]))


def _miscounted(source: random.Random, text: str) -> str:
    decimals = len(text.partition(".")[2])
    off = source.choice((-1, 1)) * source.randint(8, 90) * context().mpf(10) ** -decimals
    return shown(context().mpf(text) + off, decimals)


FIGURES: dict[str, Callable[[random.Random, str], str]] = {
    "digits swapped": _swapped,
    "digit lost": _lost,
    "digit doubled": _doubled,
    "decimal point moved": _moved,
    "arithmetic": _miscounted,
}
MAKERS: dict[str, Callable[[str, int], Injected | None]] = {
    **{slip.title: of_table for slip in SLIPS},
    **dict.fromkeys(FIGURES, of_figure),
    "another's name": of_name,
}


# ---------------------------------------------------------------- rates


@dataclass(frozen=True)
class Found:
    """Of one working: whether the first wrong line was found, named, and what came after it called carried."""

    first: bool
    named: bool
    carried: bool


def tried(case: Injected) -> Found:
    """The verdicts on a working with a slip."""
    verdicts = check(case.lecture, case.text)
    slips = [each for each in verdicts if each.verdict == "slip"]
    first = bool(slips) and slips[0].line == case.line
    kinds = {kind for each in slips if each.line == case.line for kind in each.kinds[:3]}
    return Found(
        first, bool(kinds & {case.kind, *ALIKE.get(case.kind, ())}), first and all(s.line == case.line for s in slips)
    )


def rates(
    count: int, titles: tuple[str, ...] = tuple(MAKERS), start: int = 0
) -> Iterator[tuple[str, int, list[tuple[int, Found]]]]:
    """For each slip `count` workings in which it shows."""
    for title in titles:
        found: list[tuple[int, Found]] = []
        for seed in range(start, start + 20 * count):
            case = MAKERS[title](title, seed)
            if case is not None:
                found.append((seed, tried(case)))
            if len(found) == count:
                break
        yield title, len(found), found


def table(count: int, titles: tuple[str, ...] = tuple(MAKERS), trace: bool = False, start: int = 0) -> str:
    """The rates as a table in Markdown."""
    rows, all_found = ["| slip | workings | found | named | rest carried |", "|---|---|---|---|---|"], []
    for title, _, found in rates(count, titles, start):
        all_found += [each for _, each in found]
        rows.append(_row(title, [each for _, each in found]))
        if trace:
            rows += [
                f"    seed {seed}: {each}"
                for seed, each in found
                if not (each.first and each.named and each.carried)
            ]
    return "\n".join([*rows, _row("**all**", all_found)])


def _row(title: str, found: list[Found]) -> str:
    n = max(1, len(found))
    shares = [sum(getattr(each, name) for each in found) / n for name in ("first", "named", "carried")]
    return f"| {title} | {len(found)} | " + " | ".join(f"{share:.0%}" for share in shares) + " |"


def verdicts(title: str, seed: int) -> tuple[Injected | None, tuple[Verdict, ...]]:
    """One working of `rates`, to look at."""
    case = MAKERS[title](title, seed)
    return case, check(case.lecture, case.text) if case else ()


def main() -> None:
    """Prints the table of rates."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=20)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--slip", action="append", choices=tuple(MAKERS))
    options.add_argument("--trace", action="store_true")
    chosen = options.parse_args()
    print(table(chosen.count, tuple(chosen.slip or MAKERS), chosen.trace, chosen.first))


if __name__ == "__main__":
    main()
