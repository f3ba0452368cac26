"""One where something holds, else zero: 1[z > 0], the Kronecker delta, in raw trees.

They become calls: step(a) is 1 where a > 0, same(a, b) where a = b.
"""

from __future__ import annotations

import re
from dataclasses import replace

from derive.errors import FormulaError
from derive.spelling import Vocabulary, canonical
from derive.syntax import Tree, node, parse_tokens, tokens

_HEAD = re.compile(r"(?:\\[A-Za-z]+\s*)?\{?\s*[1I𝟙𝟏]\s*\}?\s*_?\s*(?:\\left)?\s*")
_FRAME = re.compile(r"\A\\?[\[({]\s*(?:\\\{)?(.*?)(?:\\\}\s*)?(?:\\right)?\s*\\?[\])}]\Z", re.DOTALL)
_SIGN = re.compile(r"([<>=≤≥≠]|\\(?:le|leq|ge|geq|lt|gt|neq?)(?![A-Za-z]))")
# the function, whether the sides change places, whether it is 1 where that does not hold
_MEANS = {
    ">": ("step", False, False), "gt": ("step", False, False), "<": ("step", True, False), "lt": ("step", True, False),
    "≤": ("step", False, True), "le": ("step", False, True), "leq": ("step", False, True),
    "≥": ("step", True, True), "ge": ("step", True, True), "geq": ("step", True, True),
    "=": ("same", False, False), "≠": ("same", False, True), "ne": ("same", False, True), "neq": ("same", False, True),
}  # fmt: skip
_KRONECKER = re.compile(r"delta([ijklmn]),?([ijklmn])\Z")


def indicators(tree: Tree, names: Vocabulary) -> Tree:
    """A raw tree with calls for indicators; FormulaError where one compares more than two things."""
    if tree.op == "indicator":
        return _compared(tree)
    if not tree.args:
        return _kronecker(tree) if not _has_two_indices(names) else tree
    args = [indicators(arg, names) for arg in tree.args]
    if tree.op == "add" and not all(_is_signal(arg) for arg in args):  # among others it is no error signal
        args = [_kronecker(arg) for arg in args]
    return tree if all(a is b for a, b in zip(args, tree.args, strict=True)) else replace(tree, args=tuple(args))


def _kronecker(tree: Tree) -> Tree:
    """A δ_{ij}, perhaps with a minus, as the call; anything else as it is."""
    if tree.op == "neg":
        inner = _kronecker(tree.args[0])
        return tree if inner is tree.args[0] else node("neg", (inner,), "", tree.column)
    match = _KRONECKER.match(canonical(tree.text)) if tree.op == "name" else None
    return node("call", [replace(tree, text=match[n]) for n in (1, 2)], "same", tree.column) if match else tree


def _is_signal(tree: Tree) -> bool:
    return canonical(tree.args[0].text if tree.op == "neg" else tree.text).startswith("delta")


def _has_two_indices(names: Vocabulary) -> bool:
    """Whether the lecture's own deltas have two indices below."""
    return bool(names.exact("delta11") or names.exact("delta12"))


def _compared(tree: Tree) -> Tree:
    match = _FRAME.match(_HEAD.sub("", tree.text, count=1))
    parts = _SIGN.split(match[1]) if match else []
    if len(parts) != 3:
        raise FormulaError("an indicator of several comparisons", column=tree.column, expected="one such as z > 0")
    function, turned, opposite = _MEANS[parts[1].lstrip("\\")]
    sides = [_side(text, tree.column) for text in (parts[::2][::-1] if turned else parts[::2])]
    made = node("call", sides if function == "same" else (_less(*sides),), function, tree.column)
    return node("group", (_less(Tree("number", (), "1", tree.column), made),), "", tree.column) if opposite else made


def _side(text: str, column: int) -> Tree:
    try:
        return replace(parse_tokens(tokens(text)), column=column)
    except FormulaError as error:
        raise FormulaError(error.what, column=column, expected=error.expected) from None


def _less(a: Tree, b: Tree) -> Tree:
    """a - b; a where b is nought."""
    return a if b == Tree("number", (), "0") else node("add", (a, node("neg", (b,), "", a.column)), "", a.column)
