"""Formulas as straight-line Python in double precision: SymPy trees to source to a function.

Each quantity is a numbered variable (v0, v1, …), so a common part is computed once and no
user's name gets into the code.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any

from derive.functions import ACTIVATIONS
from derive.quantities import Id, quantity_of

if TYPE_CHECKING:
    from sympy import Expr


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """How code computes: `cases(value, condition, otherwise)` as text, the functions and constants it names."""

    cases: str
    functions: Mapping[str, Any]


def _limited_exp(value: float) -> float:
    """e^value, infinite where a double cannot hold it: 1/(1 + e^800) is 0, not an error."""
    return math.exp(value) if value < 709.0 else math.inf


def _sign(value: float) -> float:
    return float(value > 0) - float(value < 0)


def _step(value: float, at: float = 0.0) -> float:
    return at if value == 0 else float(value > 0)


_MATH: Mapping[str, Callable[..., Any]] = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "tanh": math.tanh, "sinh": math.sinh, "cosh": math.cosh, "Abs": abs, "sign": _sign, "Heaviside": _step,
    "floor": math.floor, "pow": math.pow, "Max": max, "Min": min}
FLOATS = Dialect("({0} if {1} else {2})", _MATH)
CAREFUL = Dialect(FLOATS.cases, {**_MATH, "exp": _limited_exp})   # slower, and goes on where exp overflows


@lru_cache(maxsize=1)
def arrays() -> Dialect:
    """NumPy's elementwise functions."""
    import numpy

    elementwise = (*_MATH, *_UFUNC.values(), "negative")
    named = {name: getattr(numpy, name) for name in elementwise if hasattr(numpy, name)}
    return Dialect("where({1}, {0}, {2})", {
        **named, "one": numpy.ones(()), "where": numpy.where, "Abs": numpy.abs, "pow": numpy.power,
        "Max": _each(numpy.maximum), "Min": _each(numpy.minimum),
        "Heaviside": lambda value, at=0.0: numpy.heaviside(value, at)})


def _each(pair: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def together(first: Any, *others: Any) -> Any:
        for other in others:
            first = pair(first, other)
        return first
    return together


def text(tree: Expr, names: Mapping[Id, str], dialect: Dialect) -> str:
    """A tree as a Python expression over the variables `names`, bracketed unless it is an atom."""
    def walk(node: Any) -> str:
        if node.is_Symbol:
            return names[quantity_of(node.name)]
        if node.is_Number or node.is_NumberSymbol:
            return _literal(node)
        kind = node.func.__name__
        if kind in _SHAPES:
            return _SHAPES[kind](node, walk)
        if kind == "Piecewise":
            return _cases(node, walk, dialect.cases)
        if kind in ACTIVATIONS and kind not in dialect.functions:   # the library's tanh neither overflows nor cancels
            return walk(ACTIVATIONS[kind].formula(*node.args))
        return f"{kind}({', '.join(map(walk, node.args))})"
    return walk(tree)


Walk = Callable[[Any], str]
_WIDEST = 64    # terms of a sum in a row


def _literal(node: Any) -> str:
    value = float(Fraction(int(node.p), int(node.q))) if node.is_Rational else float(node)
    return repr(value) if value >= 0 else f"({value!r})"


def _sum(node: Any, walk: Walk) -> str:
    first, *others = node.args
    terms = [walk(first), *(_term(term, walk) for term in others)]
    while len(terms) > _WIDEST:     # in groups, as the compiler descends once for each sign
        groups = ["".join(terms[k:k + _WIDEST]) for k in range(0, len(terms), _WIDEST)]
        terms = [f"({groups[0]})", *(f" + (0.0{group})" for group in groups[1:])]
    return f"({''.join(terms)})"


def _term(term: Any, walk: Walk) -> str:
    """+ term, or - the rest of a term that begins with -1."""
    if term.is_Mul and term.args[0] == -1:
        return f" - {_product_of(term.args[1:], walk)}"
    return f" + {walk(term)}"


def _product(node: Any, walk: Walk) -> str:
    if node.args[0] == -1:
        return f"(-{_product_of(node.args[1:], walk)})"
    return _product_of(node.args, walk)


def _product_of(factors: Iterable[Any], walk: Walk) -> str:
    """Factors over those with the exponent -1; a factor 1 is left out."""
    kept = [factor for factor in factors if factor != 1]
    bottom = [factor for factor in kept if _inverse(factor)]
    top = "*".join(walk(factor) for factor in kept if not _inverse(factor)) or "1.0"
    result = top + "".join(f"/{walk(factor.args[0])}" for factor in bottom)
    return result if len(kept) == 1 and not bottom else f"({result})"


def _inverse(node: Any) -> bool:
    return bool(node.is_Pow and node.args[1] == -1)


def _power(node: Any, walk: Walk) -> str:
    base, exponent = walk(node.args[0]), node.args[1]
    if exponent == -1:
        return f"(1.0/{base})"
    if exponent == 2 and node.args[0].is_Symbol:
        return f"({base}*{base})"
    if exponent.is_Integer:
        return f"({base}**{int(exponent)})"
    if exponent.is_Rational and (exponent.p, exponent.q) == (1, 2):
        return f"sqrt({base})"
    return f"pow({base}, {walk(exponent)})"


def _cases(node: Any, walk: Walk, shape: str) -> str:
    """The first value whose condition holds; the last condition is always true."""
    *firsts, last = node.args
    result = walk(last.args[0])
    for pair in reversed(firsts):
        result = shape.format(walk(pair.args[0]), walk(pair.args[1]), result)
    return result


def _compared(sign: str) -> Callable[[Any, Walk], str]:
    return lambda node, walk: f"({walk(node.args[0])} {sign} {walk(node.args[1])})"


_SHAPES: Mapping[str, Callable[[Any, Walk], str]] = {
    "Add": _sum, "Mul": _product, "Pow": _power,
    "Equality": _compared("=="), "StrictGreaterThan": _compared(">"), "GreaterThan": _compared(">="),
    "StrictLessThan": _compared("<"), "LessThan": _compared("<="),
}

_VARIABLE = re.compile(r"v\d+")
_UFUNC = {"Add": "add", "Sub": "subtract", "Mult": "multiply", "Div": "divide", "Pow": "power"}
_UNARY = ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sinh", "cosh", "Abs", "sign", "floor")

# all that code made here consists of
_TOKEN = re.compile(r"[vb]\d+|\d+(?:\.\d+)?(?:e[+-]?\d+)?|[-+*/=(),:<>\s]|\*\*|"
                    r"\b(?:def|run|rounds|values|return|for|_|in|range|if|else|where|"
                    + "|".join([*_MATH, *_UFUNC.values(), "negative", "one"]) + r")\b")


def buffered(lines: Sequence[str], kept: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines with every operation writing into one of a few arrays b0, b1, …, and those arrays' names.

    The first arrays are those of the variables that are kept, in their order. New arrays would each be
    fetched from the system anew and fall out of the cache; an array is taken again behind the last
    use of what it holds.
    """
    last = {name: place for place, line in enumerate(lines) for name in _VARIABLE.findall(line)}
    own = {name: f"b{number}" for number, name in enumerate(kept)}
    free, held, made, done = list[str](), dict[str, str](), count(len(kept)), list[str]()
    for place, line in enumerate(lines):
        name, _, expression = line.partition(" = ")
        if _VARIABLE.fullmatch(expression):
            expression += " + 0.0"      # a copy: two names for one array would be let go of twice
        code, array = _into(ast.parse(expression, mode="eval").body, free, made)
        if array and name in own:       # the last operation writes where the result is to stand
            free.append(array)
            code = f"{code.removesuffix(f'{array})')}{own[name]})"
        elif array:
            held[name] = array
        done.append(f"{name} = {code}")
        free += [held[old] for old in dict.fromkeys(_VARIABLE.findall(line)) if last[old] == place and old in held]
    return tuple(done), tuple(f"b{number}" for number in range(next(made)))


def _into(node: ast.AST, free: list[str], made: Iterator[int]) -> tuple[str, str]:
    """The code of an expression and the array that it writes into ("": none, it is somebody else's)."""
    def parts(*nodes: ast.AST) -> tuple[list[str], str]:
        found = [_into(each, free, made) for each in nodes]
        own = [array for _, array in found if array]
        free.extend(own[1:])
        return [code for code, _ in found], own[0] if own else free.pop() if free else f"b{next(made)}"

    match node:
        case ast.Constant(1.0):     # as an array already: a Python number would be made one at every call
            return "one", ""
        case ast.BinOp(left, sign, right):
            codes, array = parts(left, right)
            return f"{_UFUNC[type(sign).__name__]}({codes[0]}, {codes[1]}, {array})", array
        case ast.UnaryOp(ast.USub(), ast.Constant(value)):
            return f"(-{value!r})", ""
        case ast.UnaryOp(ast.USub(), inner):
            codes, array = parts(inner)
            return f"negative({codes[0]}, {array})", array
        case ast.Call(ast.Name(name), arguments) if name in _UNARY:
            codes, array = parts(*arguments)
            return f"{name}({codes[0]}, {array})", array
        case ast.Call(ast.Name(name), arguments):   # makes an array of its own
            codes, array = parts(*arguments)
            free.append(array)
            return f"{name}({', '.join(codes)})", ""
        case ast.Compare(left, [sign], [right]):
            codes, array = parts(left, right)
            free.append(array)
            return f"({codes[0]} {_SIGNS[type(sign).__name__]} {codes[1]})", ""
    return ast.unparse(node), ""


_SIGNS = {"Eq": "==", "Gt": ">", "GtE": ">=", "Lt": "<", "LtE": "<="}


def function(lines: Iterable[str], inputs: Iterable[str], outputs: Iterable[str], dialect: Dialect,
             repeat: bool) -> Callable[[int, Iterable[Any]], tuple[Any, ...]]:
    """The lines as a function run(rounds, values of the inputs) ─► values of the outputs.

    `repeat` puts the lines into a loop over the rounds.
    """
    inside = "        " if repeat else "    "
    source = "\n".join([
        "def run(rounds, values):", f"    {_row(inputs)} = values" if inputs else "",
        *(["    for _ in range(rounds):"] if repeat else []),
        *(inside + line for line in lines), f"    return {_row(outputs)}"])
    return _made(source, dialect)


def _row(names: Iterable[str]) -> str:
    return "(" + "".join(f"{name}, " for name in names) + ")"


def _made(source: str, dialect: Dialect) -> Callable[[int, Iterable[Any]], tuple[Any, ...]]:
    """The function that generated source defines.

    The one place where code is made from text. It is safe: the text consists of nothing but
    the tokens above (numbered variables, numbers, operators, functions of a table), which is
    checked here, and runs without builtins.
    """
    rest = _TOKEN.sub("", source)
    if rest:
        raise ValueError(f"generated code holds {rest[:40]!r}")
    names: dict[str, Any] = {"__builtins__": {}, "range": range, **dialect.functions}
    exec(compile(source, "<generated>", "exec"), names)
    made: Callable[[int, Iterable[Any]], tuple[Any, ...]] = names["run"]
    return made
