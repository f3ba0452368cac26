"""Workings in the style of published notes, in other conventions than the lectures': block quotes, align, items."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.check.judging import check
from derive.lecture import Lecture, load

XOR = """
title = "XOR"
notation = "matrix"
[network]
inputs = 2
loss = "half-squared-error"
[[network.layers]]
units = 2
activation = "tanh"
weights = [[0.5, -0.4], [0.3, 0.8]]
bias = [0.1, -0.2]
[[network.layers]]
units = 1
activation = "sigmoid"
weights = [[0.7, -0.6]]
bias = [0.05]
[data]
inputs = [1, 0]
targets = [1]
[training]
learning_rate = 0.2
"""

QUOTED = r"""
> **Forward pass.** We take $x_1 = 1$, $x_2 = 0$ and therefore
>
> $$z_1^{[1]} = 0.5 * 1 + (-0.4) * 0 + 0.1 ≈ 0.6, \quad z_2^{[1]} = 0.3 + 0 - 0.2 \approx 0.1$$
>
> - $a_1^{[1]} = \tanh(z_1^{[1]}) ≈ 0.537$
> - $a_2^{[1]} = \tanh(0.1) = 0.0997$
>
> | unit | value |
> |---|---|
> | output | $z^{[2]}_1 = 0.7 \cdot 0.537 - 0.6 \cdot 0.0997 + 0.05 = 0.3661$ |

Hence $\hat y = \sigma(0.3661) = 0.4095$ and $L = \frac12 (1 - 0.4095)^2 = 0.1743$.
"""

ALIGNED = r"""
\begin{align*}
\delta_1^{(2)} &= \frac{\partial L}{\partial z_1^{(2)}} \\
  &= (\hat{y} - y)\,\hat{y}\,(1 - \hat{y}) \\
\delta_1^{(1)} &= w_{11}^{(2)} \delta_1^{(2)} \bigl(1 - a_1^{(1)}\bigr), \qquad
\frac{\partial L}{\partial w_{11}^{(1)}} = \delta_1^{(1)} x_1 \\
w_{11}^{(2)} &\leftarrow w_{11}^{(2)} + \eta \dfrac{\partial L}{\partial w_{11}^{(2)}}
\end{align*}
"""

COMMAS = r"""
Vorwärts: $z_1^{(1)} := 0{,}5 \cdot 1 + (-0{,}4) \cdot 0 + 0{,}1 = 0{,}6$ und damit $\boxed{a_1^{(1)} = \tanh(0{,}6) = 0{,}537}$.
Der Fehler ist $L = (y - \hat{y})^2$.
"""



@pytest.fixture
def lecture(tmp_path: Path) -> Lecture:
    (tmp_path / "xor.toml").write_text(XOR)
    return load(str(tmp_path / "xor.toml"))


# the working, its format and decimal sign, the lines with a slip and accepted kinds
NOTES = [
    (QUOTED, "markdown", "point", {13: "sign"}),
    (ALIGNED, "tex", "point", {5: "derivative", 7: "sign"}),
    (COMMAS, "markdown", "comma", {3: "formula"}),
]


@pytest.mark.parametrize(("text", "kind", "decimal", "slips"), NOTES)
def test_the_slips_of_a_note_and_no_others_are_found(
    lecture: Lecture, text: str, kind: str, decimal: str, slips: dict[int, str]
) -> None:
    found = check(lecture, text, kind=kind, decimal=decimal)
    assert [(each.line, each.claim.text) for each in found if each.verdict in ("unread", "undecided")] == []
    first = {}
    for each in found:
        if each.verdict == "slip":
            first.setdefault(each.line, each)
    assert {line: (each.kinds, each.claim.text) for line, each in first.items()}.keys() == slips.keys()
    assert all(slips[line] in each.kinds for line, each in first.items())


# whole notes beside their lectures; NAME.expected has a row for each planted slip: line, verdict, accepted
# kinds. `open` is a slip that is not seen yet: nothing is asked of its line.
WHOLE = sorted((Path(__file__).parent / "notes").glob("*.toml"))


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.stem)
def test_a_whole_note_is_read_and_its_slips_are_named(path: Path) -> None:
    note = next(each for each in (path.with_suffix(".md"), path.with_suffix(".tex")) if each.exists())
    rows = [line.split() for line in path.with_suffix(".expected").read_text().splitlines()]
    wanted = {int(line): (verdict, set(kinds)) for line, verdict, *kinds in rows}
    decimal = "comma" if "decimal comma" in path.read_text() else "point"
    kind = "tex" if note.suffix == ".tex" else "markdown"
    found = check(load(str(path)), note.read_text(encoding="utf-8"), kind=kind, decimal=decimal)
    assert sum(each.verdict != "unread" for each in found) >= 0.95 * len(found)
    assert sum(each.verdict == "undecided" for each in found) <= 0.1 * len(found)
    slips = [each for each in found if each.verdict == "slip"]
    assert [(each.line, each.claim.text) for each in slips if each.line not in wanted] == []
    named = {line: {kind for each in slips if each.line == line for kind in each.kinds} for line in wanted}
    assert [line for line, (verdict, kinds) in wanted.items() if verdict == "slip" and not kinds & named[line]] == []


LAYOUTS = [
    (r"\newcommand{\loss}{L}\newcommand{\by}[2]{\frac{\partial #1}{\partial #2}} $\by{\loss}{\hat y} = \hat y - y$", 1),
    (r"$a^{[1]} = [[0.537]  [0.0997]]$", 1),
    ("z<sub>1</sub><sup>[1]</sup> = 0.5 &times; 1 + 0.1 = 0.6      (3)", 2),
    (r"$\delta_j^{[1]} = (1 - (a_j^{[1]})^2) \sum_{k} w_{kj}^{[2]} \delta_k^{[2]}$ for all $j$", 1),
    (r"$\frac{\partial L}{\partial w_{ij}^{[1]}} = \delta_i^{[1]} x_j$", 1),
]


@pytest.mark.parametrize(("text", "count"), LAYOUTS)
def test_what_other_notes_write_is_right(lecture: Lecture, text: str, count: int) -> None:
    assert [each.verdict for each in check(lecture, text)] == ["right"] * count


def test_a_rule_over_indices_that_holds_for_no_unit_is_a_slip(lecture: Lecture) -> None:
    assert check(lecture, r"$\delta_j^{[1]} = a_j^{[1]} w_{1j}^{[2]} \delta_1^{[2]}$")[0].verdict == "slip"
    assert check(lecture, r"$z_j^{[1]} = \sum_i w_{ji}^{[1]} x_i$")[0].verdict == "undecided"  # the bias may follow
    endless = r"\newcommand{\a}{\a\a} $\a = 1$ and \newcommand{\b}{\c\c}\newcommand{\c}{\b\b} $\b = 2$"
    assert {each.verdict for each in check(lecture, endless)} == {"unread"}
