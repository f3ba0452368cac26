"""From a raw tree to one whose names are the lecture's: derivatives, functions, ids.

| op added to those of `syntax.Tree` | meaning |
|---|---|
| id | `ids` has the one quantity that is meant (a Partial or New too) |
| ids | a name without its index: `ids` has the candidates, the reader of the claim decides |
| local | a name of the working, or a function's bare argument; `ids` has what it could also be |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache

from derive.check.derivatives import derivatives
from derive.check.indicators import indicators
from derive.check.rounds import MOST_ROUNDS
from derive.errors import FormulaError
from derive.folding import FUNCTIONS, fold, spelled
from derive.quantities import DEPTH, Id, New, Partial, Quantity, core, is_whole, marked, parse_id
from derive.spelling import Vocabulary, canonical
from derive.syntax import Tree, node

_SUFFIX = re.compile(r"[@#]\d+")
_PLAIN_ID = re.compile(r"[a-z][a-z\d_]*(?:\[\d+\])*\Z")
NEW, OLD = "new|updated|next|neu|nuevo|nuevos|nueva|nouveau|novo|nuovo", "old|alt|viejo|actual|current|ancien"
_UPDATED = re.compile(rf"(?:\^(?:\(?(?:{NEW})\)?|['+*]|[tkn]\+1)|{NEW}|t\+1)\Z", re.IGNORECASE)
_BEFORE = re.compile(rf"(?:\^?(?:{OLD})|\^t|\^k)\Z", re.IGNORECASE)
_SYMBOLIC = re.compile(
    r"(?P<stem>.+?)(?P<below>[ijklmn]{1,3}|[ij],[jk])?(?P<above>\^[lLkn](?:[+-]1)?)?(?P<mark>\^?['+*])?\Z"
)
_TRANSPOSED = re.compile(r"(.+?),?(?:T|\\top|top)\Z")


@dataclass(frozen=True, slots=True)
class Scope:
    """What names can mean at one place: the lecture's, and those that the working introduced."""

    vocabulary: Vocabulary
    functions: Mapping[str, str]
    locals: frozenset[str]


COUNTS = ("m", "n", "N", "M")  # how many samples, outputs or inputs there are, where they are no names of the lecture


def scope_of(vocabulary: Vocabulary, local: frozenset[str] = frozenset()) -> Scope:
    """The scope of a working that introduced the names with these keys."""
    return Scope(vocabulary, {**FUNCTIONS, "new": "new", **vocabulary.functions}, local)


def resolve(raw: Tree, scope: Scope) -> Tree:
    """The tree with ids for names; FormulaError with the place of the first name that is not known.

    `raw` is a raw tree whose names of several words were `joined`.
    """
    return resolved(folded(raw, scope), scope)


def folded(raw: Tree, scope: Scope) -> Tree:
    """What a raw tree means, its names as they are written."""
    return fold(derivatives(indicators(raw, scope.vocabulary)), scope.functions)


# ---------------------------------------------------------------- names


def resolved(tree: Tree, scope: Scope) -> Tree:
    """A folded tree with ids for names."""
    if tree.op == "name":
        return _name(tree, scope)
    if tree.op == "pow":
        return _power(tree, scope)
    if tree.op == "cases":
        return node("cases", [_case(row, scope) for row in tree.args], tree.text, tree.column)
    if tree.op == "call":
        return _call(tree, scope)
    if tree.op in ("sumsign", "operator"):
        raise FormulaError(
            "a sign that stands before nothing", column=tree.column, expected="a formula behind it"
        )
    args = [resolved(arg, scope) for arg in tree.args]
    if tree.op == "partial":
        return _partial(tree, args)
    if tree.op == "tuple":  # a vector
        return node("matrix", (node("row", args, "", tree.column),), "", tree.column)
    return node(tree.op, args, tree.text, tree.column)


def _case(row: Tree, scope: Scope) -> Tree:
    """A row of cases: its value; the condition stays as it stands, it may be words."""
    return node("row", (resolved(row.args[0], scope), *row.args[1:]), "", row.column)


def _call(tree: Tree, scope: Scope) -> Tree:
    if tree.text == "new":
        return _identified(_updated(resolved(tree.args[0], scope)), tree)
    if tree.text == "same":
        args = [replace(arg, op="local") if arg.op == "name" and len(arg.text) == 1 else arg for arg in tree.args]
        return node("call", [resolved(arg, scope) for arg in args], tree.text, tree.column)
    return node("call", [_argument(arg, scope) for arg in tree.args], tree.text, tree.column)


def _argument(tree: Tree, scope: Scope) -> Tree:
    """σ(x): a bare name that is no single number of the lecture is the function's own argument."""
    if tree.op != "name" or len(canonical(tree.text)) > 1:
        return resolved(tree, scope)
    known = scope.vocabulary.find(canonical(tree.text))
    if [each for each in known if not is_whole(each)]:
        return resolved(tree, scope)
    return replace(tree, op="local", ids=known or scope.vocabulary.unindexed(canonical(tree.text)))


def _partial(tree: Tree, args: list[Tree]) -> Tree:
    of, by = args
    if of.op == by.op == "id":
        return replace(tree, op="id", args=(), ids=(Partial(of.ids[0], by.ids[0]),), text="")
    if {of.op, by.op} <= {"id", "ids"}:
        pairs = tuple(Partial(a, b) for a in of.ids for b in by.ids)
        return replace(tree, op="ids", args=(), ids=pairs, text="")
    return node("partial", args, tree.text, tree.column)


def _updated(tree: Tree) -> tuple[Id, ...]:
    """The new values of what a tree names, if it names parameters."""
    ids = tree.ids if tree.op in ("id", "ids") else ()
    return tuple(New(each) for each in ids if isinstance(each, Quantity) and _is_parameter(each))


def _is_parameter(quantity: Quantity) -> bool:
    """A weight or a bias, what one of them carries along (velocity_w), or a name of a lecture of equations."""
    return quantity.kind.rpartition("_")[2] in ("w", "b") or quantity.kind not in DEPTH


def updated(tree: Tree) -> Tree:
    """A parameter on the left of an update as its new value; anything else, and one of a round, as it is."""
    ids = _updated(tree) if all(core(each).round is None for each in tree.ids) else ()
    return replace(tree, ids=ids) if ids else tree


def _identified(ids: tuple[Id, ...], tree: Tree) -> Tree:
    if not ids:
        raise FormulaError("only a weight or a bias has a new value", column=tree.column)
    return replace(tree, op="id" if len(ids) == 1 else "ids", args=(), ids=ids)


def _power(tree: Tree, scope: Scope) -> Tree:
    """An index where the lecture knows the name with it, else a power; e^x is exp(x)."""
    base, exponent = tree.args
    if base.op == "name":
        index = spelled(exponent)
        name = replace(base, text=f"{base.text}^{{{index}}}")
        if (found := _known(canonical(name.text), scope)) is not None:
            return replace(name, op=found[0], ids=found[1])
        if match := _TRANSPOSED.match(index):
            inner = node("pow", (base, Tree("name", (), match[1], exponent.column)), "(", base.column)
            return node("transpose", (_power(inner, scope),), "", base.column)
        if canonical(base.text) == "e" and not (_named(base, scope) and exponent.op == "number"):
            return node("call", (resolved(exponent, scope),), "exp", tree.column)
        key = canonical(name.text)
        counted = with_mark(key, scope) or _symbolic(key, scope) or _counted(tree, base, index, scope)
        if found := counted or _short(key, scope):
            return replace(name, op=found[0], ids=found[1])
        if tree.text and exponent.op in ("number", "name"):
            raise _unknown(name, scope)
    return node("pow", (resolved(base, scope), resolved(exponent, scope)), "", tree.column)


def _counted(tree: Tree, base: Tree, index: str, scope: Scope) -> Found | None:
    """E^{[10]}: the quantity after 10 updates. E^{(1)} is that too, or the one of the first round."""
    found = _known(canonical(base.text), scope) if tree.text in ("[", "(") and index.isdecimal() else None
    if not found or (tree.text == "(" and not all(map(_has_rounds, found[1]))):
        return None
    turns = (int(index),) if tree.text == "[" or index == "0" else (int(index), int(index) - 1)
    ids = tuple(_in_round(each, f"#{turn}", tree) for turn in turns for each in found[1])
    return "id" if len(ids) == 1 else "ids", ids


def _has_rounds(quantity: Id) -> bool:
    """Whether a quantity changes from round to round: a parameter, what an optimizer carries along, the loss."""
    return isinstance(quantity, Quantity) and quantity.kind not in ("x", "target", "learning_rate")


def _in_round(quantity: Id, marks: str, tree: Tree) -> Id:
    """The quantity that an id with marks means; FormulaError where so many rounds are not counted."""
    found = re.search(r"#(\d+)", marks)
    if found and int(found[1][:9]) > MOST_ROUNDS:
        raise FormulaError("rounds are counted up to a million", column=tree.column, expected="an earlier round")
    return marked(quantity, marks)


def _named(tree: Tree, scope: Scope) -> bool:
    key = canonical(tree.text)
    return key in scope.locals or bool(scope.vocabulary.find(key))


Found = tuple[str, tuple[Id, ...]]


def _known(key: str, scope: Scope) -> Found | None:
    """What the lecture means by a key; a single number before a whole layer of the same name."""
    ids = scope.vocabulary.find(key)
    if len(ids) > 1:
        single = tuple(each for each in ids if not is_whole(each))
        ids = single if len(single) == 1 else ids
    return ("id" if len(ids) == 1 else "ids", ids) if ids else None


def is_known(tree: Tree, scope: Scope) -> bool:
    """Whether a name, or a name with an upper index, means something here."""
    if tree.op == "pow":
        base, exponent = tree.args
        key = canonical(f"{base.text}^{{{spelled(exponent)}}}")
        found = _introduced(key, scope) or _known(key, scope) or with_mark(key, scope) or _short(key, scope)
        return found is not None or (not tree.text and is_known(base, scope))
    key = canonical(tree.text)
    return (_meaning(tree.text, key, scope) or _unindexed(key, scope) or _short(key, scope)) is not None


def _meaning(text: str, key: str, scope: Scope) -> Found | None:
    return _plain(text) or _introduced(key, scope) or _known(key, scope) or with_mark(key, scope) or _word(key)


def _name(tree: Tree, scope: Scope) -> Tree:
    text, marks = _SUFFIX.sub("", tree.text), "".join(_SUFFIX.findall(tree.text))
    key = canonical(text)
    found = _meaning(text, key, scope)
    if found is None and (product := _split(tree, scope)):
        return product
    found = found or _unindexed(key, scope)
    if found is None and key.removesuffix("^'") in _SLOPED:
        return _bare_function(tree, key, scope)
    found = found or _short(key, scope) or (("local", ()) if key in COUNTS or is_gradient(key, scope) else None)
    if found is None:
        raise _unknown(tree, scope)
    op, ids = found
    if marks:
        ids = tuple(_in_round(each, marks, tree) for each in ids)
    return replace(tree, op=op, ids=ids)


def _plain(text: str) -> Found | None:
    """An id spelt out: net[1][2], target[1]; words without a bracket are names first."""
    if not _PLAIN_ID.match(text) or "[" not in text:
        return None
    quantity = parse_id(text)
    assert isinstance(quantity, Quantity)
    depth, places = DEPTH.get(quantity.kind, -1), len(quantity.index)
    fits = depth == places or (depth > 1 and places == 1)
    return ("id", (quantity,)) if fits and 0 not in quantity.index else None


_WORDS = {"learningrate": Quantity("learning_rate")} | {name: Quantity(name) for name in ("loss", "x", "target")}


def _introduced(key: str, scope: Scope) -> Found | None:
    """A name of the working that the lecture has not as it is written; with what it could be."""
    if key not in scope.locals or scope.vocabulary.exact(key):
        return None
    return "local", scope.vocabulary.find(key) or scope.vocabulary.unindexed(key) or adjoint(key, scope)


def is_gradient(key: str, scope: Scope) -> bool:
    """∇f: the vector of derivatives, whichever they are."""
    return key.startswith("nabla") and bool(scope.vocabulary.exact(key.removeprefix("nabla")))


def _short(key: str, scope: Scope) -> Found | None:
    ids = adjoint(key, scope)
    return ("local", ids) if ids else None


def adjoint(key: str, scope: Scope) -> tuple[Id, ...]:
    """What dW, δh and dLdw may be short for: the loss's derivative by W or h, that of L by w."""
    signal = scope.vocabulary.unindexed("delta") or scope.vocabulary.find("delta")
    for prefix in ("d",) if signal else ("delta", "d"):
        by = _plainly(key.removeprefix(prefix), scope) if key.startswith(prefix) else ()
        if by:
            return tuple(Partial(_WORDS["loss"], each) for each in by)
    for place in range(2, len(key) - 1) if key.startswith("d") else ():
        of, by = _plainly(key[1:place], scope), _plainly(key[place + 1 :], scope)
        if key[place] == "d" and of and by:
            return tuple(Partial(a, b) for a in of for b in by)
    return ()


def _plainly(key: str, scope: Scope) -> tuple[Quantity, ...]:
    """The quantities that a name stands for as it is written, its index perhaps left out."""
    ids = scope.vocabulary.exact(key) or (scope.vocabulary.unindexed(key) if key.isalpha() else ())
    return tuple(each for each in ids if isinstance(each, Quantity))


_SLOPED = {name for name, meant in FUNCTIONS.items() if meant in ("sigmoid", "tanh", "relu", "softplus")}


def _bare_function(tree: Tree, key: str, scope: Scope) -> Tree:
    """σ' = σ(1 − σ): a function without its argument, as one of the same x throughout."""
    function = scope.functions[key.removesuffix("^'")] + key[len(key.removesuffix("^'")) + 1 :]
    return node("call", (Tree("local", (), "x", tree.column),), function, tree.column)


def _word(key: str) -> Found | None:
    return ("id", (_WORDS[key],)) if key in _WORDS else None


def with_mark(key: str, scope: Scope) -> Found | None:
    """w_5^{new}, b_1', w_{old}: a parameter of the lecture with the mark of an update."""
    for pattern, new in ((_UPDATED, True), (_BEFORE, False)):
        match = pattern.search(key)
        stem = key[:match.start()] if match else ""
        if match and (found := _known(stem, scope) or _unindexed(stem, scope)):
            ids = tuple(each for each in found[1] if isinstance(each, Quantity) and _is_parameter(each))
            if ids:
                return ("id" if len(ids) == 1 else "ids", tuple(map(New, ids)) if new else ids)
    return None


def is_updated(key: str, scope: Scope) -> bool:
    """Whether a key is one parameter of the lecture with the mark of an update."""
    return (found := with_mark(key, scope)) is not None and found[0] == "id"


def _unindexed(key: str, scope: Scope) -> Found | None:
    """A name whose index was left out, or is a letter (w_{ij}^{l}): the quantities that it can mean."""
    ids = scope.vocabulary.unindexed(key)
    return ("ids", ids) if ids else _symbolic(key, scope)


def _symbolic(key: str, scope: Scope) -> Found | None:
    match = _SYMBOLIC.match(key)
    if not match or not (match["below"] or match["above"]):
        return None
    stem = match["stem"] + (match["mark"] or "")
    ids = scope.vocabulary.unindexed(stem) or scope.vocabulary.find(stem)
    return ("ids", ids) if ids else None


_SIDE_BY_SIDE = re.compile(r"([^\W\d_](?:_\w)?)([^\W\d_](?:\w*_\{?\w+\}?|\w*))\Z")


def _split(tree: Tree, scope: Scope) -> Tree | None:
    """Wx, w_ix_i: letters side by side are a product where each is a name of the lecture."""
    match = _SIDE_BY_SIDE.match(tree.text)
    parts = [Tree("name", (), match[n], tree.column + match.start(n)) for n in (1, 2)] if match else []
    keys = [canonical(part.text) for part in parts]
    found = [_factor(key, scope) for key in keys]
    factors = [replace(p, op=f[0], ids=f[1]) for p, f in zip(parts, found, strict=True) if f]
    return node("mul", factors, " ", tree.column) if len(factors) == 2 else None


def _factor(key: str, scope: Scope) -> Found | None:
    return _introduced(key, scope) or _known(key, scope) or (_unindexed(key, scope) if len(key) < 3 else None)


def _unknown(tree: Tree, scope: Scope) -> FormulaError:
    key = canonical(tree.text)
    close = _nearest(key, tuple(scope.vocabulary.ids)) if len(key) < 40 else ""
    said = f"{tree.text[:60]!r} is no name of this lecture" + (f"; did you mean {close}?" if close else "")
    return FormulaError(said, column=tree.column)


@lru_cache(maxsize=10_000)
def _nearest(key: str, known: tuple[str, ...]) -> str:
    return next(iter(get_close_matches(key, known, n=1, cutoff=0.6)), "")
