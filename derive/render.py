"""A `Worksheet` and a file of `templates/` give the text of a TeX document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from derive.blocks import Block, Diagram, Figure, Grid, Line, Math, Member, Table, Text, Working, Worksheet
from derive.diagram import Drawing, draw
from derive.errors import InputError, nearest
from derive.preamble import cache_folder
from derive.rounding import points_text
from derive.tex import breakable, elided, escape, parts, utf16, width

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sheet: its template, and what stands where a figure has a blank.

    `boxed`: a numbered box; `filled`: with the figure in it (the figure alone, if not
    boxed). A table longer than `table_rows` is continued below. Figures that are found in a
    drawing have room for type (or handwriting) so many times as large as its print: `hand`.
    """

    template: str
    boxed: bool
    filled: bool
    table_rows: int = 24
    hand: float = 1.0


KINDS = {
    "worksheet": Kind("worksheet.tex", boxed=True, filled=False, hand=1.45),
    "key": Kind("key.tex", boxed=True, filled=True, hand=1.45),
    "slides": Kind("slides.tex", boxed=False, filled=True, table_rows=9),
}


def render(worksheet: Worksheet, kind: str, *, fragment: bool = False, handout: bool = False) -> str:
    """The TeX text of a sheet of this kind (a key of `KINDS`).

    `fragment` leaves the preamble out, for a document that has its own;
    `handout` makes slides without line-by-line reveal. Raises `InputError`
    for a kind that is not in the table.
    """
    if kind not in KINDS:
        raise InputError(f"unknown kind of sheet {kind!r}", expected=nearest(kind, list(KINDS)))
    row = KINDS[kind]
    return page("fragment.tex" if fragment else row.template,
                sheet=worksheet, kind=row, handout=handout, drawings=drawings(worksheet, row))


def page(template: str, **values: Any) -> str:
    """The text of a file of `templates/` with these values put in."""
    return _environment().get_template(template).render(**values)


def template_folder() -> Path:
    """Where the templates lie: inside the package when installed, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    inside = here / "templates"
    return inside if inside.is_dir() else here.parent / "templates"


@cache
def _environment() -> Environment:
    import jinja2

    # a template is compiled once, not at every start
    kept = cache_folder("templates")
    environment = jinja2.Environment(
        bytecode_cache=jinja2.FileSystemBytecodeCache(str(kept)) if kept else None,
        loader=jinja2.FileSystemLoader(template_folder()),
        undefined=jinja2.StrictUndefined,
        block_start_string=r"\BLOCK{",
        block_end_string="}",
        variable_start_string=r"\VAR{",
        variable_end_string="}",
        comment_start_string=r"\COMMENT{",
        comment_end_string="}",
        line_statement_prefix="%%",
        line_comment_prefix="%#",
        trim_blocks=True,
        auto_reload=False,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    return environment


def text(runs: Text) -> str:
    """Running text for TeX: words escaped, formulas in dollar signs."""
    return "".join(_formula(run.latex) if isinstance(run, Math) else _run(run) for run in runs)


_HEAD = 70   # letters of a running head


def running(sheet: Worksheet) -> str:
    """Course and title for the head of every page; long ones are cut behind a word."""
    parts = [shortened_words(part) for part in (sheet.course, sheet.title) if part]
    return r"\enspace\textbullet\enspace{}".join(map(escape, parts))


def shortened_words(words: str) -> str:
    """The words that fit into a running head."""
    from textwrap import shorten

    return shorten(words, _HEAD, placeholder=" …") if " " in words else words[:_HEAD]


_LONG, _HIGH = 30.0, 12.0  # em, of a matrix that may have to be scaled down in running text


def _formula(latex: str) -> str:
    """A formula in running text; a large matrix, which cannot be broken, by itself."""
    wide, high = map(max, zip(*parts(elided(latex), short=_LONG), strict=True))
    return rf"${formula(latex)}$" if wide < _LONG and high < _HIGH else rf"\DvLarge{{{elided(latex)}}}"


def formula(latex: str) -> str:
    """A formula with the places where it may be broken, its large matrices with dots."""
    return breakable(elided(latex))


def _run(words: str) -> str:
    """Words with the space kept at either end, where a formula may follow."""
    return " " * words[:1].isspace() + escape(words) + " " * (words[-1:].isspace() and bool(words.strip()))


def groups(line: Line) -> tuple[tuple[Member, ...], ...]:
    """The members that stay in one row where they can: a figure stays with the numbers put in before it."""
    out: list[tuple[Member, ...]] = []
    for member in line.members:
        if out and member.value is not None and out[-1][-1].role == "numbers":
            out[-1] += (member,)
        else:
            out.append((member,))
    return tuple(out)


def stretches(lines: tuple[Line, ...]) -> tuple[tuple[Line, ...], ...]:
    """The lines, those together that are a figure alone and may stand side by side."""
    out: list[tuple[Line, ...]] = []
    for line in lines:
        if out and _is_brief(out[-1][-1]) and _is_brief(line):
            out[-1] += (line,)
        else:
            out.append((line,))
    return tuple(out)


def gathered(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks, neighbouring workings of figures alone as one, so that they stand side by side."""
    out: list[Block] = []
    for block in blocks:
        before = out[-1] if out else None
        if _only_briefs(before) and _only_briefs(block):
            out[-1] = Working(before.lines + block.lines)
        else:
            out.append(block)
    return tuple(out)


def _only_briefs(block: Block | None) -> TypeGuard[Working]:
    return isinstance(block, Working) and all(map(_is_brief, block.lines))


def _is_brief(line: Line) -> bool:
    alone = len(line.members) == 1 and isinstance(line.members[0].value, Figure)
    return alone and not (line.label or line.note)


_AGAIN = 1.3  # cm, of the words "(blank 12)"
_NOTE, _NUMBERS = 0.11, 0.9     # cm, of a note's letter, and of a blank's number and points beside it


def _blank(figure: Figure, least: float) -> float:
    """The width of a figure's blank, or of what refers to it, in cm."""
    inside = width("-" + figure.latex.removeprefix("-")) * 0.40     # the box does not tell the sign
    if figure.again:
        return inside + _AGAIN
    return max(least, inside + 0.55, _NOTE * len(figure.note) + _NUMBERS if figure.note else 0.0)


def blank_width(figures: tuple[Figure, ...], least: float = 1.9) -> str:
    """The width of a blank that any of these figures fits into, at least so many cm."""
    return f"{max([least, *(_blank(figure, least) for figure in figures)]):.1f}cm"


def blanks_width(lines: tuple[Line, ...]) -> str:
    """One width for the blanks of lines that stand side by side."""
    return blank_width(tuple(m.value for line in lines for m in line.members if isinstance(m.value, Figure)))


def grid_width(grid: Grid) -> str:
    """One width for all blanks of a matrix."""
    return blank_width(tuple(figure for row in grid.rows for figure in row), least=1.6)


def reserved(group: tuple[Member, ...]) -> str:
    """The width that a group's figure or matrix of figures takes from the room for its numbers."""
    found = group[-1].value
    if found is None:
        return "0cm"
    if isinstance(found, Figure):
        return f"{_cm(blank_width((found,))) + 0.8:.1f}cm"
    across = max(map(len, found.rows), default=0)
    return f"{across * (_cm(grid_width(found)) + 0.25) + 1.2:.1f}cm"


def _cm(length: str) -> float:
    return float(length.removesuffix("cm"))


def columns(table: Table) -> str:
    """A letter a column for TeX: figures and formulas centred, words to the left, long words wrapped."""
    return "".join(_column([row[i] for row in table.rows]) for i in range(len(table.header)))


def _column(cells: list[Text | Figure]) -> str:
    words = [run for cell in cells if not isinstance(cell, Figure) for run in cell if isinstance(run, str)]
    if max((len(word) for word in words), default=0) > 40:
        return r"p{0.45\linewidth}"
    return "l" if any(word.strip() for word in words) else "c"


def pieces(table: Table, size: int) -> tuple[Table, ...]:
    """A long table as several of at most `size` rows (half as many with fractions), each with the header."""
    high = any(r"\frac" in run.latex for row in table.rows for cell in row if not isinstance(cell, Figure)
               for run in cell if isinstance(run, Math))
    size = (size + 1) // 2 if high else size
    parts = [table.rows[start : start + size] for start in range(0, len(table.rows), size)] or [()]
    return tuple(Table(table.header, part, table.caption if i == 0 else ()) for i, part in enumerate(parts))


def drawings(worksheet: Worksheet, kind: Kind) -> dict[Diagram, tuple[str, Drawing]]:
    """Every different drawing once, with the name its box has."""
    found = dict.fromkeys(_diagrams(worksheet))
    return {diagram: (_letters(number), draw(diagram, kind.hand)) for number, diagram in enumerate(found, 1)}


def _diagrams(worksheet: Worksheet) -> Iterator[Diagram]:
    for frame in worksheet.frames:
        yield from (block for block in frame.blocks if isinstance(block, Diagram))


def _letters(number: int) -> str:
    """1, 2, …, 27 as A, B, …, AA: TeX names have no digits."""
    return (_letters((number - 1) // 26) if number > 26 else "") + chr(65 + (number - 1) % 26)


def _kind_of(block: object) -> str:
    """The name of the partial that prints it."""
    return type(block).__name__.lower()


FILTERS: dict[str, Any] = {
    "tex": escape,
    "running": running,
    "text": text,
    "math": formula,
    "elided": elided,
    "utf16": utf16,
    "groups": groups,
    "points": points_text,
    "stretches": stretches,
    "parts": parts,
    "columns": columns,
    "pieces": pieces,
    "blank_width": blank_width,
    "grid_width": grid_width,
    "blanks_width": blanks_width,
    "gathered": gathered,
    "reserved": reserved,
    "partial": _kind_of,
}
