"""Vocabularies of lectures by hand, and claims on one line each."""

from __future__ import annotations

from derive.check.reading import Claim, read
from derive.quantities import parse_id
from derive.spelling import Vocabulary, canonical
from derive.syntax import Tree

FUNCTIONS = {
    "sigma": "sigmoid",
    "sigmoid": "sigmoid",
    "activation": "sigmoid",
    "f": "sigmoid",
    "ReLU": "relu",
}


def vocabulary(names: dict[str, str]) -> Vocabulary:
    """Names by their spelling; ids of one name are divided by |."""
    ids = {canonical(name): tuple(map(parse_id, text.split("|"))) for name, text in names.items()}
    return Vocabulary(ids, FUNCTIONS)


UNITS = {
    name.replace("#", str(i)): meaning.replace("#", str(i))
    for i in (1, 2)
    for name, meaning in {
        "i_#": "x[#]",
        "x_#": "x[#]",
        "net_{h#}": "net[1][#]",
        "out_{h#}": "out[1][#]",
        "net_{o#}": "net[2][#]",
        "out_{o#}": "out[2][#]",
        "E_{o#}": "error[#]",
        "target_{o#}": "target[#]",
        "W_#": "w[#]",
        "b_#": "b[#][1]",
    }.items()
}
WEIGHTS = {
    f"w_{n}": f"w[{layer}][{to}][{source}]"
    for n, (layer, to, source) in enumerate(
        [(layer, to, source) for layer in (1, 2) for to in (1, 2) for source in (1, 2)], 1
    )
}
NET_OUT = vocabulary(
    UNITS
    | WEIGHTS
    | {
        "E_{total}": "loss",
        "E": "loss",
        "Total Error": "loss",
        r"\eta": "learning_rate",
        "learning rate": "learning_rate",
    }
)
DELTA = vocabulary(
    {
        f"{name}_{i}^{layer}": f"{kind}[{layer - 1}][{i}]"
        for i in (1, 2)
        for layer in (2, 3)
        for name, kind in {"a": "out", r"\delta": "delta", "b": "b"}.items()
    }
    | {f"w_{{{i}{j}}}^2": f"w[1][{i}][{j}]" for i in (1, 2) for j in (1, 2)}
    | {"t": "target[1]"}
)
SUMS = vocabulary(
    {
        "H_1": "net[1][1]",
        "H_2": "net[1][2]",
        "output_{H1}": "out[1][1]",
        "out_{H1}": "out[1][1]",
        "output_{H2}": "out[1][2]",
        "out_{H2}": "out[1][2]",
        "y_1": "net[2][1]",
        "output_{y1}": "out[2][1]",
        "out_1": "out[2][1]",
        "out_2": "out[2][2]",
        "T_1": "target[1]",
        "T_2": "target[2]",
        "Error": "loss",
        "Total Error": "loss",
        "x_1": "x[1]",
        "x_2": "x[2]",
        r"\eta": "learning_rate",
        "b_1": "b[1][1]",
        "b_3": "b[2][1]",
    }
    | WEIGHTS
)
NODES = vocabulary(
    {
        "h_{11}": "net[1][1]",
        "h_{12}": "net[1][2]",
        "a_{11}": "out[1][1]",
        "b_{h11}": "b[1][1]",
        "z": "net[3][1]",
        "y_{pred}": "out[3][1]",
        "y": "target[1]",
        "L": "loss",
        "x_1": "x[1]",
        "w_5": "w[3][1][1]",
        r"\eta": "learning_rate",
    }
)
LAYERS = vocabulary(
    {
        "W_1": "w[1]",
        "W_2": "w[2]",
        "w_1": "w[1]",
        "b_1": "b[1]",
        "b_2": "b[2]",
        "x": "x",
        "input": "x",
        "z_1": "net[1]",
        "z_{(2)}": "net[2]",
        "a_1": "out[1]",
        r"\hat{y}": "out[2]",
        "y": "target",
        r"\delta_2": "delta[2]",
        r"\delta^{(2)}": "delta[2]",
        "L": "loss",
        "Loss": "loss",
        r"\eta": "learning_rate",
    }
)

W5, NEW = "<w[2][1][1]>", "<new(w[2][1][1])>"


def shape(tree: Tree | None) -> str:
    """A resolved tree on one line: <id>, ~local, ? for what was not read."""
    if tree is None:
        return "?"
    if tree.op in ("id", "ids"):
        return "<" + "|".join(map(str, tree.ids)) + ">"
    if tree.op == "local":
        return "~" + canonical(tree.text)
    if not tree.args:
        return tree.text
    head = tree.op + (f"[{tree.text}]" if tree.op in ("call", "sum", "compare") else "")
    return f"{head}({', '.join(map(shape, tree.args))})"


def line(claim: Claim) -> str:
    """A claim on one line."""
    signs = [f" {sign.relation} " for sign in claim.signs] + [""]
    return "".join(shape(member.tree) + sign for member, sign in zip(claim.members, signs, strict=True))


def lines(text: str, names: Vocabulary = NET_OUT, **options: str) -> list[str]:
    """All claims of a text."""
    return [line(claim) for claim in read(text, names, **options)]
