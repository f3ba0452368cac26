"""The commands from outside: what they print and write, their exit status, one line for a mistake."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from derive.cli import main
from derive.lecture import shipped


def derive(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def python(code: str, **environment: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env={**os.environ, **environment}).stdout


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


# ---------------------------------------------------------------- what they do

def test_list_names_every_lecture():
    lines = derive("list").output.splitlines()
    assert [line.split()[0] for line in lines] == list(shipped())
    assert all(len(line.split()) > 1 for line in lines)


def test_version():
    import derive as package

    assert package.__version__ in derive("--version").output


@pytest.mark.parametrize(("command", "kind"), [("sheet", "worksheet"), ("key", "key"), ("slides", "slides")])
def test_a_document_goes_to_its_folder(command, kind):
    result = derive(command, "net-out", "--no-pdf")
    assert result.exit_code == 0
    written = Path(f"output/net-out/{kind}.tex")
    assert str(written) in result.output
    assert written.read_text(encoding="utf-8").rstrip().endswith(r"\end{document}")
    assert [path.name for path in written.parent.iterdir()] == [f"{kind}.tex"]


def test_options_reach_the_sheet():
    derive("key", "net-out", "--no-pdf", "-o", "a")
    plain = Path("a/net-out/key.tex").read_text(encoding="utf-8")
    for options in (["--notation", "delta"], ["--level", "layer"], ["--decimals", "7"], ["--paper", "letter"],
                    ["--fragment"]):
        assert derive("key", "net-out", "--no-pdf", "-o", "b", *options).exit_code == 0
        assert Path("b/net-out/key.tex").read_text(encoding="utf-8") != plain, options
    derive("key", "net-out", "--no-pdf", "-o", "b", "--decimals", "7")
    assert "0.7513650" in Path("b/net-out/key.tex").read_text(encoding="utf-8")


def test_several_lectures_at_once():
    assert derive("sheet", "net-out", "delta-rule", "--no-pdf").exit_code == 0
    assert Path("output/net-out/worksheet.tex").is_file() and Path("output/delta-rule/worksheet.tex").is_file()


def test_a_new_lecture_runs_as_it_is():
    assert derive("new", "my-lecture").exit_code == 0
    assert derive("sheet", "my-lecture.toml", "--no-pdf").exit_code == 0
    again = derive("new", "my-lecture")
    assert again.exit_code == 2 and "already" in again.stderr


# ---------------------------------------------------------------- show

def test_show_one_quantity():
    by_name, by_id = derive("show", "net-out", "w5"), derive("show", "net-out", "w[2][1][1]")
    assert by_name.exit_code == 0 and by_name.output == by_id.output
    assert "0.7413" in by_name.output and "0.0821" in by_name.output and "0.3589" in by_name.output
    assert "\\" not in by_name.output


def test_show_everything():
    for form in ("text", "latex"):
        result = derive("show", "net-out", "--format", form)
        assert result.exit_code == 0 and "0.2983" in result.output
        assert ("\\frac" in result.output) is (form == "latex")


QUANTITY = {"id": str, "name": str, "latex": str, "kind": str, "formula": str, "value": float, "shown": str}
STEP = {"lhs": str, "formula": str, "substituted": str, "value": str, "reason": str}


@pytest.mark.parametrize("name", ["net-out", "delta-rule", "shared-weights", "named-network"])
def test_show_as_json(name):
    found = json.loads(derive("show", name, "--format", "json").output)
    assert list(found) == ["lecture", "quantities", "steps"] and found["lecture"] == name
    for rows, shape in ((found["quantities"], QUANTITY), (found["steps"], STEP)):
        assert rows and all({key: type(value) for key, value in row.items()} == shape for row in rows)
    ids = [row["id"] for row in found["quantities"]]
    assert len(ids) == len(set(ids))
    inner = [i for i in ids if i.startswith(("net[", "out[", "x["))]
    assert all(f"d(loss)/d({i})" in ids for i in inner)
    assert all(f"delta{i[3:]}" in ids for i in ids if i.startswith("net["))
    updated = [i[4:-1] for i in ids if i.startswith("new(")]
    assert updated and all(f"d(loss)/d({i})" in ids for i in updated)


def test_json_values_are_exact_whatever_is_carried():
    found = {row["id"]: row for row in json.loads(derive("show", "net-out", "--format", "json").output)["quantities"]}
    assert found["loss"]["value"] == pytest.approx(0.298371108760003, rel=1e-14)
    assert found["d(loss)/d(w[2][1][1])"]["value"] == pytest.approx(0.08216704056423078, rel=1e-14)
    assert found["loss"]["shown"] == "0.2983"


def test_json_of_whole_layers():
    found = json.loads(derive("show", "matrix-form", "--format", "json").output)["quantities"]
    weights = next(row for row in found if row["id"] == "d(loss)/d(w[2])")
    assert [len(row) for row in weights["value"]] == [3, 3]
    assert weights["value"][0][0] == pytest.approx(-0.054555, abs=1e-6)


def test_a_marked_copy_of_a_file_beside_it(engine):
    Path("notes.md").write_text("$net_{h1} = 0.3775$ and $w_5^+ = 0.9$\n", encoding="utf-8")
    result = derive("check", "net-out", "notes.md", "--pdf")
    assert result.exit_code == 1 and Path("output/net-out/notes-marked.pdf").is_file(), result.output


# ---------------------------------------------------------------- mistakes

LECTURE = """
title = "A"
[network]
inputs = 1
loss = "squared-error"
[[network.layers]]
units = 1
activation = "sigmoid"
weights = [[0.5]]
bias = 0.1
[data]
inputs = [1.0]
targets = [0.5]
"""
WRONG_FILES = [
    ("title = ", "", "TOML"), (LECTURE.replace("sigmoid", "sigmoidd"), "", "sigmoid"),
    (LECTURE.replace("[[0.5]]", "[[0.5, 1]]"), "", "weights"), (LECTURE.replace("0.5]\n", "nan]\n"), "", "targets"),
    (LECTURE.replace("[[0.5]]", '[["w1"]]'), "", "w1"), (LECTURE.replace('"A"', "3"), "", "title"),
    (LECTURE.replace("units = 1", "units = 1\ncolour = 2"), "", "colour"),
    (LECTURE.replace('"sigmoid"', '"9^9^9^9*x"'), "", "large"), (LECTURE.replace('"sigmoid"', '"1/(x"'), "", "expected"),
    (LECTURE.replace("squared-error", "cross-entropy").replace("[0.5]\n", "[1.5]\n"), "", "targets"),
    ('title="E"\n[equations]\ny="z"\nz="y"\n[derive]\nof="y"\nby=["z"]\n', "", "circle"),
]


@pytest.mark.parametrize(("text", "_", "says"), WRONG_FILES)
def test_a_wrong_file_gets_one_line(text, _, says):
    Path("wrong.toml").write_text(text, encoding="utf-8")
    result = derive("sheet", "wrong.toml", "--no-pdf")
    refused(result, says)
    first, *caret = result.stderr.splitlines()
    assert "wrong.toml" in first and len(caret) in (0, 2)


@pytest.mark.parametrize(("arguments", "says"), [
    (["sheet", "net-outt", "--no-pdf"], "net-out"), (["sheet", "no/such.toml", "--no-pdf"], "no/such.toml"),
    (["sheet", "net-out", "--notation", "node-out", "--no-pdf"], "--notation"),
    (["key", "net-out", "--level", "both", "--no-pdf"], "--level"), (["show", "net-out", "w99"], "w99"),
    (["show", "net-out", "((("], "((("), (["new", ""], "name"), (["sheet", "net-out", "--engine", "word"], "word"),
    (["sheet", "net-out", "--decimals", "-1"], "decimals"), (["sheet"], "LECTURE"), (["nonsense"], "nonsense"),
    (["show", "net-out", "--format", "xml"], "format"), (["slides", "net-out", "--paper", "b5"], "paper"),
])
def test_a_wrong_command_gets_one_line(arguments, says):
    refused(derive(*arguments), says)


def test_a_mistake_in_an_option_is_one_line_with_the_nearest_name():
    for words, says in [(["sheet", "--notaton", "x"], "did you mean --notation?"), (["shet"], "did you mean sheet?"),
                        (["sheet"], "missing argument 'LECTURE…'"), (["key", "net-out", "--decimals"], "argument"),
                        (["sheet", "net-out", "--decimals", "-1"], "-1 is not in the range"), (["--foo"], "--foo")]:
        result = derive(*words)
        refused(result, says)
        assert result.stderr.startswith("derive: ") and result.stderr.count("\n") == 1, words


def test_letters_that_no_font_has_are_told_and_a_level_without_effect():
    derive("new", "x")
    text = Path("x.toml").read_text(encoding="utf-8")
    Path("x.toml").write_text('course = "反 Größe"\n' + text, encoding="utf-8")
    made = derive("sheet", "x.toml", "--no-pdf")
    assert made.stderr == 'derive: x.toml: course: the fonts do not have 反; "?" is printed instead\n'
    assert "? Größe" in Path("output/x/worksheet.tex").read_text(encoding="utf-8") and made.exit_code == 0
    for command in (["sheet", "gru-cell", "--no-pdf"], ["show", "gru-cell", "h_1"], ["show", "recurrent-neuron", "h_1"]):
        assert "--level layer has no effect" in derive(*command, "--level", "layer").stderr, command
    assert not derive("show", "named-sums", "--level", "layer").stderr   # one of its parts is a network


def test_two_lectures_that_would_go_to_one_folder_are_refused_before_anything_is_written():
    for folder in ("a", "b"):
        derive("new", f"{folder}/x")
    refused(derive("sheet", "a/x.toml", "b/x.toml", "--no-pdf"), "b/x.toml: its files would go where those of a/x.toml")
    assert derive("sheet", "a/x.toml", "./a/x.toml", "--no-pdf").output.count("worksheet.tex") == 1


@pytest.mark.parametrize("name", ["..", "", ".hidden", "a\nb", "l" * 300, " x", "a/"])
def test_a_name_that_makes_no_folder(name):
    refused(derive("new", name), "no name for a lecture file")
    assert not [*Path().iterdir()]


def test_a_lecture_file_whose_folder_would_be_this_one():
    derive("new", "mine")
    Path("mine.toml").rename("..toml")
    refused(derive("sheet", "./..toml", "--no-pdf"), "no name for a lecture file")


def test_a_pipe_is_no_lecture_file():
    os.mkfifo("pipe.toml")
    refused(derive("sheet", "pipe.toml"), "pipe.toml: is no regular file")


@pytest.mark.parametrize("part", ["nope.toml", "", "nowhere/x.toml"])
def test_a_part_that_is_not_there_is_told_with_who_asks(part):
    Path("whole.toml").write_text(f'title = "A"\nparts = ["net-out", "{part}"]\n', encoding="utf-8")
    refused(derive("show", "whole.toml"), f"whole.toml: parts[2]: no lecture file {part!r}")


def test_what_a_terminal_would_obey_is_shown_as_its_code():
    Path("f.toml").write_text('title = "A"\n"a\\u001b[31m\\nb" = 1\n', encoding="utf-8")
    for words in (["show", "no\x1b[31m\nsuch"], ["show", "f.toml"], ["show", "net-out", "w\x9b1"], ["x\x07y"]):
        result = derive(*words)
        refused(result, "\\x")
        assert all(c.isprintable() for c in result.stderr.rstrip("\n")), words


def test_a_folder_where_the_pdf_is_to_go():
    Path("o/net-out/worksheet.pdf").mkdir(parents=True)
    refused(derive("sheet", "net-out", "-o", "o"), "worksheet.pdf: is a folder")
    assert [path.name for path in Path("o/net-out").iterdir()] == ["worksheet.pdf"]


def refused(result: Result, says: str) -> None:
    """Status 2, a line that says what is meant, no traceback, nothing written."""
    assert result.exit_code == 2, result.output
    assert says in result.stderr and "Traceback" not in result.stderr
    assert not result.stdout and not Path("output").exists()
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_folder_that_cannot_be_written():
    Path("file").write_text("", encoding="utf-8")
    result = derive("sheet", "net-out", "--no-pdf", "-o", "file")
    assert result.exit_code == 2 and "file" in result.stderr and "Traceback" not in result.stderr


# ---------------------------------------------------------------- as a process

def process(*words: str, **more) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "derive", *words], stderr=subprocess.PIPE, **more)


def test_a_reader_that_has_enough_ends_it_silently():
    running = process("show", "net-out", stdout=subprocess.PIPE)
    running.stdout.close()
    assert running.communicate()[1] == b"" and running.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_one_line():
    with open("/dev/full", "wb") as full:
        running = process("show", "net-out", stdout=full)
        assert running.communicate()[1] == b"derive: standard output: No space left on device\n"
    assert running.returncode == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_without_a_traceback_and_leaves_no_temporary_folder(number):
    Path("temporary").mkdir()
    places = {**os.environ, "TMPDIR": str(Path("temporary").absolute())}
    unheard = partial(signal.signal, number, signal.SIG_DFL)   # whoever runs the tests may have it ignored
    running = process("slides", "net-out", "matrix-form", "delta-rule", env=places, start_new_session=True,
                      preexec_fn=unheard)
    while not any(Path("temporary").glob("derive-*")) and running.poll() is None:
        time.sleep(0.01)
    running.send_signal(number)
    said = running.communicate()[1]
    assert running.returncode in (130, 143) and b"Traceback" not in said
    assert not any(Path("temporary").glob("derive-*"))


def test_a_hint_keeps_the_answer():
    Path("notes.md").write_text("$w_5^+ = 0.9$\n", encoding="utf-8")
    for more in (("--pdf",), ("--format", "json")):
        result = derive("check", "net-out", "notes.md", "--hint", *more)
        assert result.exit_code == 2 and "0.3589" not in result.output and not Path("output").exists()
        assert result.stderr.count("\n") == 1 and result.stderr.startswith("derive: --hint: ")


@pytest.mark.parametrize(("claim", "status"), [("net_{h1} = 0.3775", 0), ("net_{h1} = 0.3757", 1),
                                               (r"\fraq{1}{2} = 0.5", 0), ("no equality", 2)])
def test_what_cannot_be_read_is_said_and_is_no_slip(claim, status):
    result = derive("check", "net-out", "--claim", claim)
    assert result.exit_code == status and ("1 unread" in result.stdout) == ("fraq" in claim)


def test_a_file_called_without_its_ending():
    Path("weather.toml").write_text(LECTURE, encoding="utf-8")
    result = derive("show", "weather")
    assert result.exit_code == 2 and result.stderr.endswith("expected weather.toml\n")


# ---------------------------------------------------------------- start-up, and the same bytes

def test_help_loads_nothing_heavy():
    code = ("import sys\nfrom click.testing import CliRunner\nfrom derive.cli import main\n"
            "CliRunner().invoke(main, ['--help'])\n"
            "print([m for m in ('sympy', 'numpy', 'pydantic', 'lark', 'mpmath', 'jinja2') if m in sys.modules])")
    assert python(code).strip() == "[]"


def test_the_same_bytes_whatever_the_hash_seed():
    code = ("import hashlib\nfrom derive.lecture import load\nfrom derive.render import render\n"
            "from derive.worksheet import worksheet\n"
            "for name in ('net-out', 'shared-weights', 'matrix-form', 'named-sums'):\n"
            "    print(hashlib.sha256(render(worksheet(load(name)), 'key').encode()).hexdigest())")
    assert python(code, PYTHONHASHSEED="1") == python(code, PYTHONHASHSEED="2")
