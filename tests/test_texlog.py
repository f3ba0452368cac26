"""Every kind of complaint, as the engines really write it."""

from __future__ import annotations

import pytest

from derive.texlog import KINDS, Problem, asks_again, first_error, problems

SAID = [
    (
        "./document.tex:4: Undefined control sequence.\nl.4 a \\foo\n          b",
        Problem("error", "Undefined control sequence.", 4),
    ),
    ("document.tex:7: LaTeX Error: \\item alone.", Problem("error", "LaTeX Error: \\item alone.", 7)),
    ("! Missing $ inserted.\n<inserted> $\nl.12 \\foo", Problem("error", "Missing $ inserted.", 12)),
    ("!pdfTeX error: pdflatex (file x.pfb): no", Problem("error", "pdfTeX error: pdflatex (file x.pfb): no")),
    ("/usr/x/tikz.sty:9: Package tikz Error: no.\nl.9 \\x", Problem("error", "Package tikz Error: no.", 9)),
    (
        "Overfull \\hbox (12.34567pt too wide) in paragraph at lines 3--5",
        Problem("overfull", "Overfull \\hbox (12.34567pt too wide) in paragraph at lines 3--5", 3, 12.34567),
    ),
    (
        "Overfull \\hbox (2.0pt too wide) detected at line 8",
        Problem("overfull", "Overfull \\hbox (2.0pt too wide) detected at line 8", 8, 2.0),
    ),
    (
        "Overfull \\vbox (7.5pt too high) has occurred",
        Problem("overfull", "Overfull \\vbox (7.5pt too high) has occurred", 0, 7.5),
    ),
    (
        "Missing character: There is no ☃ in font ec-lmr10!",
        Problem("missing character", "Missing character: There is no ☃ in font ec-lmr10!"),
    ),
    (
        "LaTeX Warning: Reference `a' on page 1 undefined on input line 5.",
        Problem("reference", "Reference `a' on page 1 undefined on input line 5.", 5),
    ),
    ("LaTeX Warning: Label `a' multiply defined.", Problem("duplicate", "Label `a' multiply defined.")),
    (
        "LaTeX Font Warning: Font shape `T1/x/m/n' undefined",
        Problem("font", "Font shape `T1/x/m/n' undefined"),
    ),
]
HARMLESS = """This is pdfTeX, Version 3.141592653
(./document.tex
Package: rerunfilecheck 2022-07-10 v1.10 Rerun checks for auxiliary files (HO)
Underfull \\hbox (badness 10000) in paragraph at lines 4--5
Package pgf Info: see figure 12: nothing
Output written on document.pdf (1 page, 75489 bytes)."""


@pytest.mark.parametrize(("said", "problem"), SAID)
def test_a_complaint_is_read(said, problem):
    assert problems(f"{HARMLESS}\n{said}\n{HARMLESS}") == (problem,)


def test_every_kind_has_an_example():
    assert {problem.kind for _, problem in SAID} == set(KINDS)


def test_a_clean_log_has_no_problems():
    assert problems(HARMLESS) == ()
    assert first_error(HARMLESS) is None
    assert not asks_again(HARMLESS)


def test_the_first_error_is_the_cause():
    log = "\n".join([SAID[5][0], SAID[1][0], SAID[0][0]])
    assert first_error(log) == SAID[1][1]


@pytest.mark.parametrize(
    "wish",
    [
        "LaTeX Warning: Label(s) may have changed. Rerun to get cross-references right.",
        "Package hyperref Warning: Rerun to get /PageLabels entry.",
        "Package longtable Warning: Table widths have changed. Rerun LaTeX.",
        "LaTeX Warning: There were undefined references.",
    ],
)
def test_a_wish_for_another_run_is_heard(wish):
    assert asks_again(f"{HARMLESS}\n{wish}\n")
