"""Whether an id names something that a lecture's network or equations have."""

from __future__ import annotations

from dataclasses import dataclass

from derive.errors import InputError, nearest
from derive.quantities import DEPTH, Id, New, Partial, Quantity, parse_id

KINDS = ("x", "net", "out", "target", "error", "loss", "delta", "w", "b", "learning_rate")   # that people ask for
KEYS = ("new", "gradient", "derivative")    # kinds of derivatives and updates, as keys


@dataclass(frozen=True, slots=True)
class Shape:
    """Units of each layer (inputs first), whether it has a bias; the equations' names; samples; rounds."""

    units: tuple[int, ...]
    biases: tuple[bool, ...]
    names: tuple[str, ...]
    samples: int
    rounds: int


Problem = tuple[str, str]      # what, expected


def id_problem(text: str, shape: Shape, kinds: bool) -> Problem | None:
    """What is wrong with an id, if anything; with `kinds` a bare kind (net, new) speaks for all of it."""
    if kinds and text in KEYS:
        return None
    try:
        found = parse_id(text)
    except InputError as error:
        return error.what, error.expected
    return _problem(found, shape, kinds)


def _problem(found: Id, shape: Shape, kinds: bool) -> Problem | None:
    if isinstance(found, New):
        if shape.units and found.of.kind not in ("w", "b"):
            return f"{found}: only weights and biases are updated", "new(w[l][to][from]) or new(b[l][i])"
        return _problem(found.of, shape, kinds)
    if isinstance(found, Partial):
        if not isinstance(found.of, Quantity) or not isinstance(found.by, Quantity):
            return f"{found} is not a derivative of one quantity by another", "d(a)/d(b)"
        return _problem(found.of, shape, kinds) or _problem(found.by, shape, kinds)
    return (_network_problem if shape.units else _equation_problem)(found, shape, kinds)


def _equation_problem(found: Quantity, shape: Shape, kinds: bool) -> Problem | None:
    if not shape.names:
        return f"{found}: the lecture has no quantities of its own", "ids in the parts' own files"
    if found.kind not in shape.names or found != Quantity(found.kind, (), None, found.round):
        return f"{found} is in no equation", nearest(found.kind, shape.names)
    if found.round is not None and found.round > shape.rounds:
        return f"{found}: there is no such round", f"at most {shape.rounds} (training.rounds)"
    return None


def _network_problem(found: Quantity, shape: Shape, kinds: bool) -> Problem | None:
    if found.kind not in DEPTH:
        return f"{found} is unknown", f"an id: {nearest(found.kind, KINDS)}"
    least = 0 if kinds or found.kind in ("x", "target") else min(DEPTH[found.kind], 1)
    if not least <= len(found.index) <= DEPTH[found.kind]:
        return f"{found} has {len(found.index)} indices", _form(found.kind)
    for n, (i, most) in enumerate(zip(found.index, _bounds(found, shape), strict=False)):
        if not 1 <= i <= most:
            return f"{found}: the network has no such {_noun(found.kind, n)}", f"1 to {most}"
    if found.kind == "b" and found.index and not shape.biases[found.index[0] - 1]:
        return f"{found}: layer {found.index[0]} has no bias", "a layer with a bias"
    if found.sample is not None and not 1 <= found.sample <= shape.samples:
        return f"{found}: there is no such sample", f"1 to {shape.samples}"
    if found.round is not None and found.round > shape.rounds:
        return f"{found}: there is no such round", f"at most {shape.rounds} (training.rounds)"
    return None


def _bounds(found: Quantity, shape: Shape) -> tuple[int, ...]:
    """How far each index may go."""
    layers = len(shape.units) - 1
    layer = min(max(found.index[0], 1), layers) if found.index else 1
    return {"x": (shape.units[0],), "target": (shape.units[-1],), "error": (shape.units[-1],),
            "w": (layers, shape.units[layer], shape.units[layer - 1]),
            "loss": (), "learning_rate": ()}.get(found.kind, (layers, shape.units[layer]))


def _form(kind: str) -> str:
    return {"w": "w[l] or w[l][to][from]", "x": "x or x[i]", "target": "target or target[i]",
            "error": "error[i]", "loss": "loss",
            "learning_rate": "learning_rate"}.get(kind, f"{kind}[l] or {kind}[l][i]")


def _noun(kind: str, place: int) -> str:
    if kind in ("x", "target", "error"):
        return {"x": "input"}.get(kind, "output")
    return ("layer", "unit", "sending unit")[place]
