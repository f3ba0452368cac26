"""The golden fixture: it compares whole files, shows what differs, and one flag renews them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = "pytester"


@pytest.fixture
def project(pytester):
    """A project of one test that keeps `text` golden; `run(text, *flags)` runs it."""
    pytester.makeconftest((Path(__file__).parent / "conftest.py").read_text(encoding="utf-8"))

    def run(text, *flags):
        pytester.makepyfile(f"def test_it(golden):\n    golden('kind/x.tex', {text!r})\n")
        return pytester.runpytest_inprocess("-p", "no:xdist", "-p", "no:cacheprovider", *flags)

    return run


def test_a_text_that_has_no_golden_file_fails(project):
    result = project("a\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no kind/x.tex in tests/golden; make it with pytest --update-golden*"])


def test_a_golden_text_passes_and_another_shows_the_difference(project, pytester):
    project("a\nb\nc é\n", "--update-golden").assert_outcomes(passed=1)
    assert (pytester.path / "golden" / "kind" / "x.tex").read_bytes() == "a\nb\nc é\n".encode()
    project("a\nb\nc é\n").assert_outcomes(passed=1)
    result = project("a\nB\nc é\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*-b", "*+B"])


@pytest.mark.parametrize("other", ["a\nb", "a\nb\n\n", "a\r\nb\r\n", "a\n"])
def test_the_whole_file_counts(project, other):
    project("a\nb\n", "--update-golden")
    project(other).assert_outcomes(failed=1)
