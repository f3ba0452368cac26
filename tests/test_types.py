"""The program passes ruff and mypy's strict mode."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


RUFF = ["ruff", "check", "--output-format=concise", "derive", "tests"]


@pytest.mark.parametrize("tool", [RUFF, ["mypy"]], ids=lambda tool: tool[0])
def test_checker(tool):
    command = [sys.executable, "-m", *tool]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
