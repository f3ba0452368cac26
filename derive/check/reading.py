"""Somebody's working as claims: every equality that stands in a text, read or not.

    read(text, vocabulary) ─► Claim(members, signs), one a chain a = b = c

Nothing that stands in a text raises an error: what cannot be read is a member
without a tree, with a sentence that says why.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from derive.check.clauses import relation
from derive.check.drafts import (
    Draft,
    Place,
    Source,
    arguments_of,
    drafts,
    introduced,
    subject_of,
    with_letters,
    with_points,
)
from derive.check.generics import Letters, assignments, settled
from derive.check.joining import joined
from derive.check.resolving import Scope, resolve, scope_of, updated
from derive.errors import FormulaError, InputError
from derive.spelling import Vocabulary, canonical
from derive.syntax import Tree, parse_tokens, tokens

if TYPE_CHECKING:
    from lark import Token

LARGEST_FILE = 5_000_000  # bytes
LONGEST_LINE = 50_000  # characters
# how files begin that hold no text
_PICTURES: Mapping[bytes, str] = {
    b"%PDF-": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"PK\x03\x04": "a packed document",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One side of an equality.

    `tree` is resolved (`resolving` lists its ops), its `column` an offset in the whole
    text counted from 1; None where it was not read: then `problem` says why and
    `problem_place` where.
    """

    tree: Tree | None
    text: str
    place: Place
    problem: str = ""
    problem_place: Place | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    """`=`, `≈` or `→` (an update) between two members, and where it stands."""

    relation: str
    place: Place


@dataclass(frozen=True, slots=True)
class Claim:
    """A chain of equalities, `members[i] signs[i] members[i + 1]`; one entry of the report a sign.

    `subject` is what prose before it says that it is (*error =* $0.66 − 1$): an `id`
    or `local` tree, None without such prose. Where letters stand for indices, `instances`
    are the same equalities for each unit, and `turned` with the letters of w_{ij} exchanged.
    `arguments` are the keys of what stands in the bracket of a left side f(x, y), `letters` what
    an instance has for its letters.
    """

    members: tuple[Member, ...]
    signs: tuple[Sign, ...]
    text: str
    subject: Tree | None = None
    instances: tuple[Claim, ...] = ()
    turned: tuple[Claim, ...] = ()
    arguments: tuple[str, ...] = ()
    letters: tuple[int, ...] = ()

    @property
    def place(self) -> Place:
        """Where its first sign stands."""
        return self.signs[0].place

    def lhs(self) -> Member:
        """Its first member."""
        return self.members[0]

    def is_read(self, number: int) -> bool:
        """Whether sign `number` can be judged: what stands right of it was read, and something left of it."""
        return self.members[number + 1].tree is not None and any(m.tree for m in self.members[: number + 1])


def read_file(path: str) -> str:
    """The text of a working; InputError where the file cannot be used. Bad UTF-8 and NUL become U+FFFD."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file name"
        raise InputError(
            f"cannot be read: {reason}", where=path, expected="a .md, .txt or .tex file"
        ) from None
    return decode(data, path)


def decode(data: bytes, where: str) -> str:
    """The text of a working's bytes, `where` they come from; InputError where there are over 5 MB."""
    if len(data) > LARGEST_FILE:
        raise InputError("is larger than 5 MB", where=where, expected="a working of a few pages")
    if found := next((what for head, what in _PICTURES.items() if data.startswith(head)), ""):
        raise InputError(f"is {found}, and only text can be read", where=where, expected="a .md, .txt or .tex file")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError("is encoded in UTF-16", where=where, expected="UTF-8, as editors save text by default")
    return (
        data.decode("utf-8-sig", errors="replace")
        .replace("\0", "\ufffd")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )


def read(
    text: str, vocabulary: Vocabulary, *, decimal: str = "point", kind: str = "markdown"
) -> tuple[Claim, ...]:
    """Every claim of a working, in the order of its signs.

    `decimal` is "point" or "comma"; `kind` is "markdown", "tex" or "formula" (the whole text
    is mathematics). Positions count in `text`.
    """
    source = Source(text, scope_of(vocabulary))
    kept, claims = _without_endless_lines(source)
    found = list(drafts(with_letters(with_points(kept, decimal)), source, kind))
    scope = scope_of(vocabulary, introduced(found, source.scope))
    claims += [claim for draft in found for claim in _claims(draft, source, scope)]
    return tuple(sorted(claims, key=lambda claim: claim.place.start))


def read_quantity(text: str, vocabulary: Vocabulary) -> Tree:
    """What a person typed for one quantity (`w5`, `dE/dw_5`): an `id` or `ids` tree, else FormulaError."""
    try:
        tree = _read_one(text, scope_of(vocabulary))
    except FormulaError as error:
        raise FormulaError(error.what, text=text, column=error.column, expected=error.expected) from None
    if tree.op not in ("id", "ids"):
        raise FormulaError(
            "this is no quantity of the lecture", text=text, expected="a name such as w5 or an id"
        )
    return tree


def _read_one(text: str, scope: Scope) -> Tree:
    return resolve(joined(parse_tokens(tokens(text.strip().strip("$"))), scope), scope)


def _without_endless_lines(source: Source) -> tuple[str, list[Claim]]:
    """The text with lines that nobody wrote blanked out, and an unread claim for each that has a sign."""
    pieces, claims = [], list[Claim]()
    lines = source.text.split("\n")
    if max(map(len, lines)) <= LONGEST_LINE:
        return source.text, claims
    for start, line in zip(source.starts, lines, strict=True):
        sign = start + line.find("=")
        if len(line) > LONGEST_LINE and sign >= start:
            problem = f"the line has {len(line)} characters, at most {LONGEST_LINE} are read"
            sides = (
                Member(
                    None,
                    line[:60] + "…",
                    source.place(start, start + 1),
                    problem,
                    source.place(start, start + 1),
                ),
                Member(None, "", source.place(sign + 1, sign + 1), problem, source.place(sign + 1, sign + 1)),
            )
            claims.append(Claim(sides, (Sign("=", source.place(sign, sign + 1)),), line[:60] + "…"))
        pieces.append(line if len(line) <= LONGEST_LINE else " " * len(line))
    return "\n".join(pieces), claims


# ---------------------------------------------------------------- claims


def _claims(draft: Draft, source: Source, scope: Scope) -> Iterator[Claim]:
    """The claims of a chain, each with its instances where letters stand for indices."""
    found = tuple(_of_chain(draft, source, scope, {}))
    letters = assignments((raw for raw in draft.raw if isinstance(raw, Tree)), scope)
    instances, turned = (
        [_lettered(_of_chain(draft, source, scope, each, turn), each) for each in letters] for turn in (False, True)
    )
    said = arguments_of(draft.raw[0], scope)
    for n, claim in enumerate(found):
        claim = replace(claim, arguments=() if n else said)
        yield replace(claim, instances=_nth(instances, n, len(found)), turned=_nth(turned, n, len(found)))


def _lettered(claims: Iterator[Claim], letters: Letters) -> tuple[Claim, ...]:
    return tuple(replace(claim, letters=tuple(letters.values())) for claim in claims)


def _nth(instances: list[tuple[Claim, ...]], n: int, count: int) -> tuple[Claim, ...]:
    """The claims at one place of a chain's instances, those that were read; where some leave no name open, these."""
    fitting = [each[n] for each in instances if len(each) == count]
    found = tuple(claim for claim in fitting if all(member.tree for member in claim.members))
    return tuple(claim for claim in found if not any(_is_open(m.tree) for m in claim.members)) or found


def _is_open(tree: Tree | None) -> bool:
    """Whether a name in it may mean one of several quantities."""
    return tree is not None and (tree.op == "ids" or any(_is_open(arg) for arg in tree.args))


def _of_chain(
    draft: Draft, source: Source, scope: Scope, letters: Letters, turned: bool = False
) -> Iterator[Claim]:
    """The claims of a chain: it is cut at arrows that are no update's."""
    raws = [_of_arguments(_without_words(draft.raw[0], scope), scope), *draft.raw[1:]]
    raws = [_without_remark(raw, scope) for raw in raws]
    members = [
        _member(tokens, raw, source, lambda tree: settled(tree, scope, letters, turned))
        for tokens, raw in zip(draft.chain.members, raws, strict=True)
    ]
    subject = subject_of(draft.subject, scope)
    if not draft.chain.members[0] and subject:
        members[0] = replace(members[0], tree=subject, text=draft.subject, problem="", problem_place=None)
        subject = None
    first = 0
    for number, sign in enumerate(draft.chain.signs):
        if relation(sign) == "→" and not _is_target(members[number]):
            yield from _claim(members[first : number + 1], draft.chain.signs[first:number], source, subject)
            first, subject = number + 1, None
    yield from _claim(members[first:], draft.chain.signs[first:], source, subject)


def _without_words(raw: Tree | FormulaError, scope: Scope) -> Tree | FormulaError:
    """A left side without the words that lead up to it: *the error is* E."""
    while isinstance(raw, Tree) and raw.op == "product" and raw.text[0] == " ":
        apposed = len(raw.args) == 2 and raw.args[1].op == "name" and _is_spoken(raw.args[0], scope)
        if not apposed and not _is_word(raw.args[0], scope):
            break
        rest = raw.args[1:]
        raw = rest[0] if len(rest) == 1 else replace(raw, args=rest, text=raw.text[1:], column=rest[0].column)
    return raw


def _is_spoken(tree: Tree, scope: Scope) -> bool:
    """A name that is a word, before another name: *target* t is t, not a product."""
    return tree.op == "name" and len(tree.text) > 2 and tree.text.isalpha() and tree.text not in scope.functions


def _without_remark(raw: Tree | FormulaError, scope: Scope) -> Tree | FormulaError:
    """A member without the words behind it: 0.7513 *after rounding*."""
    while isinstance(raw, Tree) and raw.op == "product" and raw.text[-1] == " " and _is_word(raw.args[-1], scope):
        rest = raw.args[:-1]
        raw = rest[0] if len(rest) == 1 else replace(raw, args=rest, text=raw.text[:-1])
    return raw


def _is_word(tree: Tree, scope: Scope) -> bool:
    key = canonical(tree.text)
    return (
        tree.op == "name"
        and re.match(r"[^\W\d_]{2}|\\text", tree.text) is not None
        and len(key) > 1
        and key.isalpha()
        and key not in scope.functions
        and key not in scope.locals
        and not scope.vocabulary.find(key)
        and not scope.vocabulary.unindexed(key)
    )


def _of_arguments(raw: Tree | FormulaError, scope: Scope) -> Tree | FormulaError:
    """On a left side, `E(w)` and `L(y, t)` are E and L as functions of what stands in the bracket."""
    return raw.args[0] if isinstance(raw, Tree) and arguments_of(raw, scope) else raw


def _claim(
    members: list[Member], signs: list[Token], source: Source, subject: Tree | None
) -> Iterator[Claim]:
    if not signs:
        return
    if _is_update(members[0], relation(signs[0]), members[1]):
        members = [replace(members[0], tree=updated(members[0].tree or Tree("name"))), *members[1:]]
    made = tuple(Sign(relation(sign), source.place(sign.start_pos or 0, sign.end_pos or 0)) for sign in signs)
    start = min(members[0].place.start, made[0].place.start)
    end = max(members[-1].place.end, made[-1].place.end)
    yield Claim(tuple(members), made, source.text[start:end], subject)


def _member(
    tokens: list[Token], raw: Tree | FormulaError, source: Source, meaning: Callable[[Tree], Tree]
) -> Member:
    start = tokens[0].start_pos or 0 if tokens else 0
    end = tokens[-1].end_pos or start if tokens else start
    text = source.slice(start, end, any(token.type.startswith("BEGIN") for token in tokens))
    try:
        if isinstance(raw, FormulaError):
            raise raw
        return Member(meaning(raw), text, source.place(start, end))
    except FormulaError as error:
        where = error.column - 1 if start <= error.column - 1 <= end else start
        return Member(None, text, source.place(start, end), error.what, source.place(where, end))


def _is_target(member: Member) -> bool:
    """Whether a member can be what an update sets: a parameter, or a name of the working."""
    tree = member.tree
    return tree is not None and (
        tree.op == "local"
        or updated(tree) is not tree
        or any(str(each).startswith("new(") for each in tree.ids)
    )


def _is_update(left: Member, sign: str, right: Member) -> bool:
    """A parameter before an arrow, or before a sum: parameters come about in no other way."""
    if left.tree is None or left.tree.op not in ("id", "ids"):
        return False
    return sign == "→" or (right.tree is not None and right.tree.op == "add")
