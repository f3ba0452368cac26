"""Lecture files: what is read, their parts and limits."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lecture_files import BASE, EQUATIONS

from derive import lecture_schema
from derive.errors import InputError, TooLargeError
from derive.lecture import Cell, load, starter


def cells(*written: str) -> tuple[Cell, ...]:
    return tuple(Cell(Decimal(text)) for text in written)


def test_a_network_with_names_values_and_both_kinds_of_bias(read):
    lecture = read(BASE)
    first, second = lecture.network.layers
    w5, b2 = Cell(Decimal("0.40"), "w5"), Cell(Decimal("0.6"), "b2")
    assert (lecture.name, lecture.source, lecture.title, lecture.level) == ("f", "f.toml", "T", "unit")
    assert first.weights == (cells("0.15", "0.20"), cells("0.25", "0.30"))
    assert (first.bias, first.shared_bias) == (cells("0.35") * 2, True)
    assert second.weights == ((w5, *cells("0.45")), (*cells("0.50"), w5))
    assert (second.bias, second.shared_bias) == ((b2, *cells("0.7")), False)
    assert lecture.inputs == (cells("0.05", "0.10"),) and lecture.targets == (cells("0.01", "0.99"),)
    assert lecture.values == (("w5", Decimal("0.40")), ("b2", Decimal("0.6")))
    assert (lecture.training.learning_rate, lecture.training.rounds) == (*cells("0.5"), 3)


def test_digits_stay_as_they_were_written(read):
    text = BASE.replace("0.15, 0.20", "0.150, 2e-1").replace("0.35", "3")
    layer = read(text).network.layers[0]
    assert [str(cell.value) for cell in layer.weights[0]] == ["0.150", "0.2"]
    assert str(layer.bias[0].value) == "3"


def test_what_is_left_out_has_its_default(read):
    lecture = read(BASE.split("[training]")[0] + "[network]" + BASE.split("[network]")[1])
    assert lecture.training.learning_rate == Cell(Decimal("0.1"))
    assert lecture.training.update_biases and lecture.training.rounds == 1
    assert (lecture.training.optimizer, lecture.training.reduction) == ("sgd", "sum")
    assert (lecture.display.decimals, lecture.display.rounding, lecture.display.carry) == (
        4,
        "half-up",
        "exact",
    )
    assert (lecture.paper, lecture.figures, lecture.frames, lecture.network.vectors) == (
        "a4",
        True,
        (),
        "column",
    )


def test_conventions_and_settings_are_kept(read):
    text = BASE.replace("rounds = 3", 'rounds = 3\noptimizer = "adam"\nbeta1 = 0.8\nl2 = 0.01\nshow_rounds = [1, 3]')
    text = text.replace("bias = 0.35", "threshold = 0.35").replace("inputs = 2\n", 'inputs = 2\nerror_signal = "gradient"\n')
    lecture = read(text)
    assert lecture.training.settings == (("beta1", Decimal("0.8")),)
    assert (lecture.training.l2, lecture.training.show_rounds) == (Decimal("0.01"), (1, 3))
    first, second = lecture.network.layers
    assert first.threshold and first.shared_bias and first.bias == cells("0.35", "0.35")
    assert not second.threshold and lecture.network.error_signal == "gradient"


def test_online_every_sample_counts_as_an_update(read):
    text = BASE.replace("[0.05, 0.10]", "[[0, 1], [1, 0]]").replace("[0.01, 0.99]", "[[0, 1], [1, 0]]")
    lecture = read(text.replace("rounds = 3", 'rounds = 3\nupdate = "online"\nshow_rounds = [6]'))
    assert lecture.training.show_rounds == (6,)
    with pytest.raises(InputError, match="there are 6 updates"):
        read(text.replace("rounds = 3", 'rounds = 3\nupdate = "online"\nshow_rounds = [7]'))


def test_row_vectors_are_turned_to_rows_by_unit(read):
    text = BASE.replace("inputs = 2\nloss", 'inputs = 2\nvectors = "row"\nloss')
    layer = read(text).network.layers[0]
    assert layer.weights == (cells("0.15", "0.25"), cells("0.20", "0.30"))


def test_a_layer_without_bias_and_a_formula_as_activation(read):
    text = BASE.replace("bias = 0.35\n", "").replace('"sigmoid"', '"x/(1+exp(-x))"', 1)
    layer = read(text).network.layers[0]
    assert (layer.bias, layer.shared_bias, layer.activation) == ((), False, "x/(1+exp(-x))")


def test_several_samples_have_a_row_each(read):
    text = BASE.replace("[0.05, 0.10]", "[[0.05, 0.10], [1, 2]]").replace("[0.01, 0.99]", "[[0, 1], [1, 0]]")
    lecture = read(text)
    assert lecture.inputs == (cells("0.05", "0.10"), cells("1", "2"))
    assert lecture.targets == (cells("0", "1"), cells("1", "0"))


def test_without_figures_no_number_is_asked_for(read):
    lecture = read(
        'title = "T"\nfigures = false\n[network]\ninputs = 2\n[[network.layers]]\nunits = 1\n'
        'activation = "tanh"\nbias = "q"\n'
    )
    layer = lecture.network.layers[0]
    assert layer.weights == ((Cell(None), Cell(None)),) and layer.bias == (Cell(None, "q"),)
    assert lecture.inputs == ((Cell(None), Cell(None)),) and lecture.targets == ((Cell(None),),)
    assert lecture.training.learning_rate == Cell(None)


def test_equations_keep_their_order_and_text(read):
    lecture = read(EQUATIONS)
    assert lecture.equations == (("y", "5*x + 3"), ("x", "t^2"))
    assert (lecture.derive.of, lecture.derive.by, lecture.derive.ways) == ("y", ("t", "x"), ("chain",))
    assert lecture.network is None and lecture.inputs == ()


def test_display_names_and_frames_are_kept_in_order(read):
    extra = (
        '[display.decimals_of]\nnew = 3\n"out[1][1]" = [9, 4]\n"d(loss) / d(w[1])" = 5\n'
        '[display.rounding_of]\n"loss#3" = "cut"\n'
        "[names]\n\"net[1]\" = 'net_{h<i>}'\n\"out[2]\" = ['o_<i>', '\\hat y_{<i+1>}']\n"
        '[[frames]]\ntitle = "F"\nshow = ["net[1]", "loss#3"]\nbrief = ["new(b[2][1])"]\n'
        'formulas = ["d(loss)/d(w[2][1][1])"]\ndraw = "outs"\n[[frames]]\ntitle = "G"\n'
    )
    lecture = read(BASE + extra)
    assert lecture.display.decimals_of == (
        ("new", (3, 3)),
        ("out[1][1]", (9, 4)),
        ("d(loss)/d(w[1])", (5, 5)),
    )
    assert lecture.display.rounding_of == (("loss#3", "cut"),)
    assert lecture.names == (("net[1]", ("net_{h<i>}",)), ("out[2]", ("o_{<i>}", "\\hat{y}_{<i+1>}")))
    first, second = lecture.frames
    assert (first.show, first.brief, first.draw) == (("net[1]", "loss#3"), ("new(b[2][1])",), "outs")
    assert (first.formulas, second.title, second.show) == (("d(loss)/d(w[2][1][1])",), "G", ())


def test_titles_print_as_written_and_dates_are_text(read):
    title = r"50 % & $x$ # _ { } ~ ^ \ été"
    lecture = read(BASE.replace('title = "T"', f"title = '{title}'\ndate = 2024-03-01"))
    assert (lecture.title, lecture.date) == (title, "2024-03-01")


@pytest.mark.parametrize("text", [b"\xef\xbb\xbf" + BASE.encode(), BASE.replace("\n", "\r\n").encode()])
def test_a_byte_order_mark_and_dos_line_ends_change_nothing(read, text):
    assert read(text) == read(BASE)


def test_the_same_text_gives_the_same_lecture(read):
    assert read(BASE) == read(BASE) and hash(read(BASE)) == hash(read(BASE))


def test_without_figures_a_name_needs_no_value(read):
    lecture = read("figures = false\n" + EQUATIONS.replace("[values]\nt = 2\n", ""))
    assert lecture.values == () and lecture.derive.by == ("t", "x")


# ---------------------------------------------------------------- files, parts, limits


def test_names_are_composed_letters(read):
    lecture = read(EQUATIONS.replace("\ny = ", '\n"ye\u0301" = ').replace('of = "y"', 'of = "yé"').replace("\nx = ", '\n"α" = ')
                   .replace("5*x", "5*α").replace('"x"]', '"α"]'))
    assert [name for name, _ in lecture.equations] == ["yé", "α"] and lecture.derive.of == "yé"


def test_names_that_are_written_alike_and_lists_with_one_thing_twice(read):
    for old, new, says in [('"5*x + 3"', '"5*x + x_1*x1"', "x1 is written as x_1 is"), ('["t", "x"]', '["t", "t"]', "twice"),
                           ('["t", "x"]', '["t"]\nways = ["chain", "chain"]', "'chain' stands there twice")]:
        with pytest.raises(InputError, match=says):
            read(EQUATIONS.replace(old, new).replace("t = 2", "t = 2\nx_1 = 3\nx1 = 4" if "x_1" in new else "t = 2"))


def test_a_single_softmax_unit_is_no_network(read):
    text = BASE.replace('"sigmoid"', '"softmax"').replace("targets = [0.01, 0.99]", "targets = [1]")
    cut = text[:text.rindex("units = 2")] + 'units = 1\nactivation = "softmax"\nweights = [["w5", 1]]\nbias = "b2"\n'
    with pytest.raises(InputError, match="one softmax unit gives 1 whatever comes in; expected 2 or more, or sigmoid"):
        read(cut)


def test_no_such_lecture_names_the_nearest():
    with pytest.raises(InputError, match=r"no lecture is called 'netout'.*did you mean net-out\?"):
        load("netout")


def test_what_is_no_readable_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.toml").mkdir()
    Path("net-out").mkdir()
    Path("big.toml").write_bytes(b"#" * 4_000_001)
    for name, line in [
        ("a.toml", "a.toml: is a folder; expected a lecture file (.toml)"),
        ("b.toml", "b.toml: no such file; expected a lecture file (.toml)"),
        ("./none", "none: no such file; expected a lecture file (.toml)"),
        ("big.toml", "big.toml: is too large; expected at most 4 MB"),
        ("a\0b.toml", "a\\x00b.toml: "),
    ]:
        with pytest.raises(InputError) as caught:
            load(name)
        assert caught.value.line().startswith(line)
    assert load("net-out").source == "net-out.toml"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"title = \n", "f.toml:1:9: not TOML: invalid value"),
        (b"title = 'T'\ntitle = 'T'\n", "f.toml:2:12: not TOML: cannot overwrite a value"),
        (b"[network\n", "f.toml:1:9: not TOML: expected ']'"),
        (b'title = "T', "f.toml:1:11: not TOML: unterminated string"),
        (b"a = 1\nb = '\xff'\n", "f.toml:2:6: bytes that are not UTF-8"),
        (b"a = 2024-02-30", "f.toml"),
        (b"a = " + b"[" * 100_000, "f.toml: is nested too deeply"),
        (b"a = " + b"[" * 20 + b"]" * 20, "f.toml: is nested too deeply; expected at most 8 levels"),
        (b"a." * 20 + b"b = 1", "f.toml: is nested too deeply"),
        (b"a." * 200_000 + b"b = 1", "f.toml: is nested too deeply"),
        (b"[" + b"'a' . " * 200_000 + b"b]", "f.toml: is nested too deeply"),
        (b"\0", "f.toml:1:1: not TOML"),
        (b"", "f.toml: title: missing"),
        (b"title = 'T'", "f.toml: network: missing; expected [network], [equations] or parts"),
    ],
)
def test_what_is_no_toml_or_beyond_the_limits(read, text, line):
    with pytest.raises(InputError) as caught:
        read(text)
    assert caught.value.line().startswith(line) and "\n" not in caught.value.line()
    assert isinstance(caught.value, TooLargeError) == ("deeply" in line)


def test_parts_are_found_by_name_and_beside_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("deep").mkdir()
    Path("deep/own.toml").write_text(BASE)
    Path("deep/whole.toml").write_text('title = "W"\nparts = ["net-out", "own.toml"]\n')
    whole = load("deep/whole.toml")
    assert [(part.name, part.source) for part in whole.parts] == [
        ("net-out", "net-out.toml"),
        ("own", "deep/own.toml"),
    ]


def test_parts_that_cannot_be(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text('title = "A"\nparts = ["b.toml"]\n')
    Path("b.toml").write_text('title = "B"\nparts = ["../' + tmp_path.name + '/a.toml"]\n')
    Path("c.toml").write_text('title = "C"\nparts = ["net-out", "nt-out"]\n')
    Path("bad.toml").write_text(BASE.replace("0.35", "true"))
    Path("d.toml").write_text('title = "D"\nparts = ["bad.toml"]\n')
    Path("e.toml").write_text('title = "E"\nparts = ["net-out"]\n[[frames]]\ntitle = "F"\nshow = ["loss"]\n')
    for name, line in [
        ("a.toml", f"b.toml: parts[1]: ../{tmp_path.name}/a.toml is a part of itself"),
        ("c.toml", "c.toml: parts[2]: no lecture is called 'nt-out'"),
        ("d.toml", "bad.toml: network.layers[1].bias: true is not a number"),
        ("e.toml", "e.toml: frames[1].show[1]: loss: the lecture has no quantities of its own"),
    ]:
        with pytest.raises(InputError) as caught:
            load(name)
        assert caught.value.line().startswith(line)


@settings(max_examples=150)
@given(
    st.binary(max_size=60) | st.text(max_size=60).map(str.encode),
    st.integers(0, len(BASE)),
    st.integers(0, 30),
)
def test_no_damage_to_a_file_gives_anything_but_one_error(tmp_path_factory, put, place, gone):
    path = tmp_path_factory.getbasetemp() / "damaged.toml"
    path.write_bytes(BASE.encode()[:place] + put + BASE.encode()[place + gone :])
    try:
        load(str(path))
    except InputError as error:
        assert error.line().startswith(str(path)) or "\n    " in error.line()


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=80))
@settings(max_examples=30)
def test_the_starting_file_is_a_lecture_under_any_name(tmp_path_factory, name):
    path = tmp_path_factory.getbasetemp() / "starting.toml"
    path.write_text(starter(name), encoding="utf-8")
    lecture = load(str(path))
    assert lecture.title == name and lecture.network.layers[1].weights[0][1] == Cell(Decimal("-0.7"), "v2")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a" * 81])
def test_a_starting_file_needs_a_name(name):
    with pytest.raises(InputError, match="not a name for a lecture"):
        starter(name)


def test_the_starting_file_explains_every_key():
    text = starter("a")
    keys = {key for table in (lecture_schema.FileIn, *lecture_schema.Table.__subclasses__()) for key in table.model_fields}
    assert len(keys) > 60 and sorted(key for key in keys if not re.search(rf"\b{key}\b", text)) == []


@pytest.mark.parametrize("key", ["about", "author", "course", "date", "points", "paper", "figures", "error_signal",
                                 "update_biases", "rounds", "optimizer", "reduction", "update", "order", "schedule",
                                 "weight_decay", "l2", "rounding", "carry"])
def test_what_the_starting_file_shows_is_accepted(read, key):
    text, found = re.subn(rf"(?m)^# ({key} = )", r"\1", starter("a"), count=1)
    assert found == 1 and read(text)


def test_samples_of_one_number_may_stand_in_a_row(tmp_path):
    text = starter("T").replace("inputs = [1, 0.5]", "inputs = [[1, 0], [0, 1]]").replace("targets = [1]", "targets = [1, 0]")
    path = tmp_path / "own.toml"
    path.write_text(text)
    assert [[cell.value for cell in row] for row in load(str(path)).targets] == [[1], [0]]
