"""Worksheets made by hand, for the tests of typography: every kind of block, and hard cases."""

from __future__ import annotations

from derive.blocks import (
    Diagram,
    Edge,
    Figure,
    Frame,
    Grid,
    Line,
    Math,
    Member,
    Node,
    Prose,
    Space,
    Table,
    Working,
    Worksheet,
)


def formula(latex: str, **more: bool) -> Member:
    return Member("formula", latex, **more)


def numbers(latex: str) -> Member:
    return Member("numbers", latex)


def figure(latex: str, blank: int | None = None) -> Member:
    return Member("figure", value=Figure(latex, f"id{blank}", blank))


def network(*units: int, values: bool = False, weight: str = "w") -> Diagram:
    """A dense network with numbered weights; `values` puts numbers on everything."""
    last = len(units) - 1
    kinds = {0: "input", last: "output"}
    nodes = [
        Node(
            f"{c}.{r}",
            c,
            r,
            f"{'x' if c == 0 else 'h' if c < last else 'o'}_{{{r + 1}}}",
            kinds.get(c, "unit"),
            above=f"0.{c}{r}5" if values else "",
            below=f"b_{c}" if c and values else "",
        )
        for c, n in enumerate(units)
        for r in range(n)
    ]
    pairs = [(c, i, j) for c in range(last) for j in range(units[c + 1]) for i in range(units[c])]
    edges = [
        Edge(f"{c}.{i}", f"{c + 1}.{j}", f"-0.{k}5" if values else f"{weight}_{{{k}}}")
        for k, (c, i, j) in enumerate(pairs, 1)
    ]
    names = ("inputs", *(f"hidden layer {c}" for c in range(1, last)), "outputs")
    return Diagram(tuple(nodes), tuple(edges), f"A network with {units} units.", names)


def total(n: int, first: int = 1) -> str:
    return " + ".join(rf"w_{{{k}}} \times i_{{{k}}}" for k in range(first, first + n))


def put_in(n: int) -> str:
    return " + ".join(rf"0.{k}5 \times (-0.{k + 10})" for k in range(1, n + 1))


def matrix(rows: int, columns: int, entry: str = "-0.{}{}") -> str:
    body = r" \\ ".join(" & ".join(entry.format(i, j) for j in range(columns)) for i in range(rows))
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def grid(rows: int, columns: int, first: int = 1) -> Grid:
    cells = [
        [Figure(f"-0.{i}{j}25", f"g{i}{j}", first + i * columns + j) for j in range(columns)]
        for i in range(rows)
    ]
    return Grid(tuple(tuple(row) for row in cells))


E, W5 = r"E_{\mathrm{total}}", r"w_5"
PARTIAL = r"\frac{\partial E_{\mathrm{total}}}{\partial w_5}"
CHAIN = (
    r"\frac{\partial E_{\mathrm{total}}}{\partial \mathrm{out}_{o1}} \times "
    r"\frac{\partial \mathrm{out}_{o1}}{\partial \mathrm{net}_{o1}} "
    r"\times \frac{\partial \mathrm{net}_{o1}}{\partial w_5}"
)
HOSTILE = r"100% of $5 & #1_a {b} ~c ^d \e -- ``q'' <<Zoë>> Łódź"


def net_out() -> Worksheet:
    """Like the note: every kind of block once."""
    gradient = Working((Line(PARTIAL, (
        formula(CHAIN, blank=True), Member("numbers", r"0.7413 \times 0.1868 \times 0.5932", blank=True),
        figure("0.0821", 14))),))
    words = ("A network with two inputs and sigmoid units. The learning rate is ", Math(r"\eta = 0.5"), ".")
    frames = (
        Frame("The network", (Prose(words), network(2, 2, 2), _givens())),
        Frame("Forward pass: hidden layer", (
            Prose(("Each hidden neuron sums its weighted inputs.",), "bullet"),
            Prose(("The sum goes through the activation.",), "bullet"), _forward(), Space(3))),
        Frame("Backward pass", (
            Prose(("How much does a change of ", Math("w_5"), " change the total error?")), _backward(),
            Prose(("Putting it together",), "lead"), _update(), Space(4), _others())),
        Frame("The network after one update", (network(2, 2, 2, values=True), network(2, 2, 2))),
        Frame("With the formulas left blank", (gradient,)),
    )
    return Worksheet("Two hidden, two output neurons", frames, author="Ada Lovelace", course="Neural networks",
                     date="Autumn 2024", points=14)


def _givens() -> Table:
    rows = tuple(((Math(rf"w_{k}"),), Figure(f"0.{10 + 5 * k}", f"w{k}"),
                  (Math(rf"w_{k + 4}"),), Figure(f"0.{30 + 5 * k}", "w")) for k in range(1, 5))
    return Table((("Quantity",), ("Value",), ("Quantity",), ("Value",)), rows)


def _forward() -> Working:
    net = (formula(r"w_1 \times i_1 + w_2 \times i_2 + b_1 \times 1"),
           numbers(r"0.15 \times 0.05 + 0.2 \times 0.1 + 0.35 \times 1"), figure("0.3775", 1))
    out = (formula(r"\sigma(\mathrm{net}_{h1})"), formula(r"\frac{1}{1 + e^{-\mathrm{net}_{h1}}}"),
           numbers(r"\frac{1}{1 + e^{-0.3775}}"), figure("0.5932", 2))
    return Working((Line(r"\mathrm{net}_{h1}", net),
                    Line(r"\mathrm{out}_{h1}", out, note=("the logistic function",))))


def _backward() -> Working:
    by_out = (formula(r"-(\mathrm{target}_{o1} - \mathrm{out}_{o1})"), numbers("-(0.01 - 0.7513)"), figure("0.7413", 3))
    by_net = (formula(r"\mathrm{out}_{o1} (1 - \mathrm{out}_{o1})"), numbers("0.7513 (1 - 0.7513)"), figure("0.1868", 4))
    by_weight = (formula(r"\mathrm{out}_{h1}"), figure("0.5932", 5))
    return Working((
        Line(PARTIAL, (formula(CHAIN),)),
        Line(r"\frac{\partial E_{\mathrm{total}}}{\partial \mathrm{out}_{o1}}", by_out, "1"),
        Line(r"\frac{\partial \mathrm{out}_{o1}}{\partial \mathrm{net}_{o1}}", by_net, "2"),
        Line(r"\frac{\partial \mathrm{net}_{o1}}{\partial w_5}", by_weight, "3")))


def _update() -> Working:
    new = (formula(rf"w_5 - \eta {PARTIAL}"), numbers(r"0.4 - 0.5 \times 0.0821"), figure("0.3589", 7))
    return Working((Line(PARTIAL, (numbers(r"0.7413 \times 0.1868 \times 0.5932"), figure("0.0821", 6))),
                    Line("w_5^{+}", new)))


def _others() -> Table:
    rows = tuple(((Math(f"w_{k}"),), Figure("0.0826", f"g{k}", 2 * k - 4), Figure("0.4086", f"n{k}", 2 * k - 3))
                 for k in (6, 7, 8))
    return Table((("Weight",), ("Gradient",), ("New value",)), rows, ("Similarly for the other weights",))


def hard_cases() -> Worksheet:
    """Long sums, big matrices, wide networks, hostile prose."""
    sums = Working(
        (
            Line(
                r"\mathrm{net}_{h1}",
                (formula(total(4) + r" + b_1"), numbers(put_in(4) + " + 0.35"), figure("-0.3775", 1)),
            ),
            Line(
                r"\mathrm{net}_{h2}",
                (formula(total(32) + r" + b_1"), numbers(put_in(32) + " + 0.35"), figure("-12.3775", 2)),
            ),
        )
    )
    matrices = Working(
        (
            Line(
                "z_1",
                (
                    formula("W_1 x + b_1"),
                    numbers(matrix(3, 4) + matrix(4, 1) + " + " + matrix(3, 1)),
                    Member("figure", value=grid(3, 1, 3)),
                ),
            ),
            Line(
                r"\frac{\partial L}{\partial W_1}",
                (
                    formula(r"\bigl((W_2^T \delta^{(2)}) \circ a_1 \circ (1 - a_1)\bigr) x^T"),
                    numbers(matrix(6, 1) + matrix(1, 8)),
                    Member("figure", value=grid(6, 8, 6)),
                ),
            ),
            Line(
                "W_1'",
                (
                    formula(r"W_1 - \eta \frac{\partial L}{\partial W_1}"),
                    numbers(matrix(6, 8) + r" - 0.1 \times " + matrix(6, 8)),
                    Member("figure", value=grid(6, 8, 54)),
                ),
            ),
        )
    )
    return Worksheet(
        "Hard cases & more: " + HOSTILE,
        (
            Frame("A long sum with 50% & more_", (sums,)),
            Frame("Matrices", (matrices,)),
            Frame("4-6-3", (network(4, 6, 3, values=True), network(4, 6, 3))),
            Frame("2-2-2-2-2", (network(2, 2, 2, 2, 2), network(2, 2, 2, 2, 2, values=True))),
            Frame("Wide and dense", (network(9, 12, 6), network(6, 6, values=True))),
            Frame(
                HOSTILE,
                (
                    Prose((HOSTILE,)),
                    Prose(("Greek αβΩ, ∂E/∂w ≤ √2, Пушкин, 中文, 😀, \x00 naïve",), "bullet"),
                    Prose(("x" * 300,)),
                ),
            ),
        ),
    )


def oddities() -> Worksheet:
    """What is seldom but must not break: empty frames, wide left sides, curves, biases, long tables."""
    many = Working(tuple(Line(f"x_{{{k}}}", (formula("1"), figure("2"))) for k in range(60)))
    frames = (
        Frame("Nothing in it", ()),
        Frame("", (Prose(()), Prose(("Lead at the end",), "lead"))),
        Frame("Graph", (_graph(), _biased())),
        Frame("Lines", (_long_lines(), Working(()), Space(0))),
        Frame("Table", (_long_table(), Table((("A",),), ()))),
        Frame("Long prose", (Prose(("Many words make a paragraph. " * 200,)), Space(40))),
        Frame("Many lines", (many,)),
    )
    return Worksheet("Oddities", frames, paper="letter", language="en")


def _graph() -> Diagram:
    nodes = (Node("t", 0, 0, "t", "input", above="2", below=r"\frac{dy}{dt} = 20"), Node("u", 0, 1, "u", "input"),
             Node("x", 1, 0, "x", above="4"), Node("p", 2, 0, r"\mathrm{prod}_{12}"),
             Node("y", 3, 0, "y", "output", above="23"))
    edges = (Edge("t", "x", r"\frac{dx}{dt} = 2t"), Edge("x", "p", "5"), Edge("p", "y"), Edge("t", "y", "w"),
             Edge("u", "p", "-1"), Edge("x", "y", "c"))
    return Diagram(nodes, edges, "y depends on t.", ("given", "", "", "result"))


def _biased() -> Diagram:
    plain = network(3, 4, 2)
    nodes = (*plain.nodes, Node("b1", 0, 3, "1", "bias"), Node("t1", 3, 0, "t_1", "target", below="0.01"),
             Node("t2", 3, 1, "t_2", "target", below="0.99"))
    edges = (*plain.edges, *(Edge("b1", f"1.{j}", "b_1") for j in range(4)), Edge("2.0", "t1"), Edge("2.1", "t2"))
    return Diagram(nodes, edges, "With a bias unit.")


def _long_lines() -> Working:
    left = r"\frac{\partial E}{\partial w} + \underbrace{" + total(6) + r"}_{\mathrm{all\ of\ it}}"
    wide = Line(left, (formula(CHAIN), numbers("1 + 2"), figure("0.123456789012345678", 1)), "12",
                ("a note that is long " * 6,))
    return Working((wide, Line("y", (formula(r"\left(" + total(20) + r"\right)^2"), figure("1")))))


def _long_table() -> Table:
    rows = tuple(((Math(f"w_{{{k}}}"),), ("words that go on and on & on " * 3,), Figure("0.1", "w", None))
                 for k in range(60))
    return Table((("Weight",), ("What it is for",), ("Value",)), rows, (Math("W"), " and all its entries"))
