"""Returned papers: whose they are, and what is said of one that cannot be taken."""

from __future__ import annotations

from pathlib import Path

from derive.classroom.homework import homework
from derive.classroom.returned import papers
from derive.classroom.roster import roster
from derive.lecture import load


def test_a_paper_that_is_refused_is_somebody_s_where_its_name_says_so(tmp_path: Path) -> None:
    for name in ("s1.pdf", "scan 17.pdf"):
        (tmp_path / name).write_bytes(b"%PDF-1.4 nothing")
    files = [tmp_path / "s1.pdf", tmp_path / "scan 17.pdf"]
    found, problems = papers(homework(load("net-out")), "7", roster("id,name\ns1,Ann\ns2,Bob\n"), files)
    assert not found and [(problem.line, problem.student) for problem in problems] == [
        ("is no PDF that can be read", "s1"), ("is no PDF that can be read", "")]
