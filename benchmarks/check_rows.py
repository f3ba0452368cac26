"""How fast workings are checked: equalities a second on one core, and what hostile text costs."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from benchmarks.clock import Row
from derive.api import line_latex
from derive.lecture import Lecture, load
from derive.working import desk, in_full

LINES, EVERY = 1_000, 20


def working(lecture: Lecture, slip_every: int = 0) -> str:
    """A thousand lines of a key; in every so many of them the last digits are other ones."""
    at = desk(lecture)
    found = [in_full(at, quantity) for quantity in dict.fromkeys(step.lhs for step in at.derivation.steps)]
    texts = [line_latex(line) for line in found if line is not None]
    lines = [texts[n % len(texts)] for n in range(LINES)]
    if slip_every:
        lines = [_spoilt(line) if n % slip_every == slip_every - 1 else line for n, line in enumerate(lines)]
    return "\n".join(f"${line}$" for line in lines)


def _spoilt(line: str) -> str:
    return re.sub(r"(\d)(\d)\Z", lambda m: str((int(m[1]) + 4) % 10) + m[2], line)


def speed() -> Iterator[Row]:
    """Equalities a second after start-up (aim: 300)."""
    from derive.check.judging import check

    for name in ("net-out", "matrix-form"):
        lecture = load(name)
        check(lecture, "$a = 1$")  # start-up is not measured
        for what, spoilt in (("right", 0), (f"a slip every {EVERY} lines", EVERY), ("a slip in every line", 1)):
            text = working(lecture, spoilt)
            begun = time.process_time()
            count = len(check(lecture, text))
            seconds = time.process_time() - begun
            yield Row(f"{name}, {LINES} lines, {what}", f"{count / seconds:,.0f} a second", f"{count} equalities")


HOSTILE = {
    "100,000 nested braces": "$out = " + "{" * 100_000 + "$",
    "9^{9^{9^9}}": "$out_{h1} = 9^{9^{9^9}}$",
    "5 MB of blank lines and a sign": "\n" * 4_999_990 + "$a = 1$",
    "10,000 signs between numbers": "$" + "=".join(["1"] * 10_000) + "$",
    "10,000 signs between names": "$" + "=".join(["a"] * 10_000) + "$",
    "5 MB of signs in one line": "$" + "=" * 4_999_990 + "$",
}


def hostile() -> Iterator[Row]:
    """Hostile text (aim: 2 s)."""
    from derive.check.judging import check

    lecture = load("net-out")
    for what, text in HOSTILE.items():
        begun = time.process_time()
        check(lecture, text)
        yield Row(what, f"{time.process_time() - begun:.2f} s")


CHECK_TABLES: dict[str, Callable[[], Iterator[Row]]] = {"check-speed": speed, "check-hostile": hostile}
