"""A lecture file, validated, as a frozen `Lecture`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from derive.errors import InputError, nearest
from derive.functions import SETTINGS
from derive.lecture_cells import Cell, Given, cell, matrix, row, samples, spread_out
from derive.lecture_checks import NOTATIONS, check_file
from derive.lecture_toml import read_bytes, read_tables
from derive.name_patterns import normal
from derive.quantities import Quantity
from derive.recurrent import unrolled

if TYPE_CHECKING:
    from derive.lecture_schema import DeriveIn, DisplayIn, FileIn, LayerIn, NetworkIn

__all__ = ["NOTATIONS", "Cell", "Derive", "Display", "FrameSpec", "Layer", "Lecture", "Network", "Training",
           "Variants", "check_name", "load", "places", "shipped", "starter"]

T = TypeVar("T")
_RATE = Cell(Decimal("0.1"))
_SHIPPED = Path(__file__).parent / "lectures"
_MOST_NESTED = 4
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: `weights` [to][from] whatever the file's vectors are, `bias` one cell a unit, or none.

    `shared_bias` says that one number serves the whole layer: every cell of `bias` is that one.
    With `threshold` the biases are thresholds, taken away from the weighted sum. `activation` is
    a name of `functions.ACTIVATIONS` or a formula in x, `kink` its slope where it has a kink.
    """

    units: int
    activation: str
    weights: tuple[tuple[Cell, ...], ...]
    bias: tuple[Cell, ...] = ()
    shared_bias: bool = False
    threshold: bool = False
    kink: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Network:
    """A feed-forward network; `vectors` says how layers are written as matrices (W x + b or x W + b).

    `error_signal` says whether delta stands for d(loss)/d(net) or for minus that.
    """

    inputs: int
    layers: tuple[Layer, ...]
    loss: str
    vectors: Literal["column", "row"] = "column"
    error_signal: Literal["gradient", "negative-gradient"] = "gradient"


@dataclass(frozen=True, slots=True)
class Training:
    """How parameters are updated.

    `update` says whether all samples make one update together or each its own; with the order
    "sequential" a hidden error signal is taken from output weights already updated. `settings`
    are the optimizer's and the schedule's own (beta, epsilon, factor, every) where they differ
    from their row's; `weight_decay` times a weight (no bias) is added to its gradient.
    `l2`/2 times the sum of the squared weights is added to the loss. `show_rounds` are the numbers of
    updates after which the sheet shows the loss; from 2 on it works the rounds in full.
    """

    learning_rate: Cell = _RATE
    update_biases: bool = True
    rounds: int = 1
    optimizer: str = "sgd"
    reduction: Literal["sum", "mean"] = "sum"
    update: Literal["batch", "online"] = "batch"
    order: Literal["simultaneous", "sequential"] = "simultaneous"
    schedule: str = "constant"
    weight_decay: Decimal = Decimal(0)
    settings: tuple[tuple[str, Decimal], ...] = ()
    l2: Decimal = Decimal(0)
    l2_biases: bool = False
    show_rounds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Display:
    """How figures are shown.

    `decimals_of` pairs an id, layer or kind with decimals (where it is found, where it
    is put in later), `rounding_of` with a rounding; the most particular key wins.
    """

    decimals: int = 4
    rounding: Literal["half-up", "half-even", "cut"] = "half-up"
    carry: Literal["exact", "shown"] = "exact"
    decimals_of: tuple[tuple[str, tuple[int, int]], ...] = ()
    rounding_of: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FrameSpec:
    """One frame: ids with full working (`show`), with the figure alone (`brief`), in symbols (`formulas`)."""

    title: str
    text: str = ""
    show: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()
    draw: Literal["", "givens", "outs", "new", "gradients", "loss"] = ""
    formulas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Variants:
    """What a class's numbers vary (kinds, layers or ids; None: inputs, targets, weights, biases).

    `grid` pairs a key with its lowest and highest number and the step between two; `relax` names
    demands on the numbers that need not be met; `decimals` a class's figures have instead of the
    lecture's own.
    """

    vary: tuple[str, ...] | None = None
    grid: tuple[tuple[str, tuple[Decimal, Decimal, Decimal]], ...] = ()
    relax: tuple[str, ...] = ()
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Derive:
    """What a lecture of equations differentiates, by what and by which ways.

    `parameters` are those of `by` that are updated: the givens, where there is a [training].
    """

    of: str
    by: tuple[str, ...]
    ways: tuple[str, ...] = ("chain",)
    parameters: tuple[str, ...] = ()


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
    variants: Variants = Variants()
    parts: tuple[Lecture, ...] = ()

    @property
    def of(self) -> str:
        """The name of what is differentiated: the network's loss, or what the equations derive."""
        return self.derive.of if self.derive else "loss"


def shipped() -> tuple[str, ...]:
    """The names of the lectures that come with the program."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.toml")))


def load(name_or_path: str) -> Lecture:
    """The lecture of that name, or in the `.toml` file at that path; InputError says what is wrong in it."""
    return _load(*_find(name_or_path, Path(), ""), ())


def check_name(path: Path, where: str) -> str:
    """The name of a lecture file without its ending, which becomes its folder's; InputError where it cannot."""
    name = path.stem
    if not name.isprintable() or name.startswith(".") or name != name.strip() or not 0 < len(name) <= _LONGEST_NAME:
        raise InputError(f"{path.name[:80]!r} is no name for a lecture file: its folder would be {name[:80]!r}",
                         where=where, expected=f"at most {_LONGEST_NAME} printable characters, the first no dot")
    return name


def starter(name: str) -> str:
    """The text of a commented lecture file that runs as it is; `name` becomes its title."""
    if not name.strip() or any(not c.isprintable() for c in name) or len(name) > _LONGEST_NAME:
        raise InputError("not a name for a lecture", expected=f"at most {_LONGEST_NAME} printable characters")
    title = name.replace("\\", "\\\\").replace('"', '\\"')
    text = (_SHIPPED.parent / "starter.toml").read_text(encoding="utf-8")
    return text.replace("@TITLE@", title)


def _find(name: str, folder: Path, where: str) -> tuple[Path, str]:
    """The file of a lecture and how errors show it; a shipped name goes before a path."""
    if name in shipped():
        return _SHIPPED / f"{name}.toml", f"{name}.toml"
    if name.endswith(".toml") or "/" in name or "\\" in name or (folder / name).exists():
        return folder / name, str(folder / name)
    beside = len(name) <= _LONGEST_NAME and (folder / f"{name}.toml").exists()
    known = f"a path to a .toml file, or {nearest(name[:80], shipped())}"
    raise InputError(f"no lecture is called {name[:80]!r}", where=where, expected=f"{name}.toml" if beside else known)


def _load(path: Path, source: str, above: tuple[Path, ...]) -> Lecture:
    """A file and its parts; `above` are the files whose parts it is."""
    from derive.lecture_schema import validated  # pydantic, which `derive --help` does without

    file = validated(read_tables(read_bytes(path, source), source), source)
    if file.network is not None and file.network.kind == "recurrent":
        file = unrolled(file, source)
    file = _by_samples(file)
    check_file(file, source)
    lecture_name = check_name(path, source)
    here = (*above, path.resolve())
    parts = tuple(_part(name, path.parent, f"{source}: parts[{i}]", here)
                  for i, name in enumerate(file.parts, 1))
    return _lecture(file, lecture_name, source, parts)


def _by_samples(file: FileIn) -> FileIn:
    """Samples of one number each may stand in a row: targets = [0, 1, 1] beside three rows of inputs."""
    if file.network is None:
        return file
    wide = {"inputs": file.network.inputs, "targets": file.network.layers[-1].units}
    spread = {key: spread_out(getattr(file.data, key), count) for key, count in wide.items()}
    if any(rows is None for rows in spread.values()) or len(spread["inputs"]) != len(spread["targets"]):
        return file
    return file.model_copy(update={"data": file.data.model_copy(update=spread)})


def _part(name: str, folder: Path, where: str, above: tuple[Path, ...]) -> Lecture:
    path, source = _find(name, folder, where)
    if not path.is_file():
        raise InputError(f"no lecture file {name[:80]!r}", where=where,
                         expected=f"a name of `derive list`, or a path to a .toml file from {folder}/")
    if path.resolve() in above:
        raise InputError(f"{name} is a part of itself", where=where, expected="parts without a cycle")
    if len(above) > _MOST_NESTED:
        raise InputError("nested too deeply", where=where, expected=f"at most {_MOST_NESTED} levels")
    return _load(path, source, above)


def _lecture(file: FileIn, name: str, source: str, parts: tuple[Lecture, ...]) -> Lecture:
    given = Given(source, file.values, file.figures)
    network = None if file.network is None else _network(file.network, given)
    ends = None if network is None else (network.inputs, network.layers[-1].units)
    plain = file.model_dump(include={"title", "notation", "level", "author", "course", "date", "points",
                                     "paper", "about", "figures"})
    return Lecture(
        name=name, source=source, parts=parts, network=network,
        inputs=samples(file.data.inputs, ends[0], "input", given, "data.inputs") if ends else (),
        targets=samples(file.data.targets, ends[1], "output", given, "data.targets") if ends else (),
        equations=tuple(file.equations.items()),
        values=tuple(file.values.items()),
        derive=None if file.derive is None else _derive(file.derive, file),
        training=_training(file, given),
        display=_display(file.display),
        names=tuple((key, tuple(map(normal, patterns))) for key, patterns in _by_id(file.names)),
        frames=tuple(FrameSpec(**frame.model_dump()) for frame in file.frames),
        variants=Variants(file.variants.vary, _by_id(file.variants.grid), file.variants.relax,
                          file.variants.decimals),
        **plain)


def _derive(derive: DeriveIn, file: FileIn) -> Derive:
    updated = derive.by if file.training.model_fields_set else ()
    return Derive(derive.of, derive.by, derive.ways, tuple(name for name in updated if name not in file.equations))


def _network(file: NetworkIn, given: Given) -> Network:
    senders = (file.inputs, *(layer.units for layer in file.layers))
    layers = tuple(_layer(layer, senders[i], file.vectors == "row", given, f"network.layers[{i + 1}]")
                   for i, layer in enumerate(file.layers))
    return Network(file.inputs, layers, file.loss, file.vectors, file.error_signal)


def _layer(file: LayerIn, senders: int, by_column: bool, given: Given, key: str) -> Layer:
    weights = matrix(file.weights, file.units, senders, by_column, given, f"{key}.weights")
    name, raw = ("bias", file.bias) if file.threshold is None else ("threshold", file.threshold)
    subtracts, kink = file.threshold is not None, file.kink or Decimal(0)
    if isinstance(raw, tuple):
        bias = row(raw, file.units, "unit", given, f"{key}.{name}")
        return Layer(file.units, file.activation, weights, bias, False, subtracts, kink)
    one = () if raw is None else (cell(raw, given, f"{key}.{name}"),)
    return Layer(file.units, file.activation, weights, one * file.units, bool(one), subtracts, kink)


def _display(file: DisplayIn) -> Display:
    return Display(file.decimals, file.rounding, file.carry,
                   _by_id(file.decimals_of), _by_id(file.rounding_of))


def _by_id(table: Mapping[str, T]) -> tuple[tuple[str, T], ...]:
    """A table of the file whose keys are ids, spelt as the program spells them."""
    return tuple((key.replace(" ", ""), entry) for key, entry in table.items())


def _training(file: FileIn, given: Given) -> Training:
    written = given.figures or "learning_rate" in file.training.model_fields_set
    rate = cell(file.training.learning_rate, given, "training.learning_rate") if written else Cell(None)
    plain = file.training.model_dump(exclude={"learning_rate", *SETTINGS})
    given_ones = ((name, getattr(file.training, name)) for name in SETTINGS)
    settings = tuple((name, value) for name, value in given_ones if value is not None)
    return Training(rate, settings=settings, **plain)


def places(lecture: Lecture) -> dict[Quantity, tuple[Quantity, Cell]]:
    """Every place of a parameter with the parameter that stands there and its cell.

    A shared parameter is one quantity, its id is its first place.
    """
    found: dict[Quantity, tuple[Quantity, Cell]] = {}
    first: dict[str, Quantity] = {}
    for place, found_cell in _cells(lecture):
        key = found_cell.name or f"{place}"
        found[place] = (first.setdefault(key, place), found_cell)
    return found


def _cells(lecture: Lecture) -> Iterator[tuple[Quantity, Cell]]:
    for number, layer in enumerate(lecture.network.layers if lecture.network else (), 1):
        for to, weights in enumerate(layer.weights, 1):
            for source, weight in enumerate(weights, 1):
                yield Quantity("w", (number, to, source)), weight
        for unit, bias in enumerate(layer.bias, 1):
            yield Quantity("b", (number, unit)), Cell(bias.value, bias.name or f"[{number}]") \
                if layer.shared_bias else bias
