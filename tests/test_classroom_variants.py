"""Numbers for each student: their own, fit to be marked, and nobody else's business."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy
import pytest

from derive.classroom import codes, demands
from derive.classroom.grids import class_key, grids
from derive.classroom.homework import homework
from derive.classroom.variants import Numbers, demands_met, known_names, numbers
from derive.errors import InputError
from derive.lecture import Variants, load, shipped
from derive.quantities import parse_id

IDS = tuple(f"s{n}" for n in range(40))


def of(name: str = "net-out", **variants):
    lecture = load(name)
    return homework(replace(lecture, variants=replace(lecture.variants, **variants)) if variants else lecture)


def rows(made: Numbers) -> dict[str, list[int]]:
    return dict(zip(made.students, made.counts.tolist(), strict=True))


def test_numbers_depend_on_lecture_seed_and_id_alone():
    whole = rows(numbers(of(), "7", IDS))
    assert rows(numbers(of(), "7", IDS[::-1])) == whole
    assert rows(numbers(of(), "7", (*IDS[:3], "another"))).items() >= {one: whole[one] for one in IDS[:3]}.items()
    assert rows(numbers(of(), "7", ("s7",)))["s7"] == whole["s7"]
    assert rows(numbers(of(), "8", ("s7",)))["s7"] != whole["s7"]
    assert len(set(map(tuple, whole.values()))) == len(IDS)


def test_a_title_put_right_changes_nobody():
    lecture = load("net-out")
    other = homework(replace(lecture, title="Backprop", author="A. Nobody", source="elsewhere.toml"))
    assert rows(numbers(other, "7", IDS[:2])) == rows(numbers(of(), "7", IDS[:2]))


@pytest.mark.parametrize("name", ["net-out", "delta-rule", "matrix-form", "shared-weights", "named-sums"])
def test_every_demand_is_met(name):
    """Measured anew from the numbers themselves, not taken from the search."""
    made = numbers(of(name), "7", IDS[:2])
    givens = made.givens()
    for scheme in demands.schemes(made.of):
        here = {given: value for given, value in givens.items() if given in scheme.model.derivation.graph.givens}
        values = {q: numpy.broadcast_to(v, 2) for q, v in scheme.values(here).items()}
        candidates = demands.Candidates(scheme, values, 2)
        for demand in demands.DEMANDS:
            assert demand.met(candidates).all(), demand.name
        assert not any(share for _, _, share in demands.hidden(candidates))


def test_numbers_come_from_a_grid_as_coarse_as_the_lectures_own():
    found = {str(grid.of): grid for grid in grids(of())}
    assert found["w[1][1][1]"].steps == tuple(range(5, 101, 5))
    assert found["w[1][1][1]"].text(20) == "0.20"
    assert found["target[1]"].steps[0] == 1 and found["target[1]"].steps[-1] == 99
    assert "learning_rate" not in found


def test_a_lecture_says_what_varies_and_over_which_grid():
    some = grids(of(vary=("x[1]", "w[2]"), grid=(("w[2]", (Decimal("-0.5"), Decimal("0.5"), Decimal("0.25"))),)))
    assert sorted(str(grid.of) for grid in some) == ["w[2][1][1]", "w[2][1][2]", "w[2][2][1]", "w[2][2][2]", "x[1]"]
    assert next(grid.steps for grid in some if str(grid.of) == "w[2][1][1]") == (-50, -25, 0, 25, 50)


def test_demands_that_cannot_be_met_are_named():
    tight = of(vary=("x",), grid=(("x", (Decimal("0.01"), Decimal("0.02"), Decimal("0.01"))),))
    with pytest.raises(InputError, match=r"no numbers were found .* --relax '"):
        numbers(tight, "7", IDS)


def test_two_students_alike_are_told_and_may_be_allowed():
    small = of(vary=("x[1]",), grid=(("x", (Decimal("0.5"), Decimal("0.6"), Decimal("0.1"))),))
    relaxed = ("slips-visible", "two-digits")
    with pytest.raises(InputError, match="have the same numbers"):
        numbers(small, "7", IDS, relaxed)
    assert len(numbers(small, "7", IDS, (*relaxed, "distinct")).students) == len(IDS)


def test_an_unknown_demand_has_a_nearest_name():
    with pytest.raises(InputError, match="did you mean slips-visible"):
        known_names(("slips-visble",))
    assert "distinct" not in demands_met(("distinct",)) and "finite" in demands_met(())
    assert "weights already updated" in demands_met(("weights already updated",))["slips-visible"]


def test_a_code_is_of_its_seed_and_lecture_alone():
    lecture = homework(load("net-out")).lecture
    text = codes.code(lecture, class_key(lecture, "7"), "a:b")
    assert codes.student_of(lecture, "7", text) == "a:b"
    for seed, code in (("8", text), ("7", text.replace("a:b", "a:c")), ("7", text.replace("net-out", "x")), ("7", "?")):
        with pytest.raises(InputError):
            codes.student_of(lecture, seed, code)
    assert "7" not in text.split(":")[:2] and text.count(":") == 4


def test_codes_are_the_squares_that_segno_finds():
    """Computed from one another as they are: with other letters, of several lengths, beyond ASCII, too long."""
    import segno

    texts = [*(f"derive:net-out:{n * 7919:012x}:s{n}" for n in range(40)), "derive:lärm:0123:李" * 3, "x" * 900]
    for text, drawn in zip(texts, codes.drawn(texts), strict=True):
        size, bits = drawn[1:-1].split("}{")
        rows = numpy.frombuffer(bytes.fromhex(bits), dtype=numpy.uint8).reshape(int(size), -1)
        made = segno.make(text[:200].encode(), mode="byte", error="l", mask=3, micro=False, boost_error=False)
        assert numpy.unpackbits(rows, axis=1)[:, :int(size)].tolist() == [list(row) for row in made.matrix]


def test_sheets_ask_for_nothing_that_is_not_worked_by_hand():
    assert [blank.id for blank in of().blanks if "#" in blank.id] == []
    assert of().home(parse_id("b[1][2]")) == parse_id("b[1][1]")
    assert Variants().relax == ()


@pytest.mark.parametrize("name", [name for name in shipped() if name not in ("chain-rule", "three-outputs")])
def test_every_shipped_lecture_has_numbers_for_a_class(name):
    assert len(set(map(tuple, rows(numbers(of(name), "7", IDS[:5])).values()))) == 5


def test_a_slip_that_cannot_be_made_hides_from_nobody():
    """Where no ReLU is dead its slope is 1; where a maximum hands nothing on, that has no sign."""
    for name, slip in (("relu", "derivative of the activation left out"), ("fan-out", "sign of a derivative")):
        found = demands_met(())["slips-visible"]
        assert slip not in found and numbers(of(name), "7", IDS[:3]).students == IDS[:3]


def test_only_the_lectures_values_vary_unless_it_says_more():
    assert {str(grid.of) for grid in grids(of("logistic-regression"))}.isdisjoint({"learning_rate"})
    assert "learning_rate" in {str(grid.of) for grid in grids(of("logistic-regression", vary=("learning_rate",)))}
