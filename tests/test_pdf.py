"""PDFs: whole or not at all, the same bytes for the same text, and TeX's mistakes told in one line."""

from __future__ import annotations

import re
import shutil

import pytest
from pypdf import PdfReader

from derive import pdf
from derive.engines import KINDS
from derive.errors import InputError, PdfError

PAGE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern,amsmath,tikz}
\begin{document}
%s
\end{document}
"""
HELLO = PAGE % r"Hello $\sigma(x)$ \tikz\draw (0,0) -- (1,1);"


@pytest.fixture(scope="session")
def cache(own_cache):
    return pdf.cache_folder()


@pytest.fixture
def typeset(engine, cache, tmp_path):
    """Set a page with that body; its PDF lies in tmp_path."""
    return lambda body, **more: pdf.typeset(PAGE % body, tmp_path / "page.pdf", engine, cache=cache, **more)


def text_of(path):
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


@pytest.fixture(params=[kind.name for kind in KINDS])
def any_engine(request):
    try:
        return pdf.choose(request.param)
    except PdfError as error:
        pytest.skip(str(error))


def test_every_engine_that_is_there_sets_the_same_bytes_twice_and_elsewhere(any_engine, cache, tmp_path):
    first = pdf.typeset(HELLO, tmp_path / "a.pdf", any_engine, cache=cache)
    again = pdf.typeset(HELLO, tmp_path / "a.pdf", any_engine, cache=cache)
    other = pdf.typeset(HELLO, tmp_path / "an other place" / "b.pdf", any_engine)
    assert first.problems == ()
    assert "Hello" in text_of(first.path)
    assert first.path.read_bytes() == again.path.read_bytes() == other.path.read_bytes()
    assert str(tmp_path).encode() not in first.path.read_bytes()


def test_only_the_pdf_is_left(typeset, tmp_path):
    typeset("Text")
    assert [path.name for path in tmp_path.iterdir()] == ["page.pdf"]


def test_references_are_settled(typeset):
    made = typeset(r"\tableofcontents \section{One} \newpage See page \pageref{b}. \newpage End\label{b}")
    assert made.problems == ()
    assert "See page 3" in text_of(made.path)


def test_a_reference_to_nothing_is_a_problem_and_no_error(typeset):
    (problem, *_) = typeset(r"\ref{nowhere}").problems
    assert (problem.kind, problem.line) == ("reference", 5)


def test_what_sticks_out_is_measured(typeset):
    (problem,) = typeset(r"\noindent\hbox to \dimexpr\linewidth+12.5pt{x\hfil}").problems
    assert (problem.kind, problem.line, problem.points) == ("overfull", 5, 12.5)


def test_a_missing_character_is_a_problem(typeset):
    assert "missing character" in [problem.kind for problem in typeset(r"\nullfont x").problems]


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        ("One\n\nTwo \\nonsense{} three", 7, r"Undefined control sequence.* in `Two \\nonsense\{\} three`"),
        ("\\begin{nothing}\n\\end{nothing}", 5, "Environment nothing undefined"),
        ("$x", 6, r"Missing \$ inserted"),
    ],
)
def test_a_mistake_is_told_with_its_line(typeset, tmp_path, body, line, says):
    with pytest.raises(PdfError) as caught:
        typeset(body)
    message = str(caught.value)
    assert caught.value.status == 3
    assert message.startswith(f"{tmp_path / 'page.tex'}:{line}: ")
    assert re.search(says, message)
    assert "\n" not in message
    assert (tmp_path / "page.tex").read_text(encoding="utf-8") == PAGE % body
    assert "document.tex" in (tmp_path / "page.log").read_text()


def test_a_mistake_in_the_preamble_is_told_with_its_line(engine, cache, tmp_path):
    with pytest.raises(PdfError, match=r"page\.tex:2: Undefined control sequence"):
        tex = "\\documentclass{article}\n\\nonsense\n\\begin{document}x\\end{document}\n"
        pdf.typeset(tex, tmp_path / "page.pdf", engine, cache=cache)


def test_a_failure_leaves_the_earlier_pdf(typeset, tmp_path):
    typeset("Fine")
    before = (tmp_path / "page.pdf").read_bytes()
    with pytest.raises(PdfError):
        typeset(r"\nonsense")
    assert (tmp_path / "page.pdf").read_bytes() == before


def test_a_document_without_pages_is_an_error(typeset):
    with pytest.raises(PdfError, match="TeX made no PDF"):
        typeset("")


def test_no_shell_is_reached(typeset, tmp_path):
    witness = tmp_path / "touched"
    typeset(rf"\immediate\write18{{touch {witness}}} Text")
    assert not witness.exists()


def test_no_file_elsewhere_is_read(typeset, tmp_path):
    secret = tmp_path / "secret.tex"
    secret.write_text("Secret words")
    made = typeset(
        rf"\newread\r \openin\r={secret} \ifeof\r Nothing\else Opened\fi"
        rf"~\IfFileExists{{{secret}}}{{Seen}}{{Unseen}}"
    )
    assert text_of(made.path).split()[:2] == ["Nothing", "Unseen"]
    for body in (rf"\input{{{secret}}}", r"\input{../../secret}", r"\input{/etc/passwd}"):
        with pytest.raises(PdfError, match="not found"):
            typeset(body)


def test_no_file_elsewhere_is_written(typeset, tmp_path):
    witness = tmp_path / "written.txt"
    with pytest.raises(PdfError):
        typeset(rf"\newwrite\w \immediate\openout\w={witness} \immediate\write\w{{x}} Text")
    assert not witness.exists()


def test_an_endless_loop_is_stopped(typeset, tmp_path):
    with pytest.raises(PdfError, match="stopped after 2 seconds") as caught:
        typeset(r"\loop\iftrue\repeat", seconds=2)
    assert caught.value.status == 3
    assert (tmp_path / "page.tex").is_file()
    assert not (tmp_path / "page.pdf").exists()


def test_many_documents_in_their_order_and_one_that_fails_stops_no_other(engine, cache, tmp_path):
    bodies = ["zero", "one", r"\nonsense", "three"]
    documents = [(PAGE % body, tmp_path / f"{n}.pdf") for n, body in enumerate(bodies)]
    seen = []
    made = pdf.typeset_all(documents, engine, workers=2, cache=cache, done=lambda *at: seen.append(at))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert isinstance(made[2], PdfError)
    assert [text_of(made[n].path).split()[0] for n in (0, 1, 3)] == ["zero", "one", "three"]


def test_a_target_that_cannot_be_written_is_the_users_mistake(engine, cache, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="expected a folder that can be written to"):
        pdf.typeset(HELLO, tmp_path / "file" / "page.pdf", engine, cache=cache)


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    target = tmp_path / "new" / "file"
    pdf.write_whole(target, b"first")
    pdf.write_whole(target, b"second")
    assert target.read_bytes() == b"second"
    target.unlink()
    target.mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        pdf.write_whole(target, b"third")
    assert [path.name for path in target.parent.iterdir()] == ["file"], "a part was left"


def test_a_name_that_no_file_can_have(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        pdf.write_whole(tmp_path / "a\0b", b"")


def test_the_doctor_tries_every_kind_of_engine():
    found = pdf.doctor()
    assert [diagnosis.name for diagnosis in found] == [kind.name for kind in KINDS]
    for diagnosis in found:
        assert diagnosis.works == (diagnosis.trouble == "")
        assert diagnosis.works or diagnosis.command is None or diagnosis.trouble


def test_the_doctor_says_what_is_wrong(tmp_path, engine):
    refuses = tmp_path / "pdflatex"
    version = '[ "$1" = --version ] && echo old TeX && exit'
    refuses.write_text(f'#!/bin/sh\n{version}\necho "! I am too old." > document.log\nexit 1\n')
    refuses.chmod(0o755)
    places = {"pdflatex": refuses, "embedded": engine.command}
    found = {diagnosis.name: diagnosis for diagnosis in pdf.doctor(places.get)}
    assert (found["pdflatex"].version, found["pdflatex"].trouble) == ("old TeX", "I am too old.")
    assert str(found["pdflatex"]) == f"pdflatex  I am too old.: old TeX ({refuses})"
    assert str(found["tectonic"]) == "tectonic  not found"
    assert found["embedded"].works or engine.name != "embedded"


def test_the_engine_of_the_package_works_from_a_folder_with_blanks_and_dots(engine, tmp_path):
    if engine.name != "embedded":
        pytest.skip(f"the embedded engine is not there; {engine.name} is")
    tree = engine.command.parents[2]
    moved = tmp_path / ".venv" / "a b"
    shutil.copytree(tree, moved, symlinks=True, ignore=shutil.ignore_patterns("fontawesome*", "windows"))
    place = {"embedded": moved / engine.command.relative_to(tree)}
    other = pdf.choose("embedded", place.get)
    pdf.typeset(HELLO, tmp_path / "here.pdf", engine)
    pdf.typeset(HELLO, tmp_path / "there.pdf", other)
    assert (tmp_path / "here.pdf").read_bytes() == (tmp_path / "there.pdf").read_bytes()
