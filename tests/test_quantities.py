"""Ids: what is printed is parsed back, and whole layers have their entries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import InputError
from derive.quantities import (
    DEPTH,
    New,
    Partial,
    Quantity,
    at,
    before,
    core,
    entries,
    entry,
    generalisations,
    is_whole,
    parse_id,
    quantity_of,
    symbol,
)

OPTIONAL = st.none() | st.integers(1, 99)
SINGLE = st.builds(Quantity, st.sampled_from([*DEPTH, "y", "w5", "b_h11", "dx"]),
                   st.lists(st.integers(1, 40), max_size=3).map(tuple), OPTIONAL, OPTIONAL)
IDS = st.one_of(SINGLE, st.builds(New, SINGLE), st.builds(Partial, SINGLE, SINGLE))


@given(IDS)
def test_an_id_printed_and_parsed(quantity):
    assert parse_id(str(quantity)) == quantity
    assert quantity_of(symbol(quantity).name) == quantity


@pytest.mark.parametrize("text", ["", "1", "w[", "w[1]]", "w[a]", "w[-1]", "d(loss)", "d(loss)/d()", "new(d(a)/d(b))",
                                  "a b c(", "w[1]@", "loss#x", "w" * 300, "new()", "[1]"])
def test_what_is_no_id(text):
    with pytest.raises(InputError):
        parse_id(text)


def test_spaces_do_not_matter_and_marks_reach_inside():
    assert parse_id(" d( loss ) / d( w[1][2][1] ) ") == Partial(Quantity("loss"), Quantity("w", (1, 2, 1)))
    assert parse_id("d(loss)/d(net[1][2])@3") == Partial(Quantity("loss", (), 3), Quantity("net", (1, 2), 3))
    assert at(Quantity("w", (1, 1, 1)), sample=2) == Quantity("w", (1, 1, 1))
    assert str(at(parse_id("new(w[1][1][1])"), round=4)) == "new(w[1][1][1]#4)"


@pytest.mark.parametrize(("text", "meant"), [
    ("new(w[1][1][1])#3", "w[1][1][1]#3"), ("new(w[1][1][1])@2#3", "w[1][1][1]#3"), ("new(w[1][1][1]#3)", "new(w[1][1][1]#3)"),
    ("new(w[1][1][1])@2", "new(w[1][1][1])"), ("d(loss)/d(w[1][1][1])#3", "d(loss#3)/d(w[1][1][1]#3)"),
])
def test_what_a_mark_behind_an_id_means(text, meant):
    """new(w)#3 is w after 3 updates."""
    assert str(parse_id(text)) == meant
    assert "#" not in str(before(parse_id(text)))


@pytest.mark.parametrize(("text", "whole"), [("w[1]", True), ("w[1][2]", True), ("w[1][2][3]", False), ("x", True),
                                             ("loss", False), ("d(loss)/d(w[1])", True), ("new(b[1])", True), ("y", False)])
def test_whole_layers(text, whole):
    assert is_whole(parse_id(text)) is whole


def test_entries():
    assert list(map(str, entries(parse_id("d(loss)/d(w[1])"), 1, 2))) == ["d(loss)/d(w[1][1][1])", "d(loss)/d(w[1][1][2])"]
    assert list(map(str, entries(parse_id("new(b[2])"), 2))) == ["new(b[2][1])", "new(b[2][2])"]
    assert str(entry(parse_id("d(out[1])/d(net[1])"), (2,))) == "d(out[1][2])/d(net[1][2])"
    assert str(entry(parse_id("d(out[1])/d(net[1])"), (2, 1))) == "d(out[1][2])/d(net[1][1])"


@pytest.mark.parametrize(("text", "keys"), [
    ("net[1][2]", ["net[1][2]", "net[1]", "net"]),
    ("net[1][2]@3", ["net[1][2]@3", "net[1][2]", "net[1]", "net"]),
    ("new(w[1][2][1])", ["new(w[1][2][1])", "new(w[1][2])", "new(w[1])", "new(w)", "new"]),
    ("d(loss)/d(b[1])", ["d(loss)/d(b[1])", "d(loss)/d(b)", "gradient", "derivative"]),
])
def test_keys_most_particular_first(text, keys):
    assert list(generalisations(parse_id(text))) == keys


def test_the_core():
    assert core(parse_id("d(loss)/d(w[1][2][1])")) == core(parse_id("new(w[1][2][1])")) == Quantity("w", (1, 2, 1))
