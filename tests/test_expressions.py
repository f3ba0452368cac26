"""Formulas as text: trees, canonical names, SymPy, and what wrong input gets."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import FormulaError, TooLargeError
from derive.expressions import Tree, canonical, names_in, parse, to_sympy
from derive.functions import function
from derive.quantities import Quantity
from derive.spelling import Vocabulary

X, Y = sympy.Symbol("x"), sympy.Symbol("y")


def shape(tree: Tree) -> str:
    """A tree on one line, so that a table can hold it."""
    if not tree.args:
        return tree.text
    head = tree.op + (f"[{tree.text}]" if tree.text.strip() else "")
    return f"{head}({', '.join(map(shape, tree.args))})"


TREES = {
    "5*x + 3": "add(mul[*](5, x), 3)",
    "a - b - c": "add(a, neg(b), neg(c))",
    "a - -b": "add(a, b)",
    "-x^2": "neg(pow(x, 2))",
    "2^-x": "pow(2, neg(x))",
    "2^3^x": "pow(2, pow(3, x))",
    "e^-x^2": "pow(e, neg(pow(x, 2)))",
    "2^-3^2": "pow(2, neg(pow(3, 2)))",
    "2^--3^-2": "pow(2, pow(3, neg(2)))",
    "e^{-x^2}": "pow(e, neg(pow(x, 2)))",
    "exp(-x^2)": "call[exp](neg(pow(x, 2)))",
    "e^-x²": "pow(e, neg(pow(x, 2)))",
    "x²^3": "pow(pow(x, 2), 3)",
    "x/(1+exp(-x))": "div[/](x, add(1, call[exp](neg(x))))",
    "1/2(t-o)^2": "mul(div[/](1, 2), pow(add(t, neg(o)), 2))",
    "max(0, x)": "call[max](0, x)",
    "sigmoid(x)(1 - sigmoid(x))": "mul(call[sigmoid](x), add(1, neg(call[sigmoid](x))))",
    r"\sigma'(z)": "call[sigmoid'](z)",
    r"\sin 2t": "call[sin](mul(2, t))",
    r"\log\hat{y}": r"call[log](\hat{y})",
    r"\tanh^2(x)": "pow(call[tanh](x), 2)",
    "5 * -2": "mul[*](5, neg(2))",
    r"(0.002)(0.494)(1 - 0.494)": "mul(mul(0.002, 0.494), add(1, neg(0.494)))",
    r"3.5 \times 10^{-5}": "3.5e-5",
    "1e-4": "1e-4",
    ".5932": ".5932",
    r"2 \times 3.5 \cdot 10^{-5}": "mul[×](2, 3.5e-5)",
    r"\frac12 x": "mul(div[frac](1, 2), x)",
    r"\frac 1 2": "div[frac](1, 2)",
    r"0.5 \, (0.3)": "mul(0.5, 0.3)",
    "(0.5) 0.3": "mul(0.5, 0.3)",
    r"3.5 \, 10^{-5}": "3.5e-5",
    "2x 3": "mul(mul(2, x), 3)",
    r"\begin{bmatrix} 0.2 \end{bmatrix} \begin{bmatrix} 0.3 \end{bmatrix}": "mul(0.2, 0.3)",
    r"\dfrac{a}{b}": "div[frac](a, b)",
    r"\left( a \biggl( b \biggr) \right)": "mul(a, b)",
    r"a \circ b \odot c": "mul[∘](mul[∘](a, b), c)",
    r"a \otimes b": "mul[⊗](a, b)",
    r"W_2^T \delta": r"mul(transpose(W_2), \delta)",
    "W₂ᵀδ": "mul(transpose(W₂), δ)",
    "w_5^+": "w_5^+",
    "w_5'": "w_5'",
    "a^{(2)}_1": "pow[(](a_1, 2)",
    "a_1^2": "pow(a_1, 2)",
    "x²": "pow(x, 2)",
    r"\|\hat{y} - y\|^2": r"pow(norm(add(\hat{y}, neg(y))), 2)",
    "|x| - |y|": "add(abs(x), neg(abs(y)))",
    "[a, b]": "matrix(row(a, b))",
    "[[1, 2], [3, 4]]": "matrix(row(1, 2), row(3, 4))",
    "[1, 2; 3, 4]": "matrix(row(1, 2), row(3, 4))",
    r"\begin{bmatrix} 1 & 2*3 \\ -3 & 4 \\ \end{bmatrix}": "matrix(row(1, mul[*](2, 3)), row(neg(3), 4))",
    r"\left[\begin{array}{cc} 1 & 2 \end{array}\right]": "matrix(row(1, 2))",
    r"\sum_{i=1}^{2} a b + c": "add(sum[_{i=1}^{2}](mul(a, b)), c)",
    r"\frac12\sum a": "mul(div[frac](1, 2), sum(a))",
    r"\boxed{0.7}": "0.7",
    r"\mathbf{0.95}": "0.95",
    r"\text{0.95}": "0.95",
    r"\underbrace{a + b}_{\text{first layer}}": "add(a, b)",
    r"\displaystyle a\,b\;c": "mul(mul(a, b), c)",
    r"\sqrt{x}": "call[sqrt](x)",
    "net[1][2] * w[2][1][1]": "mul[*](net[1][2], w[2][1][1])",
    "loss#10000": "loss#10000",
    "10t": "mul(10, t)",
    "w_{10}x_1": "mul(w_{10}, x_1)",
    r"\begin{cases} x & x > 0 \\ 0 & \text{else} \end{cases}":
        r"cases(row(x, compare[>](x, 0)), row(0, \text{else}))",
}


@pytest.mark.parametrize("text", TREES)
def test_a_formula_is_read_as_it_is_written(text: str) -> None:
    assert shape(parse(text)) == TREES[text]


SPELLINGS = [
    [
        "out_{H1}",
        r"\text{out_H}_1",
        "out_H1",
        "outH_1",
        "out_{H_1}",
        r"\mathrm{out}_{H1}",
        r"out_{\text{H1}}",
        "outH₁",
    ],
    ["a_1^2", "a^{(2)}_1", "a_1^{[2]}", "a^2_1", "a₁²", "a_{1}^{ (2) }"],
    ["w_5^+", "w_5^{+}", "w^+_5", "w₅⁺"],
    ["w_5'", "w'_5", r"w_5^{\prime}", r"w_5^\prime", "w_5′"],
    ["w_{5(new)}", "w_{5new}", "w_{5 (new)}"],
    ["w_5^{new}", "w_5^{(new)}", r"w_5^{\text{new}}"],
    [r"\hat{y}_1", r"\hat y_1", r"\hat{y_1}", "ŷ₁", "ŷ_1", r"\widehat{y}_1", r"\hat{\mathbf{y}}_1"],
    [r"\delta^{(2)}_1", "δ₁²", r"\boldsymbol{\delta}_1^{2}"],
    ["E_{total}", r"E_{\text{total}}", "E_total", r"E_{t o t a l}"],
    ["Total Error", r"\text{Total Error}", r"Total\ Error"],
    [r"\varepsilon", r"\epsilon", "ε"],
    [r"\mathcal L", r"\mathcal{L}", "L"],
    [r"\vec{x}", r"\mathbf{x}", "x"],
]


@pytest.mark.parametrize("same", SPELLINGS, ids=lambda same: same[0])
def test_every_spelling_of_a_name_has_one_key(same: list[str]) -> None:
    assert {canonical(name) for name in same} == {canonical(same[0])}


def test_different_names_have_different_keys() -> None:
    keys = [canonical(same[0]) for same in SPELLINGS]
    assert len(dict.fromkeys(keys)) == len(keys)
    different = [
        "y",
        r"\hat{y}",
        "a_1",
        "a_1^2",
        "a_2^1",
        "w_5",
        "w_5'",
        "W_5",
        "output_{H1}",
        "out_{H1}",
        "w_{1,11}",
        "w_{11,1}",
        r"\delta",
        "d",
        r"\bar{y}",
    ]
    assert len(dict.fromkeys(map(canonical, different))) == len(different)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("out_{H1}", "outH1"),
        ("a_1^{[2]}", "a1^2"),
        ("w_5^+", "w5^+"),
        ("w_5'", "w5^'"),
        ("w_{5(new)}", "w5new"),
        ("w_5^{new}", "w5^new"),
        ("σ", "sigma"),
        (r"\eta", "eta"),
    ],
)
def test_keys_are_those_that_others_build_on(key: str, expected: str) -> None:
    assert canonical(key) == expected


def test_a_vocabulary_forgives_case_and_commas_only_where_that_is_unambiguous() -> None:
    one, two, loss = Quantity("x", (1,)), Quantity("w", (1, 1, 11)), Quantity("loss")
    names = Vocabulary(
        {"x1": (one,), "w1,11": (two,), "w11,1": (one,), "E": (loss,), "A1": (one,), "a1": (two,)}, {}
    )
    assert names.find("X1") == (one,)
    assert names.find("w1,11") == (two,) and names.find("w111") == ()
    assert names.find("a1") == (two,) and names.find("e") == ()
    assert set(names.unindexed("a")) == {two} and names.unindexed("net") == ()


# ---------------------------------------------------------------- SymPy


def test_sympy_keeps_the_authors_order_and_evaluates_nothing() -> None:
    formula = to_sympy(parse("x*5 + 3 - 2*x"), {"x": X})
    assert len(formula.args) == 3
    assert formula.args[0].args == (X, sympy.Integer(5))
    assert formula.args[1] == sympy.Integer(3)
    assert to_sympy(parse("2 + 3"), {}).args == (sympy.Integer(2), sympy.Integer(3))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x/(1+exp(-x))", X / (1 + sympy.exp(-X))),
        ("x^2", X**2),
        ("sqrt(x) + ln(x)", sympy.sqrt(X) + sympy.log(X)),
        ("e^{-x}", sympy.exp(-X)),
        ("max(0, x)", sympy.Max(0, X)),
        ("abs(x) - |y|", sympy.Abs(X) - sympy.Abs(Y)),
        (r"\frac{x}{y}", X / Y),
        ("x(1-x)", X * (1 - X)),
        ("sin(x)cos(y)", sympy.sin(X) * sympy.cos(Y)),
        ("x^(1/2)", X ** sympy.Rational(1, 2)),
        ("-x", -X),
        ("pi*x", sympy.pi * X),
        (r"e x - 2\pi", sympy.E * X - 2 * sympy.pi),
    ],
)
def test_sympy_means_what_is_written(text: str, value: sympy.Expr) -> None:
    assert sympy.simplify(to_sympy(parse(text), {"x": X, "y": Y}).doit() - value) == 0


@pytest.mark.parametrize("name", ["sigmoid", "relu", "softplus", "tanh"])
def test_activations_are_the_programs_own_functions(name: str) -> None:
    assert to_sympy(parse(f"{name}(x)"), {"x": X}) == function(name)(X)


def test_decimals_keep_fifty_digits() -> None:
    digits = "0.1234567890123456789012345678901234567890123456789"
    value = to_sympy(parse(digits), {})
    assert abs(sympy.Rational(value) - sympy.Rational(digits)) < sympy.Rational(1, 10**58)


def test_a_name_with_e_of_its_own_goes_before_the_constant() -> None:
    assert to_sympy(parse("e^2"), {"e": X}) == sympy.Pow(X, 2, evaluate=False)


def test_names_of_a_formula_in_order() -> None:
    assert names_in(parse("b*x + a*x^2 + e^{-b}")) == ("b", "x", "a")


# ---------------------------------------------------------------- wrong and hostile input


@pytest.mark.parametrize(
    "text", ["9^9^9^9", "10^10^10", "exp(exp(exp(9)))", "1e999", "9^" * 40 + "9", "1e301 + 1"]
)
def test_a_constant_too_large_is_refused_before_it_is_computed(text: str) -> None:
    with pytest.raises(TooLargeError):
        to_sympy(parse(text), {})


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("x +", 4),
        ("x ? y", 3),
        ("(x", 3),
        ("x)", 2),
        ("", 1),
        ("2 * * 3", 5),
        (r"x + \input{a}", 5),
        (r"\write18{ls}", 1),
        ("1 000*x", 3),
        ("x*1 5", 5),
        ("0.5 0.3", 5),
        ("2 3^2", 3),
        ("0.5.3", 4),
        ("[0.1 0.2]", 6),
        ("sin 2 3", 7),
    ],
)
def test_an_error_points_at_the_column(text: str, column: int) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text, where="lecture.toml: equations.y")
    assert caught.value.column == column
    assert caught.value.line().startswith(f"lecture.toml: equations.y{f', column {column}' if text else ''}: ")


@pytest.mark.parametrize("text", ["__import__('os')", "x.__class__", "lambda: 1", "exec(1)", "open('a')"])
def test_python_in_a_formula_is_no_formula(text: str) -> None:
    with pytest.raises(FormulaError):
        to_sympy(parse(text), {"x": X})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("2*max(x)", "max takes two arguments or more; expected max(a, b)"),
        ("2*min(x)", "min takes two arguments or more; expected min(a, b)"),
        ("2*exp(x, y)", "exp takes one argument; expected exp(…)"),
        ("2*sigmoid(x, y)", "sigmoid takes one argument"),
        ("2*softmax(x)", "softmax is of a whole layer"),
        ("1/0 + x", "division by 0; expected a divisor that is not 0"),
        ("x/0 + y", "division by 0"),
        ("2*sigmoid'(x)", "sigmoid' cannot stand in a formula; expected the derivative written out"),
    ],
)
def test_a_function_that_does_not_fit_is_named_with_its_column(text: str, line: str) -> None:
    with pytest.raises(FormulaError) as caught:
        to_sympy(parse(text), {"x": X, "y": Y})
    assert caught.value.column == 3 and caught.value.line().startswith(line)


def test_an_unknown_name_names_the_nearest() -> None:
    with pytest.raises(FormulaError, match=r"did you mean rate") as caught:
        to_sympy(parse("2*rte"), {"rate": X, "y": Y})
    assert caught.value.column == 3


@pytest.mark.parametrize(
    "text",
    [
        "{" * 100_000 + "}" * 100_000,
        "(" * 10_000,
        "a^" * 9_000 + "b",
        r"\frac" * 4_000,
        r"\hat" * 4_900,
        "|" * 15_000,
        "x" + "_{" * 9_000,
        "9" * 19_000,
        "x*" * 9_000 + "x",
        "[" * 90 + "x" + "]" * 90 + "^" * 400,
    ],
)
def test_hostile_formulas_end_soon(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text)


def test_signs_do_not_nest() -> None:
    assert shape(parse("-" * 3_001 + "x")) == "neg(x)"


@settings(deadline=None, max_examples=150)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                *"abx129.+-*/^_(){}[]|&,;=' ",
                r"\frac",
                r"\sum",
                r"\hat",
                r"\text{a b}",
                r"\\",
                "∂",
                "σ",
                "²",
                "₁",
                r"\begin{bmatrix}",
                r"\end{bmatrix}",
                r"\left",
                "exp",
                "max",
            ]
        ),
        max_size=25,
    ).map("".join)
)
def test_any_text_is_a_tree_or_a_formula_error(text: str) -> None:
    try:
        tree = parse(text)
    except FormulaError as error:
        assert 1 <= error.column <= len(text) + 1
    else:
        assert tree.op


def expressions() -> st.SearchStrategy[str]:
    """Formulas with two names that stand for numbers."""
    leaves = st.sampled_from(["x", "y", "2", "0.5", "3"])
    return st.recursive(
        leaves,
        lambda inner: (
            st.builds("({}{}{})".format, inner, st.sampled_from("+-*/"), inner)
            | st.builds("exp(-{})".format, leaves)
        ),
        max_leaves=6,
    )


@settings(deadline=None, max_examples=60)
@given(expressions())
def test_values_are_those_of_the_formula(text: str) -> None:
    formula = to_sympy(parse(text), {"x": X, "y": Y})
    where = {X: sympy.Float("0.37"), Y: sympy.Float("1.9")}
    reference = sympy.parse_expr(text, local_dict={"x": X, "y": Y, "exp": sympy.exp})  # a test's own text
    value, wanted = formula.doit().subs(where).evalf(), reference.subs(where).evalf()
    if wanted.is_finite:
        assert abs(value - wanted) <= 1e-9 * (1 + abs(wanted))


@pytest.mark.parametrize(("text", "same"), [
    ("sin(x)^2", "(sin(x))^2"), ("1 - tanh(x)^2", "1 - (tanh(x))^2"), ("exp(-x)^2", "(exp(-x))^2"),
    ("sigmoid(x)^2", "(sigmoid(x))^2"), ("max(x, 0)^2", "(max(x, 0))^2"), ("log(x^2)", "log((x^2))"),
])
def test_a_power_behind_a_call_is_of_the_call(text, same):
    x = sympy.Symbol("x", real=True)
    assert to_sympy(parse(text), {"x": x}) == to_sympy(parse(same), {"x": x})
