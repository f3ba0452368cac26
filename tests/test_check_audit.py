"""Excerpts of real workings with their slips, and what a careful marker says of each."""

from __future__ import annotations

import pytest

from derive.check.judging import check
from derive.lecture import load

# lecture, the lines that the slip needs around it, the line it stands on, accepted kinds
SLIPS = [
    (
        "delta-rule",
        "$y = sigmoid(x)$\n\n$\\frac{\\partial y}{\\partial x} = \\frac{\\partial sigmoid(x)}{\\partial y}$",
        3,
        "derivative name",
    ),
    ("net-out", r"$net_{h1} = 0.15 \times 0.005 + 0.2 \times 0.1 + 0.35 \times 1 = 0.3775$", 1, "substitution given"),
    ("net-out", r"$out_{h1} = \frac{1}{1+e^{-0.3775}} = 0.59326992$", 1, "digits arithmetic"),
    ("net-out", r"$out_{o1} = 0.4 \times 0.5932 + 0.45 \times 0.5968 + 0.6 \times 1 = 1.1059$", 1, "name formula"),
    ("net-out", r"$out_{o1} = \sigma(net_{o1}) = \frac{1}{1+e^{1.1059}} = 0.7513$", 1, "sign"),
    ("named-sums", "$$y_1 = outH_1 * w_7 + outH_2 * w_8 + b_4$$", 1, "name formula"),
    ("named-sums", "$$X_2 = 0.01$$", 1, "given digits"),
    (
        "named-sums",
        "$$y_1 = out_{H1} w_5 + out_{H2} w_6 + b_3$$\n$$= .5932 * .4 + .59688 * .45 + .6$$\n$$= 1.1056$$",
        3,
        "arithmetic digits",
    ),
    ("named-sums", "$output_{y1} = .77$", 1, "name digits"),
    ("named-sums", r"$$\frac{d\sigma(x)}{dy_1} = \sigma(x) * (1 - \sigma(x))$$", 1, "derivative name"),
    (
        "named-sums",
        r"$$\frac{dError}{dw_5} = -(\frac{dError}{dout_1}) * \frac{dout_1}{dy_1} (1 - out_1) \frac{dy_1}{dw_5}$$",
        1,
        "derivative formula sign",
    ),
    (
        "shared-weights",
        r"$$\frac{\partial L}{\partial h_{11}} = \frac{\partial L}{\partial a_{11}} \sigma(h_{11})$$",
        1,
        "derivative",
    ),
    ("shared-weights", r"$$\frac{\partial L}{\partial y_{pred}} = y - y_{pred}$$", 1, "sign"),
    ("shared-weights", r"$$a_{11} = \sigma(h_{11}) = 0.494$$", 1, "sign"),
    ("shared-weights", r"$$w_{5(new)} = 0.249 - 0.01 \frac{0.035}{0.14} = 0.2465$$", 1, "substitution formula given"),
    ("matrix-form", r"$$a_1 = \begin{bmatrix} 0.482 \\ 0.354 \\ 0.679 \end{bmatrix}$$", 1, "digits arithmetic"),
    (
        "matrix-form",
        r"$$\frac{\partial L}{\partial w_1} = \begin{bmatrix} -0.204 & -0.01 & 0.020 & -0.041 \\ "
        r"0.008 & 0.004 & -0.008 & 0.016 \\ 0.002 & 0.001 & -0.003 & 0.007 \end{bmatrix}$$",
        1,
        "digits arithmetic",
    ),
    (
        "matrix-form",
        r"$$W' = \begin{bmatrix} 0.202 & -0.099 & 0.400 & 0.104 \\ -0.304 & 0.200 & 0.101 & -0.202 \\ "
        r"0.100 & 0.300 & -0.200 & 0.200 \end{bmatrix}$$",
        1,
        "digits arithmetic formula substitution",
    ),
]

# what is right, or follows, and must never be called a slip
FINE = [
    ("delta-rule", "error = $0.6654 - 1 = -0.3346$\n\n$\\delta_1^3 = (-0.3346) * (0.6654) * (1 - 0.6654) = -0.0745$"),
    ("delta-rule", "$w_{11}^2 = 3 - 10 * (-0.0586 * 1) = 3.586$"),
    ("net-out", r"$E_{total} = 0.2748 + 0.0235 = 0.2983$; $w_7^+ = 0.51130$; $net_{h1} = 0.3775$"),
    (
        "net-out",
        r"$\frac{\partial E_{total}}{\partial out_{o1}} = 2 \times \frac{1}{2}(target_{o1} - out_{o1})^{2-1} (-1) + 0$",
    ),
    (
        "named-sums",
        "$$y = 5x + 3 = 5(t^2) + 3$$\n\n$$b_1 = b_2 = 0.35$$\n\n$$W_5 = W_5 - \\eta * \\frac{dError}{dW_5}$$",
    ),
    (
        "shared-weights",
        r"$$\frac{\partial L}{\partial w_1} = \frac{\partial L}{\partial h_{11}} x_1 + "
        r"\frac{\partial L}{\partial h_{12}} x_1$$",
    ),
    (
        "matrix-form",
        r"$$\frac{\partial L}{\partial W_2} = \frac{\partial L}{\partial a_2} \cdot "
        r"\frac{\partial a_2}{\partial z_2} \cdot \frac{\partial z_2}{\partial W_2} = \delta_2 \cdot a_1^T$$",
    ),
    ("matrix-form", r"$$b_2' \rightarrow b_2 - \eta \frac{\partial L}{\partial b_2}$$"),
]


@pytest.mark.parametrize(("lecture", "text", "line", "kinds"), SLIPS)
def test_a_slip_is_found_on_its_line_and_named(lecture: str, text: str, line: int, kinds: str) -> None:
    slips = [each for each in check(load(lecture), text) if each.verdict == "slip"]
    assert {each.line for each in slips} == {line}
    assert {kind for each in slips for kind in each.kinds[:3]} & set(kinds.split())


@pytest.mark.parametrize(("lecture", "text"), FINE)
def test_right_work_is_let_pass(lecture: str, text: str) -> None:
    found = check(load(lecture), text)
    assert found and {each.verdict for each in found} <= {"right", "carried"}


def test_a_mistake_made_throughout_is_carried_where_its_own_formula_is_not() -> None:
    """With sigma(-h) in both hidden layers, a sum over them follows even where no figure is shown."""
    text = "\n\n".join(
        (
            r"$a_{11} = \sigma(h_{11}) = 0.494$",
            r"$h_{21} = 0.158$",
            r"$a_{21} = \sigma(h_{21}) = 0.461$",
            r"$a_{22} = \sigma(h_{22}) = 0.461$",
            r"$z = b_z + w_5 a_{21} + w_6 a_{22} = 0.295$",
        )
    )
    found = {each.line: each.verdict for each in check(load("shared-weights"), text)}
    assert found == {1: "slip", 3: "carried", 5: "slip", 7: "slip", 9: "carried"}
