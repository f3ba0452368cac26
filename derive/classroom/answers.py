"""A figure as a student writes it: 0.7513, .7513, 7.513e-1, 0,7513, − 0.75."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

_LONGEST = 60
_MINUS = dict.fromkeys("−–—‒‐‑﹣－", "-")
_FIGURE = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:(?:e|\*10\^)([+-]?\d{1,2}))?\Z")
_POWER = re.compile(r"(?:\\times|\\cdot|×|·|⋅|\*)10(?:\^|\*\*)\{?(-?\d{1,2})\}?")


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands in a blank: its text, and the figure it spells (None: none); an empty one has no text."""

    text: str
    figure: Decimal | None

    @property
    def unit(self) -> Decimal:
        """One unit of the figure's last place."""
        exponent = self.figure.as_tuple().exponent if self.figure is not None else 0
        assert isinstance(exponent, int)
        return Decimal(1).scaleb(exponent)


def answer(text: str) -> Answer:
    """The figure that a text spells, whatever its minus, decimal sign, power of ten and spaces."""
    plain = " ".join(text.split())
    if len(plain) > _LONGEST:
        return Answer(plain[:_LONGEST] + "…", None)
    kept = (sign for sign in plain if not sign.isspace() and unicodedata.category(sign) != "Cf")
    bare = "".join(_MINUS.get(sign, sign) for sign in kept).strip("$'\"").lstrip("=≈").lower()
    bare = _POWER.sub(r"e\1", bare.replace("\\,", "").replace("{,}", "."))
    if bare.count(",") == 1 and "." not in bare:
        bare = bare.replace(",", ".")
    match = _FIGURE.match(bare) if bare.isascii() else None
    if match is None:
        return Answer(plain, None)
    return Answer(plain, Decimal(f"{match[1]}{match[2]}e{match[3] or 0}"))
