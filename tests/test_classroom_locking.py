"""One run at a time in a folder."""

from __future__ import annotations

import subprocess
import sys

import pytest

from derive.classroom.locking import alone
from derive.errors import InputError

HOLDER = """
import os, pathlib, sys
from derive.classroom.locking import alone
with alone(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_is_refused_until_the_first_is_dead(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="another run is at work in it"), alone(tmp_path):
            pass
        other.kill()
        other.wait()
    with alone(tmp_path):
        pass
    assert not [*tmp_path.iterdir()]


def test_what_a_killed_run_left_half_written_is_swept(tmp_path):
    kept = ["s8.pdf", ".hidden", ".progress", ".s8.pdf", "a.12-7"]
    (tmp_path / "sheets").mkdir()
    for name in (*kept, ".s8.pdf.4711-140213"):
        (tmp_path / "sheets" / name).write_bytes(b"x")
    with alone(tmp_path):
        assert sorted(path.name for path in (tmp_path / "sheets").iterdir()) == sorted(kept)


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="folder that can be written to"), alone(tmp_path / "file"):
        pass
