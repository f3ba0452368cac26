"""Functions that a working defines for itself, f(x, y) = xy, under a name that the lecture has for something else.

What is said of their derivatives is judged by that definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from derive.check.reading import Claim
from derive.check.spans import same
from derive.check.values import Env, has_names, key_of, leaves, try_value
from derive.check.worlds import Model
from derive.quantities import Id, Partial
from derive.spelling import canonical
from derive.syntax import Tree, node


def with_own_functions(model: Model, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims, those about a function of the working's own read so."""
    claims = _without_namesake(claims)
    if not any(claim.arguments for claim in claims):
        return claims
    found: list[Claim] = []
    own: dict[str, list[Tree]] = {}
    for claim in claims:
        head, tree = claim.members[0].tree, claim.members[1].tree
        if head is not None and tree is not None and _is_own(model, claim, head, tree):
            own.setdefault(_stem(head), []).append(tree)
            name = Tree("local", (), f"{head.text} of {' '.join(claim.arguments)}", head.column)
            claim = _headed(claim, name)
        elif head is not None and tree is not None and (meant := _slope(model, head, tree, own)) is not None:
            claim = _headed(claim, meant)
        found.append(claim)
    return tuple(found)


# ---------------------------------------------------------------- f, which is the lecture's activation elsewhere

_F = re.compile(r"\s*f\s*(['′]|\^\s*\{?\s*\\prime\s*\}?)?\s*(?:\\left\s*)?\(")


def _without_namesake(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """f(x) = x^2 is no activation that is got wrong: from there on f is what the working says."""
    found: list[Claim] = []
    own: tuple[str, Tree] | None = None  # the argument's key, and the formula
    for claim in claims:
        head, tree = claim.members[0].tree, claim.members[1].tree
        if _F.match(claim.members[0].text) and head is not None and tree is not None and head.op == "call":
            key = key_of(head.args[0]) if head.args[0].op == "local" else ""
            plain = not head.text.endswith("'") and head.text not in _STRAIGHT
            if key and plain and _is_polynomial(tree, key) and has_names(tree):
                own = key, _put(tree, key, Tree("local", (), key))
                claim = _headed(claim, Tree("local", (), f"f of {key}", head.column))
            elif own:
                claim = _headed(_of_argument(claim, own[0]), _applied(head, *own))
        found.append(claim)
    return tuple(found)


_STRAIGHT = ("linear", "relu", "leaky-relu")  # what a polynomial may well be meant for


def _of_argument(claim: Claim, key: str) -> Claim:
    """The claim in which the argument is a name of the working, whatever the lecture calls so."""
    name = Tree("local", (), key)
    trees = (member.tree and _put(member.tree, key, name) for member in claim.members)
    return replace(claim, members=tuple(replace(m, tree=t) for m, t in zip(claim.members, trees, strict=True)))


def _applied(call: Tree, key: str, formula: Tree) -> Tree:
    """f(3) or f'(x) by the working's own formula."""
    return _put(_differentiated(formula) if call.text.endswith("'") else formula, key, call.args[0])


def _differentiated(tree: Tree) -> Tree:
    """The derivative of a polynomial by its only name."""
    if tree.op in ("number", "local"):
        return _number("1" if tree.op == "local" else "0")
    if tree.op in ("add", "neg"):
        return replace(tree, args=tuple(map(_differentiated, tree.args)))
    left, right = tree.args
    if tree.op == "mul":
        return node("add", (node("mul", (_differentiated(left), right), " "),
                            node("mul", (left, _differentiated(right)), " ")))
    power = node("pow", (left, node("add", (right, _number("-1")))))
    return node("mul", (node("mul", (right, power), " "), _differentiated(left)), " ")


def _number(text: str) -> Tree:
    return Tree("number", (), text)


def _put(tree: Tree, key: str, argument: Tree) -> Tree:
    if _is_argument(tree, key):
        return replace(argument, column=tree.column)
    return replace(tree, args=tuple(_put(arg, key, argument) for arg in tree.args)) if tree.args else tree


def _is_argument(leaf: Tree, key: str) -> bool:
    return leaf.op in ("id", "ids", "local") and key_of(leaf) == key


def _is_polynomial(tree: Tree, key: str) -> bool:
    """Whether a formula is made of its argument and numbers by +, - and × alone, and is no plain x."""
    if tree.op == "pow" and tree.args[1].op != "number":
        return False
    if tree.op in ("add", "mul", "neg", "pow"):
        return all(_is_argument(arg, key) or _is_polynomial(arg, key) for arg in tree.args)
    return tree.op == "number"


def _headed(claim: Claim, head: Tree) -> Claim:
    members = (replace(claim.members[0], tree=head), *claim.members[1:])
    return replace(claim, members=members, instances=(), turned=())


def _stem(head: Tree) -> str:
    """f_c and f are functions of one name."""
    return canonical(head.text)[:1]


def _is_own(model: Model, claim: Claim, head: Tree, tree: Tree) -> bool:
    """A formula in its arguments alone, which do not determine what the lecture calls by that name."""
    names = [leaf for leaf in leaves(tree) if leaf.op in ("id", "ids", "local")]
    said = set(claim.arguments)
    if head.op not in ("id", "ids", "local") or not said & {key_of(leaf) for leaf in names}:
        return False
    if any(leaf.op != "local" and key_of(leaf) not in said for leaf in names):
        return False
    fixed = {model.home(each): model.points[0].get(each) for leaf in names for each in leaf.ids[:1] if leaf.op == "id"}
    values = [world.but(fixed=fixed).get(head.ids[0]) for world in model.points if head.ids]
    return any(not same(each, values[0]) for each in values) or not head.ids


def _slope(model: Model, head: Tree, tree: Tree, own: dict[str, list[Tree]]) -> Tree | None:
    """The derivative of a definition of the working's own, if that is what a derivative is set to."""
    ways = [
        node("partial", (definition, by), "", head.column)
        for of, keys, ids in _derivatives(head)
        for definition in reversed(own.get(of, []))
        for by in _leaves_of(definition, keys, ids)
    ]
    env = Env(model.points[0], {}, _constants([tree, *ways]))
    right = [way for way in ways if (a := try_value(way, env)) is not None and same(a, try_value(tree, env))]
    if right or not ways:
        return right[0] if right else None
    return ways[0] if head.op == "partial" and has_names(tree) else None


def _derivatives(head: Tree) -> Iterator[tuple[str, str, tuple[Id, ...]]]:
    """Of a derivative: the name of the function, the key and the ids of what it is by."""
    if head.op == "partial" and head.args[0].op in ("id", "ids", "local"):
        yield _stem(head.args[0]), key_of(head.args[1]), head.args[1].ids
    for each in head.ids if head.op in ("id", "ids") else ():
        if isinstance(each, Partial):
            yield canonical(str(each.of))[:1], "", (each.by,)


def _leaves_of(tree: Tree, key: str, ids: tuple[Id, ...]) -> list[Tree]:
    """The leaf of a definition that a derivative is by."""
    found = (leaf for leaf in leaves(tree) if leaf.op in ("id", "ids", "local"))
    return [leaf for leaf in found if key_of(leaf) == key or set(leaf.ids) & set(ids)][:1]


def _constants(trees: Iterable[Tree]) -> dict[str, Tree]:
    """A value for each letter that stands for a number."""
    keys = dict.fromkeys(key_of(leaf) for tree in trees for leaf in leaves(tree) if leaf.op in ("local", "ids"))
    return {key: Tree("number", (), f"0.{41 + 7 * n}") for n, key in enumerate(keys)}
