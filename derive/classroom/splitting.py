"""A run's PDF taken apart into everybody's sheet, and runs put together for the printer."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MARK = "/DvStudent"    # what a page says whose it is

_BLANK = "/DvBlank"     # a note where a form field belongs; no field yet, as a run has many of each name


@dataclass(frozen=True, slots=True)
class Label:
    """What a student's PDF is called, and its code, by which it is known again when it comes back."""

    title: str
    code: str


def taken_apart(whole: bytes, labels: Sequence[Label], fields: Mapping[str, str]) -> tuple[bytes, ...]:
    """The PDF of each student of a run, in order.

    `fields` are the names that form fields get (b12: net[1][1]).
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(whole)) as run:
        return tuple(_alone(pikepdf, run, pages, labels[number], fields) for number, pages in enumerate(_pages(run)))


def counts(whole: bytes) -> tuple[int, ...]:
    """How many pages each student of a run has."""
    import pikepdf

    with pikepdf.open(io.BytesIO(whole)) as run:
        return tuple(map(len, _pages(run)))


def _pages(run: Any) -> list[list[Any]]:
    found: list[list[Any]] = []
    for page in run.pages:
        number = int(page.obj[_MARK])
        found += [[] for _ in range(number + 1 - len(found))]
        found[number].append(page)
    return found


def _alone(pikepdf: Any, run: Any, pages: list[Any], label: Label, fields: Mapping[str, str]) -> bytes:
    one = pikepdf.Pdf.new()
    one.pages.extend(pages)
    for page in one.pages:
        del page.obj[_MARK]
    if "/Lang" in run.Root:
        one.Root["/Lang"] = str(run.Root["/Lang"])
    one.Root["/ViewerPreferences"] = pikepdf.Dictionary(DisplayDocTitle=True)
    one.docinfo["/Title"] = label.title
    one.docinfo["/DeriveCode"] = label.code
    widgets = [note for page in one.pages for note in page.obj.get("/Annots", []) if note.get("/Subtype") == _BLANK]
    if widgets:
        _form(pikepdf, one, widgets, fields)
    return _saved(one)


def _form(pikepdf: Any, one: Any, widgets: list[Any], fields: Mapping[str, str]) -> None:
    """A form of its own, the fields named by the quantities."""
    for widget in widgets:
        name = str(widget["/T"])
        widget["/Subtype"] = pikepdf.Name.Widget
        widget["/T"] = pikepdf.String(fields.get(name, name))
        widget["/TU"] = pikepdf.String(f"blank {name.removeprefix('b')}: {fields.get(name, name)}")    # read aloud
    for page in one.pages:
        page.obj["/Tabs"] = pikepdf.Name.R      # row by row, as the sheet is read
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica,
                              Encoding=pikepdf.Name.WinAnsiEncoding)
    resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=one.make_indirect(font)))
    one.Root["/AcroForm"] = pikepdf.Dictionary(
        Fields=pikepdf.Array([one.make_indirect(widget) for widget in widgets]), NeedAppearances=True,
        DA=pikepdf.String("/Helv 9 Tf 0 g"), DR=resources)


def put_together(runs: Iterable[Path], titles: Iterable[str]) -> bytes:
    """All runs' sheets as one PDF with a bookmark for each student."""
    import pikepdf

    whole = pikepdf.Pdf.new()
    starts: list[int] = []
    for path in runs:
        with pikepdf.open(path) as run:
            for pages in _pages(run):
                starts.append(len(whole.pages))
                whole.pages.extend(pages)
    for page in whole.pages:
        del page.obj[_MARK]
        if "/Annots" in page.obj:
            del page.obj["/Annots"]     # the printer's copy is no form
    with whole.open_outline() as outline:
        outline.root.extend(pikepdf.OutlineItem(title, start) for title, start in zip(titles, starts, strict=True))
    return _saved(whole)


def _saved(pdf: Any) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()
