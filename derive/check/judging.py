"""A working to verdicts, one a sign: read, judged chain by chain, slips named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from derive.check.arrays import STACKED
from derive.check.candidates import Named
from derive.check.chains import Draft
from derive.check.expecting import Suspect, expected, holds_by_numbers
from derive.check.meanings import Working, instanced, working
from derive.check.naming import name_slip
from derive.check.passes import drafts, judge_claim
from derive.check.reading import Claim, read
from derive.check.slips import Slip, throughout
from derive.check.spans import figure_text, is_figure
from derive.check.values import has_names
from derive.check.worlds import Model, model
from derive.functions import ACTIVATIONS
from derive.lecture import Lecture, Network
from derive.quantities import Id
from derive.spelling import Vocabulary
from derive.terminal import unicode

if TYPE_CHECKING:
    from sympy import Expr

VERDICTS = ("right", "carried", "slip", "undecided", "unread")
NOTES = {
    "cut off": "cut off rather than rounded",
    "rounded early": "follows from figures that were rounded early",
    "follows": "follows from an earlier slip",
    "coarse": "too coarse a figure to decide",
    "habit": "follows from a mistake that is made throughout",
    "defined": "a name of the working itself",
    "shapes": "the shapes do not go together",
    "redefined": "the working has set this name to another number before",
    "numbers": "holds with these numbers only",
}


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """What is said of one sign.

    `kinds` are the mistakes that fit, the likeliest first, and `message` a sentence for a
    student; `expected` belongs where `written` stands, `latex` is the same as our printer
    writes it. `number` is the sign's in its claim.
    """

    verdict: str
    claim: Claim
    number: int
    quantity: str = ""
    written: str = ""
    expected: str = ""
    latex: str = ""
    kinds: tuple[str, ...] = ()
    message: str = ""
    notes: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        """The line of the text on which the sign stands."""
        return self.claim.signs[self.number].place.line

    def __repr__(self) -> str:
        kind = f" ({self.kinds[0]})" if self.kinds else ""
        return f"<{self.verdict}{kind} in line {self.line}: {self.quantity or repr(self.claim.text[:40])}>"


def check(
    lecture: Lecture, text: str, *, kind: str = "markdown", decimal: str = "point"
) -> tuple[Verdict, ...]:
    """The verdicts on a working, one for every sign, in their order.

    `kind` is "markdown", "tex" or "formula", `decimal` "point" or "comma". In a lecture of
    several parts an equality holds if it holds in one.
    """
    found = [
        judge(known_model(part), read(text, vocabulary(part), decimal=decimal, kind=kind), text)
        for part in lecture.parts or (lecture,)
    ]
    return tuple(_best(found))


def check_claim(lecture: Lecture, text: str, *, decimal: str = "point") -> tuple[Verdict, ...]:
    """The verdicts on one formula that somebody types: `E_total#1 = 0.2910`."""
    return check(lecture, text, kind="formula", decimal=decimal)


def _best(found: list[tuple[Verdict, ...]]) -> Iterator[Verdict]:
    """At every sign, the part in which it fits best."""
    places: dict[int, Verdict] = {}
    for verdict in (each for part in found for each in part):
        start = verdict.claim.signs[verdict.number].place.start
        before = places.get(start)
        if before is None or _rank(verdict) < _rank(before):
            places[start] = verdict
    for start in sorted(places):
        yield places[start]


def _rank(verdict: Verdict) -> float:
    """The first of VERDICTS that a part gives counts; that a name is new to a part says little."""
    return 2.5 if NOTES["defined"] in verdict.notes else VERDICTS.index(verdict.verdict)


@lru_cache(maxsize=8)
def known_model(lecture: Lecture) -> Model:
    """The model of a lecture, kept for the next file."""
    return model(lecture)


def vocabulary(lecture: Lecture) -> Vocabulary:
    """The names of a lecture and of its functions."""
    table = known_model(lecture).vocabulary
    own = {} if lecture.network is None else _functions(lecture.network)
    free = {name: meant for name, meant in own.items() if not (table.find(name) or table.unindexed(name))}
    return Vocabulary(table.ids, {**table.functions, **free}, table.bare)


def _functions(network: Network) -> dict[str, str]:
    """Functions of layers; f, g or φ is each layer's activation, and so is σ where no layer has a sigmoid."""
    used = tuple(dict.fromkeys(layer.activation for layer in network.layers))
    one = used[0] if len(used) == 1 and used[0] in ACTIVATIONS else "f"
    letters = ("f", "g", "phi", *(() if "sigmoid" in used else ("sigma", "activation")))
    return {"sum": "sum", "diag": "diag", "share": "share", **dict.fromkeys(letters, one)}


# ---------------------------------------------------------------- one lecture


def judge(found: Model, claims: tuple[Claim, ...], text: str = "") -> tuple[Verdict, ...]:
    """The verdicts on claims that were read, in a `text`, with the names of one lecture."""
    known, first = drafts(working(found, claims, text))
    for n, chain in enumerate(first):
        if chain and chain[0].instance is not None:
            known = instanced(known, n, known.claims[n].instances[chain[0].instance])
    named = {
        (n, k): name_slip(Suspect(known, n, k, draft))
        for n, chain in enumerate(first)
        for k, draft in enumerate(chain)
        if draft.verdict == "slip"
    }
    known, second = _with_habits(known, first, named)
    second = _without_coincidences(known, second, named)
    return tuple(
        replace(_verdict(known, n, k, draft, named.get((n, k), ())), claim=claims[n])
        for n, chain in enumerate(second)
        for k, draft in enumerate(chain)
    )


def _without_coincidences(
    known: Working, found: tuple[tuple[Draft, ...], ...], named: Mapping[tuple[int, int], tuple[Named, ...]]
) -> tuple[tuple[Draft, ...], ...]:
    """A formula that no known mistake gives, and that holds with the numbers given, is left undecided."""

    def draft(n: int, k: int, each: Draft) -> Draft:
        if each.verdict != "slip" or named[n, k][0].is_known or not holds_by_numbers(Suspect(known, n, k, each)):
            return each
        return replace(each, verdict="undecided", notes=("numbers",))

    return tuple(tuple(draft(n, k, each) for k, each in enumerate(chain)) for n, chain in enumerate(found))


def _with_habits(
    known: Working, first: tuple[tuple[Draft, ...], ...], named: Mapping[tuple[int, int], tuple[Named, ...]]
) -> tuple[Working, tuple[tuple[Draft, ...], ...]]:
    """Judged once more, where mistakes that were found may be made throughout."""
    world = known.model.truth
    changes = [throughout(known.model, slip, variant) for slip, variant in _habits(known, named)]
    if world is None or not changes:
        return known, first
    together: dict[Id, Expr] = {}
    for change in changes:
        together = {**change, **together}
    habits = (*(world.but(change) for change in changes), world.but(together))
    known = replace(known, habits=habits)
    slipped = {n for n, _ in named}
    return known, tuple(judge_claim(known, n) if n in slipped else chain for n, chain in enumerate(first))


def _habits(
    known: Working, named: Mapping[tuple[int, int], tuple[Named, ...]]
) -> tuple[tuple[Slip, int], ...]:
    """The slips that are made in a formula, or at two places at least."""
    found: dict[tuple[Slip, int], float] = {}
    for (n, k), each in named.items():
        first = each[0]
        if first.slip is not None:
            tree = known.claims[n].members[k + 1].tree
            found.setdefault((first.slip, first.variant), 0)
            found[first.slip, first.variant] += 2 if tree is not None and has_names(tree) else 1
    return tuple(slip for slip, weight in found.items() if weight >= 2)


def _verdict(known: Working, n: int, k: int, draft: Draft, named: tuple[Named, ...]) -> Verdict:
    claim = known.claims[n]
    member = claim.members[k + 1]
    written = (
        figure_text(member.tree)
        if member.tree is not None and member.tree.op != "matrix" and is_figure(member.tree)
        else member.text
    )
    verdict = Verdict(
        draft.verdict,
        claim,
        k,
        "" if draft.subject is None else str(draft.subject).replace(f"@{STACKED}", ""),
        written,
        notes=tuple(NOTES.get(note, note) for note in draft.notes),
    )
    if draft.verdict == "unread":
        first = member if member.tree is None or k else claim.members[0]  # a reason is given where it first counts
        return replace(verdict, message=first.problem or "nothing stands left of it that could be read")
    if draft.verdict != "slip":
        return verdict
    right = expected(Suspect(known, n, k, draft))
    return replace(
        verdict,
        notes=(),
        kinds=tuple(dict.fromkeys(each.kind for each in named)),
        expected=unicode(right),
        latex=right,
        message=_sentence(named, unicode(right)),
    )


def _sentence(named: tuple[Named, ...], right: str) -> str:
    says = ", or ".join(dict.fromkeys(each.says for each in named))
    return says + (f"; expected {right}" if right else "")
