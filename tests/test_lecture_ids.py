"""Lecture files: ids in frames, keys and patterns of names."""

from __future__ import annotations

import pytest
from lecture_files import BASE

from derive.errors import InputError

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
