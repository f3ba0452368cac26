"""The lecture file's keys and types (pydantic), and its errors as one line each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Literal, Never, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from derive.errors import InputError, nearest
from derive.functions import LOSSES, OPTIMIZERS, SCHEDULES
from derive.lecture_toml import MOST_DIGITS, MOST_EXPONENT, too_large
from derive.name_patterns import letter

MOST_UNITS = 512
NAME = re.compile(r"[^\W\d_](?:_?[^\W_]){0,39}\Z")


def fail(what: str, expected: str) -> Never:
    """Ends a validator: what is wrong, what was expected."""
    raise PydanticCustomError("derive", "{what}", {"what": what, "expected": expected})


def shown(value: object) -> str:
    """A value from the file, short enough for one line."""
    if isinstance(value, int) and abs(value) >= 10 ** MOST_DIGITS:     # Python does not print a very long one
        return f"a number of over {MOST_DIGITS} digits"
    words = {bool: str(value).lower(), list: "a list", dict: "a table", Decimal: str(value)}
    text = f"the date or time {value}" if isinstance(value, (date, time)) else words.get(type(value), repr(value))
    return text if len(text) <= 40 else text[:37] + "..."


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        fail(f"{shown(value)} is not a number", "a number")
    if isinstance(value, int) and abs(value) >= 10 ** MOST_DIGITS:
        fail("the number is too large", f"at most {MOST_DIGITS} digits")
    number = Decimal(value)
    if not number.is_finite():
        fail(f"{str(value).lower()} is not a finite number", "a number")
    if too_large(number):
        fail("the number is too large or too long",
             f"at most {MOST_DIGITS} digits, between 1e-{MOST_EXPONENT} and 1e{MOST_EXPONENT}")
    return number


def _name(value: object) -> str:
    name = unicodedata.normalize("NFC", value) if isinstance(value, str) else ""
    if not NAME.match(name) or len(name) > 40:
        fail(f"{shown(value)} is not a name", "a letter, then letters and digits, single _ between them (at most 40)")
    if strange := next((c for c in name if c != "_" and not letter(c)), ""):
        fail(f"the letter {strange} of {shown(value)} cannot be set in a formula", "Latin or Greek letters")
    return name


def _cell(value: object) -> Decimal | str:
    if isinstance(value, str):
        return _name(value)
    if isinstance(value, (list, dict)):
        fail(f"{shown(value)} where one number belongs", "a number or a name")
    return _number(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        fail(f"{shown(value)} is not a whole number", "a whole number")
    return value


def _flag(value: object) -> object:
    if not isinstance(value, bool):
        fail(f"{shown(value)} is neither true nor false", "true or false")
    return value


def _prose(value: object) -> object:
    if isinstance(value, dict):
        fail("a table is not text (a dot in a key makes a table)", "text in quotes, a key without a dot")
    if not isinstance(value, str):
        fail(f"{shown(value)} is not text", "text in quotes")
    if any(not (c.isprintable() or c in "\n\t") for c in value):
        fail("holds a control character", "text that can be printed")
    if len(value) > 4000:
        fail("the text is too long", "at most 4,000 characters")
    return value


def _one_line(value: object, most: int = 300) -> object:
    _prose(value)
    if "\n" in str(value):
        fail("more than one line", "one line")
    if len(str(value)) > most:
        fail(f"{len(str(value))} characters", f"at most {most}")
    return value


def _title(value: object) -> object:
    if not str(_one_line(value)).strip():
        fail("nothing in it", "some words")
    return value


def _formula(value: object) -> object:
    return unicodedata.normalize("NFC", str(_one_line(value, most=2000)))


def _date(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else _one_line(value)


def _pair(value: object) -> object:
    return value if isinstance(value, list) else [value, value]


def _spellings(value: object) -> object:
    return [value] if isinstance(value, str) else value


def one_of(table: Iterable[str]) -> BeforeValidator:
    """Text out of a table's names."""
    known = tuple(table)

    def check(value: object) -> object:
        return value if value in known else _unknown(value, known)
    return BeforeValidator(check)


def _unknown(value: object, known: tuple[str, ...]) -> Never:
    fail(f"{shown(value)} is unknown", nearest(str(value)[:80], known))


def _nested(value: object) -> str:
    return "rows" if isinstance(value, list) and any(isinstance(row, list) for row in value) else "row"


def _listed(value: object) -> str:
    return "list" if isinstance(value, list) else "one"


def _unique(values: tuple[object, ...]) -> tuple[object, ...]:
    for value in values:
        if values.count(value) > 1:
            fail(f"{shown(value)} stands there twice", "each once")
    return values


def counted(low: int, high: int) -> BeforeValidator:
    """A whole number within bounds."""
    def check(value: object) -> object:
        return value if low <= _whole(value) <= high else fail(
            f"{shown(value)} is out of range", f"a whole number from {low} to {high}")
    return BeforeValidator(check)


Number = Annotated[Decimal, BeforeValidator(_number)]
Name = Annotated[str, BeforeValidator(_name)]
CellIn = Annotated[Decimal | str, BeforeValidator(_cell)]
Row = tuple[CellIn, ...]
Rows = tuple[Row, ...]
Samples = Annotated[Annotated[Row, Tag("row")] | Annotated[Rows, Tag("rows")], Discriminator(_nested)]
Bias = Annotated[Annotated[CellIn, Tag("one")] | Annotated[Row, Tag("list")], Discriminator(_listed)]
Prose = Annotated[str, BeforeValidator(_prose)]
OneLine = Annotated[str, BeforeValidator(_one_line)]
Title = Annotated[str, BeforeValidator(_title)]
Formula = Annotated[str, BeforeValidator(_formula)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Places = Annotated[int, counted(0, 30)]
Texts = tuple[OneLine, ...]
Rounding = Literal["half-up", "half-even", "cut"]


class Table(BaseModel):
    """A table of the file: no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class LayerIn(Table):
    """One of [[network.layers]]."""

    units: Annotated[int, counted(1, MOST_UNITS)]
    activation: Formula
    weights: Rows | None = None
    bias: Bias | None = None
    recurrent: Rows | None = None
    start: Bias | None = None
    threshold: Bias | None = None
    kink: Number | None = None


class NetworkIn(Table):
    """[network]"""

    kind: Literal["feed-forward", "recurrent"] = "feed-forward"
    loss_at: Literal["last", "every"] = "last"
    inputs: Annotated[int, counted(1, MOST_UNITS)]
    vectors: Literal["column", "row"] = "column"
    loss: Annotated[str, one_of(LOSSES)] = "half-squared-error"
    error_signal: Literal["gradient", "negative-gradient"] = "gradient"
    layers: Annotated[tuple[LayerIn, ...], Field(min_length=1, max_length=32)]


class DataIn(Table):
    """[data]"""

    inputs: Samples | None = None
    targets: Samples | None = None


class TrainingIn(Table):
    """[training]"""

    learning_rate: CellIn = Decimal("0.1")
    update_biases: Flag = True
    rounds: Annotated[int, counted(1, 10_000_000)] = 1
    optimizer: Annotated[str, one_of(OPTIMIZERS)] = "sgd"
    reduction: Literal["sum", "mean"] = "sum"
    update: Literal["batch", "online"] = "batch"
    order: Literal["simultaneous", "sequential"] = "simultaneous"
    schedule: Annotated[str, one_of(SCHEDULES)] = "constant"
    weight_decay: Number = Decimal(0)
    l2: Number = Decimal(0)
    l2_biases: Flag = False
    show_rounds: Annotated[tuple[Annotated[int, counted(1, 10_000_000)], ...], Field(max_length=20),
                           AfterValidator(_unique)] = ()
    beta: Number | None = None
    beta1: Number | None = None
    beta2: Number | None = None
    epsilon: Number | None = None
    factor: Number | None = None
    every: Number | None = None


class DisplayIn(Table):
    """[display]"""

    decimals: Places = 4
    rounding: Rounding = "half-up"
    carry: Literal["exact", "shown"] = "exact"
    decimals_of: dict[str, Annotated[tuple[Places, Places], BeforeValidator(_pair)]] = {}
    rounding_of: dict[str, Rounding] = {}


class FrameIn(Table):
    """One of [[frames]]."""

    title: Title
    text: Prose = ""
    show: Texts = ()
    brief: Texts = ()
    formulas: Texts = ()
    draw: Literal["", "givens", "outs", "new", "gradients", "loss"] = ""


class VariantsIn(Table):
    """[variants]: which givens a class's numbers vary, over which grids (lowest, highest, step)."""

    vary: Texts | None = None
    grid: dict[str, tuple[Number, Number, Number]] = {}
    relax: Texts = ()
    decimals: Places | None = None


class DeriveIn(Table):
    """[derive]"""

    of: Name
    by: Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(_unique)]
    ways: Annotated[tuple[Literal["chain", "substituted"], ...], Field(min_length=1),
                    AfterValidator(_unique)] = ("chain",)


class FileIn(Table):
    """The whole file."""

    title: Title
    about: OneLine = ""
    notation: OneLine = "net-out"
    level: Literal["unit", "layer"] = "unit"
    author: OneLine = ""
    course: OneLine = ""
    date: Annotated[str, BeforeValidator(_date)] = ""
    points: Annotated[int, counted(0, 10_000)] = 0
    paper: Literal["a4", "letter"] = "a4"
    figures: Flag = True
    network: NetworkIn | None = None
    data: DataIn = DataIn.model_construct()
    equations: dict[Name, Formula] = {}
    values: dict[Name, Number] = {}
    derive: DeriveIn | None = None
    parts: Texts = ()
    training: TrainingIn = TrainingIn.model_construct()
    display: DisplayIn = DisplayIn.model_construct()
    names: dict[str, Annotated[Texts, BeforeValidator(_spellings), Field(min_length=1)]] = {}
    frames: tuple[FrameIn, ...] = ()
    variants: VariantsIn = VariantsIn.model_construct()


def validated(tables: dict[str, Any], source: str) -> FileIn:
    """The file's tables as values; InputError names file, key path and what was expected (indices from 1)."""
    try:
        return FileIn.model_validate(tables)
    except ValidationError as error:
        found = error.errors(include_url=False)     # a misspelt key before the one that is missing for it
        misspelt = [one for one in found if one["type"] == "extra_forbidden"]
        raise _line((misspelt or found)[0], source) from None


# pydantic's own words in a place: which form a value has, behind the keys that have two
TAGS, TAGGED = ("row", "rows", "one", "list"), ("inputs", "targets", "start", "bias", "threshold")
LIST, TABLE = ("a list", "[…, …]"), ("a table", "keys and values")
KINDS = {"tuple_type": LIST, "list_type": LIST, "dict_type": TABLE, "model_type": TABLE,
         "string_type": ("text", "text in quotes")}


def key_path(place: tuple[int | str, ...]) -> str:
    """`network.layers[2].weights[1][3]`, indices from 1."""
    text = ""
    for before, part in zip(("", *place), place, strict=False):
        if isinstance(part, int):
            text += f"[{part + 1}]"
        elif part != "[key]" and not (part in TAGS and before in TAGGED):
            text += ("." if text else "") + (part if re.fullmatch(r"[\w-]{1,60}", part) else f'"{part[:60]}"')
    return text


def _line(error: ErrorDetails, source: str) -> InputError:
    place, kind, context = error["loc"], error["type"], error.get("ctx", {})
    where = f"{source}: {key_path(place)}"
    if kind == "derive":
        return InputError(str(context["what"]), where=where, expected=str(context["expected"]))
    if kind == "extra_forbidden":
        known = nearest(str(place[-1])[:80], _keys(place[:-1]))
        return InputError("unknown key", where=where, expected=known)
    if kind == "missing":
        wanted = f"{place[-1]} = …" if isinstance(place[-1], str) else "one more entry"
        return InputError("missing", where=where, expected=wanted)
    if kind == "literal_error":
        known = nearest(str(error["input"])[:80], re.findall(r"'([^']+)'(?:, | or |$)", str(context["expected"])))
        return InputError(f"{shown(error['input'])} is unknown", where=where, expected=known)
    if kind in ("too_short", "too_long"):
        bound = context.get("min_length", context.get("max_length"))
        return InputError(f"{context['actual_length']} entries", where=where,
                          expected=f"{'at least' if kind == 'too_short' else 'at most'} {bound}")
    if kind in KINDS:
        return InputError(f"{shown(error['input'])} is not {KINDS[kind][0]}", where=where, expected=KINDS[kind][1])
    return InputError(f"{shown(error['input'])} does not fit", where=where, expected=error["msg"])


def _keys(place: tuple[int | str, ...]) -> list[str]:
    """The known keys of the table at a place of the file."""
    model: type[BaseModel] = FileIn
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            model = _table_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _table_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_table_in(a) for a in get_args(annotation)) if get_origin(annotation) else ()
    return next((model for model in found if model), None)
