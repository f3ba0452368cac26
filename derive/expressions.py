"""Formulas as text, plain or LaTeX, to trees and on to SymPy; names against a closed table.

A formula is read in two steps: the grammar (`syntax`) says what stands beside
what, and `fold` says what it means: which word in front of a bracket is a
function, what a sum reaches over, that 3.5 × 10^{-5} is one number. Nothing of
the text is ever evaluated by Python or SymPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from derive.errors import FormulaError, TooLargeError, nearest
from derive.spelling import Vocabulary, canonical
from derive.syntax import Tree, node, parse_tokens, tokens
from derive.trees import extreme

if TYPE_CHECKING:
    import sympy

__all__ = ["FUNCTIONS", "Tree", "Vocabulary", "canonical", "fold", "names_in", "parse", "spelled", "to_sympy"]

LARGEST = 1e300  # constants beyond this are not computed

# how a function is written (canonical) and which function is meant
_OWN = "exp log sqrt sin cos tan sinh cosh tanh abs max min sigmoid relu softplus softmax"
FUNCTIONS = dict(zip(_OWN.split(), _OWN.split(), strict=True)) | {
    "ln": "log", "logistic": "sigmoid", "sigma": "sigmoid", "sig": "sigmoid", "Sigmoid": "sigmoid",
    "ReLU": "relu", "RELU": "relu", "Tanh": "tanh", "Softmax": "softmax", "Softplus": "softplus",
}  # fmt: skip
# functions that also take what follows them without a bracket: \log x, \sin 2t
_BARE = {"exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"}


def parse(text: str, *, where: str = "") -> Tree:
    """The tree of one formula of a lecture file; FormulaError with its column where there is none."""
    try:
        return fold(parse_tokens(tokens(text)), FUNCTIONS)
    except FormulaError as error:
        raise FormulaError(
            error.what, text=text, column=error.column, where=where, expected=error.expected
        ) from None


# ---------------------------------------------------------------- what a raw tree means


def fold(tree: Tree, functions: Mapping[str, str]) -> Tree:
    """The meaning of a raw tree, where `functions` are the names that are applied to a bracket."""
    if not tree.args:
        return tree
    args = [fold(arg, functions) for arg in tree.args]
    if tree.op == "product":
        return _multiplied(tree, args, functions)
    if tree.op == "group":
        return args[0] if len(args) == 1 else node("tuple", args, "", tree.column)
    if tree.op == "frac":
        return node("div", args, "frac", tree.column)
    if tree.op == "matrix" and len(args) == 1 and len(args[0].args) == 1:
        return args[0].args[0]
    return node(tree.op, args, tree.text, tree.column)


def _multiplied(tree: Tree, args: list[Tree], functions: Mapping[str, str]) -> Tree:
    """The factors of a product, joined from left to right after calls, sums and powers of ten."""
    signs = ["", *tree.text]
    bracketed = [_of_bracket(raw) for raw in tree.args]
    items = list(zip(signs, args, bracketed, strict=True))
    for step in (_calls, _operators, _powers_of_ten, _sums):
        items = step(items, functions)
    _, product, _ = items[0]
    for sign, factor, _ in items[1:]:
        pair = (product, factor)
        product = (
            node("div", pair, "/", product.column) if sign == "/" else node("mul", pair, sign, product.column)
        )
    return product


Items = list[tuple[str, Tree, int]]  # sign in front, factor, BRACKET, POWER of one, or neither (0)
BRACKET, POWER = 1, 2


def called(tree: Tree, functions: Mapping[str, str]) -> str:
    """The function that a name stands for, `sigmoid'` for its derivative; "" where it is none."""
    if tree.op != "name":
        return ""
    key = canonical(tree.text)
    if key.endswith("^'"):
        return functions[key[:-2]] + "'" if key[:-2] in functions else ""
    return functions.get(key, "")


def _of_bracket(raw: Tree) -> int:
    """A bracket, or a power of one: in f(x)^2 the function takes the bracket, the power is of the call."""
    if raw.op == "pow":
        return POWER if raw.args[0].op == "group" else 0
    return BRACKET if raw.op == "group" else 0


def _calls(items: Items, functions: Mapping[str, str]) -> Items:
    found: Items = []
    place = 0
    while place < len(items):
        sign, head, _ = items[place]
        base, power = head.args if head.op == "pow" else (head, None)
        function = called(base, functions)
        taken = _argument(items, place + 1, function) if function else 0
        if taken:
            taking, after = _split_power(items[place + 1 : place + 1 + taken])
            call = node("call", _arguments(taking), function, head.column)
            for exponent in filter(None, (power, after)):
                call = node("pow", (call, exponent), "", head.column)
            found.append((sign, call, 0))
        else:
            found.append(items[place])
        place += 1 + taken
    return found


def _split_power(taking: Items) -> tuple[Items, Tree | None]:
    """The bracket that a function takes, and the exponent behind that bracket."""
    sign, tree, bracketed = taking[0]
    if bracketed == POWER:
        return [(sign, tree.args[0], BRACKET)], tree.args[1]
    return taking, None


def _argument(items: Items, place: int, function: str) -> int:
    """How many factors from `place` on are the function's argument: a bracket, or `2 t` of sin 2 t."""
    if place >= len(items) or items[place][0] != " ":
        return 0
    if items[place][2]:
        return 1
    if function not in _BARE:
        return 0
    names = place + (items[place][1].op == "number")
    return 1 + (
        names > place and names < len(items) and items[names][0] == " " and items[names][1].op == "name"
    )


def _arguments(items: Items) -> tuple[Tree, ...]:
    first = items[0][1]
    if len(items) == 1:
        return first.args if first.op == "tuple" else (first,)
    return (node("mul", (first, items[1][1]), " ", first.column),)


def _operators(items: Items, functions: Mapping[str, str]) -> Items:
    """d/dx takes the factor that follows it."""
    found: Items = []
    for sign, tree, bracketed in items:
        if found and found[-1][1].op == "operator" and sign in (" ", "*", "·"):
            before, operator, _ = found.pop()
            tree = node("partial", (tree, operator.args[0]), "", operator.column)
            found.append((before, tree, 0))
        else:
            found.append((sign, tree, bracketed))
    return found


def _powers_of_ten(items: Items, functions: Mapping[str, str]) -> Items:
    """3.5 × 10^{-5} is one figure."""
    found: Items = []
    for sign, tree, bracketed in items:
        exponent = _exponent_of_ten(tree)
        if (
            exponent
            and found
            and found[-1][1].op == "number"
            and "e" not in found[-1][1].text
            and sign in "*×·"
        ):
            before, number, _ = found.pop()
            tree = Tree("number", (), f"{number.text}e{exponent}", number.column)
            found.append((before, tree, 0))
        else:
            found.append((sign, tree, bracketed))
    return found


def _exponent_of_ten(tree: Tree) -> str:
    if tree.op != "pow" or tree.args[0] != Tree("number", (), "10"):
        return ""
    exponent, sign = tree.args[1], ""
    if exponent.op == "neg":
        exponent, sign = exponent.args[0], "-"
    return sign + exponent.text if exponent.op == "number" and exponent.text.lstrip("-").isdigit() else ""


def _sums(items: Items, functions: Mapping[str, str]) -> Items:
    """Σ reaches over everything that is multiplied after it."""
    for place, (sign, tree, _) in enumerate(items[:-1]):
        signs, base = tree, tree.args[0] if tree.op == "pow" else tree
        if base.op == "sumsign":
            rest = _sums(items[place + 1 :], functions)
            limits = base.text + (f"^{{{spelled(signs.args[1])}}}" if signs.op == "pow" else "")
            body = rest[0][1]
            for other_sign, factor, _ in rest[1:]:
                op = "div" if other_sign == "/" else "mul"
                body = node(op, (body, factor), other_sign, body.column)
            return [*items[:place], (sign, node("sum", (body,), limits, tree.column), False)]
    return items


def spelled(tree: Tree) -> str:
    """A tree as the text of an index: `(l+1)` and `[2]` give l+1 and 2."""
    if tree.op == "add":
        return "".join(
            ("" if arg.op == "neg" or not n else "+") + spelled(arg) for n, arg in enumerate(tree.args)
        )
    if tree.op == "neg":
        return "-" + spelled(tree.args[0])
    if tree.op == "pow":
        return f"{spelled(tree.args[0])}^{{{spelled(tree.args[1])}}}"
    joint = "," if tree.op in ("row", "tuple") else ""
    return tree.text if not tree.args else joint.join(map(spelled, tree.args))


def names_in(tree: Tree) -> tuple[str, ...]:
    """The names of a formula as they are written, each once, in order; the e of e^x is none."""
    if tree.op == "name":
        return () if canonical(tree.text) in _CONSTANTS else (tree.text,)
    return tuple(dict.fromkeys(name for arg in tree.args for name in names_in(arg)))


# ---------------------------------------------------------------- from trees to SymPy

_CONSTANTS = {"e": "E", "pi": "pi"}


def to_sympy(tree: Tree, names: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """The formula in SymPy, unevaluated and in the author's order.

    `names` is the closed table of names. A decimal keeps 60 digits. FormulaError
    for a name that is not in the table, TooLargeError for a constant beyond 1e300.
    """
    _magnitude(tree)
    table = {canonical(name): value for name, value in names.items()}
    return _expression(tree, table, tuple(names))


def _magnitude(tree: Tree) -> float | None:
    """The size of a constant, None with names in it; TooLargeError before anything large is computed."""
    sizes = [_magnitude(arg) for arg in tree.args]
    if tree.op == "number":
        digits, _, exponent = tree.text.lower().partition("e")
        if len(digits) > 1000 or len(exponent) > 4:
            raise _too_large(tree)
        size: float | None = _checked(tree, lambda: float(tree.text))
    elif not sizes or any(size is None for size in sizes):
        return None
    else:
        known = [size for size in sizes if size is not None]
        size = _checked(
            tree,
            lambda: _ARITHMETIC.get((tree.op, tree.text), _ARITHMETIC.get((tree.op, ""), _unknown))(known),
        )
    return size


def _unknown(sizes: list[float]) -> float | None:
    return None


_ARITHMETIC: dict[tuple[str, str], Callable[[list[float]], float | None]] = {
    ("add", ""): sum,
    ("neg", ""): lambda s: -s[0],
    ("mul", ""): lambda s: s[0] * s[1],
    ("div", ""): lambda s: s[0] / s[1] if s[1] else None,
    ("pow", ""): lambda s: s[0] ** s[1] if s[0] > 0 or (s[0] and s[1].is_integer()) else None,
    ("call", "exp"): lambda s: math.exp(s[0]),
}


def _checked(tree: Tree, compute: Callable[[], float | None]) -> float | None:
    try:
        size = compute()
    except OverflowError:
        size = math.inf
    if size is not None and not abs(size) <= LARGEST:
        raise _too_large(tree)
    return size


def _too_large(tree: Tree) -> TooLargeError:
    return TooLargeError(
        f"a constant is too large to compute (column {tree.column})", expected="a number below 1e300"
    )


def _expression(tree: Tree, names: Mapping[str, sympy.Expr], known: tuple[str, ...]) -> sympy.Expr:
    import sympy

    if tree.op == "number":
        return sympy.Integer(tree.text) if tree.text.isdigit() else sympy.Float(tree.text, 60)
    if tree.op == "name":
        return _named(tree, names, known)
    if tree.op == "pow" and tree.args[0].op == "name" and (key := canonical(_indexed(tree))) in names:
        return names[key]
    if tree.op == "pow" and canonical(tree.args[0].text) == "e" and "e" not in names:
        return sympy.exp(_expression(tree.args[1], names, known), evaluate=False)
    args = [_expression(arg, names, known) for arg in tree.args]
    if tree.op == "call":
        return _applied(tree, args)
    if tree.op not in _BUILT:
        raise FormulaError(
            f"a {tree.op} cannot stand in a formula", column=tree.column, expected="+ - * / ^ and functions"
        )
    return _BUILT[tree.op](args)


def _indexed(tree: Tree) -> str:
    """A power as the name it would be if its exponent were an index."""
    return f"{tree.args[0].text}^{{{spelled(tree.args[1])}}}"


def _named(tree: Tree, names: Mapping[str, sympy.Expr], known: tuple[str, ...]) -> sympy.Expr:
    import sympy

    key = canonical(tree.text)
    if key in names:
        return names[key]
    if key in _CONSTANTS:
        constant: sympy.Expr = getattr(sympy, _CONSTANTS[key])
        return constant
    raise FormulaError(
        f"unknown name {tree.text!r}", column=tree.column, expected=nearest(tree.text, known) or "a number"
    )


def _product(args: list[sympy.Expr]) -> sympy.Expr:
    import sympy

    return sympy.Mul(*args, evaluate=False)


def _quotient(args: list[sympy.Expr]) -> sympy.Expr:
    import sympy

    top, bottom = args
    if top.is_Integer and bottom.is_Integer and bottom > 1 and sympy.igcd(top, bottom) == 1:
        return sympy.Rational(top, bottom)  # the 1/2 of 1/2 (y - t)^2 is one number
    return sympy.Mul(top, sympy.Pow(bottom, -1, evaluate=False), evaluate=False)


def _built(name: str) -> Callable[[list[sympy.Expr]], sympy.Expr]:
    def build(args: list[sympy.Expr]) -> sympy.Expr:
        import sympy

        made: sympy.Expr = getattr(sympy, name)(*args, evaluate=False)
        return made

    return build


def _negated(args: list[sympy.Expr]) -> sympy.Expr:
    import sympy

    return -args[0] if args[0].is_Number else sympy.Mul(-1, args[0], evaluate=False)


_BUILT: dict[str, Callable[[list[sympy.Expr]], sympy.Expr]] = {
    "add": _built("Add"),
    "neg": _negated,
    "mul": _product,
    "div": _quotient,
    "pow": _built("Pow"),
    "abs": _built("Abs"),
}
# functions that are SymPy's own, and how many arguments they take (0: any number)
_SYMPY = {name: (name, 1) for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh")}
_SYMPY |= {"abs": ("Abs", 1), "max": ("Max", 0), "min": ("Min", 0)}
_SORTED = ("Max", "Min")  # whose arguments SymPy would sort


def _applied(tree: Tree, args: list[sympy.Expr]) -> sympy.Expr:
    name, wanted = _SYMPY.get(tree.text, ("", 1))
    if wanted and len(args) != wanted:
        raise FormulaError(f"{tree.text} takes one argument", column=tree.column, expected=f"{tree.text}(…)")
    if name == "sqrt":
        import sympy

        return sympy.Pow(args[0], sympy.Rational(1, 2), evaluate=False)
    if name in _SORTED:
        return extreme(name, *args)
    if name:
        return _built(name)(args)
    from derive import functions

    made: sympy.Expr = functions.function(tree.text)(*args)
    return made
