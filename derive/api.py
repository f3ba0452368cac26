"""Derivations from Python: in a script and in a notebook.

    d = derive.derivation("net-out")
    d["loss", "w5"].latex, d["loss", "w5"].value
    derive.worksheet(d).write_pdf("sheet.pdf")
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.blocks import Block, Figure, Frame, Grid, Line, Member, Prose, Table, Working, Worksheet
from derive.chain import Step
from derive.errors import InputError, did_you_mean
from derive.lecture import Lecture, load
from derive.notation import Names, names
from derive.printing import grid
from derive.quantities import Id, New, Partial, Quantity, before, marked, parse_id
from derive.terminal import equality, paragraph, table, unicode
from derive.working import Desk, briefly, desk, first_place, in_full, working
from derive.worksheet import worksheet as sheet_of

if TYPE_CHECKING:
    from derive.check.judging import Verdict


@dataclass(frozen=True, repr=False)
class Worked:
    """One quantity's working: `latex`, its `value` in double precision, and the figure as it is `shown`."""

    desk: Desk
    id: str
    blocks: tuple[Working | Prose, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of working."""
        return tuple(line for block in self.blocks if isinstance(block, Working) for line in block.lines)

    @property
    def latex(self) -> str:
        """The working as aligned LaTeX."""
        return r"\begin{aligned}" + r" \\ ".join(line_latex(line) for line in self.lines) + r"\end{aligned}"

    @property
    def value(self) -> Any:
        """The value as a float (nested lists for a whole layer), None without figures."""
        return plain(self.desk, parse_id(self.id))

    @property
    def shown(self) -> str:
        """The figure as the sheet prints it."""
        quantity = parse_id(self.id)
        return self.desk.figures.found(quantity) if self.desk.figures.known(quantity) else ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every way the quantity's step is taught."""
        return self.desk.derivation.by_lhs.get(parse_id(self.id), ())

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    def __repr__(self) -> str:
        return f"<{self.id} of {self.desk.lecture.name}>"

    def __str__(self) -> str:
        return "\n".join(map(block_text, self.blocks))


@dataclass(frozen=True, repr=False)
class Derived:
    """A lecture derived; index it by a quantity, or by two for a derivative (ids or the lecture's names)."""

    desk: Desk

    def __repr__(self) -> str:
        return f"<derivation of {self.lecture.name}: {len(self.steps)} steps>"

    @property
    def lecture(self) -> Lecture:
        """The lecture it was derived from."""
        return self.desk.lecture

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step in teaching order."""
        return self.desk.derivation.steps

    def __getitem__(self, key: str | tuple[str, str]) -> Worked:
        parts = (key,) if isinstance(key, str) else key
        ids = [self.find(part) for part in parts]
        quantity = ids[0] if len(ids) == 1 else Partial(*ids)
        where = self.desk_of(quantity)
        blocks = tuple(blocks_of(where, quantity))
        if not blocks:
            raise InputError(f"{quantity} has no working in {self.lecture.name}",
                             expected="a quantity of the lecture")
        return Worked(where, str(quantity), blocks)

    @cached_property
    def desks(self) -> tuple[Desk, ...]:
        """The derivation at its level; behind one by whole layers the one by units, for their entries."""
        if self.desk.level == "unit" or self.lecture.network is None:
            return (self.desk,)
        return self.desk, desk(self.lecture, self.desk.names.key, "unit")

    def desk_of(self, quantity: Id) -> Desk:
        """Where the quantity is worked."""
        return next((where for where in self.desks if _stands(where, quantity)), self.desk)

    def about(self, quantity: Id) -> tuple[Id, ...]:
        """The quantity; of a given that is updated its gradient and new value too."""
        more = (Partial(self.desk.derivation.graph.of, quantity), New(quantity)) \
            if isinstance(quantity, Quantity) and self.desk_of(quantity).step(quantity) is None else ()
        return (quantity, *(q for q in more if self.desk_of(q).step(q) is not None))

    def find(self, text: str) -> Id:
        """The quantity of an id or a name of the lecture; InputError with the nearest name."""
        own = names(self.lecture)     # typed names are also those of the lecture's own notation
        for quantity in (*_as_id(text), *_as_name(self.desk.names, text), *_as_name(own, text)):
            first = first_place(self.desk, quantity)
            if any(_stands(where, first) for where in self.desks):
                return first
        ids = [*self.desk.derivation.graph.givens, *self.desk.derivation.by_lhs]
        called = [_typed(self.desk.names.latex(q)) for q in ids if isinstance(q, Quantity)]
        known = [*map(str, ids), *called, *(name.replace("_", "") for name in called)]
        hint = did_you_mean(text, known) if len(text) < 200 else ""
        example = _typed(self.desk.names.latex(self.desk.derivation.graph.equations[0].quantity))
        raise InputError(f"{text[:80]!r} is no quantity of {self.lecture.name}",
                         expected=f"an id such as {ids[-1]}, or a name such as {example}{hint}")

    @cached_property
    def quantities(self) -> tuple[Id, ...]:
        """Every quantity with a value or a step, in teaching order; whole layers before their entries."""
        return tuple(dict.fromkeys(quantity for where in self.desks for quantity in
                                   (*where.derivation.graph.givens, *where.derivation.by_lhs)))

    def _repr_latex_(self) -> str:
        lines = [line for q in self.quantities if self.desk.step(q) for line in [in_full(self.desk, q)] if line]
        return r"$\displaystyle \begin{aligned}" + r" \\ ".join(map(line_latex, lines)) + r"\end{aligned}$"


def _typed(latex: str) -> str:
    """A name as somebody would type it: net_{h1}, w5."""
    return re.sub(r"([_^])\{(\w+)\}", r"\1\2", re.sub(r"\\mathrm\{(\w+)\}", r"\1", latex))


def _as_id(text: str) -> Iterator[Id]:
    try:
        yield parse_id(text)
    except InputError:
        return


def _as_name(names: Names, text: str) -> tuple[Id, ...]:
    """The quantities that a name of the lecture, or a derivative such as dE/dw_5, may stand for; w5#3 too."""
    from derive.check.reading import read_quantity

    marks = _MARKS.findall(text)[0]
    try:
        found = read_quantity(text.removesuffix(marks), names.vocabulary()).ids
    except InputError:
        return ()
    return tuple(marked(quantity, marks) for quantity in found)


_MARKS = re.compile(r"(?:@\d+)?(?:#\d+)?\Z")


def _stands(where: Desk, quantity: Id) -> bool:
    found = where.derivation
    first = before(quantity)    # of a later round only what there is in the first one
    there = any(each in found.by_lhs or each in found.graph.givens for each in (quantity, first))
    return there and (quantity in (first, *found.by_lhs) or where.figures.known(quantity))


def derivation(lecture: str | Lecture, notation: str | None = None, level: str | None = None) -> Derived:
    """A lecture (a shipped one's name, or a path to a .toml file) derived; InputError says what is wrong in it."""
    return Derived(desk(load(lecture) if isinstance(lecture, str) else lecture, notation, level))


@dataclass(frozen=True, repr=False)
class Sheet:
    """A worksheet that can be written as .tex or .pdf."""

    worksheet: Worksheet

    def __repr__(self) -> str:
        return repr(self.worksheet)

    def tex(self, kind: str = "worksheet") -> str:
        """The TeX document of this kind of sheet (worksheet, key, slides)."""
        from derive.render import render

        return render(self.worksheet, kind)

    def write_pdf(self, path: str | Path, kind: str = "worksheet", engine: str | None = None) -> Path:
        """The PDF at `path`; PdfError where none could be made."""
        from derive.engines import choose
        from derive.pdf import typeset
        from derive.preamble import cache_folder

        typeset(self.tex(kind), Path(path), choose(engine), cache=cache_folder())
        return Path(path)


def worksheet(derived: Derived | str, **options: Any) -> Sheet:
    """The worksheet of a derivation or of a lecture."""
    done = derivation(derived) if isinstance(derived, str) else derived
    return Sheet(sheet_of(done.lecture, done.desk.names.key, done.desk.level, **options))


def blocks_of(where: Desk, quantity: Id) -> Iterator[Working | Prose]:
    """The working of one quantity; of a given that is updated: its gradient and its new value."""
    if where.step(quantity) is not None or not isinstance(quantity, Quantity) or quantity.round is not None:
        yield from working(where, quantity, {})
        return
    line = briefly(where, quantity) if where.figures.known(quantity) else None
    yield from [Working((line,))] if line else []
    for each in (Partial(where.derivation.graph.of, quantity), New(quantity)):
        if where.step(each) is not None:
            yield from working(where, each, {})


def block_text(block: Block) -> str:
    """The block as Unicode text for a terminal; "" for a drawing or room to work."""
    if isinstance(block, Prose):
        return paragraph(_cell(block.text) + ":" * (block.style == "lead"))
    if isinstance(block, Table):
        rows = [[_cell(cell) for cell in row] for row in (block.header, *block.rows)]
        return table(rows if any(rows[0]) else rows[1:])
    return "\n".join(map(line_text, block.lines)) if isinstance(block, Working) else ""


def member_latex(member: Member) -> str:
    """A member as LaTeX, a matrix of figures written out."""
    if isinstance(member.value, Grid):
        return grid(tuple(tuple(figure.latex for figure in row) for row in member.value.rows))
    return member.value.latex if member.value else member.latex


def line_latex(line: Line) -> str:
    """lhs &= member = member …"""
    head, *rest = [f"{member.relation} {member_latex(member)}" for member in line.members]
    return " ".join([f"{line.lhs} &{head}", *rest])


def line_text(line: Line) -> str:
    """The line as Unicode text, in as many lines of a terminal as it takes."""
    label = f"{line.label}. " if line.label else ""
    note = f"  ({_cell(line.note).strip()})" if line.note else ""
    return equality([*map(unicode, [line.lhs, *map(member_latex, line.members)])], label) + note


def plain(where: Desk, quantity: Id) -> Any:
    """The exact value as a float (nested lists for a whole layer), None without one."""
    value: Any = where.derivation.values.get(quantity)
    if value is None and where.figures.known(quantity):
        value = where.figures.value(quantity)
    if hasattr(value, "shape"):
        return [[float(v) for v in row] for row in value]
    return None if value is None else float(value)


def frames_text(derived: Derived, form: str = "text") -> str:
    """The whole derivation as its frames, for the terminal; `form` is "text" or "latex"."""
    made = sheet_of(derived.lecture, derived.desk.names.key, derived.desk.level)
    say = _frame_latex if form == "latex" else _frame_text
    return "\n\n".join(filter(None, map(say, made.frames)))


def _frame_latex(frame: Frame) -> str:
    lines = [line_latex(line) for block in frame.blocks if isinstance(block, Working) for line in block.lines]
    rows = " \\\\\n".join(lines)
    return f"% {frame.title}\n\\begin{{align*}}\n{rows}\n\\end{{align*}}" if lines else ""


def _frame_text(frame: Frame) -> str:
    """The frame as text; "" where it is a drawing alone."""
    lines = [text for block in frame.blocks if (text := block_text(block))]
    return "\n".join([frame.title, "-" * len(frame.title), *lines]) if lines else ""


def _cell(cell: Any) -> str:
    if isinstance(cell, Figure):
        return unicode(cell.latex)
    return "".join(run if isinstance(run, str) else unicode(run.latex) for run in cell)


def as_json(derived: Derived, ids: tuple[Id, ...]) -> dict[str, Any]:
    """DESIGN.md's JSON of `derive show`: quantities and steps."""
    worked = [(derived.desk_of(q), q) for q in ids]
    return {"lecture": derived.lecture.name,
            "quantities": [_quantity(where, q) for where, q in worked],
            "steps": [_step(where, line, q) for where, q in worked
                      if where.step(q) for line in [in_full(where, q)] if line]}


def _quantity(where: Desk, quantity: Id) -> dict[str, Any]:
    step, name = where.step(quantity), where.names.latex(quantity)
    kind = {Partial: "derivative", New: "new"}.get(type(quantity)) or getattr(quantity, "kind", "")
    return {"id": str(quantity), "name": unicode(name), "latex": name, "kind": kind,
            "formula": where.symbols().latex(step.formula) if step else "",
            "value": plain(where, quantity),
            "shown": where.figures.found(quantity) if where.figures.known(quantity) else ""}


def _step(where: Desk, line: Line, quantity: Id) -> dict[str, Any]:
    step = where.step(quantity)
    assert step is not None
    by_role = {member.role: member_latex(member) for member in line.members}
    return {"lhs": line.lhs, "formula": by_role.get("formula", ""), "substituted": by_role.get("numbers", ""),
            "value": by_role.get("figure", by_role.get("formula", "")), "reason": step.reason}



def check(lecture: str | Lecture, text: str, **options: Any) -> tuple[Verdict, ...]:
    """The verdicts on a hand derivation, one for every equality (see `derive.check.judging.check`)."""
    from derive.check.judging import check as judge

    return judge(load(lecture) if isinstance(lecture, str) else lecture, text, **options)
