"""The README's pictures: the first page of a worksheet and of its key.

`python -m tests.pictures` writes docs/worksheet.png and docs/key.png; it needs pdftoppm (poppler).
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import derive

DOCS = Path(__file__).resolve().parent.parent / "docs"
KINDS = ("worksheet", "key")


def picture(kind: str, lecture: str = "net-out", page: int = 1, width: int = 720) -> Path:
    """One page of a lecture's sheet as a PNG file, so many pixels wide."""
    target = DOCS / kind
    with tempfile.TemporaryDirectory() as folder:
        pdf = derive.worksheet(lecture).write_pdf(Path(folder) / "sheet.pdf", kind)
        size = ["-scale-to-x", str(width), "-scale-to-y", "-1"]
        subprocess.run(["pdftoppm", "-png", "-singlefile", "-f", str(page), *size, str(pdf), str(target)], check=True)
    return target.with_suffix(".png")


if __name__ == "__main__":
    DOCS.mkdir(exist_ok=True)
    for kind in KINDS:
        picture(kind)
