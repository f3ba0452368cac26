"""Chains of equalities as they are gathered from a text, their names not yet resolved."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from derive.check.clauses import Chain, clauses, continues
from derive.check.generics import is_generic
from derive.check.joining import joined
from derive.check.macros import Macro, expanded, macros, placed
from derive.check.prints import with_commas
from derive.check.resolving import Scope, resolve
from derive.check.segments import Segment, is_own, segments
from derive.check.sheets import LAYOUT, own_segments
from derive.errors import FormulaError
from derive.folding import called
from derive.spelling import GREEK, canonical
from derive.syntax import LONGEST, Tree, parse_tokens, tokens

if TYPE_CHECKING:
    from lark import Token


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column (from 1) in the text; `start` and `end` are offsets in it."""

    line: int
    column: int
    start: int
    end: int


# ---------------------------------------------------------------- chains, not yet resolved

_DRESSED = re.compile(
    r"(?:\\(?:left|[bB]igg?l?|boxed|mathbf|mathrm|boldsymbol|vec|mathcal|underbrace|overbrace)\s*)+\Z"
)
_LAYOUT = re.compile(r"\\\\(?:\[[^\]]*\])?|&|\$+|\\DvBreak\{\d+\}")


def _behind_newlines(text: str) -> bytes:
    """The offsets behind every newline, as 8-byte numbers; a file may have millions of lines."""
    import numpy

    letters = numpy.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return (numpy.flatnonzero(letters == ord("\n")) + 1).astype("=i8").tobytes()


@dataclass(frozen=True, slots=True)
class Source:
    """The text, where its lines begin, and the lecture's names."""

    text: str
    scope: Scope
    starts: array[int] = field(default_factory=lambda: array("q", [0]))

    def __post_init__(self) -> None:
        self.starts.frombytes(_behind_newlines(self.text))

    def place(self, start: int, end: int) -> Place:
        line = bisect_right(self.starts, start)
        return Place(line, start - self.starts[line - 1] + 1, start, end)

    def slice(self, start: int, end: int, with_matrix: bool) -> str:
        """What stands there, on one line, without a layout's marks, with the \\left in front of it."""
        before = _DRESSED.search(self.text[max(0, start - 60) : start])
        text = (before[0] if before else "") + self.text[start:end]
        text = re.sub(r"\$+", " ", text) if with_matrix else _LAYOUT.sub(" ", text)
        return " ".join(text.split())[:LONGEST]

    def known(self, words: str) -> bool:
        """Whether words in a formula are a name of the lecture."""
        key = canonical(words)
        return bool(self.scope.vocabulary.find(key)) or key in self.scope.functions


@dataclass(frozen=True, slots=True)
class Draft:
    """A chain in tokens, with the raw tree or the problem of each member and the words in front of it."""

    chain: Chain
    raw: tuple[Tree | FormulaError, ...]
    subject: str


# 0{,}3775: a brace's comma is no thousands' behind a nought, or before other than three figures
_DECIMAL_BRACES = re.compile(r"(?<![\d,}])0\{,\}\d|\d\{,\}(?!\d{3}(?!\d))\d")


def with_points(text: str, decimal: str) -> str:
    """Decimal commas as points, grouped thousands (10{,}000) as one number; lengths are kept."""
    if decimal != "comma" and not _DECIMAL_BRACES.search(text):
        return re.sub(r"(?<!\d)(\d+)\{,\}(?=\d{3}(?!\d))", r"   \1", text)
    if decimal != "comma":
        return re.sub(r"(?<!\d)(\d+)\{,\}(?=\d)", r"  \1.", text)
    text = re.sub(r"(?<!\d)(\d+)\{,\}(?=\d)", r"  \1.", text)
    return re.sub(r"(_\{[^{}]*\})|(?<=\d),(?=\d)", lambda m: m[1] or ".", text)


_SCRIPT = re.compile(r"[_^]\s*(?:\{[^{}]*\}|\([^()]*\)|\\ell(?![A-Za-z])|ℓ)")
_ELL = re.compile(r"\\ell(?![A-Za-z])|ℓ")


def with_letters(text: str) -> str:
    """A layer's ℓ in an index as the letter l that it is; lengths are kept."""
    return _SCRIPT.sub(lambda script: _ELL.sub(lambda ell: "l".rjust(len(ell[0])), script[0]), text)


def drafts(text: str, source: Source, kind: str) -> Iterator[Draft]:
    found, known = _marked(text, kind)
    for chain, subject in _chains(found, source, known):
        _drop_blanks(chain)
        if (chain.signs or subject) and not _is_of_indices(chain):
            yield Draft(chain, tuple(_raw(member, source.scope) for member in chain.members), subject)


def _marked(text: str, kind: str) -> tuple[tuple[Segment, ...], Mapping[str, Macro]]:
    """The mathematics of a text and the macros in it; a sheet of the program's own has its own marks for both."""
    if is_own(text):
        return own_segments(text), LAYOUT
    known, text = macros(text)
    return segments(text, kind), known


def _chains(
    found: Iterable[Segment], source: Source, known: Mapping[str, Macro]
) -> Iterator[tuple[Chain, str]]:
    """The chains of all segments; a clause goes on with the last chain where it can only do that."""
    chain, subject = Chain(), ""
    for segment in found:
        adjacent = not segment.lead.strip(" \t\n$>*_-|\\[]()")
        words = _words_before(segment)
        for clause in clauses(_located(segment, known), source.known):
            named = (
                bool(words)
                and clause.tokens[0].type == "RELATION"
                and ("\n" in segment.lead or _AND.match(segment.lead) or subject_of(words, source.scope) is not None)
            )
            if named or not continues(clause, chain, adjacent):
                yield chain, subject
                chain, subject = Chain(), words
            chain.extend(clause.tokens)
            adjacent, words = True, ""
    yield chain, subject


def _located(segment: Segment, known: Mapping[str, Macro]) -> list[Token]:
    """The segment's tokens with their places in the whole text; one too long to read is `UNREADABLE`."""
    from lark import Token

    text = expanded(placed(segment.text, segment.start), known) if known else None
    try:
        stream: Iterable[Token] = tokens(text.text if text else segment.text)
    except FormulaError as error:
        text, sign = None, segment.text.find("=")
        if sign < 0:
            return []
        stream = (
            Token("UNREADABLE", error.what, 0, end_pos=1),
            Token("RELATION", "=", sign, end_pos=sign + 1),
            Token("UNREADABLE", error.what, sign, end_pos=sign + 1),
        )
    if text:
        return [
            Token(t.type, t.value, text.starts[t.start_pos or 0], end_pos=text.ends[(t.end_pos or 1) - 1])
            for t in stream
        ]
    return [
        Token(t.type, t.value, (t.start_pos or 0) + segment.start, end_pos=(t.end_pos or 0) + segment.start)
        for t in stream
    ]


# *and the net input* $= 1.1$: what is said to be equal is something else than before
_AND = re.compile(r"[$\s,;]*(?:and|while|whereas|und|et|y|e|и|а|以及|而)\s+[^\W\d_]+\s+\S", re.IGNORECASE)
_SUBJECT = re.compile(r"([^\W\d_][\w \[\]#@()/'+^]{0,60}?)[ \t]*(=?)[ \t]*\Z")


def _words_before(segment: Segment) -> str:
    """The words before inline mathematics that say what it is: *error =* or, before `$= …$`, *error*."""
    if segment.display:
        return ""
    line = re.sub(r"[$*|>`]", "", segment.lead.rsplit("\n", 1)[-1])[-80:]
    match = _SUBJECT.search(line)
    begins = segment.text.lstrip()[:1] == "="
    return match[1].strip() if match and (bool(match[2]) != begins) else ""


def _drop_blanks(chain: Chain) -> None:
    """Signs before nothing, before ? and before a line to fill in are no equations."""
    kept = [n for n, member in enumerate(chain.members[1:], 1) if any(not _is_blank(t) for t in member)]
    chain.signs[:] = [chain.signs[n - 1] for n in kept]
    chain.members[:] = [chain.members[0], *(chain.members[n] for n in kept)]


def _is_of_indices(chain: Chain) -> bool:
    """i = j says which entries are meant; it is no equation."""
    return all(len(member) == 1 and str(member[0]) in "ijkl" for member in chain.members)


def _is_blank(token: Token) -> bool:
    return token.type == "DOT" or (
        token.type == "UNKNOWN" and str(token) in ("?", "□", "\\square", "\\Box", "_", "\\_")
    )


def _raw(member: list[Token], scope: Scope) -> Tree | FormulaError:
    while member and member[-1].type in ("DOT", "COMMA", "SEMICOLON"):
        member = member[:-1]
    if not member:
        return FormulaError("nothing stands on this side", expected="a formula")
    if member[0].type == "UNREADABLE":
        return FormulaError(str(member[0]), column=(member[0].start_pos or 0) + 1)
    try:
        return joined(parse_tokens(with_commas(member)), scope)
    except FormulaError as error:
        return _problem(error, member)


# what is said of a sign that no formula has
_SAID = {
    "\\pm": "\\pm leaves open which of two figures is meant",
    "±": "± leaves open which of two figures is meant",
}


def _problem(error: FormulaError, member: list[Token]) -> FormulaError:
    """The error, in plainer words where it is clear what was meant."""
    place = next((n for n, token in enumerate(member) if (token.start_pos or 0) + 1 == error.column), len(member))
    around = [token.type for token in member[max(0, place - 1) : place + 2]]
    if around == ["NUMBER", "COMMA", "NUMBER"]:
        what = "a comma within a number: if it is the decimal sign, say --decimal comma"
        return FormulaError(what, column=error.column, expected=error.expected)
    what = _SAID.get(str(member[place]), error.what) if place < len(member) else error.what
    return FormulaError(what, column=error.column, expected=error.expected)


# ---------------------------------------------------------------- names of the working itself


def introduced(found_drafts: Iterable[Draft], scope: Scope) -> frozenset[str]:
    """The keys of names alone on a left side, or in prose before `=`, that are none of the lecture's."""
    found = {canonical(draft.subject.split()[-1]) for draft in found_drafts if draft.subject}
    for draft in found_drafts:
        names = [raw for raw in draft.raw[:-1] if isinstance(raw, Tree) and raw.op == "name"]
        found.update(canonical(name.text) for name in names if not _is_lectures(name, scope))
        for raw in draft.raw:
            found.update(_arguments(raw, scope) if isinstance(raw, Tree) else ())
        found.update(_of_own_function(draft.raw, scope))
    return frozenset(key for key in found if key not in scope.vocabulary.ids and not _is_mistyped(key, scope))


def _is_mistyped(key: str, scope: Scope) -> bool:
    """Whether a name is one of the lecture's with a slip inside one of its words: E_toal."""
    return not scope.vocabulary.find(key) and any(_is_slip_of(key, known) for known in scope.vocabulary.ids)


def _is_slip_of(key: str, known: str) -> bool:
    """One letter more, less or other, or two exchanged, inside a word of four letters, not at its ends."""
    if abs(len(key) - len(known)) > 1 or key[:1] != known[:1]:
        return False
    start = next((n for n, (a, b) in enumerate(zip(key, known, strict=False)) if a != b), min(len(key), len(known)))
    word = next((each for each in _WORD.finditer(known) if each.start() < start < each.end() - 1), None)
    if word is None or word[0].startswith(_GREEK):
        return False
    rest, meant = key[start:], known[start:]
    if len(key) != len(known):
        longer, shorter = (rest, meant) if len(key) > len(known) else (meant, rest)
        return longer[1:] == shorter and longer[0].isalpha()
    return (rest[1:] == meant[1:] and rest[0].isalpha()) or (
        rest[2:] == meant[2:] and rest[:2] == meant[1::-1] and start < word.end() - 2)


_WORD = re.compile(r"[A-Za-z]{4,}")
_GREEK = tuple(GREEK.values())


def _of_own_function(raws: tuple[Tree | FormulaError, ...], scope: Scope) -> Iterator[str]:
    """f_c, c and x of f_c(x) = c + x, where the lecture knows none of them."""
    left, right = raws[0], raws[1] if len(raws) > 1 else None
    said = arguments_of(left, scope)
    if not said or not isinstance(left, Tree) or not isinstance(right, Tree):
        return
    names = dict.fromkeys(canonical(name.text) for name in _names(right) if canonical(name.text) not in scope.functions)
    letters = [letter for key in names for letter in (key if key.isalpha() and len(key) == 2 else (key,))]
    letters = [key for key in letters if key != "e"]
    unknown = [key for key in letters if not scope.vocabulary.find(key)]
    if set(said) & set(letters) and all(key in said or (len(key) == 1 and key in unknown) for key in letters):
        yield from unknown
        if not scope.vocabulary.find(canonical(left.args[0].text)):
            yield canonical(left.args[0].text)


def _names(raw: Tree) -> Iterator[Tree]:
    if raw.op == "name":
        yield raw
    for arg in raw.args:
        yield from _names(arg)


def arguments_of(raw: Tree | FormulaError, scope: Scope) -> tuple[str, ...]:
    """The keys of x and y in f(x, y), where that is no call of a known function."""
    if not isinstance(raw, Tree) or raw.op != "product" or raw.text != " " or raw.args[1].op != "group":
        return ()
    head, inner = raw.args[0], raw.args[1].args
    plain = head.op == "name" and not called(head, scope.functions) and head.text not in ("d", "new")
    return tuple(canonical(arg.text) for arg in inner) if plain and all(arg.op == "name" for arg in inner) else ()


def _arguments(raw: Tree, scope: Scope) -> Iterator[str]:
    """The single letters that a function is applied to: σ(x)."""
    if raw.op == "product":
        for first, second in zip(raw.args, raw.args[1:], strict=False):
            inner = second.args[0] if second.op == "group" else None
            if inner is not None and inner.op == "name" and canonical(first.text) in scope.functions:
                key = canonical(inner.text)
                if len(key) == 1 and not scope.vocabulary.find(key):
                    yield key
    for arg in raw.args:
        yield from _arguments(arg, scope)


def _is_lectures(name: Tree, scope: Scope) -> bool:
    """Whether the lecture knows a name, a small letter being no capital."""
    key = canonical(name.text)
    if scope.vocabulary.exact(key):
        return True
    if key[:1].islower() and (scope.vocabulary.find(key) or (name.text.isalpha() and len(key) > 1)):
        return False
    try:
        return resolve(name, scope).op != "local" or is_generic(name, scope)
    except FormulaError:
        return is_generic(name, scope)


def subject_of(words: str, scope: Scope) -> Tree | None:
    """What the words before a piece of mathematics name: the longest end of them that is a name."""
    parts = words.split()
    for n in range(max(0, len(parts) - 4), len(parts)):
        try:
            return replace(resolve(Tree("name", (), " ".join(parts[n:])), scope), column=1)
        except FormulaError:
            continue
    return None
