"""The code on a sheet: lecture, id and a fingerprint that only the seed makes, as text and as a drawing."""

from __future__ import annotations

import hmac
import re
from functools import lru_cache

from derive.classroom.grids import class_key
from derive.errors import InputError
from derive.lecture import Lecture

_DARK = re.compile(rb"\x01+")
_MASK = 3           # one of eight that any reader takes; looking for the best takes ten times as long as the rest
_LONGEST = 200      # characters; a longer code is too fine for a camera


def fingerprint(key: bytes, student: str) -> str:
    """Twelve digits that show whose sheet it is to who has the seed, and tell nobody else anything."""
    return hmac.digest(key, b"code:" + student.encode("utf-8", "surrogatepass"), "sha256").hex()[:12]


def code(lecture: Lecture, key: bytes, student: str) -> str:
    """The text of a sheet's code: `derive:LECTURE:FINGERPRINT:ID`."""
    return f"derive:{lecture.name}:{fingerprint(key, student)}:{student}"


def student_of(lecture: Lecture, seed: str, text: str) -> str:
    """The id in a code; InputError for a code of another lecture or of another seed."""
    parts = text.strip().split(":", 3)
    if len(parts) != 4 or parts[0] != "derive":
        raise InputError(f"{text[:60]!r} is no sheet's code", where="--code", expected="derive:LECTURE:…:ID")
    if parts[1] != lecture.name:
        raise InputError(f"the code is of a sheet of {parts[1][:40]}", where="--code",
                         expected=f"one of {lecture.name}")
    if not hmac.compare_digest(parts[2], fingerprint(class_key(lecture, seed), parts[3])):
        raise InputError("the code is not of this seed", where="--seed", expected="the seed the class was made with")
    return parts[3]


@lru_cache(maxsize=4096)
def drawn(text: str) -> str:
    """A QR code for TeX: its size in modules, and its squares as the rectangles of a PDF path."""
    import segno

    made = segno.make(text[:_LONGEST], error="l", mask=_MASK, micro=False, boost_error=False)
    rows = [bytes(row) for row in made.matrix]
    size = len(rows)
    runs = " ".join(f"{run.start()} {size - 1 - y} {run.end() - run.start()} 1 re"
                    for y, row in enumerate(rows) for run in _DARK.finditer(row))
    return f"{{{size}}}{{{runs}}}"
