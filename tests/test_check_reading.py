"""Somebody's working as claims: what is found, how chains go on, what names mean, and what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.check.reading import Claim, read, read_file, read_quantity
from derive.check.segments import segments
from derive.errors import FormulaError, InputError
from derive.quantities import parse_id
from derive.spelling import Vocabulary, canonical
from derive.syntax import Tree

FUNCTIONS = {
    "sigma": "sigmoid",
    "sigmoid": "sigmoid",
    "activation": "sigmoid",
    "f": "sigmoid",
    "ReLU": "relu",
}


def vocabulary(names: dict[str, str]) -> Vocabulary:
    """Names by their spelling; ids of one name are divided by |."""
    ids = {canonical(name): tuple(map(parse_id, text.split("|"))) for name, text in names.items()}
    return Vocabulary(ids, FUNCTIONS)


UNITS = {
    name.replace("#", str(i)): meaning.replace("#", str(i))
    for i in (1, 2)
    for name, meaning in {
        "i_#": "x[#]",
        "x_#": "x[#]",
        "net_{h#}": "net[1][#]",
        "out_{h#}": "out[1][#]",
        "net_{o#}": "net[2][#]",
        "out_{o#}": "out[2][#]",
        "E_{o#}": "error[#]",
        "target_{o#}": "target[#]",
        "W_#": "w[#]",
        "b_#": "b[#][1]",
    }.items()
}
WEIGHTS = {
    f"w_{n}": f"w[{layer}][{to}][{source}]"
    for n, (layer, to, source) in enumerate(
        [(layer, to, source) for layer in (1, 2) for to in (1, 2) for source in (1, 2)], 1
    )
}
NET_OUT = vocabulary(
    UNITS
    | WEIGHTS
    | {
        "E_{total}": "loss",
        "E": "loss",
        "Total Error": "loss",
        r"\eta": "learning_rate",
        "learning rate": "learning_rate",
    }
)
DELTA = vocabulary(
    {
        f"{name}_{i}^{layer}": f"{kind}[{layer - 1}][{i}]"
        for i in (1, 2)
        for layer in (2, 3)
        for name, kind in {"a": "out", r"\delta": "delta", "b": "b"}.items()
    }
    | {f"w_{{{i}{j}}}^2": f"w[1][{i}][{j}]" for i in (1, 2) for j in (1, 2)}
    | {"t": "target[1]"}
)
SUMS = vocabulary(
    {
        "H_1": "net[1][1]",
        "H_2": "net[1][2]",
        "output_{H1}": "out[1][1]",
        "out_{H1}": "out[1][1]",
        "output_{H2}": "out[1][2]",
        "out_{H2}": "out[1][2]",
        "y_1": "net[2][1]",
        "output_{y1}": "out[2][1]",
        "out_1": "out[2][1]",
        "out_2": "out[2][2]",
        "T_1": "target[1]",
        "T_2": "target[2]",
        "Error": "loss",
        "Total Error": "loss",
        "x_1": "x[1]",
        "x_2": "x[2]",
        r"\eta": "learning_rate",
        "b_1": "b[1][1]",
        "b_3": "b[2][1]",
    }
    | WEIGHTS
)
NODES = vocabulary(
    {
        "h_{11}": "net[1][1]",
        "h_{12}": "net[1][2]",
        "a_{11}": "out[1][1]",
        "b_{h11}": "b[1][1]",
        "z": "net[3][1]",
        "y_{pred}": "out[3][1]",
        "y": "target[1]",
        "L": "loss",
        "x_1": "x[1]",
        "w_5": "w[3][1][1]",
        r"\eta": "learning_rate",
    }
)
LAYERS = vocabulary(
    {
        "W_1": "w[1]",
        "W_2": "w[2]",
        "w_1": "w[1]",
        "b_1": "b[1]",
        "b_2": "b[2]",
        "x": "x",
        "input": "x",
        "z_1": "net[1]",
        "z_{(2)}": "net[2]",
        "a_1": "out[1]",
        r"\hat{y}": "out[2]",
        "y": "target",
        r"\delta_2": "delta[2]",
        r"\delta^{(2)}": "delta[2]",
        "L": "loss",
        "Loss": "loss",
        r"\eta": "learning_rate",
    }
)


def shape(tree: Tree | None) -> str:
    """A resolved tree on one line: <id>, ~local, ? for what was not read."""
    if tree is None:
        return "?"
    if tree.op in ("id", "ids"):
        return "<" + "|".join(map(str, tree.ids)) + ">"
    if tree.op == "local":
        return "~" + canonical(tree.text)
    if not tree.args:
        return tree.text
    head = tree.op + (f"[{tree.text}]" if tree.op in ("call", "sum", "compare") else "")
    return f"{head}({', '.join(map(shape, tree.args))})"


def line(claim: Claim) -> str:
    """A claim on one line."""
    signs = [f" {sign.relation} " for sign in claim.signs] + [""]
    return "".join(shape(member.tree) + sign for member, sign in zip(claim.members, signs, strict=True))


def lines(text: str, names: Vocabulary = NET_OUT, **options: str) -> list[str]:
    """All claims of a text."""
    return [line(claim) for claim in read(text, names, **options)]


# ---------------------------------------------------------------- what people write (issue: Reading)

W5, NEW = "<w[2][1][1]>", "<new(w[2][1][1])>"
CASES: dict[str, list[str]] = {
    # delimiters
    "a $E = 0.3$ b": ["<loss> = 0.3"],
    r"\(E = 0.3\) and \[w_5 = 0.4\]": ["<loss> = 0.3", f"{W5} = 0.4"],
    "$$E = 0.3$$": ["<loss> = 0.3"],
    r"\begin{align*} E &= 0.1 + 0.2 \\ &= 0.3 \tag{1} \end{align*}": ["<loss> = add(0.1, 0.2) = 0.3"],
    r"\begin{eqnarray} E &=& 0.3 \\ w_5 &=& 0.4 \end{eqnarray}": ["<loss> = 0.3", f"{W5} = 0.4"],
    "> $$E\n> = 0.3$$": ["<loss> = 0.3"],
    "- item $E = 0.3$\n| $w_5 = 0.4$ | $w_6 = 0.45$ |": [
        "<loss> = 0.3",
        f"{W5} = 0.4",
        "<w[2][1][2]> = 0.45",
    ],
    "```\n$E = 1$\n```\n$E = 2$": ["<loss> = 2"],
    "costs \\$5, $E = 0.3$": ["<loss> = 0.3"],
    "E = 0.3\nnet_h1 = 0.15*0.05": ["<loss> = 0.3", "<net[1][1]> = mul(0.15, 0.05)"],
    # chains
    "$E = 0.1 + 0.2 = 0.3$": ["<loss> = add(0.1, 0.2) = 0.3"],
    "$$E = 0.1 + 0.2$$\nwhich gives\n$$= 0.3$$": ["<loss> = add(0.1, 0.2) = 0.3"],
    "$E =$\n $0.3$": ["<loss> = 0.3"],
    "$E = 0.5$  \n $\\ast 0.6$  \n $= 0.3$": ["<loss> = mul(0.5, 0.6) = 0.3"],
    r"$$\begin{aligned} E &= 4 * 0.5 \\ &* (1 - 0.3) = 1.4 \end{aligned}$$": [
        "<loss> = mul(mul(4, 0.5), add(1, neg(0.3))) = 1.4"
    ],
    r"$$\begin{aligned} E &= 4 \\ &- 3 = 1 \end{aligned}$$": ["<loss> = add(4, neg(3)) = 1"],
    r"$$\begin{aligned} E &= 1 + 1 & w_5 &= 0.4 \\ &= 2 & & \\ & & & = .40 \end{aligned}$$": [
        "<loss> = add(1, 1) = 2",
        f"{W5} = 0.4 = .40",
    ],
    "$w_5 = 0.4; w_6 = 0.45, w_7 = 0.5$": [f"{W5} = 0.4", "<w[2][1][2]> = 0.45", "<w[2][2][1]> = 0.5"],
    r"$w_5 = 0.4 \quad w_6 = 0.45$": [f"{W5} = 0.4", "<w[2][1][2]> = 0.45"],
    r"$\therefore E = 0.3 \implies w_5 = 0.4$": ["<loss> = 0.3", f"{W5} = 0.4"],
    r"$b_1 = b_2 = 0.35$": ["<b[1][1]> = <b[2][1]> = 0.35"],
    r"$E \approx 0.3 ≈ 0.30$": ["<loss> ≈ 0.3 ≈ 0.30"],
    r"$\boxed{E = 0.3}$": ["<loss> = 0.3"],
    r"$out_{h1} = 0.5 \quad (net_{h1} = 0.3)$": ["<out[1][1]> = 0.5", "<net[1][1]> = 0.3"],
    # no equations
    r"$E = ?$ $w_5 =$": [],
    r"$\sum_{i=1}^{2} E_{oi}$, $w_5 \rightarrow$, input $\rightarrow 4 \times 1$": [],
    "$w_5$ is a weight, $a_{in}$ is none": [],
    # numbers and products
    r"$E = 3.5 \times 10^{-5}$, $E = 1e-4.$": ["<loss> = 3.5e-5", "<loss> = 1e-4"],
    r"$E = (0.002)(0.494)(1 - 0.494)$": ["<loss> = mul(mul(0.002, 0.494), add(1, neg(0.494)))"],
    r"$E = 0.298371109\ldots$": ["<loss> = 0.298371109"],
    r"$net_{h1} = w_1x_1 + w_2x_2+b_1$": [
        "<net[1][1]> = add(mul(<w[1][1][1]>, <x[1]>), mul(<w[1][1][2]>, <x[2]>), <b[1][1]>)"
    ],
    "$E = 0,7513$": ["<loss> = ?"],
    # derivatives
    r"$\frac{\partial E}{\partial w_5} = 0.08$": ["<d(loss)/d(w[2][1][1])> = 0.08"],
    r"$\frac{dE}{dw_5} = \frac{\mathrm{d}E}{\mathrm{d}w_5}$": [
        "<d(loss)/d(w[2][1][1])> = <d(loss)/d(w[2][1][1])>"
    ],
    r"$dE/dw_5 = ∂E/∂w₅$": ["<d(loss)/d(w[2][1][1])> = <d(loss)/d(w[2][1][1])>"],
    r"$\frac{d}{dw_5}(w_5 + 1) = \frac{\partial}{\partial w_5} E$": [
        f"partial(add({W5}, 1), {W5}) = <d(loss)/d(w[2][1][1])>"
    ],
    r"$\nabla_{w_5} E = 0.08$": ["<d(loss)/d(w[2][1][1])> = 0.08"],
    r"$d(loss)/d(w[2][1][1]) = 0.08$": ["<d(loss)/d(w[2][1][1])> = 0.08"],
    r"$η ∂E/∂w_5 × 2 = 1$": ["mul(mul(<learning_rate>, <d(loss)/d(w[2][1][1])>), 2) = 1"],
    # functions
    r"$out_{h1} = \sigma(net_{h1}) = \text{sigmoid}(net_{h1}) = \frac{1}{1+e^{-net_{h1}}}$": [
        "<out[1][1]> = call[sigmoid](<net[1][1]>) = call[sigmoid](<net[1][1]>) = "
        "div(1, add(1, call[exp](neg(<net[1][1]>))))"
    ],
    r"$f'(net_{h1}) = f(net_{h1})(1 - f(net_{h1}))$": [
        "call[sigmoid'](<net[1][1]>) = "
        "mul(call[sigmoid](<net[1][1]>), add(1, neg(call[sigmoid](<net[1][1]>))))"
    ],
    r"$out_{h1} = \max(0, net_{h1})$": ["<out[1][1]> = call[max](0, <net[1][1]>)"],
    r"$\sigma(s) = \frac{1}{1 + e^{-s}}$": ["call[sigmoid](~s) = div(1, add(1, call[exp](neg(~s))))"],
    # updates
    r"$w_5^+ = w_5 - \eta \frac{\partial E}{\partial w_5}$": [
        f"{NEW} = add({W5}, neg(mul(<learning_rate>, <d(loss)/d(w[2][1][1])>)))"
    ],
    r"$W_5 = W_5 - 0.5 * 0.08$": [f"{NEW} = add({W5}, neg(mul(0.5, 0.08)))"],
    r"$w_5 \leftarrow 0.36$, $w_5 := 0.36$, $w_5 \rightarrow 0.36$": [f"{NEW} → 0.36"] * 3,
    r"$w_5' = w_5^{new} = w_{5(new)} = w_5^{(t+1)}$": [" = ".join([NEW] * 4)],
    r"$w_{5} = 0.4$": [f"{W5} = 0.4"],
    # names
    r"$\text{Total Error} = E_{total} = E_{\text{total}}$": ["<loss> = <loss> = <loss>"],
    r"$Total\ Error = 2 * learning\ rate$": ["<loss> = mul(2, <learning_rate>)"],
    r"$loss#10000 = net[1][1]$": ["<loss#10000> = <net[1][1]>"],
    r"$net_h = 1$": ["<net[1][1]|net[1][2]> = 1"],
    r"$E = net_{h9}$, $foo = 1$, $E = foo$": ["<loss> = ?", "~foo = 1", "<loss> = ~foo"],
    r"$E(w) = 0.3$": ["<loss> = 0.3"],
    r"$error = 0.3$, $\delta = error * 2$": ["~error = 0.3", "~delta = mul(~error, 2)"],
    r"$e = 1 - 0.3$, $e^2 = 0.49$, $e^{-0.9} = 0.4$": [
        "~e = add(1, neg(0.3))",
        "pow(~e, 2) = 0.49",
        "call[exp](neg(0.9)) = 0.4",
    ],
    r"$\Delta w_5 = -0.04$": ["~Deltaw5 = neg(0.04)"],
    # words
    r"$\text{Thus, } E = 0.3 \text{ (see the notes)}$": ["<loss> = 0.3"],
    r"$w_5^+ = 0.36 \text{ and } w_6^+ = 0.41$": [f"{NEW} = 0.36", "<new(w[2][1][2])> = 0.41"],
    r"$\text{Loss: } E = 0.3$, similarly $w_5 = 0.4$": ["<loss> = 0.3", f"{W5} = 0.4"],
    r"$E = \text{Derivative of Sigmoid}$": ["<loss> = ?"],
    r"$w_5 = w_5 - \eta \text{grad}$": [f"{W5} = ?"],
    "The total error $= 0.298$.": ["<loss> = 0.298"],
    # matrices and the rest
    r"$W_1 = \begin{bmatrix} 0.15 & 0.2 \\ 0.25 & -5 * 2 \end{bmatrix}$": [
        "<w[1]> = matrix(row(0.15, 0.2), row(0.25, neg(mul(5, 2))))"
    ],
    r"$W_1^T \mathbf{x_1} = [0.1, 0.2]$": ["mul(transpose(<w[1]>), <x[1]>) = matrix(row(0.1, 0.2))"],
    r"$out_{h1} = \begin{cases} net_{h1} & \text{if } z > 0 \\ 0 & \text{else} \end{cases}$": [
        r"<out[1][1]> = cases(row(<net[1][1]>, compare[>](mul(\text{if }, z), 0)), row(0, \text{else}))"
    ],
    r"$E = \sum_{i=1}^{2} \frac{1}{2}(target_{oi} - out_{oi})^2$": [
        "<loss> = add(mul(div(1, 2), pow(add(<target[1]>, neg(<out[2][1]>)), 2)), "
        "mul(div(1, 2), pow(add(<target[2]>, neg(<out[2][2]>)), 2)))"
    ],
}


@pytest.mark.parametrize("text", CASES)
def test_what_people_write_is_read(text: str) -> None:
    assert lines(text) == CASES[text]


OTHER_NOTATIONS = [
    (DELTA, r"$a_1^2 = 0.7311$, $\delta_1^3 = -0.07$", ["<out[1][1]> = 0.7311", "<delta[2][1]> = neg(0.07)"]),
    (
        DELTA,
        r"$a_1^{(3)} = a^{[3]}_1 = (t - 1)^2$",
        ["<out[2][1]> = <out[2][1]> = pow(add(<target[1]>, neg(1)), 2)"],
    ),
    (
        DELTA,
        r"$w_{11}^2 = 3 - 10 * (-0.0586 * 1) = 3.586$",
        ["<new(w[1][1][1])> = add(3, neg(mul(10, neg(mul(0.0586, 1))))) = 3.586"],
    ),
    (DELTA, r"$w_{ij}^{l} = 1$", ["<w[1][1][1]|w[1][1][2]|w[1][2][1]|w[1][2][2]> = 1"]),
    (
        DELTA,
        r"$y = \text{sigmoid}(x)$ so $\frac{\partial y}{\partial x} = y(1 - y)$",
        ["~y = call[sigmoid](~x)", "partial(~y, ~x) = mul(~y, add(1, neg(~y)))"],
    ),
    (
        DELTA,
        "*error =  $0.6654 - 1$*\n\n$\\delta_1^3 = \\text{error} \\ast 2$",
        ["<delta[2][1]> = mul(~error, 2)"],
    ),
    (DELTA, r"$a_1^{(4)} = 1$", ["? = 1"]),
    (
        SUMS,
        r"$\text{output_H}_1 = \text{output_}H_1 = \text{outH}_1 = \text{out}_H1$",
        [" = ".join(["<out[1][1]>"] * 4)],
    ),
    (SUMS, r"$X_1 = .05$", ["<x[1]> = .05"]),
    (
        SUMS,
        r"$\frac{dError}{dW_{1}} = \frac{d\text{Error}}{d \text{out}_1} * \frac{d\ y_1}{dw_1}$",
        ["<d(loss)/d(w[1][1][1])> = mul(<d(loss)/d(out[2][1])>, <d(net[2][1])/d(w[1][1][1])>)"],
    ),
    (SUMS, r"$\frac{d\sigma(x)}{dy_1} = 1$", ["partial(call[sigmoid](~x), <net[2][1]>) = 1"]),
    (
        NODES,
        r"$\frac{\partial L}{\partial y_{pred}} = \frac{\partial L}{\partial y - y_{pred}} = (y - y_{pred})$",
        [
            "<d(loss)/d(out[3][1])> = partial(<loss>, add(<target[1]>, neg(<out[3][1]>))) = "
            "add(<target[1]>, neg(<out[3][1]>))"
        ],
    ),
    (
        NODES,
        r"$w_{5(new)} = w_5 - \eta \left( \frac{\partial L}{\partial z} \right)$",
        ["<new(w[3][1][1])> = add(<w[3][1][1]>, neg(mul(<learning_rate>, <d(loss)/d(net[3][1])>)))"],
    ),
    (NODES, r"$a_{11} = \sigma(h_1)$", ["<out[1][1]> = call[sigmoid](<net[1][1]|net[1][2]>)"]),
    (
        LAYERS,
        r"$W_2' \rightarrow W_2 - \eta \frac{\partial L}{\partial W_2}$",
        ["<new(w[2])> → add(<w[2]>, neg(mul(<learning_rate>, <d(loss)/d(w[2])>)))"],
    ),
    (
        LAYERS,
        r"$= \begin{bmatrix} 1 \\ 2 \end{bmatrix} \rightarrow b' = \begin{bmatrix} 3 \end{bmatrix}$",
        ["? = matrix(row(1), row(2))", "<new(b[1])|new(b[2])> = 3"],
    ),
    (
        LAYERS,
        r"$\delta^{(2)} = (\hat{y} - y) \circ \hat{y} \odot (1 - ŷ)$",
        ["<delta[2]> = mul(mul(add(<out[2]>, neg(<target>)), <out[2]>), add(1, neg(<out[2]>)))"],
    ),
    (LAYERS, r"$\text{Loss} \rightarrow \text{MSE} (\frac{1}{2})$", []),
    (
        LAYERS,
        r"$\hat{y} = \sigma(W_2 \underbrace{\sigma(W_1 X + b_1)}_{\text{first layer}} + b_2)$",
        ["<out[2]> = call[sigmoid](add(mul(<w[2]>, call[sigmoid](add(mul(<w[1]>, <x>), <b[1]>))), <b[2]>))"],
    ),
    (
        LAYERS,
        r"$L = \frac{1}{2} \|\hat{y} - y\|^2$",
        ["<loss> = mul(div(1, 2), pow(norm(add(<out[2]>, neg(<target>))), 2))"],
    ),
    (
        LAYERS,
        r"$\delta_2 a_1^T = (w_1^T \cdot \delta_2)$",
        ["mul(<delta[2]>, transpose(<out[1]>)) = mul(transpose(<w[1]>), <delta[2]>)"],
    ),
]


@pytest.mark.parametrize(("names", "text", "expected"), OTHER_NOTATIONS, ids=lambda value: str(value)[:40])
def test_names_mean_what_the_lecture_says(names: Vocabulary, text: str, expected: list[str]) -> None:
    found = lines(text, names)
    assert found == expected


def test_a_decimal_comma_is_one_where_it_is_said() -> None:
    assert lines("$E = 0,75 + 0{,}5$; $w_{5} = [0,1, 0,2]$", decimal="comma") == [
        "<loss> = add(0.75, 0.5)",
        f"{W5} = matrix(row(0.1, 0.2))",
    ]
    assert lines("$E = 10{,}000$") == ["<loss> = 10000"]


def test_comments_and_verbatim_of_tex_are_no_working() -> None:
    text = "% $E = 1$\n\\begin{verbatim}$E = 2$\\end{verbatim}\n50\\% $E = 3$ % $E = 4$\n"
    assert lines(text, kind="tex") == ["<loss> = 3"]


def test_a_single_formula_needs_no_dollars() -> None:
    assert lines("E_{total}#0 = 0.298371109", kind="formula") == ["<loss#0> = 0.298371109"]


# ---------------------------------------------------------------- places


def test_every_sign_has_its_own_line_and_column() -> None:
    (claim,) = read("Prose\n\n$$\\begin{aligned} E &= 1 + 1 \\\\\n  &= 2 \\end{aligned}$$\n", NET_OUT)
    assert [(sign.place.line, sign.place.column) for sign in claim.signs] == [(3, 22), (4, 4)]
    assert [member.text for member in claim.members] == ["E", "1 + 1", "2"]


def test_what_was_not_read_says_where_and_what_is_near() -> None:
    (claim,) = read("a\nb $E = w_1 + out_{h3}$", NET_OUT)
    member = claim.members[1]
    assert member.tree is None and "out_{h3}" in member.problem and "did you mean outh" in member.problem
    assert member.problem_place is not None
    assert (member.problem_place.line, member.problem_place.column) == (2, 14)
    assert (member.place.line, member.place.column) == (2, 8)
    assert not claim.is_read(0)


def test_a_sign_can_be_judged_where_something_left_of_it_was_read() -> None:
    (claim,) = read("$E = \\text{words} * foo = 0.3$", NET_OUT)
    assert [claim.is_read(0), claim.is_read(1)] == [False, True]


def test_words_before_mathematics_are_its_subject() -> None:
    first, second = read("Total Error = $0.2 + 0.1 = 0.3$\n\nweight: $w_5 = 0.4$", NET_OUT)
    assert shape(first.subject) == "<loss>" and second.subject is None


def test_claims_stand_in_the_order_of_their_signs() -> None:
    claims = read(
        "$$\\begin{aligned} E &= 1 & w_5 &= 2 \\\\ w_6 &= 3 & w_7 &= 4 \\end{aligned}$$ $E = 5$", NET_OUT
    )
    starts = [claim.place.start for claim in claims]
    assert starts == sorted(starts) and len(claims) == 5


def test_the_same_text_gives_the_same_claims() -> None:
    text = "\n".join(CASES)
    assert read(text, NET_OUT) == read(text, NET_OUT)


def test_a_long_working_is_read_whole() -> None:
    text = "$E_{total} = 0.2748 + 0.0235 = 0.2983$\n" * 300
    claims = read(text, NET_OUT)
    assert sum(claim.is_read(n) for claim in claims for n in range(len(claim.signs))) == 600


# ---------------------------------------------------------------- quantities, files, hostile text


def test_a_person_names_a_quantity() -> None:
    assert read_quantity("dE/dw_5", NET_OUT).ids == (parse_id("d(loss)/d(w[2][1][1])"),)
    assert read_quantity("w5", NET_OUT).ids == (parse_id("w[2][1][1]"),)
    assert read_quantity("new(w[2][1][1])", NET_OUT).ids == (parse_id("new(w[2][1][1])"),)
    for text in ("w99", "1 + 1", "", "(", "E = 1"):
        with pytest.raises(FormulaError):
            read_quantity(text, NET_OUT)


def test_files_that_cannot_be_used_give_one_line(tmp_path: Path) -> None:
    (tmp_path / "big.md").write_bytes(b"x" * 5_000_001)
    for name in ("missing.md", "big.md", ".", "a\0b"):
        with pytest.raises(InputError) as caught:
            read_file(str(tmp_path / name))
        assert "\n" not in caught.value.line()


def test_bad_utf8_and_nul_are_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf\xff\0 $E = 0.3$\r\n$w_5 = 0.4$\r\n")
    text = read_file(str(tmp_path / "a.md"))
    assert lines(text) == ["<loss> = 0.3", f"{W5} = 0.4"] and "\0" not in text


HOSTILE = {
    "braces": "$E = " + "{" * 100_000 + "1" + "}" * 100_000 + "$",
    "line": "$E = " + "x+" * 2_400_000 + "1$",
    "signs": "$" + "=" * 1_000_000 + "$",
    "dollars": "$" * 1_000_000 + "=",
    "opens": "\\[ = " * 300_000,
    "pieces": "$E=1$ " * 500_000,
    "quotes": "$E = " + ">\n" * 9_000 + "1$",
    "digits": "$E = " + "9" * 19_000 + "$",
    "powers": "$E = " + "a^" * 9_000 + "1$",
    "subs": "$" + "_{a" * 6_000 + "=1$",
    "hats": "$" + "\\hat " * 3_000 + "y = 1$",
    "bars": "$E = " + "|" * 15_000 + "$",
    "verbatim": "\\begin{verbatim}" * 100_000 + "=",
    "nul": "$E = \0 1$",
    "input": "$E = \\input{/etc/passwd}$",
    "write": "$E = \\write18{ls}$",
    "import": "$E = __import__('os')$",
    "unbalanced": "$E = )]}(1$",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["markdown", "tex", "formula"])
def test_hostile_text_is_unread_or_nothing(name: str, kind: str) -> None:
    claims = read(HOSTILE[name], NET_OUT, kind=kind)
    assert not any(claim.is_read(n) for claim in claims for n in range(len(claim.signs)))
    assert all(m.problem for claim in claims for m in claim.members if m.tree is None)


def test_a_power_too_large_is_only_read() -> None:
    assert lines("$E = 9^{9^{9^9}}$") == ["<loss> = pow(9, pow(9, pow(9, 9)))"]


PIECES = [
    "$",
    "$$",
    "=",
    "E",
    "w_5",
    "^+",
    "\\frac{",
    "}{",
    "}",
    "(",
    ")",
    "\\begin{aligned}",
    "\\end{aligned}",
    "\\\\",
    "&",
    "\\text{and}",
    "\\begin{bmatrix}",
    "\\end{bmatrix}",
    "0.3",
    ",",
    ";",
    "\\quad",
    "\\rightarrow",
    "∂",
    "|",
    "\n",
    "\\[",
    "\\]",
    "`",
    "```",
    "σ",
    "\\sum_{i=1}",
    "d",
    "/",
    "'",
    "²",
    "\\hat",
    "error",
    "?",
    "[",
    "]",
    ">",
    "\\partial",
    "\\nabla_",
]


@settings(deadline=None, max_examples=250)
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join)
    | st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.sampled_from(["markdown", "tex", "formula"]),
    st.sampled_from(["point", "comma"]),
)
def test_no_text_raises(text: str, kind: str, decimal: str) -> None:
    for claim in read(text, NET_OUT, kind=kind, decimal=decimal):
        assert len(claim.members) == len(claim.signs) + 1
        for sign in claim.signs:
            assert text[sign.place.start : sign.place.end].strip()
        for member in claim.members:
            assert (member.tree is None) == bool(member.problem)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            ["$", "$$", "\\(", "\\)", "\\[", "\\]", "a=b", "\n\n", "\\begin{align}", "\\end{align}", "```\n"]
        ),
        max_size=20,
    ).map("".join)
)
def test_segments_stand_where_they_say(text: str) -> None:
    end = 0
    for segment in segments(text, "markdown"):
        assert segment.start >= end and text[segment.start : segment.end] == segment.text
        end = segment.end


def test_blanks_are_gone_through_once() -> None:
    """Quadratic in the length of a line, or of the text, these would take minutes."""
    assert len(segments(("net_{h1} = " + " " * 49_000 + "1\n") * 20, "markdown")) == 20
    assert len(read(("net_{h1} = " + " " * 49_000 + "1\n") * 20, NET_OUT)) == 20


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_another_encoding_is_named(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes("\ufeff$net_{h1} = 1$".encode(encoding))
    with pytest.raises(InputError, match="encoded in UTF-16"):
        read_file(str(path))
