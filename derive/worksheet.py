"""A Derivation as frames of blocks: the lecture's own frames, or the program's layout.

The lecture's frames belong to its own notation and level; in another one the program lays out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from derive import pictures
from derive.blocks import Block, Figure, Frame, Grid, Line, Member, Prose, Space, Table, Working, Worksheet
from derive.kinks import remarks
from derive.later_layout import chosen_rounds
from derive.layout import laid_out, names_of
from derive.lecture import Display, FrameSpec, Lecture
from derive.quantities import Id, parse_id
from derive.rounding import counted
from derive.wide import WORDS as WIDE
from derive.wide import elided, is_wide, wide_givens
from derive.working import WORDS, Desk, Seen, briefly, desk, first_place, in_symbols, working

Sit = Callable[[Lecture, str | None, str | None], Desk]


_ROUNDED = {"half-up": "rounded", "half-even": "rounded (a five to the even digit)", "cut": "cut off, not rounded"}
_CARRIED = {"exact": "Go on with exact values: the figures as they are written down may give another last digit.",
            "shown": "Go on with the figures as they are written down."}


def worksheet(lecture: Lecture, notation: str | None = None, level: str | None = None,
              *, blank: str = "figures", sit: Sit = desk) -> Worksheet:
    """The sheet of a lecture; with `blank="formulas"` the formulas are left blank too.

    `sit` makes the desk at which a lecture is worked.
    """
    desks = [sit(part, notation, level) for part in lecture.parts or (lecture,)]
    parts = [[_roomy(elided(frame)) for frame in _frames(at)] for at in desks]
    how = " ".join([how_shown(lecture), *([WIDE] if any(map(is_wide, desks)) else [])])
    if blank == "formulas":
        parts = [[_map_lines(frame, _without_formulas) for frame in frames] for frames in parts]
    frames, total = numbered(parts, lecture.points)
    return Worksheet(lecture.title, tuple(frames), lecture.author, lecture.course, lecture.date,
                     total, lecture.paper, how=how)


def how_shown(lecture: Lecture) -> str:
    """How the sheet wants its figures: decimals, rounded or cut off, with what to go on."""
    displays = dict.fromkeys(part.display for part in lecture.parts or (lecture,) if part.figures)
    return " ".join(dict.fromkeys(map(_said, displays)))


def _said(display: Display) -> str:
    usual = f"Figures to {counted(display.decimals)}, {_ROUNDED[display.rounding]}"
    others = f", unless a blank says otherwise{_example(display)}" if display.decimals_of else ""
    return f"{usual}{others}. {_CARRIED[display.carry]}"


def _example(display: Display) -> str:
    """What a blank says whose figure is put in with other decimals than it is found with."""
    both = next(((found, later) for _, (found, later) in display.decimals_of if found != later), None)
    return " (“{0} decimals, later {1}”: found to {0}, put in to {1})".format(*both) if both else ""


def _frames(at: Desk) -> Iterator[Frame]:
    own = (at.names.key, at.level) == (at.lecture.notation, at.lecture.level)
    seen: Seen = {}
    if own and at.lecture.frames:
        yield from (_framed(at, spec, seen) for spec in at.lecture.frames)
    else:
        yield from laid_out(at)
    yield from wide_givens(at)


def _framed(at: Desk, spec: FrameSpec, seen: Seen) -> Frame:
    """One frame of the lecture file."""
    blocks: list[Block] = [Prose((spec.text,))] if spec.text else []
    if spec.draw == "givens":
        blocks += [*pictures.drawn(at, "givens"), *names_of(at)]
    blocks += _joined(at, spec.formulas, in_symbols)
    for name in spec.show:
        blocks += working(at, first_place(at, parse_id(name)), seen)
    blocks += remarks(at, [first_place(at, parse_id(name)) for name in spec.show])
    if spec.brief:
        blocks += [Prose((WORDS["likewise"],), "lead")] if spec.show else []
        blocks += _joined(at, spec.brief, briefly)
    if spec.draw == "loss":
        blocks += chosen_rounds(at)
    elif spec.draw not in ("", "givens"):
        blocks += pictures.drawn(at, spec.draw)
    return Frame(spec.title, tuple(blocks))


_ROOM = 4   # empty lines at most
_LIKEWISE = Prose((WORDS["likewise"],), "lead")


def _roomy(frame: Frame) -> Frame:
    """The frame with room to work below the figures that are asked for without a formula."""
    return replace(frame, blocks=tuple(_with_room(frame.blocks)))


def _with_room(blocks: tuple[Block, ...]) -> Iterator[Block]:
    asked, likewise = 0, False
    for place, block in enumerate(blocks):
        yield block
        found = _asked(block) if likewise else 0
        asked += found
        following = blocks[place + 1] if place + 1 < len(blocks) else None
        if found and not _asked(following):
            yield Space(max(2, min(asked, _ROOM)))
            asked, likewise = 0, False
        likewise = block == _LIKEWISE or (likewise and bool(found))


def _asked(block: Block | None) -> int:
    """How many figures a block asks for, if it holds nothing else."""
    if isinstance(block, Table):
        return sum(isinstance(cell, Figure) for row in block.rows for cell in row)
    alone = isinstance(block, Working) and all(len(line.members) == 1 and not line.label for line in block.lines)
    return sum(line.members[0].value is not None for line in block.lines) if alone else 0  # type: ignore[union-attr]


def _joined(at: Desk, ids: tuple[str, ...], say: Callable[[Desk, Id], Line | None]) -> list[Block]:
    lines = [line for name in ids if (line := say(at, first_place(at, parse_id(name)))) is not None]
    return [Working(tuple(lines))] if lines else []


def numbered(parts: list[list[Frame]], points: int = 0) -> tuple[list[Frame], int]:
    """The frames of all parts with a number for each blank, and the points in all.

    A figure that stands in a part again refers to its first blank. A blank is worth a
    point; where the lecture says how many points the sheet has, they are shared out evenly:
    whole points, the last blanks taking what is over, or parts of one where there are fewer than blanks.
    """
    first: dict[tuple[int, str], int] = {}

    def meet(part: int, figure: Figure) -> Figure:
        if figure.id:
            first.setdefault((part, figure.id), len(first) + 1)
        return figure
    for part, frame in _each(parts):
        _map_figures(frame, partial(meet, part))
    blanks = len(first)
    each, over = divmod(points, blanks) if points and blanks else (1, 0)
    done: dict[tuple[int, str], None] = {}

    def blank(part: int, figure: Figure) -> Figure:
        if not figure.id:
            return figure
        number = first[part, figure.id]
        if (part, figure.id) in done:
            return replace(figure, again=number, points=0)
        done[part, figure.id] = None
        share = each + (number > blanks - over) if each else points / blanks
        return replace(figure, blank=number, points=share)
    return [_map_figures(frame, partial(blank, part)) for part, frame in _each(parts)], points or blanks


def _each(parts: list[list[Frame]]) -> list[tuple[int, Frame]]:
    return [(number, frame) for number, frames in enumerate(parts) for frame in frames]


def _map_figures(frame: Frame, change: Callable[[Figure], Figure]) -> Frame:
    """The frame with every figure that is asked for changed, in reading order."""
    def block(one: Block) -> Block:
        if isinstance(one, Table):
            return replace(one, rows=tuple(tuple(change(c) if isinstance(c, Figure) else c for c in row)
                                           for row in one.rows))
        return one

    def member(one: Member) -> Member:
        if isinstance(one.value, Figure):
            return replace(one, value=change(one.value))
        if isinstance(one.value, Grid):
            return replace(one, value=Grid(tuple(tuple(map(change, row)) for row in one.value.rows)))
        return replace(one, blank=True) if one.role == "numbers" else one
    framed = _map_lines(frame, lambda line: replace(line, members=tuple(map(member, line.members))))
    return replace(framed, blocks=tuple(map(block, framed.blocks)))


def _map_lines(frame: Frame, change: Callable[[Line], Line]) -> Frame:
    return replace(frame, blocks=tuple(
        replace(block, lines=tuple(map(change, block.lines))) if isinstance(block, Working) else block
        for block in frame.blocks))


def _without_formulas(line: Line) -> Line:
    return replace(line, members=tuple(replace(m, blank=m.role == "formula") for m in line.members))

