"""Steps as lines of working: which lines a quantity has, in which order, and what is said between them."""

from __future__ import annotations

import re

import pytest
from networks import close

from derive.api import block_text, line_text
from derive.blocks import Figure, Prose, Working
from derive.lecture import load, shipped
from derive.notation import NOTATIONS
from derive.quantities import Partial, Quantity, parse_id
from derive.working import Desk, asked, briefly, desk, first_place, in_full, in_symbols, together, working

NET_OUT = desk(load("net-out"))
LINES = {
    ("net[1][1]", in_full): "net_h1 = w₁ × i₁ + w₂ × i₂ + b₁ × 1 = 0.15 × 0.05 + 0.20 × 0.1 + 0.35 × 1 = 0.3775",
    ("net[1][1]", in_symbols): "net_h1 = w₁ × i₁ + w₂ × i₂ + b₁ × 1",
    ("net[1][1]", briefly): "net_h1 = 0.3775",
    ("net[1][1]", together): "net_h1 = 0.15 × 0.05 + 0.20 × 0.1 + 0.35 × 1 = 0.3775",
    ("d(net[2][1])/d(w[2][1][1])", in_full): "∂net_o1/∂w₅ = out_h1 = 0.5932",
    ("d(net[2][1])/d(b[2][1])", briefly): "∂net_o1/∂b₂ = 1",     # no figure to be found
    ("w[1][1][1]", briefly): "w₁ = 0.15",                          # a given as it was written
    ("w[1][1][1]", in_full): "w₁ = 0.15",
    ("w[1][1][1]", in_symbols): None,
    ("w[1][1][1]", together): None,
    ("w[1][1][9]", in_full): None,
}


@pytest.mark.parametrize(("quantity", "form"), LINES, ids=lambda each: getattr(each, "__name__", each))
def test_the_lines_of_a_quantity(quantity, form):
    line = form(NET_OUT, parse_id(quantity))
    assert (line and flat(line_text(line))) == LINES[quantity, form]


def flat(text: str) -> str:
    """Each line of working on one line, however wide the terminal is."""
    return re.sub(r"\n +", " ", text)


def said(where: Desk, quantity: str, *before: str) -> list[str]:
    """The working of a quantity as text, a block each, after that of others."""
    seen = {}
    for each in before:
        list(working(where, parse_id(each), seen))
    return [flat(block_text(block)) for block in working(where, parse_id(quantity), seen)]


def test_a_gradient_is_said_in_symbols_then_factor_by_factor_then_together():
    blocks = said(NET_OUT, "d(loss)/d(w[2][1][1])")
    assert blocks[0] == "∂E_total/∂w₅ = ∂E_total/∂out_o1 × ∂out_o1/∂net_o1 × ∂net_o1/∂w₅"
    assert [line[:2] for line in blocks[1].splitlines()] == ["1.", "2.", "3."]
    assert blocks[1].splitlines()[1] == "2. ∂out_o1/∂net_o1 = out_o1(1 - out_o1) = 0.7513 × (1 - 0.7513) = 0.1868"
    assert blocks[2:] == ["All factors together:", "∂E_total/∂w₅ = 0.7413 × 0.1868 × 0.5932 = 0.0821"]


def test_by_another_route_it_is_one_line():
    assert said(desk(load("net-out"), "delta"), "d(loss)/d(w[2][1][1])") == [
        "∂C/∂w₁₁³ = δ₁³ a₁² = 0.1384 · 0.5932 = 0.0821"]


def test_a_factor_that_is_a_sum_has_its_first_term_in_full_and_is_added_up():
    blocks = said(NET_OUT, "d(loss)/d(w[1][1][1])")
    assert "∂E_total/∂out_h1 = ∂E_o1/∂out_h1 + ∂E_o2/∂out_h1" in blocks
    place = blocks.index("In the same way:")
    assert blocks[place - 1] == "∂E_o1/∂out_h1 = 0.7413 × 0.1868 × 0.40 = 0.0553"
    assert blocks[place + 1] == "∂E_o2/∂out_h1 = -0.0190"
    assert "terms added up" in blocks[place + 2] and blocks[place + 3] == "∂E_total/∂out_h1 = 0.0553 + (-0.0190) = 0.0363"
    assert blocks[-1].startswith("∂E_total/∂w₁ = 0.0363 × 0.2413 × 0.05 = ")


def test_what_was_worked_before_is_recalled_by_its_figure():
    """The first time in full, then alone, and inside another gradient a factor by its figure."""
    assert said(NET_OUT, "d(loss)/d(w[2][1][1])", "d(loss)/d(w[2][1][1])") == ["∂E_total/∂w₅ = 0.0821"]
    after = said(NET_OUT, "d(loss)/d(w[2][1][2])", "d(loss)/d(w[2][1][1])")
    assert "1. ∂E_total/∂out_o1 = 0.7413" in "\n".join(after) and "(1 - out_o1)" not in "\n".join(after)


def test_both_ways_of_a_lecture_of_equations():
    assert said(desk(load("chain-rule")), "d(y)/d(t)") == [
        "Put into one formula first:", "y = 5x + 3 = 5t² + 3", "d y/d t = d/d t (5t² + 3) = 10t",
        "By the chain rule:", "d y/d t = d y/d x * d x/d t", "1. d y/d x = 5\n2. d x/d t = 2t",
        "All factors together:", "d y/d t = 5 * 2t = 10t"]


def test_a_quantity_with_several_uses_says_so(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('title = "T"\n[equations]\nm = "s*x"\nout = "m*s + x"\n[values]\ns = 2\nx = 3\n'
                    '[derive]\nof = "out"\nby = ["s", "m"]\n')
    where = desk(load(str(path)))
    assert where.uses[Quantity("s")] == [Quantity("m"), Quantity("out")] and where.uses[Quantity("m")] == [Quantity("out")]
    assert said(where, "d(out)/d(s)")[0] == "s is used in m and in out: its derivative arrives along two paths."
    assert not any("paths" in block for block in said(where, "d(out)/d(m)"))


def test_without_figures_the_factors_formulas_are_put_in():
    where = desk(load("chain-rule"))
    assert not where.figures.known(Quantity("y"))
    line = together(where, parse_id("d(y)/d(t)"))
    assert line is not None and [member.role for member in line.members] == ["formula", "formula"]


def test_no_line_says_the_same_twice_in_a_row():
    for name in ("net-out", "delta-rule", "matrix-form", "shared-weights"):
        where = desk(load(name))
        for quantity in where.derivation.by_lhs:
            line = in_full(where, quantity)
            texts = [member.latex for member in line.members if member.role != "figure"] if line else []
            assert all(a != b for a, b in zip(texts, texts[1:], strict=False)), quantity


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("name", [name for name in shipped() if load(name).network][:4])
def test_the_last_line_of_a_gradient_ends_with_its_figure(name, notation):
    """In every notation; and its numbered steps count without a gap."""
    where, seen = desk(load(name), notation), {}
    for parameter in where.derivation.graph.parameters[:3]:
        gradient = Partial(where.derivation.graph.of, parameter)
        blocks = list(working(where, gradient, seen))
        last = [block for block in blocks if isinstance(block, Working)][-1].lines[-1]
        figure = last.members[-1].value
        assert figure is None or hasattr(figure, "rows") or figure.latex == where.figures.found(gradient)
        labels = [line.label for block in blocks if isinstance(block, Working) for line in block.lines]
        heads = ["".join(run if isinstance(run, str) else "" for run in b.text) for b in blocks if isinstance(b, Prose)]
        tops = [int(label) for label in labels if label.isdigit()]
        tops += [int(head.split()[1].rstrip(":")) for head in heads
                 if head.startswith("Factor") and head.split()[1].rstrip(":").isdigit() and head.endswith(": ")]
        assert sorted(tops) == list(range(1, len(tops) + 1)), (labels, heads)


def test_a_figure_asked_for_names_its_quantity_and_unusual_decimals():
    usual = asked(NET_OUT, parse_id("net[1][1]"))
    assert (usual.latex, usual.id, usual.note) == ("0.3775", "net[1][1]", "")
    written = asked(NET_OUT, parse_id("d(net[2][1])/d(w[2][1][1])"))
    assert written.id == "d(net[2][1])/d(w[2][1][1])"      # an out is found, no given
    assert asked(NET_OUT, parse_id("d(net[1][1])/d(w[1][1][1])")).id == ""     # an input copied
    special = desk(load("matrix-form"))
    decimals = special.lecture.display.decimals
    notes = {asked(special, q).note for q in special.derivation.by_lhs if not hasattr(special.figures.value(q), "shape")}
    assert notes <= {"", "whole number", *(f"{n} decimal{'s' * (n > 1)}" for n in range(1, 31) if n != decimals)}
    carried = asked(NET_OUT, parse_id("d(loss)/d(w[1][1][1])"))
    assert carried.note == "5 decimals, later 6"


def test_what_only_a_program_finds_is_given():
    assert asked(NET_OUT, parse_id("loss#10000")) == Figure("0.0000351019", "")
    assert asked(desk(load("two-rounds")), parse_id("loss#1")).id == "loss#1"    # the second round is worked


def test_another_place_of_a_shared_parameter_is_the_parameter():
    where = desk(load("shared-weights"))
    shared = {place: first for place, first in where.names.parameters.items() if place != first}
    place, first = next(iter(shared.items()))
    assert first_place(where, place) == first
    assert str(first_place(where, parse_id(f"new({place})"))) == f"new({first})"
    assert first_place(where, Partial(Quantity("loss"), place)) == Partial(Quantity("loss"), first)
    assert first_place(where, parse_id(f"{place}#3")) == parse_id(f"{first}#3")
    assert first_place(where, parse_id("net[1][1]")) == parse_id("net[1][1]")


def test_a_desk_knows_the_lecture_in_a_notation_at_a_level():
    where = desk(load("net-out"), "matrix", "layer")
    assert (where.level, where.route, where.style) == ("layer", NOTATIONS["matrix"].route, NOTATIONS["matrix"].style)
    line = in_full(where, parse_id("net[1]"))
    assert line is not None and len(line.members[-1].value.rows) == 2
    unit = NET_OUT.derivation.values[parse_id("net[1][2]")]
    assert close(where.figures.value(parse_id("net[1]"))[1, 0], unit, 40)
    assert where.step(parse_id("x")) is None and where.equations[Quantity("net", (1,))].quantity == Quantity("net", (1,))
