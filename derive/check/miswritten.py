"""Slips of the pen: a digit changed, swapped, lost or doubled, the decimal point moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from derive.check.spans import all_meet, exact, span_of
from derive.check.values import number
from derive.rounding import shown
from derive.syntax import Tree


def digit_slips(text: str, right: Any) -> Iterator[str]:
    """How the figure's digits differ from the right figure's, where it is by one slip of the pen."""
    plain = _digits_of(text)
    decimals = len(text.partition(".")[2])
    if not plain or (right < 0) != text.startswith("-"):
        return
    for power in range(-3, 4):
        if power and all_meet(span_of(text), exact(right * number(f"1e{power}"))):
            yield "the decimal point is moved"
            return
    for more in range(0, 3):
        for mode in ("half-up", "cut"):
            whole = _digits_of(shown(right, decimals + more, mode))
            yield from _one_slip(plain, whole)


def _digits_of(text: str) -> str:
    return text.lstrip("-").replace(".", "").lstrip("0")


def _one_slip(a: str, b: str) -> Iterator[str]:
    """One digit changed, two neighbours swapped, one lost or one doubled."""
    if a == b or len(b) < 3:
        return
    if len(a) == len(b):
        apart = [n for n in range(len(a)) if a[n] != b[n]]
        if len(apart) == 1:
            yield "a digit is wrong"
        if (
            len(apart) == 2
            and apart[1] == apart[0] + 1
            and a[apart[0]] == b[apart[1]]
            and a[apart[1]] == b[apart[0]]
        ):
            yield "two digits are swapped"
    if len(a) + 1 == len(b) and any(b[:n] + b[n + 1 :] == a for n in range(len(b))):
        yield "a digit is lost"
    if len(a) == len(b) + 1 and any(a[:n] + a[n + 1 :] == b for n in range(len(a))):
        yield "a digit too many"


def flipped(tree: Tree) -> Iterator[tuple[Tree, Tree]]:
    """The tree with one sign turned round, and the part whose sign that is."""
    if tree.op == "neg":
        yield tree.args[0], tree.args[0]
    elif tree.op in ("number", "mul", "div", "call", "pow"):
        yield replace(tree, op="neg", args=(tree,), text=""), tree
    for place, arg in enumerate(tree.args):
        for made, part in flipped(arg):
            yield replace(tree, args=(*tree.args[:place], made, *tree.args[place + 1 :])), part


def turned(tree: Tree) -> Iterator[Tree]:
    """The tree with one transpose more or less, or with products elementwise that were not, or the reverse."""
    if tree.op == "mul" and (elementwise := _elementwise(tree)) != tree:
        yield elementwise
    if tree.op == "transpose":
        yield tree.args[0]
    elif tree.op in ("id", "ids"):
        yield _transposed(tree)
    elif tree.op == "mul":
        left, right = tree.args
        pairs = [(left, right), (left, _transposed(right)), (_transposed(left), right)]
        yield from (
            [replace(tree, text=" ", args=pair) for pair in pairs]
            if tree.text == "∘"
            else [replace(tree, text="∘")]
        )
    for place, arg in enumerate(tree.args):
        for made in turned(arg):
            yield replace(tree, args=(*tree.args[:place], made, *tree.args[place + 1 :]))


def _elementwise(tree: Tree) -> Tree:
    """With the elementwise sign wherever two factors stand side by side."""
    sign = "∘" if tree.op == "mul" and tree.text == " " else tree.text
    return replace(tree, text=sign, args=tuple(map(_elementwise, tree.args)))


def _transposed(tree: Tree) -> Tree:
    return Tree("transpose", (tree,), "", tree.column)
