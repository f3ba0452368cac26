"""Frames behind the first update, and remarks on units: what stands on the sheet, what is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive.blocks import Curve, Figure, Frame, Prose, Table, Working
from derive.lecture import load
from derive.render import render
from derive.worksheet import worksheet


def frames(name: str, notation: str | None = None, level: str | None = None) -> dict[str, Frame]:
    return {frame.title: frame for frame in worksheet(load(name), notation, level).frames}


def table(frame: Frame) -> Table:
    return next(block for block in frame.blocks if isinstance(block, Table))


def figures(frame: Frame) -> dict[str, str]:
    cells = [c for b in frame.blocks if isinstance(b, Table) for row in b.rows for c in row]
    cells += [m.value for b in frame.blocks if isinstance(b, Working) for line in b.lines for m in line.members]
    return {cell.id: cell.latex for cell in cells if isinstance(cell, Figure)}


def words(frame: Frame) -> str:
    return " ".join(run if isinstance(run, str) else run.latex
                    for block in frame.blocks if isinstance(block, Prose) for run in block.text)


def test_a_batch_works_its_first_sample_and_tables_the_others():
    found = frames("batch")
    assert "net[1][1]@1" in figures(found["Sample 1: forward pass: hidden layer"])
    rest = table(found["The other samples: forward pass"])
    assert list(rest.header) == [("",), ("sample 2",), ("sample 3",)]
    assert [cell.id for cell in rest.rows[0][1:]] == ["net[1][1]@2", "net[1][1]@3"]
    assert rest.rows[0][1].latex == "-0.2000" and rest.rows[0][1].blank
    assert figures(found["Update: output layer"])["d(loss)/d(w[2][1][1])"] == "-0.0149"


def test_online_the_second_sample_meets_new_weights():
    found = frames("online")
    assert "net[1][1]@2#1" in figures(found["Sample 2: hidden layer"])
    assert "updates were done before: 1" in words(found["Sample 2: hidden layer"])
    assert "The other samples: forward pass" not in found
    assert "new(w[2][1][1]#1)" in figures(found["Sample 2: gradients and update"])


def test_momentum_carries_its_velocity_into_the_second_round():
    found = frames("momentum")
    first, second = figures(found["Update: output layer"]), figures(found["Round 2: gradients and update"])
    assert first["new(velocity_w[2][1][1])"] == "0.4625" and second["new(velocity_w[2][1][1]#1)"] == "0.7171"
    assert figures(found["Round 2: output layer"])["loss#1"] == "0.1045"


def test_the_chosen_rounds_ask_only_for_what_was_worked():
    frame = frames("two-rounds")["The loss, update after update"]
    rows = table(frame).rows
    assert [row[0][0].latex for row in rows] == ["0", "1", "2", "10", "100", "1000"]
    assert [isinstance(row[1], Figure) for row in rows] == [True, True, False, False, False, False]
    assert sum(isinstance(block, Curve) for block in frame.blocks) == 1


def test_a_dead_unit_and_a_kink_are_pointed_out():
    said = words(frames("relu")["Forward pass: hidden layer"])
    assert r"\mathrm{net}_{h2}  is negative: the unit is dead" in said
    assert r"\mathrm{net}_{h3}  is exactly 0, where ReLU has a kink" in said
    assert r"\mathrm{net}_{h1}" not in said


def test_the_other_sign_and_order_are_said():
    assert "minus the derivative" in words(frames("bipolar")["Backward pass: output layer"])
    assert "minus the derivative" not in words(frames("two-labels")["Backward pass: output layer"])
    titles = [*frames("sequential", "delta")]
    assert titles.index("Update: output layer") < titles.index("Backward pass: hidden layer")
    assert "updated already" in words(frames("sequential", "delta")["Backward pass: hidden layer"])


@pytest.mark.parametrize(("notation", "way", "quantity"), [
    ("net-out", "Gradients: output layer", "d(out[2][2])/d(net[2][1])"),
    ("named-sums", "Gradients: output layer", "d(out[2][2])/d(net[2][1])"),
    ("node", "Backward pass: output layer", "d(loss)/d(net[2][1])"),
    ("delta", "Backward pass: output layer", "delta[2][1]"),
    ("matrix", "Backward pass: output layer", "delta[2][1]"),
])
def test_softmax_goes_the_long_way_or_the_short_one(notation, way, quantity):
    found = frames("softmax", notation)
    assert quantity in figures(found[way])
    assert ("The short form" in found) == (notation not in ("delta", "matrix"))


def test_thresholds_are_called_so():
    givens = table(frames("thresholds")["The network"])
    assert ("Thresholds, hidden layer",) in [row[0] for row in givens.rows]


@pytest.mark.parametrize("name", ["batch", "online", "adam"])
@pytest.mark.parametrize("level", ["unit", "layer"])
def test_every_kind_of_sheet_renders(name, level):
    made = worksheet(load(name), None, level)
    key = render(made, "key")
    assert key.count("\\begin{tikzpicture}[x=1cm") == 1, "the curve stands there once"
    assert render(made, "slides") and render(made, "worksheet")


def test_a_lecture_without_later_rounds_has_no_such_frames():
    lecture = load("two-rounds")
    lecture = replace(lecture, training=replace(lecture.training, show_rounds=()))
    assert not [f.title for f in worksheet(lecture).frames if "Round" in f.title or "update after" in f.title]
