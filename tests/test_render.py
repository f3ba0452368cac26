"""Worksheets to TeX, set with a real TeX: clean logs, equal pages, nothing off the page."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jinja2
import pypdf
import pytest
import samples

from derive import pdf, render
from derive.blocks import Diagram, Figure, Frame, Line, Math, Member, Prose, Space, Table, Working, Worksheet
from derive.errors import InputError

SAMPLES = {"net_out": samples.net_out, "hard_cases": samples.hard_cases, "oddities": samples.oddities}
FRAGMENT = (
    r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{lmodern, amsmath, tikz, colortbl}"
    "\n\\begin{document}\n%s\n\\end{document}\n"
)
Set = Callable[[str], pdf.Typeset]


@pytest.fixture(scope="session")
def typeset(engine: pdf.Engine, own_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Set:
    """A text's PDF, made once in the whole run."""
    folder = tmp_path_factory.mktemp("sheets")
    own_cache.mkdir(parents=True, exist_ok=True)

    @functools.cache
    def run(tex: str) -> pdf.Typeset:
        name = hashlib.sha256(tex.encode()).hexdigest()[:16]
        return pdf.typeset(tex, folder / f"{name}.pdf", engine, cache=own_cache)

    return run


@functools.cache
def placed(path: Path) -> list[tuple[int, float, float, str]]:
    """Every piece of text: its page, its place, what it says."""
    found: list[tuple[int, float, float, str]] = []
    for number, page in enumerate(pypdf.PdfReader(path).pages):

        def visit(
            text: str, cm: list[float], tm: list[float], _font: object, _size: float, at: int = number
        ) -> None:
            if text.strip():
                x, y = tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]
                found.append((at, round(x, 1), round(y, 1), text.strip()))

        page.extract_text(visitor_text=visit)
    return found


def words(path: Path) -> str:
    """The whole text without white space, which a PDF does not keep."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pypdf.PdfReader(path).pages))


@pytest.mark.parametrize("kind", render.KINDS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_the_log_is_clean_and_nothing_is_off_the_page(sample: str, kind: str, typeset: Set) -> None:
    made = typeset(render.render(SAMPLES[sample](), kind, handout=kind == "slides"))
    assert made.problems == ()
    box = pypdf.PdfReader(made.path).pages[0].mediabox
    outside = [
        p for p in placed(made.path) if not (5 < p[1] < float(box.width) - 5 and 5 < p[2] < float(box.height))
    ]
    assert outside == []


@pytest.mark.parametrize("kind", render.KINDS)
def test_a_fragment_compiles_in_a_plain_article(kind: str, typeset: Set) -> None:
    tex = render.render(samples.net_out(), kind, fragment=True)
    assert r"\documentclass" not in tex and r"\begin{document}" not in tex
    twice = typeset(FRAGMENT % (tex + "\n" + tex))
    assert twice.problems == ()
    assert words(twice.path).count("Putting it together".replace(" ", "")) == 2


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_key_is_the_worksheet_with_its_blanks_filled(sample: str, typeset: Set) -> None:
    sheet, key = (typeset(render.render(SAMPLES[sample](), kind)) for kind in ("worksheet", "key"))
    in_sheet, in_key = placed(sheet.path), placed(key.path)
    pages = [len(pypdf.PdfReader(made.path).pages) for made in (sheet, key)]
    assert pages[0] == pages[1]
    known = {(page, y) for page, _, y, _ in in_key}
    lost = [
        piece for piece in in_sheet if (piece[0], piece[2]) not in known and not piece[3].startswith("Name")
    ]
    assert lost == []
    assert len(in_key) > len(in_sheet)


def test_only_the_key_holds_the_figures() -> None:
    sheet, key = (render.render(samples.net_out(), kind) for kind in ("worksheet", "key"))
    for secret in ("0.7413", "0.1868", "0.0821", "0.3589", "0.4086"):
        assert f"{{{secret}}}" in key and f"{{{secret}}}" not in sheet
    room = re.compile(r"\\DvNumbers\{\S*?cm\}\{(?:\\DvPart\{\S+?\}\{\S+?\})+\}\{")
    assert [m.group() for m in room.finditer(sheet)] == [m.group() for m in room.finditer(key)] != []
    assert all(sheet[m.end()] == "}" for m in room.finditer(sheet))
    assert not any(key[m.end()] == "}" for m in room.finditer(key))
    assert r"\DvBlank{7}{2.0cm}{1\,pt}{0.3589}" in key and r"\DvBlank{7}{2.0cm}{}{}" in sheet


def test_slides_show_everything_and_reveal_line_by_line(typeset: Set) -> None:
    step, hand = (
        typeset(render.render(samples.net_out(), "slides", handout=handout)) for handout in (False, True)
    )
    pages = [
        [re.sub(r"\s", "", page.extract_text()) for page in pypdf.PdfReader(m.path).pages]
        for m in (step, hand)
    ]
    assert len(pages[0]) > len(pages[1])
    assert set(pages[1]) <= set(pages[0])  # each handout page is the last step of its slide
    first = [page for page in pages[0] if page.startswith("Forwardpass")]
    assert len(first) == 4 and ["0.5932" in page for page in first] == [False, False, False, True]
    places = [p for p in placed(step.path) if p[3].startswith("Each hidden")]
    assert len(places) == 4 and len({p[1:3] for p in places}) == 1  # nothing jumps


def test_a_frame_too_long_for_a_slide_is_continued(typeset: Set) -> None:
    made = typeset(render.render(samples.oddities(), "slides", handout=True))
    pages = [re.sub(r"\s", "", page.extract_text()) for page in pypdf.PdfReader(made.path).pages]
    lines = [page for page in pages if page.startswith("Manylines")]
    assert (
        len(lines) > 2 and all("(continued)" in page for page in lines[1:]) and "(continued)" not in lines[0]
    )


def test_hostile_words_print_as_they_are_written(typeset: Set) -> None:
    text = r"100% of $5 & #1_a {b} \e <i> \input{/etc/passwd} \write18{ls} Zoë Łódź"
    made = typeset(
        render.render(Worksheet(text, (Frame(text, (Prose((text,)),)),), course=text), "worksheet")
    )
    assert made.problems == ()
    assert words(made.path).count(text.replace(" ", "")) >= 4
    assert pypdf.PdfReader(made.path).metadata.title == text


LETTERS = (
    "中文 😀 हिन्दी عربى",
    "αβγ ∂E/∂w ≤ ∞ ½",
    "Привет",
    "\x00\x07\u202e",
    "ﬁ ⅷ \N{SNOWMAN}",
)


@pytest.mark.parametrize("kind", render.KINDS)
def test_no_letter_breaks_the_run(kind: str, typeset: Set) -> None:
    frames = tuple(Frame(text, (Prose((text, Math("x"), text)),)) for text in LETTERS)
    everything = "".join(LETTERS)
    sheet = Worksheet(everything, frames, author=everything, date=everything)
    made = typeset(render.render(sheet, kind))
    assert made.problems == ()
    assert "Privet" in words(made.path) and "4E2D" not in words(made.path)


def test_a_drawing_is_set_once_and_says_what_it_shows(typeset: Set) -> None:
    tex = render.render(samples.net_out(), "worksheet")
    assert tex.count(r"\begin{tikzpicture}") == 2 and tex.count(r"\DvDrawing{") == 3
    made = typeset(tex)
    content = pypdf.PdfReader(made.path).pages[0].get_contents().get_data()
    alt = re.findall(rb"/Alt\s*<([0-9A-F]+)>", content)
    assert [bytes.fromhex(a.decode()).decode("utf-16") for a in alt] == ["A network with (2, 2, 2) units."]


def test_the_pdf_names_its_title_and_language(typeset: Set) -> None:
    reader = pypdf.PdfReader(typeset(render.render(samples.net_out(), "key")).path)
    assert reader.metadata.title == "Two hidden, two output neurons"
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.metadata.creation_date is None


@pytest.mark.parametrize("kind", render.KINDS)
def test_the_same_sheet_gives_the_same_text(kind: str) -> None:
    assert render.render(samples.hard_cases(), kind) == render.render(samples.hard_cases(), kind)


@pytest.mark.parametrize("kind", render.KINDS)
def test_the_preamble_holds_nothing_of_the_sheet(kind: str) -> None:
    preambles = {
        render.render(sample(), kind).partition(r"\begin{document}")[0].replace("letterpaper", "a4paper")
        for sample in SAMPLES.values()
    }
    assert len(preambles) == 1


def test_an_unknown_kind_is_the_users_mistake() -> None:
    with pytest.raises(InputError, match=r"workshet.*did you mean worksheet"):
        render.render(samples.net_out(), "workshet")


def test_a_name_that_a_template_does_not_know_is_an_error() -> None:
    template = render._environment().from_string(r"\VAR{sheet.titel}")
    with pytest.raises(jinja2.UndefinedError, match="titel"):
        template.render(sheet=samples.net_out())


def test_a_figure_stays_with_the_numbers_before_it() -> None:
    line = Line("y", (samples.formula("a"), samples.numbers("1"), samples.figure("2"), samples.formula("b")))
    assert [[m.role for m in group] for group in render.groups(line)] == [
        ["formula"],
        ["numbers", "figure"],
        ["formula"],
    ]


def test_lines_of_a_figure_alone_stand_side_by_side() -> None:
    brief, full = Line("y", (samples.figure("2"),)), Line("z", (samples.numbers("1"), samples.figure("2")))
    assert render.stretches((brief, brief, full, brief, full, full)) == (
        (brief, brief), (full,), (brief,), (full,), (full,))  # fmt: skip
    prose = Prose(("so",))
    blocks = (Working((brief,)), Working((brief,)), Working((full,)), prose, Working((brief,)))
    assert render.gathered(blocks) == (Working((brief, brief)), *blocks[2:])


def test_a_blank_is_as_wide_as_its_longest_figure_needs() -> None:
    short, long = samples.figure("0.5").value, samples.figure("0.12345678901234").value
    assert render.blank_width((short,)) == "1.9cm"
    assert float(render.blank_width((short, long))[:-2]) > 3


def test_an_empty_sheet_is_set(typeset: Set) -> None:
    for kind in render.KINDS:
        assert typeset(render.render(Worksheet("", ()), kind)).problems == ()
    empty = Worksheet("t", (Frame("f", (Diagram((), (), ""), Working(()))),))
    assert typeset(render.render(empty, "worksheet")).problems == ()


def test_room_for_numbers_leaves_room_for_their_figure() -> None:
    blank = samples.numbers("1 + 2")
    matrix = Member("figure", value=samples.grid(2, 3))
    assert render.reserved((blank,)) == "0cm"
    assert render.reserved((blank, samples.figure("0.5", 1))) == "2.7cm"
    assert 3 * 1.6 < float(render.reserved((blank, matrix))[:-2]) < 10


def repeated() -> Worksheet:
    """A figure asked for twice, and drawings that show figures the sheet asks for."""
    net = samples.network(2, 2)
    nodes = tuple(replace(node, above=f"7.77{i}", below=f"7.66{i}") for i, node in enumerate(net.nodes))
    edges = tuple(replace(edge, label=f"7.55{i}") for i, edge in enumerate(net.edges))
    shown = replace(net, nodes=nodes, edges=edges)
    lines = (Line("y", (samples.numbers("1 + 2"), samples.figure("0.8181", 1))),
             Line("y", (Member("figure", value=Figure("0.8181", "y", again=1)),)))
    drawings = tuple(replace(shown, found=found) for found in ("", "above", "values"))
    return Worksheet("t", (Frame("f", (Working(lines), *drawings)),))


def test_a_figure_asked_for_before_refers_to_its_blank(typeset: Set) -> None:
    sheet, key, slides = (words(typeset(render.render(repeated(), kind)).path) for kind in render.KINDS)
    assert "(blank1)" in sheet and "0.8181" not in sheet
    assert key.count("0.8181") == 2 and key.count("(blank1)") == 1
    assert slides.count("0.8181") >= 2 and "(blank" not in slides


def test_a_sheets_drawings_give_nothing_away() -> None:
    sheet, key, slides = (render.render(repeated(), kind) for kind in render.KINDS)
    counts = [[text.count(f"{{{digits}") for digits in ("7.77", "7.66", "7.55")] for text in (sheet, key, slides)]
    assert counts[1] == counts[2] == [12, 12, 12]
    assert counts[0] == [8, 8, 8]  # two inputs' figures are givens
    assert sheet.count(r"\DvSlot{") == key.count(r"\DvSlot{") == 2 + 2 + 4 + 4 and r"\DvSlot{" not in slides


def test_numbers_in_matrices_are_not_scaled(typeset: Set) -> None:
    latex = " ".join(samples.matrix(4, 4, entry="-0.{}{}7") for _ in range(4))
    numbers = replace(samples.numbers(latex), blank=True)
    line = Line("W", (samples.formula("A"), numbers, Member("figure", value=samples.grid(4, 4))))
    tex = render.render(Worksheet("t", (Frame("f", (Working((line,)),)),)), "key")
    made = typeset(tex.replace(r"\begin{document}", r"\renewcommand\resizebox[3]{\errmessage{scaled}}\begin{document}"))
    assert made.problems == ()


def test_a_frames_title_and_prose_stay_with_its_first_step(typeset: Set) -> None:
    step = Working((Line("x", (samples.formula("1"), samples.figure("0.5", 1))),))
    frames = tuple(Frame(f"Title{k}.", (Prose((f"Prose{k}.",)), *[step] * (k % 4 + 1))) for k in range(30))
    reader = pypdf.PdfReader(typeset(render.render(Worksheet("t", frames), "key")).path)
    pages = [re.sub(r"\s", "", page.extract_text()) for page in reader.pages]
    assert len(pages) > 2
    for number in range(30):
        page = next(page for page in pages if f"Title{number}." in page)
        assert re.search(rf"Title{number}\.Prose{number}\.x=", page)


def test_the_head_of_every_page_is_short_and_parts_course_and_title() -> None:
    sheet = Worksheet("A title that goes " + "on and " * 40, (), course="Networks")
    head = render.running(sheet)
    assert head.startswith(r"Networks\enspace\textbullet") and head.endswith("and …") and len(head) < 130
    assert "on and on and" in render.render(sheet, "key")


def test_a_table_of_fractions_has_half_as_many_rows_a_piece() -> None:
    rows = tuple(((Math(r"\frac{a}{b} ="),), Figure("1", str(n), n + 1)) for n in range(9))
    assert [len(piece.rows) for piece in render.pieces(Table((("",),) * 2, rows), 9)] == [5, 4]
    plain = tuple(((Math("a ="),), cell) for _, cell in rows)
    assert len(render.pieces(Table((("",),) * 2, plain), 9)) == 1


def test_room_to_work_stands_on_sheets_and_not_on_slides() -> None:
    sheet = Worksheet("t", (Frame("f", (Space(3),)),))
    assert [r"\DvSpace{3}" in render.render(sheet, kind) for kind in render.KINDS] == [True, True, False]
