"""What several tests share: golden files, a TeX engine, a cache that is not the user's."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from derive import pdf
from derive.errors import PdfError
from derive.lecture import Lecture, load

GOLDEN = Path(__file__).parent / "golden"

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Dumped preambles go to one folder for the whole test run, whichever worker makes them."""
    folder = tmp_path_factory.getbasetemp().parent / "derive-cache"
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
            patch.setenv(name, str(folder))
        yield folder


@pytest.fixture(scope="session")
def engine() -> pdf.Engine:
    """The TeX engine that the commands would use; a test that needs one is skipped where there is none."""
    try:
        return pdf.choose()
    except PdfError as error:
        pytest.skip(str(error))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the whole of `tests/golden/NAME`; `--update-golden` writes it instead."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.is_file(), f"no {name} in tests/golden; make it with pytest --update-golden"
        kept = path.read_bytes().decode()
        if text != kept:
            pytest.fail(difference(name, kept, text), pytrace=False)

    return compare


def difference(name: str, kept: str, text: str, lines: int = 40) -> str:
    """The first lines of a diff; a difference in the line ends alone is named."""
    if kept.splitlines() == text.splitlines():
        return f"{name}: the line ends differ, or the end of the file"
    was, now = kept.splitlines(), text.splitlines()
    diff = difflib.unified_diff(was, now, f"golden/{name}", "now", lineterm="", n=1)
    return "\n".join([*diff][:lines])


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Lecture]:
    """Loads a text as the lecture file f.toml."""
    monkeypatch.chdir(tmp_path)

    def load_text(text: str | bytes, name: str = "f.toml") -> Lecture:
        Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(name)

    return load_text
