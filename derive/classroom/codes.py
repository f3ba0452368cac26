"""The code on a sheet: lecture, id and a fingerprint that only the seed makes, as text and as a drawing."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from derive.classroom.grids import class_key
from derive.errors import InputError
from derive.lecture import Lecture

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

_MASK = 3           # one of eight that any reader takes
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


def drawn(texts: Sequence[str]) -> list[str]:
    """QR codes for TeX: each its size in modules, and its rows' bits as hexadecimal digits.

    At one size and with one mask a code is linear in the bits of its text (ISO/IEC 18004: Reed-Solomon and the
    mask are sums modulo 2), so only one code of each length is computed from its beginning.
    """
    data = [text[:_LONGEST].encode("utf-8", "replace") for text in texts]
    found = [""] * len(data)
    for length in dict.fromkeys(map(len, data)):
        places = [place for place, one in enumerate(data) if len(one) == length]
        for place, code in zip(places, _of_one_length([data[place] for place in places]), strict=True):
            found[place] = code
    return found


def _of_one_length(data: list[bytes]) -> Iterator[str]:
    import numpy

    rows = numpy.frombuffer(b"".join(data), dtype=numpy.uint8).reshape(len(data), -1)
    apart = numpy.unpackbits(rows ^ rows[0], axis=1)
    first, version = _squares(data[0])
    codes = numpy.repeat(first[numpy.newaxis], len(data), axis=0)
    for bit in numpy.flatnonzero(apart.any(axis=0)).tolist():
        codes[apart[:, bit] == 1] ^= _flip(version, *divmod(bit, 8))
    yield from (f"{{{len(first)}}}{{{one.tobytes().hex()}}}" for one in codes)


@lru_cache(maxsize=4096)
def _flip(version: int, byte: int, bit: int) -> Array:
    """What changes in a code where one bit of its text does."""
    plain, other = bytes(byte + 1), bytes(byte) + bytes([128 >> bit])
    changed: Array = _squares(plain, version)[0] ^ _squares(other, version)[0]
    return changed


def _squares(data: bytes, version: int | None = None) -> tuple[Array, int]:
    """A code's dark squares as ones, eight in a byte, and its version."""
    import numpy
    import segno

    made = segno.make(data, version=version, mode="byte", error="l", mask=_MASK, micro=False, boost_error=False)
    assert isinstance(made.version, int)
    return numpy.packbits(numpy.array([list(row) for row in made.matrix], dtype=numpy.uint8), axis=1), made.version
