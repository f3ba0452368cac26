"""Formulas as they stand: tokens and raw trees, made by the grammar in `expressions.lark`.

The raw tree says what stands beside what. What that means, `expressions.fold`
settles: a raw tree still has `group`s (brackets), `product`s (factors and, in
`text`, the sign in front of each but the first) and the bare sign of a sum.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from derive.bars import bars
from derive.errors import FormulaError

if TYPE_CHECKING:
    import lark

LONGEST = 20_000  # characters of one formula
MOST_TOKENS = 5_000  # of one formula
LONGEST_NUMBER = 500  # digits
DEEPEST = 100  # levels of one formula


@dataclass(frozen=True, slots=True)
class Tree:
    """A formula as it was written: order and grouping are the author's.

    | op | args | text |
    |---|---|---|
    | number | | as written: `.5932`, `0.40`; 3.5 × 10^{-5} is one number `3.5e-5` |
    | name | | base with its subscripts, primes and marks: `w_{5}`, `out_{h1}`, `w_5^+`, `w_5'` |
    | add | the terms; one that is subtracted is a `neg` | |
    | neg | the term | |
    | mul | two factors | the sign: `*` `×` `·` `∘` (also ⊙) `⊗`, a space where there is none |
    | div | two | `/`, or `frac` |
    | pow | base, exponent (an index may stand there: a_1^2) | `(` where the exponent stands in brackets |
    | call | the arguments | the function, `sigmoid`; its derivative `sigmoid'` |
    | partial | what is differentiated, by what | |
    | transpose, norm, abs | one | |
    | matrix | `row`s of entries; `[a, b]` has one row | |
    | tuple | what stands in one bracket, by commas | |
    | sum | what is summed | the limits as written |
    | cases | `row`s: value, condition | |
    | compare | the sides | the signs |
    | item | a vector | the number of its entry, or a letter |
    | indicator | | 1[z > 0] as it stands |

    `ids` holds what a name was resolved to (derive.check). `column` counts from 1
    in the text that was parsed.
    """

    op: str
    args: tuple[Tree, ...] = ()
    text: str = ""
    column: int = field(default=1, compare=False)
    ids: tuple[Any, ...] = ()
    depth: int = field(default=1, compare=False, repr=False)


def node(op: str, args: Iterable[Tree] = (), text: str = "", column: int = 1) -> Tree:
    """A tree over `args`; FormulaError where it gets deeper than a person writes."""
    args = tuple(args)
    depth = 1 + max((a.depth for a in args), default=0)
    if depth > DEEPEST:
        raise FormulaError(
            "the formula is nested too deeply", column=column, expected=f"at most {DEEPEST} levels"
        )
    return Tree(op, args, text, column, (), depth)


def tokens(text: str) -> tuple[lark.Token, ...]:
    """The tokens of a formula or a whole piece of mathematics; every character has a place in one."""
    if len(text) > LONGEST:
        raise FormulaError("the formula is too long", expected=f"at most {LONGEST} characters")
    level = 0
    for place, letter in enumerate(text):
        level += (letter in "{[(") - (letter in "}])")
        if level > DEEPEST:
            raise FormulaError(
                "the formula is nested too deeply", column=place + 1, expected=f"at most {DEEPEST} levels"
            )
    return tuple(_lexer().lex(text))


def parse_tokens(stream: Iterable[lark.Token]) -> Tree:
    """The raw tree of tokens, not folded; FormulaError at the token that does not fit."""
    from lark import Token
    from lark.exceptions import UnexpectedToken

    stream = list(stream)
    if len(stream) > MOST_TOKENS:
        raise FormulaError("the formula is too long", column=_place(stream[0]))
    parser, last = _parser().parse_interactive(), None
    try:
        for last in bars(stream):
            parser.feed_token(last)
        end = last.end_pos if last is not None and last.end_pos is not None else 0
        tree = parser.feed_token(Token("$END", "", start_pos=end))
        assert isinstance(tree, Tree)
        return tree
    except UnexpectedToken as error:
        token = error.token
        shown = f"unexpected {str(token)[:30]!r}" if token.type != "$END" else "the formula ends too early"
        raise FormulaError(
            shown, column=(token.start_pos or 0) + 1, expected="a name, number or operator"
        ) from None


@lru_cache(maxsize=1)
def _grammar() -> str:
    return resources.files("derive").joinpath("expressions.lark").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _lexer() -> lark.Lark:
    """The tokens alone, those of layouts too, which no formula has."""
    from lark import Lark

    return Lark(_grammar(), parser=None, lexer="basic")


@lru_cache(maxsize=1)
def _parser() -> lark.Lark:
    from lark import Lark

    return Lark(_grammar(), parser="lalr", lexer="basic", maybe_placeholders=False, transformer=_builder())


# ---------------------------------------------------------------- from rules to raw trees

_SIGNS = {
    "∗": "*", "ast": "*", "times": "×", "cdot": "·", "bullet": "·", "⋅": "·", "∙": "·",
    "circ": "∘", "odot": "∘", "⊙": "∘", "otimes": "⊗", "div": "/", "÷": "/",
}  # fmt: skip
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ˡ", "0123456789-l", "⁽⁾")
_WRAPPED = re.compile(r"\\[A-Za-z]+\*?\s*\{(.*)\}\Z", re.DOTALL)
_PERCENT = re.compile(r"\\?%")  # 74.1 % is the figure 74.1e-2
_FIGURE = re.compile(r"\s*(?:\d+\.?\d*|\.\d+)\s*\Z")


def _place(item: Any) -> int:
    return item.column if isinstance(item, Tree) else (item.start_pos or 0) + 1


def leaf(token: lark.Token) -> Tree:
    """The tree of a single token: a number, a name or the sign of a sum."""
    text, column = str(token), _place(token)
    if token.type == "NUMBER":
        if len(text) > LONGEST_NUMBER or len(text.lower().partition("e")[2]) > 4:
            raise FormulaError("a number with too many digits", column=column)
        figure = text.replace("−", "-").replace(" ", "").rstrip(".")
        return Tree("number", (), _PERCENT.sub("e-2", figure), column)
    if token.type == "SUM":
        return Tree("sumsign", (), "", column)
    if token.type == "FRACDIGITS":
        digits = re.findall(r"\d", unicodedata.normalize("NFKC", text))
        return Tree("frac", tuple(Tree("number", (), digit, column) for digit in digits), "frac", column)
    if token.type == "PARTIAL":
        return Tree("name", (), "∂", column)
    if token.type == "INDICATOR":
        return Tree("indicator", (), text, column)
    if token.type == "TEXT" and (match := _WRAPPED.match(text)):
        if _FIGURE.match(match[1]):
            return Tree("number", (), match[1].strip(), column)
        return Tree("name", (), match[1] if match[1].strip() == "d" else text, column)
    return Tree("name", (), text, column)


def _operand(item: Any) -> Tree:
    return item if isinstance(item, Tree) else leaf(item)


def _signed(items: list[Any]) -> list[tuple[bool, Tree]]:
    """Trees with the signs that stood in front of them: (negative, tree)."""
    found, negative = [], False
    for item in items:
        if isinstance(item, Tree):
            found.append((negative, item))
            negative = False
        else:
            negative ^= item.type == "MINUS"
    return found


def _expr(items: list[Any]) -> Tree:
    terms = [node("neg", (tree,), "", tree.column) if negative else tree for negative, tree in _signed(items)]
    return terms[0] if len(terms) == 1 else node("add", terms, "", terms[0].column)


def _operated(items: list[Any]) -> tuple[str, Tree]:
    name = str(items[0]).lstrip("\\")
    return _SIGNS.get(name, name), _expr(items[1:])


def _term(items: list[Any]) -> Tree:
    first, *others = items
    if not others:
        return _operand(first)
    return node(
        "product", [first, *(tree for _, tree in others)], "".join(sign for sign, _ in others), first.column
    )


def _factor(items: list[Any]) -> Tree:
    """An atom and what hangs on it; a^b^c is a^(b^c), as in plain formulas."""
    tree, powers = _operand(items[0]), list[Power]()
    for item in items[1:]:
        if isinstance(item, tuple):
            powers.append(item)
        elif item.type == "RAISED":
            raised = Tree("number", (), str(item).translate(_RAISED), _place(item))
            if powers:  # e^x² is e^(x²)
                powers.append((False, raised))
            else:
                tree = node("pow", (tree, raised), "", tree.column)
        elif item.type == "TRANSPOSE":
            tree, powers = node("transpose", (_powered(tree, powers),), "", tree.column), []
        elif item.type != "CARET":
            tree = _hung(tree, str(item))
    return _powered(tree, powers)


Power = tuple[bool, Tree]  # an exponent and whether a minus stands in front of it


def _exponent(items: list[Any]) -> Power:
    *signs, atom = items
    return _signed([*signs, _operand(atom)])[0]


def _powered(tree: Tree, powers: list[Power]) -> Tree:
    """tree^a^b as tree^(a^b); a sign binds looser than the power behind it: e^-x^2 is e^(-(x^2))."""
    if not powers:
        return tree
    (negative, exponent), *others = powers
    raised = _powered(exponent, others)
    signed = node("neg", (raised,), "", raised.column) if negative else raised
    framed = raised.text or "(" if raised.op == "group" else ""      # [3] counts updates
    return node("pow", (tree, signed), framed, tree.column)


def _hung(tree: Tree, script: str) -> Tree:
    """The tree with a subscript, prime or mark: part of a name, limits of a sum, a remark on a brace."""
    if tree.op in ("name", "sumsign"):
        return Tree(tree.op, (), tree.text + script, tree.column)
    if tree.op in ("pow", "transpose") and tree.args[0].op in ("name", "pow"):
        return node(tree.op, (_hung(tree.args[0], script), *tree.args[1:]), tree.text, tree.column)
    if script.lstrip("\\").startswith("_") and tree.op not in ("group", "matrix", "number"):
        return tree
    if tree.op == "group" and script.startswith("_"):  # [z]_+ and (W x)_i
        index = script.strip("_{} \t\n")
        relu = index == "+"
        return node("call" if relu else "item", tree.args if relu else (tree,), "relu" if relu else index, tree.column)
    if tree.op == "group" and "prime" in script:
        return node("pow", (tree, Tree("name", (), "'", tree.column)), "", tree.column)  # ^{(3)\prime}
    raise FormulaError(f"{script!r} stands on something that is no name", column=tree.column, expected="a name")


def _accent(items: list[Any]) -> Tree:
    tree = _operand(items[1])
    mark = str(items[0]).replace("wide", "")
    if len(tree.text) > LONGEST_NUMBER:
        raise FormulaError("a name with too many accents", column=tree.column)
    return Tree("name", (), f"{mark}{{{tree.text}}}", _place(items[0])) if tree.op == "name" else tree


def _pieces(items: list[Any]) -> list[Tree]:
    return [item for item in items if isinstance(item, Tree)]


def _wrap(op: str, text: str = "") -> Any:
    """A rule whose tree has the rule's trees as arguments."""

    def rule(items: list[Any]) -> Tree:
        found = [_operand(item) for item in items if isinstance(item, Tree) or item.type in _LEAVES]
        return node(op, found, text, found[0].column if found else 1)

    return rule


_LEAVES = {"NUMBER", "WORD", "GREEK", "TEXT", "COMMAND", "PARTIAL", "SUM", "FRACDIGITS", "INDICATOR"}


def _list(items: list[Any]) -> Tree:
    return node("row", _pieces(items), "", _pieces(items)[0].column)


def _group(items: list[Any]) -> Tree:
    return node("group", items[0].args, "", items[0].column)


def _braces(items: list[Any]) -> Tree:
    """{a} is a; {2,new} is an index of two parts."""
    inner: Tree = items[0].args[0] if len(items[0].args) == 1 else items[0]
    return inner


def _brackets(items: list[Any]) -> Tree:
    """[a] is a bracket, [a, b] a row, [[a, b], [c, d]] and [a, b; c, d] are matrices."""
    rows = _pieces(items)
    cells = [cell for row in rows for cell in row.args]
    if len(cells) == 1:
        return node("group", cells, "[", cells[0].column)
    if len(rows) == 1 and all(cell.op == "matrix" and len(cell.args) == 1 for cell in cells):
        return node("matrix", [cell.args[0] for cell in cells], "", cells[0].column)
    if len(rows) == 1 and all(cell.op == "group" and cell.text == "[" for cell in cells):
        return node(
            "matrix", [node("row", cell.args, "", cell.column) for cell in cells], "", cells[0].column
        )
    return node("matrix", rows, "", cells[0].column)


def _cell(items: list[Any]) -> Tree | None:
    if not items:
        return None
    signs = [str(item) for item in items if not isinstance(item, Tree) and item.type in ("COMPARE", "RELATION")]
    return node("compare", _pieces(items), " ".join(signs), items[0].column) if signs else _pieces(items)[0]


def _row(items: list[Any]) -> Tree | None:
    cells = _pieces(items)
    return node("row", cells, "", cells[0].column) if cells else None


def _grid(items: list[Any]) -> Tree:
    rows = _pieces(items)
    return node("row", rows, "", rows[0].column if rows else 1)


def _matrix(op: str) -> Any:
    def rule(items: list[Any]) -> Tree:
        grid = _pieces(items)[0]
        if op == "matrix" and len({len(row.args) for row in grid.args}) != 1:
            raise FormulaError("a matrix whose rows are not equally long", column=_place(items[0]))
        return node(op, grid.args, "", _place(items[0]))

    return rule


_RULES: dict[str, Any] = {
    "expr": _expr,
    "term": _term,
    "factor": _factor,
    "operated": _operated,
    "juxtaposed": lambda items: (" ", items[0]),
    "exponent": _exponent,
    "postfix": lambda items: items[-1],
    "list": _list,
    "rows": lambda items: node("rows", _pieces(items)),
    "group": _group,
    "brackets": lambda items: _brackets(list(items[0].args)),
    "braces": _braces,
    "frac": _wrap("frac", "frac"),
    "sqrt": _wrap("call", "sqrt"),
    "accent": _accent,
    "norm": _wrap("norm"),
    "absolute": _wrap("abs"),
    "floor": _wrap("floor"),
    "matrix": _matrix("matrix"),
    "cases": _matrix("cases"),
    "row": _row,
    "grid": _grid,
    "cell": _cell,
}


def _builder() -> Any:
    """The table of rules as the transformer that Lark calls while it parses."""
    from lark import Transformer

    def bound(rule: Any) -> Any:
        return lambda self, items: rule(items)

    return type("Builder", (Transformer,), {name: bound(rule) for name, rule in _RULES.items()})()
