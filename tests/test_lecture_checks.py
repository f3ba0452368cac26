"""Lecture files: what is refused, with which line."""

from __future__ import annotations

import pytest
from lecture_files import BASE, EQUATIONS

from derive.errors import FormulaError, InputError

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
