"""Dumped preambles: kept by what went into them, let go when that has changed, never in the way."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from derive import preamble
from derive.preamble import cache_folder, put_format, split

PLAIN = "\\documentclass{article}\n\\usepackage{amsmath}\n"


@pytest.fixture
def dumping(engine):
    """An engine that dumps formats."""
    if not engine.kind.dumps:
        pytest.skip(f"{engine.name} dumps no formats")
    return engine


@pytest.fixture
def folders(tmp_path):
    made = [tmp_path / name for name in ("cache", "first", "second")]
    for folder in made:
        folder.mkdir()
    return made


def test_a_document_is_split_where_it_begins_and_keeps_its_line_numbers():
    tex = PLAIN + "% \\begin{document} is below\n\\begin{document}\nText\n\\end{document}\n"
    before, after = split(tex)
    assert before == PLAIN + "% \\begin{document} is below\n"
    assert after.split("\n")[:4] == ["%", "%", "%", "\\begin{document}"]
    assert after.count("\n") == tex.count("\n")


def test_a_text_without_a_document_is_not_split():
    assert split("\\section{A fragment}") is None


def test_a_format_is_made_once_and_fetched_after(dumping, folders):
    cache, first, second = folders
    assert put_format(dumping, PLAIN, first, 60, cache)
    assert put_format(dumping, PLAIN, second, 60, cache)
    assert (first / "preamble.log").is_file()
    assert not (second / "preamble.log").exists(), "dumped again"
    assert (first / "preamble.fmt").read_bytes() == (second / "preamble.fmt").read_bytes()


def test_two_at_once_are_in_each_others_way_nowhere(dumping, folders):
    cache, *places = folders
    with ThreadPoolExecutor(2) as pool:
        made = [*pool.map(lambda place: put_format(dumping, PLAIN, place, 60, cache), places)]
    assert made == [True, True]
    assert sorted(path.suffix for path in cache.iterdir()) == [".fls", ".fmt", ".from"]


def test_another_preamble_is_another_format(dumping, folders):
    cache, first, second = folders
    assert put_format(dumping, PLAIN, first, 60, cache)
    assert put_format(dumping, PLAIN + "%", second, 60, cache)
    assert len([*cache.glob("*.fmt")]) == 2


@pytest.mark.parametrize("part", [".from", ".fmt", ".fls"])
def test_a_format_that_lost_a_part_is_made_anew(dumping, folders, part):
    cache, first, second = folders
    put_format(dumping, PLAIN, first, 60, cache)
    (lost,) = cache.glob(f"*{part}")
    lost.unlink()
    assert put_format(dumping, PLAIN, second, 60, cache)
    assert (second / "preamble.log").is_file()
    assert lost.is_file()


def test_a_format_older_than_its_packages_is_made_anew(dumping, folders):
    cache, first, second = folders
    put_format(dumping, PLAIN, first, 60, cache)
    (stamps,) = cache.glob("*.from")
    assert "amsmath.sty" in stamps.read_text()
    stamps.write_text(stamps.read_text().replace("amsmath.sty ", "amsmath.sty 1"))
    assert put_format(dumping, PLAIN, second, 60, cache)
    assert (second / "preamble.log").is_file()


def test_a_preamble_with_a_mistake_is_not_dumped(dumping, folders):
    cache, first, _ = folders
    assert not put_format(dumping, PLAIN + "\\nonsense\n", first, 60, cache)
    assert [*cache.iterdir()] == []


def test_a_cache_that_cannot_be_written_to_is_done_without(dumping, folders):
    cache, first, _ = folders
    assert put_format(dumping, PLAIN, first, 60, cache / "is-not-there")
    assert (first / "preamble.fmt").is_file()


def test_the_formats_not_used_for_longest_go_first(tmp_path):
    for age in range(15):
        for part in (".fmt", ".fls", ".from"):
            path = tmp_path / f"{age:02}{part}"
            path.touch()
            os.utime(path, (1000 - age, 1000 - age))
    preamble._tidy(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.fmt")) == [f"{age:02}.fmt" for age in range(12)]
    assert len([*tmp_path.iterdir()]) == 36


def test_the_users_folder_is_made(own_cache):
    folder = cache_folder()
    assert folder is not None
    assert folder.is_dir()


def test_a_users_folder_that_cannot_be_made_is_none(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "file"))
    assert cache_folder() is None
