"""What a raw tree of a formula means: which word in front of a bracket is a function, what a sum reaches over.

The grammar (`syntax`) says what stands beside what. Here f(x)^2 becomes the power of a call, 3.5 × 10^{-5}
one number, d/dx a derivative; two numbers side by side are no product.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from derive.errors import FormulaError
from derive.spelling import canonical
from derive.syntax import Tree, node

# how a function is written (canonical) and which function is meant
_OWN = "exp log sqrt sin cos tan sinh cosh tanh abs max min sigmoid relu softplus softmax"
FUNCTIONS = dict(zip(_OWN.split(), _OWN.split(), strict=True)) | {
    "ln": "log", "logistic": "sigmoid", "sigma": "sigmoid", "sig": "sigmoid", "Sigmoid": "sigmoid",
    "ReLU": "relu", "RELU": "relu", "Tanh": "tanh", "Softmax": "softmax", "Softplus": "softplus",
    "th": "tanh", "tgh": "tanh", "sh": "sinh", "senh": "sinh", "ch": "cosh", "tg": "tan", "sen": "sin",
}  # fmt: skip
# functions that also take what follows them without a bracket: \log x, \sin 2t
_BARE = {"exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"}


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
    _apart(tree)
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


def _apart(product: Tree) -> None:
    """FormulaError where two numbers stand side by side: 1 000 may be a thousand, a product or a slip."""
    for sign, (left, right) in zip(product.text, pairwise(product.args), strict=True):
        base = right.args[0] if right.op == "pow" else right
        of_ten = right.op == "pow" and base.text == "10"
        if sign == " " and left.op == base.op == "number" and not of_ten:
            raise FormulaError(
                "two numbers side by side", column=right.column, expected="an operator between them"
            )


def called(tree: Tree, functions: Mapping[str, str]) -> str:
    """The function that a name stands for, `sigmoid'` for its derivative; "" where it is none."""
    if tree.op != "name":
        return ""
    key = canonical(tree.text)
    if key.endswith("^'"):
        return functions[key[:-2]] + "'" if key[:-2] in functions else ""
    return functions.get(key, "")


def _of_bracket(raw: Tree) -> int:
    """A bracket, or a power or entry of one: in f(x)^2 the function takes the bracket, the power is of the call."""
    if raw.op in ("pow", "item"):
        return POWER if raw.args[0].op == "group" else 0
    return BRACKET if raw.op in ("group", "matrix") else 0


def _calls(items: Items, functions: Mapping[str, str]) -> Items:
    found: Items = []
    place = 0
    while place < len(items):
        sign, head, _ = items[place]
        base, power = head.args if head.op == "pow" else (head, None)
        function = called(base, functions)
        taken = _argument(items, place + 1, function) if function else 0
        if taken and _stands_in(function, items[place + 1][1], functions):
            taken = 0
        if taken:
            if power is not None and spelled(power) in ("-1", "−1"):
                raise FormulaError(f"the inverse of {function}, or 1 over it", column=head.column, expected="neither")
            taking, hung = _split_power(items[place + 1 : place + 1 + taken])
            call = node("call", _arguments(taking), function, head.column)
            call = node("pow", (call, power), "", head.column) if power else call
            found.append((sign, _hung(call, hung), 0))
        else:
            found.append(items[place])
        place += 1 + taken
    return found


def _hung(call: Tree, bracket: Tree | None) -> Tree:
    """A call with the power or the number of an entry that hangs on its bracket."""
    if bracket is None:
        return call
    return node(bracket.op, (call, *bracket.args[1:]), "" if bracket.op == "pow" else bracket.text, call.column)


def _stands_in(function: str, tree: Tree, functions: Mapping[str, str]) -> bool:
    """Whether a function stands by itself in a bracket: σ(1 − σ) is a product."""
    return called(tree, functions) == function or any(_stands_in(function, arg, functions) for arg in tree.args)


def _split_power(taking: Items) -> tuple[Items, Tree | None]:
    """The bracket that a function takes, and the power or entry of it that stands there."""
    sign, tree, bracketed = taking[0]
    if bracketed == POWER:
        return [(sign, tree.args[0], BRACKET)], tree
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
            and sign in "*×· "
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
    is_plain = exponent.op == "number" and exponent.text.lstrip("-").isdigit() and len(exponent.text) <= 4
    return sign + exponent.text if is_plain else ""


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
