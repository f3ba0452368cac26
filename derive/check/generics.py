"""Formulas over indices: δ_j = o_j (1 − o_j) Σ_k w_{kj} δ_k, for every unit that the lecture has.

A letter in an index stands for a number; a sum over a letter is written out. Which numbers
a letter can stand for is seen from the names: those with the number must be the lecture's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from derive.check.resolving import Scope, folded, is_known, is_updated, resolved
from derive.errors import FormulaError
from derive.folding import spelled
from derive.spelling import canonical
from derive.syntax import Tree, node

Letters = Mapping[str, int]

OPEN = "Σ"  # the text of a sum whose limits are left to the reader
MOST_INSTANCES = 24  # of one formula; a rule that holds for so many units holds
MOST_TRIALS = 2_000  # numbers tried for the letters of one formula
MOST_TERMS = 64  # of one sum

_LOWERED = str.maketrans("ᵢⱼₖₗₘₙₚᵣₛ", "ijklmnprs")
_BELOW = re.compile(r"[ᵢⱼₖₗₘₙₚᵣₛ]+")
_SCRIPTED = re.compile(r"[_^]")
_PIECE = re.compile(r"\\[A-Za-z]+(?:\s*\{[^{}]*\})?|[^\W\d_]+|.", re.DOTALL)
_RUN = re.compile(r"(?:[^\W\d_ijklmnpqrstL]{1,3})?([ijklmnpqrstL]{1,3})\Z")
_COUNTED = re.compile(r"(\d+)\s*([+−-])\s*(\d+)")
_LIMITS = re.compile(
    r"_\s*\{?\s*(?P<letters>[a-z](?:\s*,\s*[a-z])*)\s*(?:=\s*(?P<low>\d+))?(?![^\W\d_])[^^]*(?:\^\{?\s*(?P<high>\d+)\s*\}?)?",
    re.DOTALL,
)


def settled(raw: Tree, scope: Scope, letters: Letters | None = None, turned: bool = False) -> Tree:
    """The resolved tree with numbers for letters and sums written out; FormulaError as `resolve` has it.

    `turned`: the letters of w_{ij} are taken in the other order.
    """
    return resolved(_written_out(_bound(folded(raw, scope), scope), scope, letters or {}, turned), scope)


def _bound(tree: Tree, scope: Scope) -> Tree:
    """A tree whose sums without limits are over the one letter that the names in them have."""
    if not tree.args:
        return tree
    args = tuple(_bound(arg, scope) for arg in tree.args)
    letters = {x for _, found in _free(args[0], scope, frozenset()) for x in found} if tree.op == "sum" else set()
    limits = f"_{{{min(letters)}}}" if len(letters) == 1 and not tree.text else tree.text
    return replace(tree, args=args, text=limits)


def assignments(raws: Iterable[Tree], scope: Scope) -> tuple[dict[str, int], ...]:
    """The numbers that the letters in some formulas can stand for together; () where there are no letters."""
    trees = []
    for raw in raws:
        try:
            trees.append(_bound(folded(raw, scope), scope))
        except FormulaError:
            return ()
    units = [(unit, letters) for tree in trees for unit, letters in _free(tree, scope, frozenset())]
    order = list(dict.fromkeys(letter for _, letters in units for letter in letters))
    if not order:
        return ()
    found = list(islice(_fitting(units, order, scope), MOST_INSTANCES))
    last = max((each["L"] for each in found if "L" in each), default=0)
    return tuple(each for each in found if each.get("L", last) == last)


def is_generic(tree: Tree, scope: Scope) -> bool:
    """Whether a name with a letter for an index is the lecture's for some number."""
    return bool(assignments((tree,), scope))


# ---------------------------------------------------------------- letters in names


def _pieces(name: str) -> Iterator[tuple[str, str]]:
    """The parts of a name's scripts, with the letters in each that can stand for numbers."""
    for piece in _PIECE.findall(name):
        match = _RUN.match(piece)
        yield piece, match[1] if match else ""


def _with_indices(name: str) -> str:
    """The name with Unicode's small letters as an index: wᵢⱼ is w_{ij}."""
    return _BELOW.sub(lambda m: f"_{{{m[0].translate(_LOWERED)}}}", name)


def _script(name: str) -> int:
    match = _SCRIPTED.search(name)
    return match.start() if match else len(name)


def _letters(tree: Tree) -> tuple[str, ...]:
    """The letters that stand for numbers in a name, or in a name with an upper index."""
    if tree.op == "pow":
        above = _PIECE.findall(spelled(tree.args[1])) if _is_upper(tree) else []
        return tuple(dict.fromkeys((*_letters(tree.args[0]), *(p for p in above if p.isalpha()))))
    if tree.op != "name":
        return ()
    text = _with_indices(tree.text)
    return tuple(dict.fromkeys(x for _, run in _pieces(text[_script(text) :]) for x in run))


_UPPER = re.compile(r"[\[(]?(?:[lLkni]|[lLkn][+−-]\d)[\])]?\Z")
_FRAMED = re.compile(r"[ijmpst](?:[+−-]\d)?\Z")


def _is_upper(tree: Tree) -> bool:
    """Whether the exponent of a name is a layer's or a sample's letter: a^{(l+1)}, x^{(i)}."""
    above = spelled(tree.args[1])
    return tree.args[0].op == "name" and bool(_UPPER.match(above) or (tree.text and _FRAMED.match(above)))


def _with(tree: Tree, letters: Letters, turned: bool = False) -> Tree:
    """A name with numbers for its letters."""
    if tree.op == "pow":
        base, exponent = tree.args
        if _is_upper(tree):
            text = _counted("".join(str(letters.get(p, p)) for p in _PIECE.findall(spelled(exponent))))
            exponent = Tree("number" if text.isdigit() else "name", (), text, exponent.column)
        return replace(tree, args=(_with(base, letters, turned), exponent))
    text = _with_indices(tree.text)
    start = _script(text)
    scripts = "".join(_filled(piece, run, letters, turned) for piece, run in _pieces(text[start:]))
    return replace(tree, text=text[:start] + _counted(scripts))


def _filled(piece: str, run: str, letters: Letters, turned: bool) -> str:
    head = piece[: len(piece) - len(run)] if run else piece
    numbers = [str(letters.get(letter, letter)) for letter in (run[::-1] if turned else run)]
    joint = "," if any(len(number) > 1 for number in numbers) else ""
    return head + joint.join(numbers)


def _counted(text: str) -> str:
    """l+1 with a number for l, as one number; i+m-1 likewise."""
    counted = _COUNTED.sub(lambda m: str(int(m[1]) + int(m[3]) * (1 if m[2] == "+" else -1)), text)
    return counted if counted == text else _counted(counted)


def _is_plain(tree: Tree, scope: Scope) -> bool:
    """Whether a name means something as it stands, letters and all; y_s^2 does where y_s does."""
    key = canonical(tree.text if tree.op == "name" else f"{tree.args[0].text}^{{{spelled(tree.args[1])}}}")
    is_power = tree.op == "pow" and not _is_upper(tree)
    return (
        bool(scope.vocabulary.find(key))
        or key in scope.functions
        or is_updated(key, scope)
        or (is_power and _is_plain(tree.args[0], scope))
    )


def _has(unit: Tree, letters: Letters, scope: Scope) -> bool:
    """Whether a name with numbers for its letters means something; what stood above as an index is no power."""
    made = _with(unit, letters)
    return is_known(replace(made, text="(") if unit.op == "pow" and _is_upper(unit) else made, scope)


def _units(tree: Tree, scope: Scope) -> tuple[str, ...]:
    """The letters of a tree that is one name; () where it is none, or one of the lecture's as it stands."""
    is_name = tree.op == "name" or (tree.op == "pow" and tree.args[0].op == "name")
    letters = _letters(tree) if is_name else ()
    return () if not letters or _is_plain(tree, scope) else tuple(x for x in letters if not _is_own(x, tree, scope))


def _is_own(letter: str, tree: Tree, scope: Scope) -> bool:
    """Whether a letter is part of the lecture's names: the s of w_{sj} where there is a w_{s1}."""
    others = [each for each in _letters(tree) if each != letter]
    filled = (_with(tree, dict.fromkeys(others, number)) for number in range(min(9, scope.vocabulary.largest) + 1))
    return bool(others) and any(_is_plain(each, scope) for each in filled)


def _free(tree: Tree, scope: Scope, bound: frozenset[str]) -> Iterator[tuple[Tree, tuple[str, ...]]]:
    """Names with letters that no sum binds, and these letters."""
    letters = _units(tree, scope)
    if letters:
        yield tree, tuple(letter for letter in letters if letter not in bound)
        return
    if tree.op == "sum" and (match := _LIMITS.match(tree.text)):
        bound |= set(re.findall(r"[a-z]", match["letters"]))
    for arg in tree.args:
        yield from _free(arg, scope, bound)


def _fitting(
    units: list[tuple[Tree, tuple[str, ...]]], order: list[str], scope: Scope
) -> Iterator[dict[str, int]]:
    """Numbers for the letters in turn; a name is looked up as soon as it has all of its numbers."""
    trials = 0
    stack: list[dict[str, int]] = [{}]
    while stack:
        chosen = stack.pop()
        if len(chosen) == len(order):
            yield chosen
            continue
        letter = order[len(chosen)]
        kept = []
        for number in range(scope.vocabulary.largest + 1):
            trials += 1
            more = {**chosen, letter: number}
            if all(
                _has(unit, more, scope) and not (letter == "t" and _is_updated(_with(unit, more), scope))
                for unit, free in units
                if letter in free and set(_letters(unit)) <= more.keys()
            ):
                kept.append(more)
        stack.extend(reversed(kept))
        if trials > MOST_TRIALS:
            return


def _is_updated(tree: Tree, scope: Scope) -> bool:
    """Whether a name is a parameter's: the t of w_t counts rounds, that of h_t the steps in time."""
    return tree.op == "name" and bool(scope.vocabulary.exact(canonical(tree.text + "'")))


# ---------------------------------------------------------------- sums


def _written_out(tree: Tree, scope: Scope, letters: Letters, turned: bool) -> Tree:
    if found := _units(tree, scope):
        return _with(tree, letters, turned) if letters.keys() & set(found) else tree
    if not tree.args:
        return tree
    if tree.op == "compare" or (tree.op == "call" and tree.text == "same"):
        tree = replace(tree, args=tuple(_counter(arg, letters) for arg in tree.args))
    if tree.op == "item" and tree.text in letters:
        tree = replace(tree, text=str(letters[tree.text]))
    if tree.op == "sum" and (match := _LIMITS.match(tree.text)):
        return _terms(tree, match, scope, letters, turned)
    args = [_written_out(arg, scope, letters, turned) for arg in tree.args]
    return tree if all(a is b for a, b in zip(args, tree.args, strict=True)) else replace(tree, args=tuple(args))


def _counter(tree: Tree, letters: Letters) -> Tree:
    """A letter that stands alone, as the number it stands for."""
    number = letters.get(tree.text) if tree.op == "name" else None
    return tree if number is None else Tree("number", (), str(number), tree.column)


def _terms(tree: Tree, match: re.Match[str], scope: Scope, letters: Letters, turned: bool) -> Tree:
    """The terms of a sum over one letter, or letter by letter over several."""
    letter, *others = re.findall(r"[a-z]", match["letters"])
    body = tree.args[0]
    if others:
        body = replace(tree, text="_{" + ",".join(others) + "}")
    low, high = match["low"], match["high"]
    numbers = range(int(low or 1), int(high) + 1) if high else range(int(low or 0), scope.vocabulary.largest + 1)
    terms = []
    most = MOST_TERMS // _inner_terms(body)
    counts = any(letter in found for _, found in _free(body, scope, frozenset()))
    for number in islice(numbers, most + 1 if most and counts else 0):
        chosen = {**letters, letter: number}
        if high or _fits(body, scope, chosen, letter):
            terms.append(_written_out(body, scope, chosen, turned))
        elif terms:
            break
    if not terms or len(terms) > most:
        return replace(tree, args=(_written_out(body, scope, letters, turned),))
    return terms[0] if len(terms) == 1 else node("add", terms, "" if "^" in tree.text else OPEN, tree.column)


def _inner_terms(tree: Tree) -> int:
    """How many terms the sums within a tree have together where their limits say so; 1 without any."""
    match = _LIMITS.match(tree.text) if tree.op == "sum" else None
    own = int(match["high"]) - int(match["low"] or 1) + 1 if match and match["high"] else 1
    return max(1, own) * max(map(_inner_terms, tree.args), default=1)


def _fits(body: Tree, scope: Scope, chosen: Letters, letter: str) -> bool:
    """Whether the lecture has the names of a sum's body for a number of its letter."""
    units = [(unit, free) for unit, free in _free(body, scope, frozenset()) if letter in free]
    return bool(units) and all(
        _has(unit, chosen, scope) for unit, free in units if set(free) <= chosen.keys()
    )


def is_open(tree: Tree) -> bool:
    """Whether it is left to the reader over what a sum in it reaches."""
    return (tree.op == "add" and tree.text == OPEN) or any(map(is_open, tree.args))


def agreed(verdicts: list[str], letters: list[tuple[int, ...]]) -> int | None:
    """The instance that speaks for all: they agree, or those with i = j, or with i ≠ j, are right."""
    if len(set(verdicts)) == 1:
        return 0
    for alike in (True, False):
        side = [n for n, pair in enumerate(letters) if len(pair) == 2 and (pair[0] == pair[1]) == alike]
        if side and len(side) < len(letters) and all(verdicts[n] == "right" for n in side):
            return side[0]
    return None
