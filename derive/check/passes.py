"""A working judged chain by chain, each under the reading that fits best, until its figures agree."""

from __future__ import annotations

from dataclasses import replace

from derive.check.chains import Chain, Draft
from derive.check.figures import entries_of, settled
from derive.check.generics import agreed
from derive.check.meanings import Working, instanced, is_settled, settlings, subjects
from derive.quantities import Id

MOST_PASSES = 5  # over a working; its figures are settled after two or three


def drafts(known: Working) -> tuple[Working, tuple[tuple[Draft, ...], ...]]:
    """A draft a sign for every claim, and the working with its figures settled.

    Which figures are wrong is a guess at first; every verdict makes it better for the chains
    after it, and all are judged again until they agree: a figure may follow from one below it.
    """
    found: list[tuple[Draft, ...]] = [()] * len(known.claims)
    worse = True
    for _ in range(MOST_PASSES):
        before = known
        for n, chain in enumerate(found):
            if worse or any(draft.verdict != "right" for draft in chain):
                found[n] = judge_claim(known, n)
                wrong = tuple(draft.verdict in ("slip", "carried") for draft in found[n])
                meant = tuple(_meant(known, draft) for draft in found[n])
                figures = settled(known.figures, n, wrong, meant)
                known = known if figures is known.figures else replace(known, figures=figures)
        pairs = zip(known.figures, before.figures, strict=True)
        worse = any(new.wrong and not old.wrong for new, old in pairs)
        if known.figures == before.figures:
            break
    return known, tuple(found)


def _meant(known: Working, draft: Draft) -> frozenset[Id]:
    """The numbers that a draft is about: of several that a name may mean, the ones it was taken for."""
    if draft.subject is None:
        return frozenset()
    return frozenset(known.model.home(each) for each in entries_of(known.model, draft.subject))


def judge_claim(known: Working, n: int) -> tuple[Draft, ...]:
    """The drafts of one chain, under the reading of its names that fits best."""
    claim = known.claims[n]
    if claim.instances:
        return _judge_instances(known, n)
    trees = [member.tree for member in claim.members if member.tree is not None]
    head = claim.members[0].tree
    best: tuple[Draft, ...] | None = None
    count = 0
    for chosen, local in settlings(known, trees):
        count += 1
        for subject in subjects(known, n, head, chosen, trees):
            most = len(claim.signs) if best is None else _badness(best)[0]
            found = _drafted(Chain(known, n, subject, chosen, local), most)
            if best is None or (len(found) == len(best) and _badness(found) < _badness(best)):
                best = found
            if not sum(_badness(best)[::3]):
                return best
    assert best is not None
    if count > 1 and not is_settled(known, head, trees):
        best = tuple(replace(d, verdict="undecided") if d.verdict == "slip" else d for d in best)
    return best


def _drafted(chain: Chain, most: int) -> tuple[Draft, ...]:
    """A draft a sign; those behind are left out where more than so many fit badly."""
    found: list[Draft] = []
    bad = 0
    for draft in chain.drafts():
        found.append(draft)
        bad += _badness((draft,))[0]
        if bad > most:
            break
    return tuple(found)


def _judge_instances(known: Working, n: int) -> tuple[Draft, ...]:
    """A formula over indices: it holds if it does for every unit, it is a slip if it does for none.

    Nor is it a slip where it would hold with w_{ij} for w_{ji}: what comes first is a matter of taste.
    """
    claim = known.claims[n]
    each = [judge_claim(instanced(known, n, instance), n) for instance in claim.instances]
    if any(draft.verdict == "slip" for draft in each[0]):
        each += [judge_claim(instanced(known, n, turned), n) for turned in claim.turned]
    letters = [instance.letters for instance in (*claim.instances, *claim.turned)[: len(each)]]
    return tuple(replace(_in_common(found, letters), instance=0) for found in zip(*each, strict=True))


def _in_common(found: tuple[Draft, ...], letters: list[tuple[int, ...]]) -> Draft:
    place = agreed([draft.verdict for draft in found], letters)
    return Draft("undecided") if place is None else found[place]


def _badness(found: tuple[Draft, ...]) -> tuple[int, ...]:
    """How badly a reading fits; one under which a figure is but too coarse fits better than one with a slip.

    A given that is restated too roughly is meant as the given rather than as anything coarse.
    """
    verdicts = [draft.verdict for draft in found]
    coarse, restated = (sum(note in draft.notes for draft in found) for note in ("coarse", "restated"))
    slips, undecided = verdicts.count("slip") - restated, verdicts.count("undecided") - coarse
    return slips + undecided, undecided, verdicts.count("carried"), 2 * coarse + restated
