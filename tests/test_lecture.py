"""Lecture files: what is read, and what is refused and how."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import lecture_schema
from derive.errors import FormulaError, InputError, TooLargeError
from derive.lecture import Cell, Lecture, load, starter

BASE = """title = "T"
notation = "net-out"
[data]
inputs = [0.05, 0.10]
targets = [0.01, 0.99]
[values]
w5 = 0.40
b2 = 0.6
[training]
learning_rate = 0.5
rounds = 3
[display]
decimals = 4
[network]
inputs = 2
loss = "half-squared-error"
[[network.layers]]
units = 2
activation = "sigmoid"
weights = [[0.15, 0.20], [0.25, 0.30]]
bias = 0.35
[[network.layers]]
units = 2
activation = "sigmoid"
weights = [["w5", 0.45], [0.50, "w5"]]
bias = ["b2", 0.7]
"""

EQUATIONS = """title = "T"
[equations]
y = "5*x + 3"
x = "t^2"
[values]
t = 2
[derive]
of = "y"
by = ["t", "x"]
"""


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Loads a text as the file f.toml."""
    monkeypatch.chdir(tmp_path)

    def load_text(text: str | bytes, name: str = "f.toml") -> Lecture:
        Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(name)

    return load_text


def cells(*written: str) -> tuple[Cell, ...]:
    return tuple(Cell(Decimal(text)) for text in written)


# ---------------------------------------------------------------- what is read


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


# ---------------------------------------------------------------- what is refused

REFUSED = [
    # what is replaced, by what, the line
    ("0.05, 0.10", "0.05", "data.inputs: 1 entry; expected 2, one for each input"),
    ("0.01, 0.99", "0, 1, 0", "data.targets: 3 entries; expected 2, one for each output"),
    ("[0.05, 0.10]", "[[0]]", "data.inputs[1]: 1 entry; expected 2, one for each input"),
    (
        "[0.05, 0.10]",
        "[[0, 1], [1, 1]]",
        "data.targets: targets of 1 sample; expected 2, as data.inputs has",
    ),
    ("inputs = [0.05, 0.10]\n", "", "data.inputs: missing; expected 2 numbers or names"),
    ("inputs = [0.05, 0.10]", "inputs = []", "data.inputs: 0 entries; expected 2, one for each input"),
    (
        "[[0.15, 0.20], [0.25, 0.30]]",
        "[[0.15, 0.20]]",
        "network.layers[1].weights: 1 row; expected 2, one for each unit",
    ),
    (
        "[0.25, 0.30]",
        "[0.25]",
        "network.layers[1].weights[2]: 1 entry; expected 2, one for each sending unit",
    ),
    (
        "weights = [[0.15, 0.20], [0.25, 0.30]]\n",
        "",
        "network.layers[1].weights: missing; expected 2 rows of 2, or figures = false",
    ),
    ("0.25, 0.30", "0.25, true", "network.layers[1].weights[2][2]: true is not a number; expected a number"),
    (
        "0.25, 0.30",
        "0.25, inf",
        "network.layers[1].weights[2][2]: infinity is not a finite number; expected a number",
    ),
    ("0.25, 0.30", "0.25, -nan", "network.layers[1].weights[2][2]: -nan is not a finite number"),
    ("0.25, 0.30", '0.25, "0.3"', "network.layers[1].weights[2][2]: '0.3' is not a name"),
    ("0.25, 0.30", '0.25, "v"', "network.layers[1].weights[2][2]: the name v has no value; expected v under"),
    ("0.25, 0.30", "0.25, [1]", "network.layers[1].weights[2][2]: a list where one number belongs"),
    (
        "0.25, 0.30",
        "0.25, 1" + "0" * 400,
        "network.layers[1].weights[2][2]: the number is too large; expected",
    ),
    ("0.25, 0.30", "0.25, 1e400", "network.layers[1].weights[2][2]: the number is too large or too long"),
    ("0.25, 0.30", "0.25, 1" + "0" * 5000, "network.layers[1].weights[2][2]: the number is too large; expected"),
    ("0.25, 0.30", "0.25, 1e" + "9" * 20, "network.layers[1].weights[2][2]: the number is too large or too long"),
    ("0.25, 0.30", "0.25, 1e-" + "9" * 20, "network.layers[1].weights[2][2]: the number is too large or too long"),
    ("inputs = 2\n", "inputs = 0x" + "f" * 5000 + "\n", "network.inputs: a number of over 50 digits is out of range"),
    ("decimals = 4", "decimals = " + "_".join("9" * 5000), "display.decimals: a number of over 50 digits is out of"),
    ("0.25, 0.30", "0.25, 0." + "3" * 60, "network.layers[1].weights[2][2]: the number is too large or too"),
    ("0.25, 0.30", '0.25, "b2"', "network.layers[2].bias[1]: the name b2 stands for a weight already"),
    ('["b2", 0.7]', '["b2"]', "network.layers[2].bias: 1 entry; expected 2, one for each unit"),
    ('["b2", 0.7]', '["b2", 0.7, 1]', "network.layers[2].bias: 3 entries; expected 2, one for each unit"),
    ("b2 = 0.6", "b2 = 0.6\nb3 = 1", "values.b3: the name b3 is not used; expected a number or formula with b3"),
    ("b2 = 0.6", 'b2 = "x"', "values.b2: 'x' is not a number; expected a number"),
    ("b2 = 0.6", 'row = "x"', "values.row: 'x' is not a number"),
    ("b2 = 0.6", '"b 2" = 1', "'b 2' is not a name; expected a letter"),
    ('"sigmoid"', '"sigmod"', "network.layers[1].activation: unknown activation 'sigmod'"),
    ('"sigmoid"', '"sigmod"', "(did you mean sigmoid?)"),
    ('"sigmoid"', '"x*y"', "network.layers[1].activation: unknown name y in the formula"),
    ('"sigmoid"', '"leaky relu"', "(did you mean leaky-relu?)"),
    ('"sigmoid"', '"log"', "network.layers[1].activation: unknown activation 'log'"),
    ('"sigmoid"', '"0"', "network.layers[1].activation: '0' is the same for every x; expected a formula that"),
    *(('"sigmoid"', f'"{same}"', f"network.layers[1].activation: {same!r} is the same for every x; expected a formula")
      for same in ("x/x", "0*x", "x^0", "sin(x)^2 + cos(x)^2")),
    ('"sigmoid"', '"0^0"', "network.layers[1].activation: '0^0' is the same for every x; expected a formula"),
    ("half-squared-error", "half-square-error", "network.loss: 'half-square-error' is unknown; expected"),
    ("half-squared-error", "half-square-error", "(did you mean half-squared-error?)"),
    (
        '"net-out"',
        '"netout"',
        "notation: unknown notation 'netout'; expected delta, net-out, named-sums, node",
    ),
    ('"net-out"', '"netout"', "(did you mean net-out?)"),
    ("decimals = 4", 'rounding = "halfup"', "(did you mean half-up?)"),
    (
        "decimals = 4",
        "decimals = 31",
        "display.decimals: 31 is out of range; expected a whole number from 0 to",
    ),
    ("decimals = 4", "decimals = -1", "display.decimals: -1 is out of range"),
    ("decimals = 4", "decimals = 4.0", "display.decimals: 4.0 is not a whole number"),
    ("decimals = 4", "decimal = 4", "display.decimal: unknown key; expected decimals, rounding, carry"),
    ("decimals = 4", "decimal = 4", "(did you mean decimals?)"),
    ("bias = 0.35", "biases = 0.35", "network.layers[1].biases: unknown key; expected units, activation"),
    ("notation =", "notatoin =", "notatoin: unknown key"),
    ("rounds = 3", "rounds = 3\nmomentum = 0.9", "training.momentum: unknown key"),
    ("rounds = 3", "rounds = 0", "training.rounds: 0 is out of range"),
    ("rounds = 3", 'optimizer = "sdg"', "(did you mean sgd?)"),
    ("rounds = 3", "beta = 0.9", "training.beta: sgd with a constant rate has no beta; expected momentum or"),
    ("rounds = 3", 'optimizer = "adam"\nbeta = 0.9', "no beta; expected beta1, beta2, epsilon"),
    ("rounds = 3", 'optimizer = "adam"\nbeta1 = 1', "training.beta1: 1 is too large; expected a number below 1"),
    ("rounds = 3", "l2 = -0.1", "training.l2: -0.1 is negative"),
    ("rounds = 3", "rounds = 3\nshow_rounds = [1, 4]", "training.show_rounds[2]: there are 3 updates"),
    ("rounds = 3", 'order = "sequentiel"', "(did you mean sequential?)"),
    ("rounds = 3", 'schedule = "steps"', "(did you mean step?)"),
    ("inputs = 2\n", 'inputs = 2\nerror_signal = "negative"\n', "network.error_signal: 'negative' is unknown"),
    ("bias = 0.35", "bias = 0.35\nthreshold = 0.1", "network.layers[1].threshold: stands beside bias"),
    ("bias = 0.35", "threshold = [0.1]", "network.layers[1].threshold: 1 entry; expected 2"),
    ("bias = 0.35", "kink = 0.5", "network.layers[1].kink: sigmoid has no kink"),
    ("learning_rate = 0.5", "learning_rate = -0.5", "training.learning_rate: -0.5 is negative"),
    ("rounds = 3", "update_biases = 1", "training.update_biases: 1 is neither true nor false"),
    ("units = 2", "unit = 2", "network.layers[1].unit: unknown key; expected units,"),
    ('title = "T"', 'title = "  "', "title: nothing in it; expected some words"),
    ("rounds = 3", "rounds = 3\nshow_rounds = [1, 3, 1]", "training.show_rounds: 1 stands there twice"),
    ("rounds = 3", 'rounds = 3\nschedule = "step"\nevery = 0', "training.every: 0 is no number of updates"),
    ("rounds = 3", 'rounds = 3\nschedule = "step"\nevery = 1.5', "training.every: 1.5 is no number of updates"),
    ("w5 = 0.40", "w5 = 0.40\nw_5 = 1", "the name w_5 is not used"),
    ("[training]", "[[frames]]\ntitle = ''\n[training]", "frames[1].title: nothing in it"),
    ("[training]", "[[frames]]\ntitle = 'a'\ndraw = 'x'\n[training]", "expected givens, outs, new, gradients"),
    ("bias = 0.35", "bias = 'a__b'", "'a__b' is not a name; expected a letter, then letters and digits, single _"),
    ("bias = 0.35", "bias = 'x_'", "'x_' is not a name"), ("bias = 0.35", "bias = '_'", "'_' is not a name"),
    ("bias = 0.35", "bias = '重'", "the letter 重 of '重' cannot be set in a formula; expected Latin or Greek"),
    ('weights = [["w5", 0.45]', 'weights = [["w_5", 0.45]', "w5 is written as w_5 is; expected names that differ"),
    ('title = "T"\n', "", "title: missing; expected title = …"),
    ('title = "T"', 'title = "a\\u0000b"', "title: holds a control character"),
    ('title = "T"', 'title = "a\\nb"', "title: more than one line"),
    ('title = "T"', "title = 3", "title: 3 is not text; expected text in quotes"),
    ('title = "T"', 'title = "T"\nlevel = "units"', "(did you mean unit?)"),
    (
        "units = 2",
        "units = 513",
        "network.layers[1].units: 513 is out of range; expected a whole number from 1",
    ),
    ("units = 2", "units = 0", "network.layers[1].units: 0 is out of range"),
    ("units = 2\n", "", "network.layers[1].units: missing"),
    ("[network]\n", "[equations]\ny = '1'\n[network]\n", "equations: beside network; expected one of"),
    ("[network]\n", "[derive]\nof = 'y'\nby = ['x']\n[network]\n", "derive: no equations to derive"),
]


@pytest.mark.parametrize(("old", "new", "line"), REFUSED, ids=[f"{i}" for i in range(len(REFUSED))])
def test_a_mistake_gives_one_line_with_file_key_and_what_was_expected(read, old, new, line):
    assert old in BASE
    with pytest.raises(InputError) as caught:
        read(BASE.replace(old, new, 1))
    message = caught.value.line()
    assert message.startswith("f.toml: ") and "; expected " in message and line in message
    assert "\n" not in message and len(message) < 400


PROBABLE = BASE.replace("half-squared-error", "binary-cross-entropy")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "0.01, 0.99",
            "0.01, 1.01",
            "data.targets[2]: the target 1.01 is outside [0, 1]; expected a probability, for",
        ),
        ("0.01, 0.99", '0.01, "t"', "data.targets[2]: the target -1 is outside [0, 1]"),
        ("[0.01, 0.99]", "[[0.01, -0.99]]", "data.targets[1][2]: the target -0.99 is outside [0, 1]"),
    ],
)
def test_cross_entropy_expects_probabilities(read, old, new, line):
    text = PROBABLE.replace("b2 = 0.6", "b2 = 0.6\nt = -1") if '"t"' in new else PROBABLE
    read(PROBABLE)
    with pytest.raises(InputError) as caught:
        read(text.replace(old, new))
    assert line in caught.value.line()


@pytest.mark.parametrize("activation", ["linear", "tanh", "relu", "bipolar-sigmoid"])
def test_cross_entropy_needs_an_output_between_zero_and_one(read, activation):
    hidden, output = (
        PROBABLE.replace('"sigmoid"', f'"{activation}"', 1),
        f'"{activation}"'.join(PROBABLE.rsplit('"sigmoid"', 1)),
    )
    assert read(hidden).network.layers[0].activation == activation
    with pytest.raises(
        InputError, match=rf"network\.layers\[2\]\.activation: {activation} gives no probabilities"
    ):
        read(output)


def test_a_name_may_not_stand_for_two_kinds_of_number(read):
    with pytest.raises(InputError, match=r"data\.inputs\[1\]: the name w5 stands for a weight already"):
        read(BASE.replace("0.05", '"w5"'))


# ---------------------------------------------------------------- ids and names

BAD_IDS = [
    ("net[3][1]", "the network has no such layer; expected 1 to 2"),
    ("net[0][1]", "the network has no such layer; expected 1 to 2"),
    ("out[1][3]", "the network has no such unit; expected 1 to 2"),
    ("w[1][1][3]", "the network has no such sending unit; expected 1 to 2"),
    ("x[3]", "the network has no such input; expected 1 to 2"),
    ("error[3]", "the network has no such output"),
    ("net", "net has 0 indices; expected net[l] or net[l][i]"),
    ("loss[1]", "loss[1] has 1 indices; expected loss"),
    ("nett[1][1]", "(did you mean net?)"),
    ("net[1][1]@2", "there is no such sample; expected 1 to 1"),
    ("loss#4", "there is no such round; expected at most 3"),
    ("new(net[1][1])", "only weights and biases are updated"),
    ("d(loss)/d(w[9][1][1])", "the network has no such layer"),
    ("d(d(loss)/d(w[1][1][1]))/d(x[1])", "is not a derivative of one quantity by another"),
    ("w 1 -", "is not an id"),
    ("", "is not an id"),
]


@pytest.mark.parametrize("part", ["show", "brief", "formulas"])
@pytest.mark.parametrize(("text", "what"), BAD_IDS)
def test_an_id_that_the_network_does_not_have(read, part, text, what):
    with pytest.raises(InputError) as caught:
        read(BASE + f'[[frames]]\ntitle = "F"\n{part} = ["loss", "{text}"]\n')
    assert f"f.toml: frames[1].{part}[2]: " in caught.value.line() and what in caught.value.line()


def test_a_bias_that_a_layer_does_not_have(read):
    text = BASE.replace("bias = 0.35\n", "")
    with pytest.raises(InputError, match="layer 1 has no bias"):
        read(text + '[[frames]]\ntitle = "F"\nshow = ["new(b[1][1])"]\n')
    assert read(text + '[[frames]]\ntitle = "F"\nshow = ["new(b[2][1])"]\n').frames[0].show == (
        "new(b[2][1])",
    )


@pytest.mark.parametrize(
    "key",
    [
        "net",
        "new",
        "gradient",
        "derivative",
        "w[1]",
        "new(w)",
        "d(loss)/d(w)",
        "loss#2",
        "d(net)/d(out)",
        "learning_rate",
        "x",
        "target[1]",
        "error",
        "new(b[2])",
    ],
)
def test_keys_of_names_and_display_may_be_kinds_and_layers(read, key):
    extra = f'[display.decimals_of]\n"{key}" = 2\n[names]\n"{key}" = "q"\n'
    lecture = read(BASE + extra)
    assert lecture.display.decimals_of == ((key, (2, 2)),) and lecture.names == ((key, ("q",)),)


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            '[display.decimals_of]\n"net[3]" = 2\n',
            'display.decimals_of."net[3]": net[3]: the network has no such layer',
        ),
        (
            "[display.decimals_of]\nnet = [1, 2, 3]\n",
            "display.decimals_of.net: 3 entries; expected at most 2",
        ),
        ("[display.decimals_of]\nnet = 40\n", "40 is out of range"),
        ('[display.rounding_of]\nnet = "up"\n', "display.rounding_of.net: 'up' is unknown"),
        ('[names]\nnets = "q"\n', 'names."nets": nets is unknown'),
        ("[names]\nnet = 3\n", "names.net: 3 is not a list; expected […, …]"),
        ("[names]\nnet = []\n", "names.net: 0 entries; expected at least 1"),
        ("[names]\nnet = ''\n", "names.\"net\"[1]: '' is not a name"),
        ("[names]\nnet = 'n_{<j>}'\n", "unknown placeholder <j>; expected <l>, <i> for this key, or such as <l+1>"),
        ("[names]\nnet = 'n_{<i>'\n", "'n_{<i>' is not a name: a brace does not close; expected a { for every }"),
        ("[names]\nnet = 'n_}<i>{'\n", "is not a name: nothing stands behind _"),
        ("[names]\nnet = '\\input{x}'\n", "'\\input{x}' is not a name: the command \\input is not allowed"),
        ("[names]\nnet = '\\write18{x}'\n", "is not a name: the command \\write is not allowed"),
        ("[names]\nnet = 'a$b'\n", "is not a name"),
        ("[names]\nnet = 'a%b'\n", "is not a name"),
        ("[names]\nnet = '\\'\n", "'\\' is not a name: the command \\ is not allowed"),
        ("[names]\nnet = '^^5cinput'\n", "is not a name"),
        ("[names]\nnet = 'n_<i>_1'\n", "is not a name"),
        ("[names]\nnet = 'n_{<i>}^2_1'\n", "is not a name"),
        ("[names]\nnet = 'n_{a^<i>^1}'\n", "is not a name"),
        ("[names]\nnet = 'n_'\n", "is not a name"),
        ("[names]\nnet = '{\\hat}n'\n", "is not a name"),
        ("[names]\nnet = 'net_<name>'\n", "unknown placeholder <name>; expected <l>, <i> for this key"),
        ("[names]\nnew = 'w_<i>'\n", "unknown placeholder <i>; expected <name> for this key"),
        ("[names]\nloss = 'E_<i>'\n", "unknown placeholder <i>; expected none for this key"),
        ('[names]\n"w[1]" = "w_<i>"\n', "unknown placeholder <i>; expected <l>, <to>, <from> for this key"),
        ("[names]\nnet = '\\text{net_h}'\n", "is not a name"),
    ],
)
def test_keys_and_patterns_that_are_refused(read, table, line):
    with pytest.raises(InputError) as caught:
        read(BASE + table)
    assert line in caught.value.line()


# ---------------------------------------------------------------- equations


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("t = 2", "t = 2\nu = 1", "values.u: the name u is not used"),
        ("[values]\nt = 2\n", "", "equations.x: the name t has no value; expected t under [values]"),
        ('x = "t^2"', 'x = "y + t"', "equations: they go round in a circle ("),
        ('x = "t^2"', 'x = "x + t"', "equations: they go round in a circle (x -> x)"),
        ("t = 2", "t = 2\nx = 1", "values.x: x has an equation already"),
        ('of = "y"', 'of = "z"', "derive.of: z has no equation; expected y, x"),
        ('by = ["t", "x"]', 'by = ["t", "q"]', "derive.by[2]: q is in no equation; expected y, x, t"),
        ('by = ["t", "x"]', "by = []", "derive.by: 0 entries; expected at least 1"),
        ('by = ["t", "x"]', 'by = ["t"]\nways = ["chian"]', "(did you mean chain?)"),
        ('[derive]\nof = "y"\nby = ["t", "x"]\n', "", "derive: missing; expected [derive] with of and by"),
        ('x = "t^2"', 'x = "9^9^9^9 + t"', "equations.x: a constant is too large to compute"),
        ('x = "t^2"', "x = 3", "equations.x: 3 is not text"),
        ('x = "t^2"', 'e = "t^2"', "e is a number already"),
        ("[derive]", "[data]\ninputs = [1]\n[derive]", "data: no network to take the data"),
        (
            "[derive]",
            '[[frames]]\ntitle = "F"\nshow = ["z"]\n[derive]',
            "frames[1].show[1]: z is in no equation",
        ),
    ],
)
def test_equations_that_are_refused(read, old, new, line):
    text = EQUATIONS.replace(old, new)
    text = text.replace('"5*x + 3"', '"5*e + 3"') if 'e = "t^2"' in new else text
    with pytest.raises(InputError) as caught:
        read(text)
    assert line in caught.value.line() and caught.value.line().startswith("f.toml: ")


@pytest.mark.parametrize(
    ("formula", "column"),
    [("5*x + + ) 3", 9), ("5*(x + 3", 9), ("__import__('os')", None), ("", None), ("foo(x)", None)],
)
def test_a_formula_that_does_not_parse_shows_where(read, formula, column):
    with pytest.raises(InputError) as caught:
        read(EQUATIONS.replace("5*x + 3", formula))
    lines = caught.value.line().splitlines()
    assert lines[0].startswith(f"f.toml: equations.y, column {column}: " if column else "f.toml: equations.y")
    if column:
        assert isinstance(caught.value, FormulaError) and lines[1].strip() == formula
        assert lines[2] == " " * (column + 3) + "^"


@pytest.mark.parametrize("formula", ["x - 1", "log x", "sin 2x", "x²", "x", "pi*x", "e^-x^2", "2 x x", "max(0, x)"])
def test_an_activation_with_an_x_is_a_formula(read, formula):
    assert read(BASE.replace('"sigmoid"', f'"{formula}"', 1)).network.layers[0].activation == formula


@pytest.mark.parametrize(("formula", "column"), [("x -", 4), ("sin 2 3 x", 7), ("x 2 3", 5), ("max(x)", 1)])
def test_an_activation_with_an_x_that_does_not_parse_shows_where(read, formula, column):
    with pytest.raises(FormulaError) as caught:
        read(BASE.replace('"sigmoid"', f'"{formula}"', 1))
    head, text, caret = caught.value.line().splitlines()
    assert head.startswith(f"f.toml: network.layers[1].activation, column {column}: ") and "; expected " in head
    assert text.strip() == formula and caret == " " * (column + 3) + "^"


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
