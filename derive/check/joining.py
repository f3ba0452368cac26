"""Names that stand in pieces: of several words, or letter by letter as scanners write them."""

from __future__ import annotations

import re
from dataclasses import replace

from derive.check.resolving import NEW, OLD, Scope, adjoint, is_gradient, with_mark
from derive.folding import spelled
from derive.spelling import canonical
from derive.syntax import Tree, node

_TURN = re.compile(rf"(?:{NEW}|{OLD}|[tk](?:\+1)?)\Z")


def joined(tree: Tree, scope: Scope) -> Tree:
    """`Δ w`, `learning\\ rate`, `Total Error`, `\\text{output_}H_2`: neighbours that are one name."""
    if not tree.args:
        return tree
    args = [joined(arg, scope) for arg in tree.args]
    if tree.op != "product":
        return node(tree.op, args, tree.text, tree.column)
    first, *others = _scanned(list(zip(" " + tree.text, args, strict=True)), scope)
    found = [first]
    for sign, factor in others:
        name = _together(found[-1][1], factor, scope) or _turned(found[-1][1], factor, scope) if sign == " " else None
        if name:
            found[-1] = (found[-1][0], name)
        else:
            found.append((sign, factor))
    if len(found) == 1:
        return found[0][1]
    return node(
        "product", [factor for _, factor in found], "".join(sign for sign, _ in found[1:]), tree.column
    )


SHORTEST = 3  # letters that may be a name


def _scanned(factors: list[tuple[str, Tree]], scope: Scope) -> list[tuple[str, Tree]]:
    """The factors with n e t_{h1}, as scanners write it, in one where that is a name."""
    found: list[tuple[str, Tree]] = []
    place = 0
    while place < len(factors):
        end = place + _run(factors[place:])
        name = None
        while end - place >= SHORTEST and not (name := _in_one([tree for _, tree in factors[place:end]], scope)):
            end -= 1
        found.append((factors[place][0], name) if name else factors[place])
        place = end if name else place + 1
    return found


def _run(factors: list[tuple[str, Tree]]) -> int:
    """How many letters stand side by side; only the last may have an index or a power."""
    for n, (sign, tree) in enumerate(factors):
        letter = _head(tree)
        if (n and sign != " ") or letter.op != "name" or not letter.text[:1].isalpha():
            return n
        if tree is not letter or len(letter.text) > 1:
            return n + 1 if not letter.text[1:2].isalpha() else n
    return len(factors)


def _head(tree: Tree) -> Tree:
    return tree.args[0] if tree.op == "pow" else tree


def _in_one(letters: list[Tree], scope: Scope) -> Tree | None:
    """The name, perhaps with a power, that letters make together."""
    text, last = "".join(_head(each).text for each in letters), letters[-1]
    key = canonical(text)
    if not (scope.vocabulary.find(key) or key in scope.functions or with_mark(key, scope)):
        return None
    name = replace(letters[0], text=text)
    return name if last.op == "name" else node("pow", (name, *last.args[1:]), last.text, name.column)


def _turned(first: Tree, second: Tree, scope: Scope) -> Tree | None:
    """w(old), w(t + 1): the turn of an update in a bracket."""
    if first.op != "name" or second.op != "group" or len(second.args) != 1 or second.args[0].op not in ("name", "add"):
        return None
    mark = canonical(spelled(second.args[0]))
    text = f"{first.text}^{{{mark}}}"
    return replace(first, text=text) if _TURN.match(mark) and with_mark(canonical(text), scope) else None


def _together(first: Tree, second: Tree, scope: Scope) -> Tree | None:
    if first.op != "name" or not re.search(r"[^\W\d_]{2}|_\}?\Z|[Δδ∇]", first.text):
        return None
    base = second.args[0] if second.op == "pow" else second
    if base.op not in ("name", "number") or scope.vocabulary.find(canonical(first.text)):
        return None
    text = first.text + (" " if base.op == "name" else "") + base.text
    if not (
        scope.vocabulary.find(canonical(text))
        or re.search(r"_\}?\Z", first.text)
        or (canonical(first.text) == "Delta" and base.op == "name")
        or is_gradient(canonical(text), scope)
        or (canonical(first.text) == "delta" and adjoint(canonical(text), scope))
    ):
        return None
    name = replace(first, text=text)
    return name if base is second else node("pow", (name, second.args[1]), "", first.column)
