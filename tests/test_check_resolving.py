"""What people write, and what its names mean: somebody's working as resolved trees."""

from __future__ import annotations

import pytest

from derive.spelling import Vocabulary
from tests.claims import DELTA, LAYERS, NEW, NODES, SUMS, W5, lines

# ---------------------------------------------------------------- what people write (issue: Reading)


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
    # as scanners, wikis, programs and slides write it
    r"$E = 74.1\% + 5 %$": ["<loss> = add(74.1e-2, 5e-2)"],
    r"$E = 0 . 2 9 + 0. 5 1 * .2$": ["<loss> = add(0.29, mul(0.51, .2))"],
    r'<math>E = 0.3</math> and <math display="block">w_5 = 0.4</math>': ["<loss> = 0.3", "<w[2][1][1]> = 0.4"],
    r"$E = \underbrace{(1 - 0.2)}_{0.8} \cdot \underbrace{w_5}_{\text{a weight}_2}$": [
        "<loss> = mul(add(1, neg(0.2)), <w[2][1][1]>)",
    ],
    r"$n e t _ { h 1 } = w _ { 1 } i _ { 1 }$": ["<net[1][1]> = mul(<w[1][1][1]>, <x[1]>)"],
    r"$E = 0.3 \tag{$\ast$}$ and $\text{with $i = 1$ } w_5 = 0.4$": ["<loss> = 0.3", "<w[2][1][1]> = 0.4"],
    r"$E = \mathbb{1}[net_{h1} > 0] + \mathbf 1_{\{net_{h1} \ge 0.5\}}$": [
        "<loss> = add(call[step](<net[1][1]>), add(1, neg(call[step](add(0.5, neg(<net[1][1]>))))))",
    ],
    r"$out_{h1} = [net_{h1}]_+ + (net_{h1})_+$": [
        "<out[1][1]> = add(call[relu](<net[1][1]>), call[relu](<net[1][1]>))",
    ],
    r"$E = \mathrm{softmax}(net)_2$": ["<loss> = item(call[softmax](<net[1][1]|net[2][1]|net[1][2]|net[2][2]>))"],
    r"$0 < E = 0.3 < 1$": ["<loss> = 0.3"],
    r"$E \neq w_5 = 0.4$": ["<w[2][1][1]> = 0.4"],
    r"$E = 0.3 and w_5 = 0.4$": ["<loss> = 0.3", "<w[2][1][1]> = 0.4"],
    r"$E_{o1} and E_{o2} = 0.3$": ["? = 0.3"],
    r"$E = \sum E_{oi}$": ["<loss> = add(<error[1]>, <error[2]>)"],
    r"$E = 0.5*(1 - 0.2)**2$": ["<loss> = mul(0.5, pow(add(1, neg(0.2)), 2))"],
    r"$E = np.exp(0.3)$": ["<loss> = call[exp](0.3)"],
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
