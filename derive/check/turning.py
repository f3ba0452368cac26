"""A chain that begins with its figures, turned so that what they are the figures of stands first."""

from __future__ import annotations

from dataclasses import replace

from derive.check.reading import Claim
from derive.check.values import has_names


def name_first(claim: Claim) -> Claim:
    """`0.2748 = E = ½(t - o)²` as `E = 0.2748 = ½(t - o)²`: it is the figures that are judged, not the name.

    Each sign before the name now has the member that stood left of it on its right; those behind it stay.
    """
    for place, member in enumerate(claim.members):
        if member.tree is None:
            return claim
        if has_names(member.tree):
            members = (member, *claim.members[:place], *claim.members[place + 1 :])
            return replace(claim, members=members) if place else claim
    return claim
