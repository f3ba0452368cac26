"""A class from its roster to marked papers: files that are whole, the same bytes, somebody's failure told."""

from __future__ import annotations

import csv
import io
import json
import time
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner

from derive.classroom import making, runs, splitting
from derive.classroom.csvs import table
from derive.classroom.feedback import feedback_text
from derive.classroom.grading import grade
from derive.classroom.homework import homework
from derive.classroom.making import PLAIN, Options, make_class, make_sheets, practice_ids
from derive.classroom.roster import roster
from derive.classroom.sheets import Style
from derive.classroom.splitting import counts
from derive.cli import main
from derive.engines import locate
from derive.errors import InputError
from derive.lecture import load

TEXT = 'id,name\ns1,Ann & 50% _x_\ns2,Ω Öz Nguyễn Ặ\nx/../y,李小龍\n"s 4","=HYPERLINK(""x"")"\n'
REVERSED = "\n".join([TEXT.splitlines()[0], *reversed(TEXT.splitlines()[1:])])
CLASS = roster(TEXT)
BLANKS = len(homework(load("net-out")).blanks)
FILLABLE = Options(style=Style(fillable=True), workers=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, engine):
    """A class that was made once, with what the command reported."""
    made = tmp_path_factory.mktemp("class")
    (made / "said.txt").write_text(repr(make_class(load("net-out"), CLASS, "7", made, FILLABLE)), encoding="utf-8")
    return made


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "said.txt"}


def test_everything_is_there(folder):
    names = set(bytes_of(folder))
    files = {student.file for student in CLASS}
    assert {f"{kind}/{file}.pdf" for kind in ("sheets", "keys") for file in files} < names
    assert {"class.pdf", "keys.pdf", "answers.csv", "manifest.json"} < names
    assert not any(".progress" in name for name in names)
    assert "1 names have letters that the fonts do not have" in (folder / "said.txt").read_text(encoding="utf-8")


def test_the_manifest_says_what_holds_and_whose_file_is_whose(folder):
    found = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert list(found["demands"])[-2:] == ["slips-visible", "distinct"]
    assert {row["id"]: row["file"] for row in found["students"]} == {s.id: s.file for s in CLASS}
    assert '"7"' not in json.dumps(found["seed"])


def test_answers_are_no_formulas_and_have_a_column_a_blank(folder):
    rows = list(csv.DictReader(io.StringIO((folder / "answers.csv").read_text(encoding="utf-8"))))
    assert [row["id"] for row in rows] == sorted(s.id for s in CLASS)
    assert rows[1]["name"] == '\'=HYPERLINK("x")' or rows[0]["name"].startswith("'=")
    assert float(rows[0]["net[1][1]"]) > 0 and len(rows[0]) == 2 + BLANKS


def test_each_sheet_is_its_students_and_has_named_fields(folder):
    for student in CLASS:
        with pikepdf.open(folder / "sheets" / f"{student.file}.pdf") as pdf:
            names = [str(field["/T"]) for field in pdf.Root.AcroForm.Fields]
            assert len(names) == len(set(names)) == BLANKS and {"net[1][1]", "new(w[1][1][1])"} < set(names)
            assert str(pdf.Root.AcroForm.Fields[0]["/TU"]) == "blank 1: net[1][1]"
            assert {str(page.obj["/Tabs"]) for page in pdf.pages} == {"/R"}
            assert str(pdf.docinfo["/DeriveCode"]).endswith(f":{student.id}")
    with pikepdf.open(folder / "class.pdf") as whole:
        titles = [item.title for item in whole.open_outline().root]
    assert [title.split()[0] for title in titles] == [s.id.split()[0] for s in CLASS]


def test_the_same_roster_in_another_order_is_the_same():
    assert roster(REVERSED) == CLASS


def typeset_without_tex(asked: list[tuple], stop: int = 0, written: Path = Path()):
    """In the place of TeX: a page for each student; the `stop`-th time the plug is pulled, what came before written."""
    def set_text(text, labels, fields, engine):
        asked.append(labels)
        if len(asked) == stop:
            while len([*written.glob(".progress/*.pdf")]) < stop - 1:
                time.sleep(0.01)
            raise KeyboardInterrupt
        pdf, out = pikepdf.new(), io.BytesIO()
        for number in range(len(labels)):
            pdf.add_blank_page().obj["/DvStudent"] = number
        pdf.save(out, deterministic_id=True)
        return runs.Made(out.getvalue(), splitting.taken_apart(out.getvalue(), labels, {}), (1,) * len(labels))
    return set_text


def test_stopped_half_way_it_goes_on_with_what_is_whole(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(making, "SIZE", 2)
    asked = []
    monkeypatch.setattr(runs, "set_text", typeset_without_tex(asked, 3, tmp_path))   # two of four runs are done then
    monkeypatch.setattr(making, "set_text", typeset_without_tex([]))
    options = Options(style=Style(fillable=True), workers=1)
    with pytest.raises(KeyboardInterrupt):
        make_class(load("net-out"), CLASS, "7", tmp_path, options)
    with pytest.raises(InputError, match="another seed"):
        make_class(load("net-out"), CLASS, "8", tmp_path, options)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("sheets/*.pdf")}
    assert before
    for path in before:
        pikepdf.open(path).close()
    asked.clear()
    monkeypatch.setattr(runs, "set_text", typeset_without_tex(asked))
    make_class(load("net-out"), CLASS, "7", tmp_path, options)
    assert len(asked) == 2, "runs that were done are not done again"
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert bytes_of(tmp_path).keys() == bytes_of(folder).keys()
    assert (tmp_path / "answers.csv").read_bytes() == (folder / "answers.csv").read_bytes()


def test_a_dask_cluster_gives_the_same_bytes(folder, tmp_path):
    """And so does the roster in another order."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        options = Options(style=Style(fillable=True), cluster=cluster.scheduler_address)
        make_class(load("net-out"), roster(REVERSED), "7", tmp_path, options)
    assert bytes_of(tmp_path) == bytes_of(folder)


def test_a_cluster_that_is_not_there_is_one_line(tmp_path):
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="no Dask scheduler answers"), runs.workers(None, "nonsense://x"):
        pass


def test_one_sheet_that_fails_is_told_and_the_others_are_made(tmp_path, monkeypatch, engine):
    plain = making.run_text

    def broken(sheets, students, kind, *rest):
        text = plain(sheets, students, kind, *rest)
        bad = kind == "worksheet" and any(student.id == "s2" for student in students)
        return text.replace(r"\end{document}", "\\nonsense\n\\end{document}") if bad else text
    monkeypatch.setattr(making, "run_text", broken)
    report = make_class(load("delta-rule"), CLASS[1:3], "7", tmp_path, Options(workers=2))
    (failure,) = report.failures
    assert failure.startswith("sheets/s2.pdf (id s2): ") and "Undefined control sequence" in failure
    made = {path.name for path in (tmp_path / "sheets").glob("*.pdf")}
    assert made == {f"{s.file}.pdf" for s in CLASS[1:3] if s.id != "s2"} and len(made) == 1
    assert (tmp_path / "sheets" / "s2.tex").is_file()
    with pikepdf.open(tmp_path / "class.pdf") as whole:
        assert len(whole.open_outline().root) == 1


def test_a_sheet_alone_has_the_numbers_of_the_class(folder, tmp_path):
    (path,) = make_sheets(load("net-out"), ["s2"], "7", "worksheet", tmp_path, FILLABLE).files
    with pikepdf.open(path) as alone, pikepdf.open(folder / "sheets" / "s2.pdf") as same:
        assert len(alone.pages) == len(same.pages)
        assert str(alone.docinfo["/DeriveCode"]) == str(same.docinfo["/DeriveCode"])
    assert practice_ids(12)[::11] == ("01", "12")


def test_keys_of_practice_sheets_are_made_as_the_sheets_are(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(making, "make_sheets", lambda *args: asked.append(args) or making.Report((), (), ()))
    for command, more in (("sheet", ["--count", "3"]), ("key", ["--count", "3"]), ("key", ["--student", "2"])):
        words = [command, "net-out", "--seed", "9", *more, "-o", str(tmp_path)]
        assert CliRunner().invoke(main, words, catch_exceptions=False).exit_code == 0
    assert [(ids, seed, kind) for _, ids, seed, kind, *_ in asked] == [
        (("1", "2", "3"), "9", "worksheet"), (("1", "2", "3"), "9", "key"), (("2",), "9", "key")]
    for more in ([], ["--student", "2", "--count", "3"]):
        said = CliRunner().invoke(main, ["key", "net-out", "--seed", "9", *more])
        assert said.exit_code == 2 and "whose numbers?; expected one of --student, --count, --code" in said.output


@pytest.mark.parametrize("name", ["lualatex", "xelatex"])
def test_other_engines_make_the_same_form(name, folder, tmp_path):
    if not locate(name):
        pytest.skip(f"no {name}")
    (path,) = make_sheets(load("net-out"), ["s2"], "7", "worksheet", tmp_path, replace(FILLABLE, engine=name)).files
    with pikepdf.open(path) as made, pikepdf.open(folder / "sheets" / "s2.pdf") as same:
        for one, other in zip(made.Root.AcroForm.Fields, same.Root.AcroForm.Fields, strict=True):
            assert str(one["/T"]) == str(other["/T"])
            assert [float(edge) for edge in one.Rect] == pytest.approx([float(edge) for edge in other.Rect], abs=72 / 25.4)


def test_pages_know_whose_they_are(tmp_path, engine):
    outcome = runs.set_text("\\nonsense", (), {}, None)
    assert isinstance(outcome, runs.Trouble) and outcome.line
    blank = pikepdf.Pdf.new()
    for number in (0, 0, 1):
        blank.add_blank_page().obj["/DvStudent"] = number
    blank.save(tmp_path / "run.pdf")
    assert counts((tmp_path / "run.pdf").read_bytes()) == (2, 1)


# ---------------------------------------------------------------- marking

def filled(path: Path, answers: dict[str, str], target: Path) -> None:
    with pikepdf.open(path) as pdf:
        for field in pdf.Root.AcroForm.Fields:
            field["/V"] = pikepdf.String(answers.get(str(field["/T"]), ""))
        pdf.save(target)


@pytest.fixture(scope="module")
def returned(folder, tmp_path_factory):
    """Papers that came back: s1 all right, s2 with a slip, nonsense, and somebody twice."""
    back = tmp_path_factory.mktemp("returned")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO((folder / "answers.csv").read_text(encoding="utf-8")))}
    filled(folder / "sheets" / "s1.pdf", rows["s1"], back / "homework (1).pdf")
    wrong = {**rows["s2"], "d(loss)/d(out[2][1])": "−0,5", "loss": " " + rows["s2"]["loss"].replace(".", ",")}
    filled(folder / "sheets" / "s2.pdf", wrong, back / "b.pdf")
    twice = next(s.file for s in CLASS if s.id == "s 4")
    filled(folder / "sheets" / f"{twice}.pdf", rows["s 4"], back / "c.pdf")
    (back / "d.md").write_text("student: s 4\nnet_{h1} = 1\n", encoding="utf-8")
    (back / "e.pdf").write_bytes(b"%PDF-1.4 nothing")
    with pikepdf.new() as empty:
        empty.add_blank_page()
        empty.save(back / "f.pdf")
    (back / "nobody.md").write_text("net_{h1} = 1\n", encoding="utf-8")
    (back / "g.doc").write_bytes(b"x")
    return back


def test_papers_are_marked_and_the_rest_is_listed(folder, returned, tmp_path):
    (tmp_path / "overrides.csv").write_text("id,blank,points,remark\ns1,1,0.5,crossed out\n", encoding="utf-8")
    found = grade(load("net-out"), list(returned.iterdir()), CLASS, "7", tmp_path, FILLABLE)
    assert [(one.student.id, one.points) for one in found.marked] == [("s1", BLANKS - 0.5), ("s2", BLANKS - 1)]
    assert [(one.student.id, one.points) for one in found.absent] == [("s 4", 0), ("x/../y", 0)]
    said = {Path(problem.source.split(",")[0]).name: problem.line for problem in found.problems}
    assert said["e.pdf"] == "is no PDF that can be read"
    assert said["f.pdf"].startswith("has no fields of this lecture's sheet")
    assert said["nobody.md"] == ("whose is it? The file's name is no id of the roster, and no line says student: ID")
    assert "neither .pdf" in said["g.doc"]
    assert said["c.pdf"].startswith("2 papers of the student 's 4'")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "marks.csv").read_text(encoding="utf-8"))))
    assert [row["id"] for row in rows] == [student.id for student in CLASS]
    of = {row["id"]: row for row in rows}
    assert of["s2"]["d(loss)/d(out[2][1])"] == "slip" and of["s2"]["loss"] == "right"
    assert (of["x/../y"]["points"], of["x/../y"]["remark"]) == ("0", "nothing handed in")
    assert of["s 4"]["remark"].startswith("2 papers") and of["s1"]["remark"] == ""
    assert {path.name for path in tmp_path.rglob("*.pdf")} == {"s1.pdf", "s2.pdf", "class_report.pdf"}


def test_another_seeds_papers_are_refused(folder, returned, tmp_path):
    with pytest.raises(InputError, match=r"the code is not of this seed .*expected the seed the class was made with"):
        grade(load("net-out"), [returned / "b.pdf", returned / "g.doc"], CLASS, "8", tmp_path, FILLABLE, pdf=False)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(("name", "seed", "options", "says"), [
    ("net-out", "8", PLAIN, "another seed"), ("delta-rule", "7", PLAIN, "the lecture net-out"),
    ("net-out", "7", Options(relax=("two-digits",)), "other demands"),
    ("net-out", "7", Options(notation="delta"), "the notation net-out"),
])
def test_a_folder_is_of_one_class(folder, tmp_path, name, seed, options, says):
    """Another seed, lecture or numbers: neither marked nor written over, whatever the papers themselves can tell."""
    before = bytes_of(folder)
    for work in (lambda: grade(load(name), [folder / "answers.csv"], CLASS, seed, tmp_path, options, pdf=False),
                 lambda: make_class(load(name), CLASS, seed, folder, options)):
        with pytest.raises(InputError, match=rf"manifest\.json: is of a class .*{says}.*expected"):
            work()
    assert bytes_of(folder) == before and not [*tmp_path.iterdir()]


def test_a_folder_of_another_class_is_written_over_where_that_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "set_text", typeset_without_tex([]))
    monkeypatch.setattr(making, "set_text", typeset_without_tex([]))
    (tmp_path / "manifest.json").write_text('{"lecture": "net-out"}', encoding="utf-8")
    with pytest.raises(InputError, match="or --force"):
        make_class(load("delta-rule"), CLASS[:1], "7", tmp_path)
    make_class(load("delta-rule"), CLASS[:1], "7", tmp_path, Options(force=True))
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["lecture"] == "delta-rule"
    (tmp_path / "manifest.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="is no manifest"):
        grade(load("delta-rule"), [tmp_path / "answers.csv"], CLASS[:1], "7", tmp_path)


def test_a_table_of_answers_is_marked(folder, tmp_path):
    found = grade(load("net-out"), [folder / "answers.csv"], CLASS, "7", tmp_path, FILLABLE, pdf=False)
    assert [one.points for one in found.marked] == [BLANKS] * 4


def test_a_row_that_cannot_be_taken_stops_no_other(folder, tmp_path):
    """A table as a spreadsheet saves it, with somebody who is not of the class and a column that is no blank's."""
    (tmp_path / "table.csv").write_text("id;loss;zzz\nnobody;0,1;\ns1;0,2;\n;0,3;\ns2;0,4;\n", encoding="utf-8")
    (tmp_path / "twice.csv").write_text("id,loss,loss\nx,1,2\n", encoding="utf-8")
    (tmp_path / "folder.pdf").mkdir()
    found = grade(load("net-out"), [*tmp_path.iterdir()], CLASS, "7", tmp_path, FILLABLE, pdf=False)
    assert [one.student.id for one in found.marked] == ["s1", "s2"]
    said = [f"{Path(problem.source).name}: {problem.line}" for problem in found.problems]
    assert said == ["folder.pdf: is a folder: its files are wanted, DIR/*",
                    "table.csv: columns that are no blank's id are passed over: zzz",
                    "table.csv: row 2: nobody on the roster has the id 'nobody'",
                    "table.csv: row 4: nobody on the roster has the id ''", "twice.csv: has two columns loss"]


def test_a_tables_columns_go_by_number_too_and_an_empty_working_is_told(folder, tmp_path):
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO((folder / "answers.csv").read_text(encoding="utf-8")))}
    figures = [figure for name, figure in rows["s1"].items() if name not in ("id", "name")]
    (tmp_path / "a.csv").write_bytes(table(("ID", *map(str, range(1, BLANKS + 1))), [("s1", *figures)]))
    (tmp_path / "s2.md").write_text("see the other sheet", encoding="utf-8")
    (tmp_path / "s9.md").write_text("x", encoding="utf-16")
    found = grade(load("net-out"), [*tmp_path.iterdir()], CLASS, "7", tmp_path / "out", FILLABLE, pdf=False)
    assert [(one.student.id, one.points) for one in found.marked] == [("s1", BLANKS), ("s2", 0)]
    assert [one.line for one in found.problems] == ["is encoded in UTF-16", "no figure of a blank was found in it"]


def test_a_field_that_is_no_text_or_not_there_is_empty_and_told(folder, tmp_path):
    def damaged(pdf):
        first, second = list(pdf.Root.AcroForm.Fields)[:2]
        first["/V"] = pikepdf.Array([1, 2])
        del second["/T"]
    with pikepdf.open(folder / "sheets" / "s1.pdf") as pdf:
        damaged(pdf)
        pdf.save(tmp_path / "s1.pdf")
    found = grade(load("net-out"), [tmp_path / "s1.pdf"], CLASS, "7", tmp_path, FILLABLE, pdf=False)
    assert {mark.verdict for mark in found.marked[0].marks} == {"empty"}
    assert f"only {BLANKS - 1} of the sheet's {BLANKS} fields" in found.problems[0].line


def test_a_paper_that_fits_a_neighbours_sheet_is_told(folder, tmp_path):
    """s2 hands in what s1 was asked for, as a working, and x/../y as figures in their own sheet."""
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO((folder / "answers.csv").read_text(encoding="utf-8")))}
    lines = (f"${name} = {figure}$" for name, figure in rows["s1"].items() if name not in ("id", "name"))
    (tmp_path / "s2.md").write_text("\n\n".join(lines), encoding="utf-8")
    mine = next(student.file for student in CLASS if student.id == "x/../y")
    filled(folder / "sheets" / f"{mine}.pdf", rows["s1"], tmp_path / "a.pdf")
    filled(folder / "sheets" / "s1.pdf", rows["s1"], tmp_path / "b.pdf")
    found = grade(load("net-out"), [*tmp_path.iterdir()], CLASS, "7", tmp_path / "out", FILLABLE, pdf=False)
    points = {one.student.id: one.points for one in found.marked}
    assert points["s1"] == BLANKS and points["s2"] < BLANKS / 2 and points["x/../y"] < BLANKS / 2
    assert [(Path(one.source).name, one.student) for one in found.problems] == [("s2.md", "s2"), ("a.pdf", "x/../y")]
    assert {one.line for one in found.problems} == {f"fits the sheet of 's1' better than its own: {BLANKS} of {BLANKS} "
                                                    "figures against 0"}


def test_the_right_working_of_matrices_can_be_set(tmp_path, engine):
    """The first slip's line is one of matrices, within rows of its own."""
    (student,) = roster("id\ns1")
    made = making.sheets_of(load("matrix-form"), ["s1"], "7", PLAIN)
    figures = {blank.id: made.text(blank.quantity)[0] for blank in made.of.blanks} | {"net[1][1]": "0.1234"}
    (tmp_path / "a.csv").write_bytes(table(("id", *figures), [("s1", *figures.values())]))
    found = grade(load("matrix-form"), [tmp_path / "a.csv"], [student], "7", tmp_path)
    assert found.failures == () and "bmatrix" in feedback_text(made, found.marked, (1,))


def test_a_markers_word_counts_for_who_handed_in_on_paper(folder, tmp_path):
    (tmp_path / "overrides.csv").write_text("id,blank,points,remark\ns2,1,1,on paper\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text("id,loss\ns1,0.2\ns2,\n", encoding="utf-8")
    found = grade(load("net-out"), [tmp_path / "a.csv"], CLASS, "7", tmp_path, FILLABLE, pdf=False)
    assert [one.student.id for one in found.marked] == ["s1"]
    assert {one.student.id: one.points for one in found.absent} == {"s2": 1, "s 4": 0, "x/../y": 0}


@pytest.mark.parametrize("row", ["s9,1,1,", "s1,99,1,", "s1,1,much,", "s1,1,7,", "s1,1,-1,", "s1,1,,", "s1"])
def test_a_wrong_row_of_the_overrides_is_told(tmp_path, row):
    (tmp_path / "overrides.csv").write_text(f"id,blank,points,remark\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 2"):
        grade(load("net-out"), [], CLASS, "7", tmp_path, pdf=False)
    assert not (tmp_path / "marks.csv").exists()
