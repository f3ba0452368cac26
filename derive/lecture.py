"""A lecture file, validated, as a frozen `Lecture`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as it was written (0.20 keeps its digits), or a name; without figures `value` may be None."""

    value: Decimal | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: `weights` [to][from] whatever the file's vectors are, `bias` one cell a unit, or none.

    `shared_bias` says that one number serves the whole layer: every cell of `bias` is that one.
    `activation` is a name of `functions.ACTIVATIONS` or a formula in x.
    """

    units: int
    activation: str
    weights: tuple[tuple[Cell, ...], ...]
    bias: tuple[Cell, ...] = ()
    shared_bias: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """A feed-forward network; `vectors` says how layers are written as matrices (W x + b or x W + b)."""

    inputs: int
    layers: tuple[Layer, ...]
    loss: str
    vectors: Literal["column", "row"] = "column"


@dataclass(frozen=True, slots=True)
class Training:
    """How parameters are updated."""

    learning_rate: Cell = Cell(Decimal("0.1"))
    update_biases: bool = True
    rounds: int = 1
    optimizer: str = "sgd"
    reduction: Literal["sum", "mean"] = "sum"


@dataclass(frozen=True, slots=True)
class Display:
    """How figures are shown; `decimals_of` pairs a key with decimals (where found, where put in later)."""

    decimals: int = 4
    rounding: Literal["half-up", "half-even", "cut"] = "half-up"
    carry: Literal["exact", "shown"] = "exact"
    decimals_of: tuple[tuple[str, tuple[int, int]], ...] = ()


@dataclass(frozen=True, slots=True)
class FrameSpec:
    """One frame: ids with full working (`show`), with the figure alone (`brief`), in symbols (`formulas`)."""

    title: str
    text: str = ""
    show: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()
    draw: Literal["", "givens", "outs", "new"] = ""
    formulas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Derive:
    """What a lecture of equations differentiates, by what and by which ways."""

    of: str
    by: tuple[str, ...]
    ways: tuple[str, ...] = ("chain",)


@dataclass(frozen=True, slots=True)
class Lecture:
    """A validated lecture: a network with its data, or equations, or parts that are lectures themselves.

    `source` is the file as errors show it; `inputs` and `targets` have one row a sample.
    """

    name: str
    source: str
    title: str
    notation: str = "net-out"
    level: Literal["unit", "layer"] = "unit"
    author: str = ""
    course: str = ""
    date: str = ""
    points: int = 0
    paper: Literal["a4", "letter"] = "a4"
    about: str = ""
    figures: bool = True
    network: Network | None = None
    inputs: tuple[tuple[Cell, ...], ...] = ()
    targets: tuple[tuple[Cell, ...], ...] = ()
    equations: tuple[tuple[str, str], ...] = ()
    values: tuple[tuple[str, Decimal], ...] = ()
    derive: Derive | None = None
    training: Training = Training()
    display: Display = Display()
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    frames: tuple[FrameSpec, ...] = ()
    parts: tuple[Lecture, ...] = ()
