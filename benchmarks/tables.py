"""What is measured: each function gives the rows of one table."""

from __future__ import annotations

import importlib.util
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy

from benchmarks import networks
from benchmarks.clock import Row, exponent, span, times
from derive.lecture import load

ROUNDS, VARIANTS = 10_000, 10_000
SIZES = (2, 4, 8, 16, 32)
LARGEST_INLINED = 8     # at 16 SymPy's diff of the inlined loss takes minutes: the table `inlined`
LIMIT = 60.0            # seconds after which that table gives SymPy's diff up


def start() -> Iterator[Row]:
    """Cold starts of the command beside Python alone and beside the import of SymPy."""
    with tempfile.TemporaryDirectory() as folder:
        pairs = [("derive --help", ["--help"], "pass", "under 8"),
                 ("derive sheet net-out --no-pdf", ["sheet", "net-out", "--no-pdf", "-o", folder],
                  "import sympy", "under 2, aim 1.6")]
        for what, words, code, aim in pairs:
            ours = [sys.executable, "-c", "from derive.cli import main; main()", *words]
            found = times({"ours": runner(ours), "python": runner([sys.executable, "-c", code])}, 7)
            ratio = found["ours"] / found["python"]
            yield Row(what, span(found["ours"]), f"{ratio:.2f} × python -c {code!r} ({aim})")


def runner(command: list[str]) -> Callable[[], object]:
    """Runs a command with its bytecode kept, as that of an installed program is."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return lambda: subprocess.run(command, capture_output=True, check=True, env=kept)


def growth() -> Iterator[Row]:
    """The derivation of dense n-n-n, beside SymPy's diff of the inlined loss."""
    from derive.chain import derivation, symbolic
    from derive.network import unit_graph
    from derive.notation import Style
    from derive.training import plan

    derivation(unit_graph(networks.dense(2, 2, 2), Style()))     # imports are not measured
    symbols, whole, counts = [], [], []
    for n in SIZES:
        graph = unit_graph(networks.dense(n, n, n), Style())
        begun = time.process_time()
        symbolic(graph)
        symbols.append(time.process_time() - begun)
        begun = time.process_time()
        derivation(graph)
        whole.append(time.process_time() - begun)
        count = operations(plan(networks.dense(n, n, n)))
        yield Row(f"derivation {n}-{n}-{n}", f"{span(symbols[-1])}, {span(whole[-1])} with 50-digit values",
                  f"{count} operations, {count / n**2:.1f} n² (at most 10 from n = 9); {_beside(n, symbols[-1])}")
        counts.append(count)
    square = (counts[-1] / SIZES[-1] - counts[-2] / SIZES[-2]) / (SIZES[-1] - SIZES[-2])
    yield Row("growth of operations", f"{square:.1f} n² + {counts[-1] / SIZES[-1] - square * SIZES[-1]:.0f} n",
              "n²: 2 n² weights, a product and a sum each way; n: sigmoids (8 n), errors and their derivatives")
    yield Row("growth of time", f"n^{exponent(SIZES[1:], symbols[1:]):.2f}",
              f"n^{exponent(SIZES[1:], whole[1:]):.2f} with values, n = 4 … 32 (at most 2.4)")


def _beside(n: int, ours: float) -> str:
    return f"sympy.diff inlined {_inlined(n)[0] / ours:.0f} ×" if n <= LARGEST_INLINED else "inlined: see that table"


def _inlined(n: int, limit: float = math.inf) -> tuple[float, float]:
    """Seconds of SymPy's diff of the inlined loss of n-n-n by its parameters, and the share done within the limit."""
    import sympy

    loss, parameters, _ = networks.inlined(networks.dense(n, n, n))
    begun = time.process_time()
    for done, parameter in enumerate(parameters):
        if time.process_time() - begun > limit:
            return time.process_time() - begun, done / len(parameters)
        sympy.diff(loss, parameter)
    return time.process_time() - begun, 1.0


def inlined() -> Iterator[Row]:
    """16-16-16 beside SymPy's diff of its inlined loss, given up after a minute."""
    from derive.chain import symbolic
    from derive.network import unit_graph
    from derive.notation import Style

    symbolic(unit_graph(networks.dense(2, 2, 2), Style()))
    graph = unit_graph(networks.dense(16, 16, 16), Style())
    begun = time.process_time()
    symbolic(graph)
    ours = time.process_time() - begun
    theirs, share = _inlined(16, LIMIT)
    yield Row("16-16-16 inlined", f"{span(theirs)} for {share:.0%}",
              f"{'more than ' * (share < 1)}{theirs / ours:.0f} × derive's {span(ours)} (at least 500)")


def operations(known: Any) -> int:
    """Additions, subtractions, products, powers, functions of all values and gradients, each named once."""
    from derive.graph import needed
    from derive.quantities import Partial, Quantity

    targets = [Quantity("loss"), *(Partial(Quantity("loss"), p) for p in known.parameters())]
    chosen = [q for q in needed(targets, known.formulas, {}) if q in known.formulas]
    return sum(_count(known.formulas[quantity]) for quantity in chosen)


def _count(tree: Any) -> int:
    """Operations of a formula as the generated code makes them: a/b is one, a factor 1 none, a + -b one."""
    if tree.is_Mul:
        kept = [factor for factor in tree.args if factor != 1]
        below = [factor for factor in kept if _inverse(factor)]
        own = len(kept) - (len(below) < len(kept))
        return own + sum(_count(factor.args[0] if _inverse(factor) else factor) for factor in kept)
    own = max(len(tree.args) - 1, 1) if tree.args else 0
    subtracted = sum(term.is_Mul and term.args[0] == -1 for term in tree.args) if tree.is_Add else 0
    return own - subtracted + sum(map(_count, tree.args))


def _inverse(tree: Any) -> bool:
    return bool(tree.is_Pow and tree.args[1] == -1)


def sheets() -> Iterator[Row]:
    """Documents a second: text, and PDF with the preamble dumped and without."""
    from derive import api
    from derive.errors import DeriveError
    from derive.pdf import choose, typeset

    done = api.derivation("net-out")
    found = times({"text": lambda: api.worksheet(done).tex("worksheet"),
                   "all": lambda: api.worksheet(api.derivation("net-out")).tex("worksheet")})
    yield Row("net-out: .tex of a derivation", span(found["text"]), f"{1 / found['text']:.1f} a second")
    yield Row("net-out: derivation and .tex", span(found["all"]), f"{1 / found['all']:.1f} a second")
    try:
        engine = choose()
    except DeriveError as error:
        yield Row("PDF", "skipped", error.line())
        return
    tex = api.worksheet(done).tex("worksheet")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        typeset(tex, folder / "a.pdf", engine, cache=folder)      # the preamble is dumped once
        pdf = times({"plain": lambda: typeset(tex, folder / "a.pdf", engine),
                     "dumped": lambda: typeset(tex, folder / "a.pdf", engine, cache=folder)}, 3)
    yield Row(f"PDF by {engine.name}", span(pdf["plain"]), f"{1 / pdf['plain']:.2f} a second")
    yield Row("PDF, preamble dumped", span(pdf["dumped"]),
              f"{1 / pdf['dumped']:.2f} a second, {pdf['plain'] / pdf['dumped']:.2f} × as fast")


def training() -> Iterator[Row]:
    """10,000 rounds of net-out beside hand-written Python and the libraries that are installed."""
    from derive.codegen import FLOATS
    from derive.training import _loop, plan

    lecture = load("net-out")
    program = _loop(lecture, plan(lecture).roots, FLOATS)
    numbers = [plan(lecture).start[quantity] for quantity in program.inputs]
    ways: dict[str, Callable[[], object]] = {
        "hand-written Python": lambda: networks.by_hand(ROUNDS),
        "derive": lambda: program.run(ROUNDS, numbers),
        "SymPy lambdify (math)": lambdified(lecture), "NumPy matrices": lambda: networks.by_numpy(ROUNDS)}
    others = {"micrograd": networks.by_micrograd, "torch": networks.by_torch}
    here = {name: way for name, way in others.items() if importlib.util.find_spec(name)}
    found = times(ways, 7) | {name: 10 * seconds for name, seconds in times(
        {name: (lambda way=way: way(ROUNDS // 10)) for name, way in here.items()}, 3).items()}
    hand, aims = found["hand-written Python"], {"derive": " (at most 1.5)"}
    for name, seconds in found.items():
        slower = "" if name == "derive" else f", {seconds / found['derive']:.1f} × derive"
        yield Row(f"{ROUNDS} rounds: {name}", span(seconds),
                  f"{seconds / hand:.2f} × hand-written{aims.get(name, '')}{slower}")
    absent = [name for name in others if name not in here]
    yield from (Row(f"{ROUNDS} rounds: {name}", "skipped", "not installed") for name in absent)


def lambdified(lecture: Any) -> Callable[[], object]:
    """Training with the gradients of the inlined loss by lambdify."""
    from derive.quantities import quantity_of
    from derive.training import plan

    gradients, parameters, givens = networks.by_lambdify(lecture, "math")
    start = [plan(lecture).start[quantity_of(given.name)] for given in givens]
    places = [givens.index(parameter) for parameter in parameters]

    def run() -> None:
        numbers = list(start)
        for _ in range(ROUNDS):
            for place, gradient in zip(places, gradients(*numbers), strict=True):
                numbers[place] -= networks.RATE * gradient
    return run


def variants() -> Iterator[Row]:
    """The gradients of 10,000 variants at once beside one unblocked call of a NumPy lambdify."""
    ways = _gradients()
    numpy.testing.assert_allclose(list(ways["derive"]().values()), ways["lambdify"](), rtol=1e-9)
    # each in a process of its own: the memory that one leaves with the C library makes the other faster or slower
    found = dict.fromkeys(ways, math.inf)
    for _ in range(3):
        for name in ways:
            code = f"from benchmarks.tables import alone; print(alone({name!r}))"
            said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
            found[name] = min(found[name], float(said))
    yield Row(f"{VARIANTS} variants: lambdify, unblocked", span(found["lambdify"]),
              f"{found['lambdify'] / VARIANTS * 1e9:.0f} ns a variant")
    yield Row(f"{VARIANTS} variants: derive", span(found["derive"]),
              f"{found['derive'] / VARIANTS * 1e9:.0f} ns a variant, "
              f"{found['derive'] / found['lambdify']:.2f} × lambdify (at most 0.5)")


def alone(name: str) -> float:
    """The shortest time of one of the ways to the variants' gradients, in seconds."""
    return times({name: _gradients()[name]}, 100)[name]


def _gradients() -> dict[str, Callable[[], Any]]:
    """The ways to the gradients of many variants of net-out."""
    from derive.quantities import Partial, Quantity, quantity_of
    from derive.training import plan
    from derive.training import variants as ours

    lecture = load("net-out")
    gradients, parameters, givens = networks.by_lambdify(lecture, "numpy")
    draw = numpy.random.default_rng(1)
    columns = {quantity_of(given.name): draw.uniform(-1, 1, VARIANTS) for given in givens}
    wanted = tuple(Partial(Quantity("loss"), parameter) for parameter in plan(lecture).parameters())
    assert [str(q.by) for q in wanted] == [parameter.name for parameter in parameters]
    known = {quantity: column for quantity, column in columns.items() if quantity in plan(lecture).start}
    return {"lambdify": lambda: gradients(*columns.values()), "derive": lambda: ours(lecture, known, wanted)}


TABLES: dict[str, Callable[[], Iterator[Row]]] = {
    "start": start, "growth": growth, "inlined": inlined, "sheets": sheets, "training": training, "variants": variants}
