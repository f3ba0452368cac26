"""Formulas printed and read back give the same values; numbers put in are bracketed where they must be."""

from __future__ import annotations

import re
from functools import cache
from types import SimpleNamespace

import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st
from networks import CTX, close, examples, lectures, smooth

from derive.chain import derivation
from derive.check.conditions import holds
from derive.check.resolving import resolve, scope_of
from derive.expressions import parse as parse_formula
from derive.expressions import to_sympy
from derive.functions import ACTIVATIONS, APPLIED, apply
from derive.lecture import load
from derive.network import unit_graph
from derive.notation import NOTATIONS, names
from derive.printing import Printer, bracket, grid, numbers, symbols
from derive.quantities import Quantity, symbol
from derive.spelling import Vocabulary
from derive.syntax import Tree, parse_tokens, tokens
from derive.trees import add, div, matmul, matrix_function, mul, neg, number, power, sub, transpose
from derive.working import desk

NAMED = st.sampled_from([*NOTATIONS])


# ---------------------------------------------------------------- read back

def value(tree: Tree, values: dict, called: dict, known: Vocabulary) -> object:
    """The value of a formula that was read; independent of the printer and of SymPy."""
    if tree.op == "number":
        return CTX.mpf(tree.text)
    if tree.op == "id":
        return values[tree.ids[0]]
    if tree.op == "ids":
        return values[called[tree.text]]
    if tree.op == "cases":
        return next(value(row.args[0], values, called, known) for row in tree.args
                    if holds(row.args[1], known, lambda side: value(side, values, called, known)))
    args = [value(arg, values, called, known) for arg in tree.args]
    return _RULES[tree.op](tree.text, *args)


def _product(sign: str, left: object, right: object) -> object:
    return left * right


_RULES = {"add": lambda _, *terms: sum(terms[1:], terms[0]), "neg": lambda _, term: -term, "mul": _product,
          "div": lambda _, top, bottom: top / bottom, "pow": lambda _, base, exponent: base**exponent,
          "abs": lambda _, term: abs(term),
          "call": lambda name, *args: {"exp": CTX.exp, "log": CTX.log, "sqrt": CTX.sqrt, "sin": CTX.sin,
                                       "cos": CTX.cos, "tanh": CTX.tanh, "max": max, "min": min,
                                       **APPLIED}[name](*args)}


def differentials(tree: sympy.Expr) -> bool:
    return any(node.func.__name__ == "differential" for node in sympy.preorder_traversal(tree))


@examples(10)
@given(lectures(samples=1, width=3), NAMED)
def test_a_printed_formula_read_back_gives_the_same_value(lecture, notation):
    assume(smooth(lecture))
    called = names(lecture, notation)
    done = derivation(unit_graph(lecture, called.notation.style))
    printer, scope = symbols(called.latex, called.notation.style), scope_of(called.vocabulary())
    by_text = {called.latex(quantity): quantity for quantity in reversed([*done.values])}
    assert len(by_text) == len(done.values), "two quantities have one name"
    for step in done.steps:
        for tree in (*step.forms, step.formula):
            # f is what a lecture calls an activation; which one is not said by the letter
            if not differentials(tree) and "bipolar" not in str(tree):
                text = printer.latex(tree)
                read = resolve(parse_tokens(tokens(text)), scope)
                assert close(value(read, done.values, by_text, scope.vocabulary), done.values[step.lhs], 30), text


# ---------------------------------------------------------------- numbers put in

# behind e^, and before target * ln(out), a minus is the formula's own: e^{-0.0000}, -0 * ln(0.3942)
BAD = [r"--", r"\+ -", r"- -", r"\+ \+", r"(\\times|\\cdot|\*) -", r"(?<!\^\{)-0(\.0*)?(?![\d.]| \S+ \\ln)", r"\d\s*\\frac",
       r"\d \d", r"\}\s*\d", r"\)\d"]


@examples(30)
@given(lectures(width=3, samples=2), NAMED, st.sampled_from(["unit", "layer"]))
def test_numbers_put_in_are_unmistakable(lecture, notation, level):
    assume(smooth(lecture))
    at = desk(lecture, notation, level)
    for step in at.derivation.steps:
        text = at.numbers().latex(step.formula)
        assert balanced(text), text
        plain = re.sub(r"\\begin\{(bmatrix|cases)\}.*?\\end\{\1\}", "M", text)
        found = [pattern for pattern in BAD if re.search(pattern, plain)]
        assert not found, (text, step.reason, found)


@examples(20)
@given(lectures(width=3, samples=2), NAMED, st.sampled_from(["unit", "layer"]))
def test_brackets_are_balanced(lecture, notation, level):
    at = desk(lecture, notation, level)
    for step in at.derivation.steps:
        for tree in (*step.forms, step.formula):
            assert balanced(at.symbols().latex(tree))
        assert balanced(at.names.latex(step.lhs))


def balanced(text: str) -> bool:
    """Whether braces, brackets, \\left and environments close in order."""
    opens = re.sub(r"\\(left|right|bigl|bigr)(?=[()\[\]|\\])", "", text)
    stack = []
    pairs = {")": "(", "}": "{", r"\rVert": r"\lVert", r"\rvert": r"\lvert", r"\rfloor": r"\lfloor", r"\end": r"\begin"}
    for token in re.findall(r"\\[A-Za-z]+|[(){}]", opens):
        if token in pairs.values():
            stack.append(token)
        elif token in pairs and (not stack or stack.pop() != pairs[token]):
            return False
    return not stack


# ---------------------------------------------------------------- one form at a time

A, B, C = (symbol(Quantity(name)) for name in "abc")


def printer(sign: str = r"\cdot", put_in: dict[str, str] | None = None) -> Printer:
    """Names as they stand, or figures for them."""
    figure = (put_in or {}).get
    return Printer(lambda q: figure(str(q), str(q)), sign, numbers=put_in is not None)


FORMS = [
    (add(A, B), "a + b"), (sub(A, B), "a - b"), (sub(A, add(B, C)), "a - (b + c)"), (add(A, neg(B), C), "a - b + c"),
    (mul(A, B), r"a \cdot b"), (mul(A, add(B, C)), "a(b + c)"), (mul(number(2), A), "2a"),
    (mul(number(-2), A), "-2a"), (mul(A, number(2)), r"a \cdot 2"), (div(A, B), r"\frac{a}{b}"),
    (neg(div(A, B)), r"-\frac{a}{b}"), (div(add(A, B), C), r"\frac{a + b}{c}"), (power(A, 2), "a^{2}"),
    (power(add(A, B), 2), "(a + b)^{2}"), (power(div(A, B), 2), r"\bigl(\frac{a}{b}\bigr)^{2}"),
    (power(A, number(1, 2)), r"\sqrt{a}"), (neg(sub(A, B)), "-(a - b)"),
    (mul(number(1, 2), power(sub(A, B), 2)), r"\frac{1}{2}(a - b)^{2}"),
    (apply("sigmoid", A), r"\sigma(a)"), (apply("softmax", A), r"\mathrm{softmax}(a)"),
    (matmul(A, transpose(B)), r"a\,b^{\mathsf{T}}"), (number(-1, 2), r"-\frac{1}{2}"),
    (matrix_function("squared_norm")(sub(A, B)), r"\lVert a - b \rVert^{2}"),
]


@pytest.mark.parametrize(("tree", "latex"), FORMS, ids=[latex for _, latex in FORMS])
def test_forms(tree, latex):
    assert printer().latex(tree) == latex


PUT_IN = [
    (add(A, B), "2 + (-3)"), (sub(A, B), "2 - (-3)"), (mul(A, B), r"2 \cdot (-3)"), (mul(B, A), r"-3 \cdot 2"),
    (neg(B), "-(-3)"), (power(B, 2), "(-3)^{2}"), (sub(number(1), B), "1 - (-3)"), (neg(sub(A, B)), "-(2 - (-3))"),
    (add(mul(A, B), mul(B, A)), r"2 \cdot (-3) + (-3) \cdot 2"), (mul(number(2), A), r"2 \cdot 2"),
    (mul(A, sub(number(1), A)), r"2 \cdot (1 - 2)"), (div(B, A), r"\frac{-3}{2}"),
]


@pytest.mark.parametrize(("tree", "latex"), PUT_IN, ids=[latex for _, latex in PUT_IN])
def test_numbers_put_in(tree, latex):
    assert printer(put_in={"a": "2", "b": "-3"}).latex(tree) == latex


@pytest.mark.parametrize("text", ["5*x + 3", "t^2", "1/(1+exp(-t))", "x/(1+exp(-x))", "sqrt(1+x^2)-1", "2*(x-t)^2",
                                  "-x^2", "(-x)^2", "2^(-x)", "x*t/(x+t)", "3/4*x", "max(0, x)", "sin(2*x)*cos(t)",
                                  "log(x)^2", "exp(x)^2", "x-(t-3)", "x/(t/2)", "(x+t)*(x-t)", "abs(x-t)", "0.5*x",
                                  "2*3*x", "x^(1/2)", "x^t^2", "tanh(x)", "-(x+t)", "x*(-t)", "x - -t"])
def test_a_lecture_s_own_formula_printed_and_read_back(text):
    """Whatever an author may write means the same when it is printed."""
    table = {name: symbol(Quantity(name)) for name in "xt"}
    tree = to_sympy(parse_formula(text), table)
    back = to_sympy(parse_formula(printer().latex(tree)), table)
    at = {table["x"]: sympy.Rational(17, 10), table["t"]: sympy.Rational(-3, 10) + 1}
    assert abs((tree - back).doit().subs(at).evalf(30)) < 1e-20, printer().latex(tree)


@cache
def shipped(name: str) -> SimpleNamespace:
    return desk(load(name))


@pytest.mark.parametrize("name", ["net-out", "delta-rule", "shared-weights"])
def test_figures_of_a_lecture_put_in(name):
    at = shipped(name)
    assert numbers(at.figures.put_in, at.style).latex(symbol(Quantity("x", (1,)))) == at.figures.put_in(Quantity("x", (1,)))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_printed(activation):
    net = symbol(Quantity("net", (1, 1)))
    row = ACTIVATIONS[activation]
    for tree in (row.formula(net), row.derivative(net, symbol(Quantity("out", (1, 1)))), apply(activation, net)):
        text = printer().latex(tree)
        assert text and balanced(text) and "Piecewise" not in text


def test_tall_brackets_go_round_what_is_tall():
    assert bracket("a") == "(a)"
    assert bracket(r"\frac{a}{b}") == r"\bigl(\frac{a}{b}\bigr)"
    assert bracket(grid((("1", "2"),))) == r"\left(\begin{bmatrix} 1 & 2 \end{bmatrix}\right)"
