"""Steps of a derivation as lines of working: which steps a quantity's working has, and their text.

By a route that is spelt out (net-out, named-sums) a gradient is said in symbols, each factor
worked below it as a numbered step, and then all are put together. By the others it is one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from derive.blocks import Figure, Grid, Line, Math, Member, Prose, Working
from derive.chain import Derivation, Step, role, spelt
from derive.figures import Figures
from derive.graph import Equation, arguments
from derive.layers import layer_derivation
from derive.lecture import Lecture
from derive.network import scalar_graph
from derive.notation import Names, Route, Style, names
from derive.printing import Printer, numbers, symbols
from derive.quantities import Id, New, Partial, Quantity, before, core, quantity_of, symbol
from derive.rounding import counted
from derive.substitution import again, inline, substituted


@dataclass(frozen=True)
class Desk:
    """Everything that is needed to write working down: a lecture in one notation at one level."""

    lecture: Lecture
    level: str
    names: Names
    derivation: Derivation
    figures: Figures

    @cached_property
    def equations(self) -> dict[Id, Equation]:
        """The equation of each quantity."""
        return {equation.quantity: equation for equation in self.derivation.graph.equations}

    @cached_property
    def uses(self) -> dict[Id, list[Quantity]]:
        """The quantities whose equations use a quantity."""
        found: dict[Id, list[Quantity]] = {}
        for equation in self.derivation.graph.equations:
            for argument in equation.arguments():
                found.setdefault(argument, []).append(equation.quantity)
        return found

    @property
    def route(self) -> Route:
        return self.names.notation.route

    @property
    def style(self) -> Style:
        return self.names.notation.style

    def step(self, quantity: Id) -> Step | None:
        """The quantity's step on this route."""
        return self.derivation.pick(quantity, self.route.reasons)

    def symbols(self) -> Printer:
        return symbols(self.names.latex, self.style)

    def numbers(self) -> Printer:
        return numbers(self.figures.put_in, self.style)


def desk(lecture: Lecture, notation: str | None = None, level: str | None = None) -> Desk:
    """A lecture derived in its own notation and level, or in others."""
    from derive.chain import derivation
    from derive.figures import written

    called = names(lecture, notation)
    level = level or lecture.level
    style, reasons = called.notation.style, called.notation.route.reasons
    if lecture.network is None:
        graph = scalar_graph(lecture, style)
        done = derivation(graph)
        if lecture.derive is not None and "substituted" in lecture.derive.ways:
            done = replace(done, steps=(*done.steps, *substituted(graph)))
    elif level == "layer":
        done = layer_derivation(lecture, style)
    else:
        done = derivation(scalar_graph(lecture, style))
    turned = lecture.network is not None and lecture.network.vectors == "row"
    figures = Figures(lecture, done, reasons, written(lecture, done.graph.givens), turned)
    return Desk(lecture, level, called, done, figures)


def in_full(at: Desk, quantity: Id) -> Line | None:
    """lhs = forms = formula = numbers put in = figure; None for a given."""
    step = at.step(quantity)
    if step is None:
        return briefly(at, quantity) if at.figures.known(quantity) else None
    return said(at, step)


def said(at: Desk, step: Step) -> Line:
    """One way to a quantity as a line."""
    members = [*_formulas(at, step), *_with_numbers(at, step), *_figure(at, step)]
    return Line(at.names.latex(step.lhs), tuple(_distinct(members)))


def in_symbols(at: Desk, quantity: Id) -> Line | None:
    """lhs = forms = formula, no figures."""
    step = at.step(quantity)
    if step is None:
        return None
    return Line(at.names.latex(quantity), tuple(_distinct(_formulas(at, step))))


def briefly(at: Desk, quantity: Id) -> Line | None:
    """lhs = figure; in symbols where there are none."""
    if not at.figures.known(quantity):
        return in_symbols(at, quantity)
    step = at.step(quantity)
    if step is not None and step.formula.is_Number:   # d(net)/d(b) = 1 is no figure to be found
        return in_symbols(at, quantity)
    return Line(at.names.latex(quantity), (_value(at, quantity),))


def together(at: Desk, quantity: Id) -> Line | None:
    """lhs = numbers put in = figure; without figures the factors' own formulas put in."""
    step = at.step(quantity)
    if step is None:
        return None
    if not at.figures.known(quantity):
        return _factors_put_in(at, step)
    return Line(at.names.latex(quantity), tuple(_distinct([*_with_numbers(at, step), *_figure(at, step)])))


def _factors_put_in(at: Desk, step: Step) -> Line:
    """lhs = the factors' formulas in their places; in a lecture of equations also tidied up."""
    formulas = {symbol(q): at.step(q).formula for q in _factors(at, step)}  # type: ignore[union-attr]
    whole = inline(step.formula, formulas)
    forms = [whole] if at.lecture.network is not None else [whole, again(whole)]
    members = [Member("formula", at.symbols().latex(tree)) for tree in forms]
    return Line(at.names.latex(step.lhs), tuple(_distinct(members)))


def _formulas(at: Desk, step: Step) -> list[Member]:
    print_ = at.symbols().latex
    return [Member("formula", print_(tree)) for tree in (*_rule(at, step), *step.forms, step.formula)]


def _rule(at: Desk, step: Step) -> tuple[Any, ...]:
    """The rule by which a unit's sum was differentiated, where the route writes it out."""
    partial = step.lhs
    if not at.route.rules or step.reason != "local" or step.forms or not isinstance(partial, Partial):
        return ()
    equation = at.equations.get(partial.of)
    return spelt(equation, partial.by) if equation is not None and role(partial.of) == "net" else ()


def _with_numbers(at: Desk, step: Step) -> list[Member]:
    """The formula with its figures put in, unless that is the figure itself."""
    plain = step.formula.is_Symbol or not arguments(step.formula)
    kink = at.lecture.network is not None and _by_cases(step.formula)   # a unit's net stands beside it
    if not at.figures.known(step.lhs) or plain or kink:
        return []
    return [Member("numbers", at.numbers().latex(step.formula))]


def _by_cases(tree: Any) -> bool:
    return tree.func.__name__ == "Piecewise" or any(_by_cases(arg) for arg in tree.args)


def _figure(at: Desk, step: Step) -> list[Member]:
    known = at.figures.known(step.lhs) and (not step.formula.is_Number)
    return [_value(at, step.lhs)] if known else []


def _value(at: Desk, quantity: Id) -> Member:
    if hasattr(at.figures.value(quantity), "shape"):
        rows = tuple(tuple(asked(at, e, at.figures.cell(e, v)) for e, v in row)
                     for row in at.figures.cells(quantity))
        return Member("figure", value=Grid(rows))
    return Member("figure", value=asked(at, quantity))


def asked(at: Desk, quantity: Id, latex: str | None = None) -> Figure:
    """The figure as a sheet asks for it, with its decimals where they are not the usual ones."""
    shown = at.figures.found(quantity) if latex is None else latex
    if _is_given(at, quantity) or _is_trained(at, quantity):
        return Figure(shown, "")
    return Figure(shown, str(quantity), note=_places(at, quantity))


def _places(at: Desk, quantity: Id) -> str:
    """With how many decimals a figure is found, and put in later, where these are not the usual ones."""
    found, later = at.figures.decimals(quantity)
    if found == later == at.lecture.display.decimals:
        return ""
    return (counted(found) if found else "whole number") + (f", later {later}" if later != found else "")


def _is_trained(at: Desk, quantity: Id) -> bool:
    """Whether only a program finds the figure, after many updates that are not worked."""
    return before(quantity) != quantity and quantity not in at.derivation.values


def _is_given(at: Desk, quantity: Id) -> bool:
    """Whether the figure is no more than a given copied, as d(net)/d(w) may be an input."""
    step = at.step(quantity)
    return step is not None and step.formula.is_Symbol and quantity_of(step.formula.name) in at.figures.written


def _distinct(members: list[Member]) -> Iterator[Member]:
    """The members without one that says the same as the one before it."""
    last = ""
    for member in members:
        if member.role == "figure" or member.latex != last:
            yield member
        last = member.latex


Seen = dict[Id, None]

# what is said between the steps
WORDS = {
    "together": "All factors together", "added": "The terms added up", "products": "The products added up",
    "factor": "Factor", "likewise": "In the same way", "substituted": "Put into one formula first",
    "chain": "By the chain rule",
}


def working(at: Desk, quantity: Id, seen: Seen, number: str = "") -> Iterator[Working | Prose]:
    """The working of one quantity as blocks; `seen` are those worked before.

    A quantity that was worked before is recalled by its figure alone. `number` is the step's, where
    it is a factor of another: its own factors are numbered below it (2.1, 2.2).
    """
    if quantity in seen:
        yield from _block(briefly(at, quantity))
        return
    seen[quantity] = None
    yield from _substituted(at, quantity)
    yield from _paths(at, quantity)
    step = at.step(quantity)
    factors = _spelt_factors(at, step, seen)
    if step is None or not factors:
        yield from _block(in_full(at, quantity))
        return
    yield from _block(in_symbols(at, quantity))
    yield from (_sum if step.reason in _ADDED else _numbered)(at, factors, seen, number)
    yield Prose((_closing(step, number),), "lead")
    yield from _block(together(at, quantity))


_ADDED = ("sum-errors", "sum-samples")   # the terms have chains of their own


def _spelt_factors(at: Desk, step: Step | None, seen: Seen) -> list[Partial]:
    """The factors that follow a derivative as steps of their own; none where all of them were worked before.

    A derivative that equals another has no factors to be put together.
    """
    if step is None or not at.route.spelt_out or not isinstance(step.lhs, Partial) or step.formula.is_Symbol:
        return []
    factors = _factors(at, step)
    return [] if all(factor in seen for factor in factors) else factors


def _closing(step: Step, number: str) -> str:
    """What is said before the steps are put together, and of which factor if they are nested."""
    words = WORDS["added" if step.reason in _ADDED else "products" if step.formula.is_Add else "together"]
    return f"{WORDS['factor']} {number}: {words[0].lower()}{words[1:]}" if number else words


def _paths(at: Desk, quantity: Id) -> Iterator[Prose]:
    """In a graph: that a quantity is used in several places, so that its derivative is a sum."""
    graph = at.derivation.graph
    if at.lecture.network is not None or not isinstance(quantity, Partial) or quantity.of != graph.of:
        return
    step = at.step(quantity)
    uses = at.uses.get(quantity.by, [])
    if step is None or step.reason not in ("sum-products", "sum-nets") or not step.formula.is_Add:
        return
    runs: list[str | Math] = [Math(at.names.latex(quantity.by)), " is used in "]
    for place, use in enumerate(uses):
        joint = ", " if place < len(uses) - 1 else " and in "
        runs += [*([joint] if place else []), Math(at.names.latex(use))]
    yield Prose((*runs, f": its derivative arrives along {_COUNT.get(len(uses), str(len(uses)))} paths."), "intro")


_COUNT = dict(enumerate(("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 2))


def _substituted(at: Desk, quantity: Id) -> Iterator[Working | Prose]:
    """The way by one formula, before the chain rule, where the lecture wants both."""
    ends = (quantity.of, quantity) if isinstance(quantity, Partial) else ()
    found = [step for lhs in ends for step in at.derivation.by_lhs.get(lhs, ()) if step.reason == "substituted"]
    if len(found) < 2:
        return
    yield Prose((WORDS["substituted"],), "lead")
    for step in found:
        yield Working((Line(at.names.latex(step.lhs), tuple(_distinct(_formulas(at, step)))),))
    yield Prose((WORDS["chain"],), "lead")


def _factors(at: Desk, step: Step) -> list[Partial]:
    """The derivatives a gradient's formula is made of, where they have working of their own."""
    return [q for q in arguments(step.formula) if isinstance(q, Partial) and at.step(q) is not None]


def _numbered(at: Desk, factors: list[Partial], seen: Seen, above: str) -> Iterator[Working | Prose]:
    """Each factor a numbered step; one that has factors itself is worked in blocks of its own."""
    lines: list[Line] = []
    for place, factor in enumerate(factors, 1):
        number, step, like = f"{above}.{place}".lstrip("."), at.step(factor), _sibling(factor, seen)
        deep = factor not in seen and bool(_spelt_factors(at, step, seen))
        if not deep or like:
            line = briefly(at, factor) if deep or factor in seen else in_full(at, factor)
            seen[factor] = None
            note = (" in the same way as ", Math(at.names.latex(like))) if deep and like else ()
            lines += [replace(line, label=number, note=note)] if line else []
            continue
        if lines:
            yield Working(tuple(lines))
            lines = []
        yield Prose((f"{WORDS['factor']} {number}: ", Math(at.names.latex(factor))), "lead")
        yield from working(at, factor, seen, number)
    if lines:
        yield Working(tuple(lines))


def _sibling(factor: Partial, seen: Seen) -> Partial | None:
    """A derivative by another unit of the same layer that was worked before, in the same way."""
    def family(one: Partial) -> tuple[Id, str, tuple[int, ...]]:
        by = core(one.by)
        return one.of, by.kind, by.index[:-1]
    alike = (one for one in seen if isinstance(one, Partial) and one != factor and family(one) == family(factor))
    return next(alike, None) if len(core(factor.by).index) > 1 else None


def _sum(at: Desk, terms: list[Partial], seen: Seen, above: str) -> Iterator[Working | Prose]:
    """The first term in full, the others by their figures."""
    for place, term in enumerate(terms):
        if place == 0 or not at.figures.known(term):
            yield from working(at, term, seen, above)
        else:
            if place == 1:
                yield Prose((WORDS["likewise"],), "lead")
            seen[term] = None
            yield from _block(briefly(at, term))


def _block(line: Line | None) -> Iterator[Working]:
    if line is not None:
        yield Working((line,))


def first_place(at: Desk, quantity: Id) -> Id:
    """The quantity itself; for a place of a shared parameter the parameter."""
    inner = core(quantity)
    first = at.names.parameters.get(Quantity(inner.kind, inner.index), inner)
    if first is not inner and inner.round is not None:
        first = replace(first, round=inner.round)
    return quantity if first == inner else _replaced(quantity, inner, first)


def _replaced(quantity: Id, old: Quantity, new: Quantity) -> Id:
    if isinstance(quantity, Partial):
        return Partial(quantity.of, _replaced(quantity.by, old, new))
    return New(new) if isinstance(quantity, New) else new
