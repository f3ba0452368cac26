"""Derivatives in raw trees: ∂a/∂b as a fraction, on the line, as an operator, as ∇."""

from __future__ import annotations

import re
from dataclasses import replace

from derive.syntax import Tree, node, parse_tokens, tokens


def derivatives(tree: Tree) -> Tree:
    """A raw tree in which ∂a/∂b is a `partial`, and ∂/∂b, which waits for its argument, an `operator`."""
    if not tree.args:
        return tree
    args = [derivatives(arg) for arg in tree.args]
    if tree.op == "frac":
        return _fraction(args[0], args[1]) or node("frac", args, "frac", tree.column)
    if tree.op == "product":
        return _slashed(args, tree)
    return node(tree.op, args, tree.text, tree.column)


_BARE = Tree("d")


def _differential(tree: Tree) -> Tree | None:
    """What stands behind the d or ∂ at the head of a tree, `_BARE` for nothing; None without d or ∂."""
    if tree.op == "name":
        if tree.text in ("d", "∂"):
            return _BARE
        return (
            replace(tree, text=tree.text[1:], column=tree.column + 1)
            if re.match(r"d[^\W_]", tree.text)
            else None
        )
    if tree.op not in ("product", "add", "pow", "transpose") or not (head := _differential(tree.args[0])):
        return None
    if tree.op == "product":
        if head is _BARE and tree.text[0] == " ":
            rest = tree.args[1:]
            return rest[0] if len(rest) == 1 else node("product", rest, tree.text[1:], rest[0].column)
        return None if head is _BARE else node("product", (head, *tree.args[1:]), tree.text, head.column)
    return None if head is _BARE else node(tree.op, (head, *tree.args[1:]), tree.text, head.column)


def _fraction(above: Tree, below: Tree) -> Tree | None:
    by = _differential(below)
    of = _differential(above) if by and by is not _BARE else None
    if of is None or by is None:
        return None
    made = node("operator", (by,)) if of is _BARE else node("partial", (of, by))
    return replace(made, column=above.column)


def _slashed(args: list[Tree], tree: Tree) -> Tree:
    """∂E/∂w on the line: d and ∂ hold the factor behind them, a slash between two is a derivative."""
    items = _held(args, tree.text) if "/" in tree.text else list(zip(" " + tree.text, args, strict=True))
    items = _gradients(items)
    found: list[tuple[str, Tree]] = []
    for sign, factor in items:
        made = _fraction(found[-1][1], factor) if sign == "/" else None
        found.append((found.pop()[0], made) if made else (sign, factor))
    if len(found) == 1:
        return found[0][1]
    return node(
        "product", [factor for _, factor in found], "".join(sign for sign, _ in found[1:]), tree.column
    )


_NABLA = re.compile(r"(?:\\nabla|∇)\s*_\s*(?:\{(.+)\}|(.))\Z", re.DOTALL)


def _gradients(items: list[tuple[str, Tree]]) -> list[tuple[str, Tree]]:
    """∇_w E is ∂E/∂w."""
    found: list[tuple[str, Tree]] = []
    for sign, factor in items:
        match = (
            _NABLA.match(found[-1][1].text) if found and sign == " " and found[-1][1].op == "name" else None
        )
        if match:
            by = replace(parse_tokens(tokens(match[1] or match[2])), column=factor.column)
            factor = node("partial", (factor, by), "", factor.column)
            sign = found.pop()[0]
        found.append((sign, factor))
    return found


def _held(args: list[Tree], signs: str) -> list[tuple[str, Tree]]:
    items = [(" ", args[0])]
    for sign, factor in zip(signs, args[1:], strict=True):
        before = items[-1]
        if sign == " " and before[1].op == "name" and before[1].text in ("d", "∂"):
            items[-1] = (before[0], node("product", (before[1], factor), " ", before[1].column))
        else:
            items.append((sign, factor))
    return items
