"""Escaping, places to break, widths."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.tex import breakable, elided, escape, missing, parts, size, utf16, width

WRITTEN = {
    "a & b": r"a \& b",
    "100%": r"100\%",
    "$x_1^2$": r"\$x\_1\textasciicircum{}2\$",
    r"\input{/etc/passwd}": r"\textbackslash{}input\{/etc/passwd\}",
    "#1 ~": r"\#1 \textasciitilde{}",
    "a -- b": "a -{}- b",
    "Zoë Łódź": "Zoë Łódź",
    "Zoe\N{COMBINING DIAERESIS}": "Zoë",
    "σ′": r"\ensuremath{\sigma}\ensuremath{{}'}",
    "Пушкин": "Pushkin",
    "Ж": "Zh",
    "x₁²": r"x\ensuremath{_{1}}\ensuremath{^{2}}",
    "ặ": r"\DvLetter{1EB7}{\d{ă}}",
    "ế": r"\DvLetter{1EBF}{\DvAccent{\'{}}{ê}}",
    "ở": r"\DvLetter{1EDF}{\DvHorn{\DvHook{o}}}",
    "ī": r"\DvLetter{012B}{\DvAccent{\={}}{\i }}",
    "ᾳ": "\\ensuremath{\\alpha}",
    "中": "?",
    "a\x00b\x1b\u202ec": "abc",
    "two\n\n lines\t": "two lines",
    "": "",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_plain_text_is_escaped(text: str) -> None:
    assert escape(text) == WRITTEN[text]


def test_letters_that_no_font_has_are_named() -> None:
    assert missing("Größe, Пушкин, x₁² and σ′?") == ()
    assert missing("中 🎉 中 ع？") == ("中", "🎉", "ع")


_SAFE = re.compile(
    r"\\[&%$#_{}]|\\(?:textasciitilde|textasciicircum|textbackslash|textasciigrave|textquotedbl|allowbreak)\{\}"
    r"|\\ensuremath\{(?:_\{\d\}|\^\{(?:[\d+()-]|\\top)\}|\{\}'+|\{\}\^\{\\circ\}|\\[a-zA-Z]+|\\\||[-o])\}"
    r"|\{\}"
    r"|\\DvLetter\{[0-9A-F]+\}\{(?:\\(?:DvAccent\{\\.\{\}\}|DvHook|DvHorn|[ckbd]|textcommabelow)\{)+(?:\\[ij] |\w)\}+"
    r"|[^\\&%$#_{}~^]"
)


@given(st.text(max_size=80))
def test_nothing_of_a_text_reaches_tex_as_a_command(text: str) -> None:
    escaped = escape(text)
    assert _SAFE.sub("", escaped) == ""
    assert not any(ord(c) < 32 for c in escaped)


def test_a_long_word_may_be_broken() -> None:
    pieces = escape("x" * 100).split(r"\allowbreak{}")
    assert "".join(pieces) == "x" * 100
    assert max(map(len, pieces)) <= 35


BROKEN = {
    "a + b": r"a \DvBreak{100}+ b",
    "-a - b": r"-a \DvBreak{100}- b",
    r"a \times (-b)": r"a \DvBreak{300}\times (-b)",
    "(a + b) c": r"(a \DvBreak{500}+ b) c",
    r"\left(a + b\right) - c": r"\left(a + b\right) \DvBreak{100}- c",
    r"\frac{a + b}{c}": r"\frac{a + b}{c}",
    "w^{+} w^+": "w^{+} w^+",
    "e^{-x} + 1": r"e^{-x} \DvBreak{100}+ 1",
    r"\begin{bmatrix}1 + 2\end{bmatrix}": r"\begin{bmatrix}1 + 2\end{bmatrix}",
}


@pytest.mark.parametrize("latex", BROKEN)
def test_a_formula_is_broken_before_its_operators_only(latex: str) -> None:
    assert breakable(latex) == BROKEN[latex]


def test_a_line_may_end_between_two_matrices() -> None:
    one = r"\begin{bmatrix}1\end{bmatrix}"
    assert breakable(one + one) == one + r"\DvBreak{500}" + one


@given(st.text(alphabet="ab+-(){}[]\\ ^_1", max_size=40))
def test_breaks_add_nothing_else(latex: str) -> None:
    assert re.sub(r"\\DvBreak\{\d+\}", "", breakable(latex)) == latex


def test_indices_are_narrower_and_commands_count_once() -> None:
    assert width("w_{11}") < width("w11")
    assert width(r"\alpha") == width("a")
    assert width(r"\mathrm{net}") == width("net")
    assert width("") == 0


def test_pdf_strings_take_any_letter() -> None:
    assert bytes.fromhex(utf16("a(中)\x00")).decode("utf-16") == "a(中)"


# measured with TeX, in em: width, height and depth together
MEASURED = {
    "0.7513": (2.78, 0.63),
    r"\frac{1}{1 + e^{-1.1059}}": (5.33, 2.08),
    r"0.15 \times 0.05 + 0.35": (7.78, 0.71),
    r"\begin{bmatrix} -0.1 & 2 \\ 3 & 4 \end{bmatrix}": (4.84, 2.40),
}


@pytest.mark.parametrize("latex", MEASURED)
def test_a_size_is_near_the_true_one_and_not_too_small(latex: str) -> None:
    for guess, true in zip(size(latex), MEASURED[latex], strict=True):
        assert 0.99 * true <= guess <= 1.2 * true + 0.5


def test_only_a_long_formula_has_parts() -> None:
    assert parts("1 + 2") == (size("1 + 2"),)
    long = " + ".join(["0.1234"] * 20)
    assert len(parts(long)) == 20
    assert sum(wide for wide, _ in parts(long)) == pytest.approx(width(long))


@given(st.text(alphabet="ab+-(){}[]\\ ^_1&", max_size=60))
def test_any_text_has_a_size(latex: str) -> None:
    assert all(number >= 0 for number in size(latex.replace("\\!", "")))


def test_a_large_matrix_has_dots() -> None:
    def matrix(rows: int, columns: int) -> str:
        cells = (" & ".join(f"{i}.{j}" for j in range(1, columns + 1)) for i in range(1, rows + 1))
        return r"\begin{bmatrix} " + r" \\ ".join(cells) + r" \end{bmatrix}"

    assert elided(matrix(8, 8)) == matrix(8, 8)
    short = elided(f"x + {matrix(2, 32)}")
    assert short == r"x + \begin{bmatrix} 1.1 & 1.2 & 1.3 & 1.4 & 1.5 & \cdots & 1.32 \\ " \
                    r"2.1 & 2.2 & 2.3 & 2.4 & 2.5 & \cdots & 2.32 \end{bmatrix}"
    assert elided(matrix(9, 1)).split(r"\\")[5:] == [r" \vdots ", r" 9.1 \end{bmatrix}"]
