"""Functions by cases as they are written: which case a condition such as `if z > 0` picks."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from derive.check.resolving import resolve, scope_of
from derive.spelling import Vocabulary
from derive.syntax import Tree

_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "\\gt": operator.gt,
    "<": operator.lt,
    "\\lt": operator.lt,
    "≥": operator.ge,
    "\\ge": operator.ge,
    "\\geq": operator.ge,
    "≤": operator.le,
    "\\le": operator.le,
    "\\leq": operator.le,
    "=": operator.eq,
    "≠": operator.ne,
    "\\ne": operator.ne,
    "\\neq": operator.ne,
}
_WORDS = ("if", "for", "when", "falls", "wenn", "si")


def holds(condition: Tree, names: Vocabulary, compute: Callable[[Tree], Any]) -> bool | None:
    """Whether a comparison holds; True for *otherwise* and other words; None where it cannot be told."""
    if condition.op != "compare":
        return True if condition.op == "name" else None
    signs = condition.text.split()
    sides = [compute(resolve(_without_words(side), scope_of(names))) for side in condition.args]
    if len(signs) != len(sides) - 1 or any(sign not in _SIGNS for sign in signs):
        return None
    return all(_SIGNS[sign](a, b) for sign, a, b in zip(signs, sides, sides[1:], strict=False))


def _without_words(side: Tree) -> Tree:
    """`if z` is z."""
    if side.op == "mul" and side.args[0].op == "name" and _is_word(side.args[0].text):
        return side.args[1]
    if side.op == "add" and side.args[0].op == "name" and _is_word(side.args[0].text):   # if -0.3 > 0
        return side.args[1] if len(side.args) == 2 else replace(side, args=side.args[1:])
    if side.op in ("mul", "pow", "add") and side.args:
        return replace(side, args=(_without_words(side.args[0]), *side.args[1:]))
    return side


def _is_word(text: str) -> bool:
    return "".join(letter for letter in text.removeprefix("\\text") if letter.isalpha()) in _WORDS
