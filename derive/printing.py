"""The LaTeX printer: trees in the author's order, as symbols or with the numbers put in.

What stands for a symbol is asked of `atom`: its name, or its figure. A negative figure is
bracketed behind an operator. Brackets are plain, so that TeX can break a long line at + and =.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from derive.functions import ACTIVATIONS
from derive.notation import Style
from derive.quantities import Id, quantity_of

SUM, PRODUCT, POWER, ATOM = range(4)
_CLOSED = ("(", r"\bigl(", r"\frac", r"\begin")   # what needs no brackets round it


class Piece(NamedTuple):
    """Printed text, how tightly it binds, and whether it is a number of the formula itself."""

    text: str
    level: int
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Printer:
    """`atom` gives the text of a quantity, `sign` stands between factors, `d` in a derivative."""

    atom: Callable[[Id], str]
    sign: str
    d: str = r"\partial"
    numbers: bool = False

    def latex(self, tree: Any) -> str:
        """The tree as LaTeX."""
        return self.piece(tree).text

    def piece(self, tree: Any) -> Piece:
        if tree.is_Symbol:
            return self.symbol(tree)
        if tree.is_Number:
            return _number(tree)
        name = tree.func.__name__
        rule = _RULES.get(name)
        if rule is not None:
            return rule(self, *tree.args)
        return self.applied(name, tree.args)

    def symbol(self, tree: Any) -> Piece:
        text = self.atom(quantity_of(tree.name))
        return Piece(text, SUM if text.startswith("-") else ATOM)

    def applied(self, name: str, args: Any) -> Piece:
        """f(net) of a named activation, its slope, or a sum over shared places."""
        head = function_latex(name)
        inner = ", ".join(self.latex(arg) for arg in args)
        return Piece(head + bracket(inner), POWER)

    def add(self, *terms: Any) -> Piece:
        text = ""
        for term in terms:
            minus, rest = _negative(term)
            shown = self.term(rest, alone=not text and not minus)
            sign = "-" if minus else "+"
            text = f"{text} {sign} {shown}" if text else f"-{shown}" if minus else shown
        return Piece(text, SUM)

    def term(self, tree: Any, alone: bool) -> str:
        """A term of a sum; behind an operator a negative number at its head is bracketed."""
        if tree.is_Mul and not alone and not any(map(_is_inverse, tree.args)) and not _negative(tree)[0]:
            return self.product([self.piece(f) for f in tree.args], minus=True)
        piece = self.piece(tree)
        return bracket(piece.text) if piece.level == SUM and not alone else piece.text

    def mul(self, *factors: Any) -> Piece:
        if factors[0].is_Mul:   # a minus inside the first factor stands before the whole
            factors = (*factors[0].args, *factors[1:])
        minus, rest = _negative_factors(factors)
        top = [f for f in rest if not _is_inverse(f)]
        bottom = [f.args[0] for f in rest if _is_inverse(f)]
        if bottom:
            return self.fraction(minus, top, bottom)
        text = self.product([self.piece(f) for f in rest], minus)
        return Piece(f"-{text}", SUM) if minus else Piece(text, PRODUCT)

    def fraction(self, minus: bool, top: list[Any], bottom: list[Any]) -> Piece:
        """a/b as a fraction; a sum or an activation beside it stays outside."""
        over = self.product([self.piece(f) for f in top], False) if top else "1"
        if len(top) == 1:
            over = self.latex(top[0])
        under = self.latex(bottom[0]) if len(bottom) == 1 else self.product([self.piece(f) for f in bottom], False)
        text = rf"\frac{{{over}}}{{{under}}}"
        return Piece(f"-{text}", SUM) if minus else Piece(text, POWER)

    def product(self, pieces: list[Piece], minus: bool) -> str:
        text = ""
        for place, piece in enumerate(pieces):
            leads = place == 0 and not minus and piece.text.startswith("-") and " " not in piece.text
            loose = piece.level == SUM or piece.text.startswith("-")
            shown = bracket(piece.text) if loose and not leads else piece.text
            if self.numbers and not self.sign and not shown.startswith(_CLOSED) and len(pieces) > 1:
                shown = bracket(shown)
            text = shown if not text else text + self.between(pieces[place - 1], piece, shown) + shown
        return text

    def between(self, left: Piece, right: Piece, shown: str) -> str:
        """The sign between two factors; none where a bracket or a coefficient makes it plain."""
        opens = shown.startswith(("(", r"\bigl(")) and not (right.text.startswith("-") and right.literal)
        if self.sign == "*" and (opens or self.numbers or not left.literal or right.literal or shown[0].isdigit()):
            return " * "
        if left.literal and (right.literal or shown[0].isdigit()):
            return f" {self.sign if self.sign.startswith((chr(92) + 't', chr(92) + 'c')) else chr(92) + 'cdot'} "
        if opens and (left.literal or not self.numbers or not self.sign):
            return ""
        if left.literal and not self.numbers and not shown.startswith((r"\frac", "(")):
            return ""
        return f" {self.sign} " if self.sign else ""

    def power(self, base: Any, exponent: Any) -> Piece:
        if exponent == -1:
            return self.fraction(False, [], [base])
        if exponent.is_Rational and exponent.p == 1 and exponent.q == 2:
            return Piece(rf"\sqrt{{{self.latex(base)}}}", POWER)
        piece = self.piece(base)
        tight = piece.level == ATOM and "^" not in piece.text and "\\frac" not in piece.text
        shown = piece.text if tight else bracket(piece.text)
        return Piece(f"{shown}^{{{self.latex(exponent)}}}", POWER)

    def call(self, head: str, *args: Any) -> Piece:
        return Piece(head + bracket(", ".join(self.latex(arg) for arg in args)), POWER)

    def exp(self, argument: Any) -> Piece:
        return Piece(f"e^{{{self.latex(argument)}}}", POWER)

    def cases(self, *pairs: Any) -> Piece:
        rows = [rf"{self.latex(value)} & {self.condition(holds)}" for value, holds in pairs]
        return Piece(r"\begin{cases}" + r" \\ ".join(rows) + r"\end{cases}", PRODUCT)

    def condition(self, holds: Any) -> str:
        signs = {"StrictGreaterThan": ">", "GreaterThan": r"\ge", "StrictLessThan": "<", "LessThan": r"\le",
                 "Equality": "="}
        name = holds.func.__name__
        if name not in signs:
            return r"\text{otherwise}"
        return rf"\text{{if }} {self.latex(holds.args[0])} {signs[name]} {self.latex(holds.args[1])}"

    def matmul(self, *factors: Any) -> Piece:
        pieces = [self.piece(f) for f in factors]
        shown = [bracket(p.text) if p.level < ATOM and not _matrix(p.text) else p.text for p in pieces]
        return Piece(r" ".join(shown) if self.numbers else r"\,".join(shown), PRODUCT)

    def hadamard(self, *factors: Any) -> Piece:
        pieces = [self.piece(f) for f in factors]
        return Piece(r" \circ ".join(bracket(p.text) if p.level < POWER and not _matrix(p.text) else p.text
                                     for p in pieces), PRODUCT)

    def transpose(self, tree: Any) -> Piece:
        piece = self.piece(tree)
        if _matrix(piece.text):   # numbers stand transposed
            return Piece(grid(tuple(zip(*_rows(piece.text), strict=True))), ATOM)
        tight = piece.level == ATOM and "^" not in piece.text and r"\frac" not in piece.text
        return Piece(rf"{piece.text if tight else bracket(piece.text)}^{{\mathsf{{T}}}}", ATOM)

    def norm(self, tree: Any) -> Piece:
        text = self.latex(tree)
        left, right = (r"\left", r"\right") if r"\begin" in text else ("", "")
        return Piece(rf"{left}\lVert {text} {right}\rVert^{{2}}", POWER)

    def differential(self, tree: Any, by: Any) -> Piece:
        return Piece(rf"\frac{{{self.d}}}{{{self.d} {self.latex(by)}}} {bracket(self.latex(tree))}", PRODUCT)


_RULES: dict[str, Callable[..., Piece]] = {
    "Add": Printer.add, "Mul": Printer.mul, "Pow": Printer.power, "exp": Printer.exp, "Piecewise": Printer.cases,
    "Pi": lambda p: Piece(r"\pi", ATOM), "Exp1": lambda p: Piece("e", ATOM),
    "log": lambda p, x: p.call(r"\ln", x), "sin": lambda p, x: p.call(r"\sin", x),
    "cos": lambda p, x: p.call(r"\cos", x), "tan": lambda p, x: p.call(r"\tan", x),
    "Max": lambda p, *xs: p.call(r"\max", *xs), "Min": lambda p, *xs: p.call(r"\min", *xs),
    "floor": lambda p, x: Piece(rf"\lfloor {p.latex(x)} \rfloor", POWER),
    "Abs": lambda p, x: Piece(rf"\lvert {p.latex(x)} \rvert", POWER),
    "sign": lambda p, x: p.call(r"\operatorname{sign}", x),
    "matmul": Printer.matmul, "hadamard": Printer.hadamard, "transpose": Printer.transpose,
    "squared_norm": Printer.norm, "differential": Printer.differential,
    "diagonal": lambda p, x: p.call(r"\mathrm{diag}", x), "total": lambda p, x: p.call(r"\mathrm{sum}", x),
}


def function_latex(name: str) -> str:
    """What a named function is called: an activation, the slope of one, a sum over shared places."""
    if name in ACTIVATIONS:
        return ACTIVATIONS[name].latex
    if name.startswith("slope_"):
        return ACTIVATIONS[name.removeprefix("slope_")].latex + "'"
    if name.startswith("share_"):
        return r"\mathrm{share}"
    return {"f": "f", "slope": "f'"}.get(name.rstrip("0123456789"), rf"\mathrm{{{name}}}")


def bracket(text: str) -> str:
    """The text in brackets, tall ones round a fraction or a matrix."""
    if r"\begin" in text:
        return rf"\left({text}\right)"
    return rf"\bigl({text}\bigr)" if r"\frac" in text or r"\lVert" in text else f"({text})"


def _number(tree: Any) -> Piece:
    if tree.is_Float:
        from derive.rounding import to_decimal

        text = f"{to_decimal(tree).normalize():f}"
        return Piece(text, SUM if text.startswith("-") else ATOM, True)
    if tree.q == 1:
        return Piece(str(tree.p), SUM if tree.p < 0 else ATOM, True)
    text = rf"\frac{{{abs(tree.p)}}}{{{tree.q}}}"
    return Piece(f"-{text}" if tree.p < 0 else text, SUM if tree.p < 0 else ATOM, True)


def _negative(term: Any) -> tuple[bool, Any]:
    """Whether a term of a sum is taken away, and the term without its minus."""
    if term.is_Number:
        return (True, -term) if term < 0 else (False, term)
    if term.is_Mul:
        minus, rest = _negative_factors(term.args)
        if minus:
            return True, rest[0] if len(rest) == 1 else term.func(*rest, evaluate=False)
    return False, term


def _negative_factors(factors: Any) -> tuple[bool, tuple[Any, ...]]:
    """A leading -1 is a minus sign; a leading -2 a minus sign and a 2."""
    first = factors[0]
    if not first.is_Number or first >= 0 or len(factors) == 1:
        return False, tuple(factors)
    return True, tuple(factors[1:]) if first == -1 else (-first, *factors[1:])


def _is_inverse(factor: Any) -> bool:
    return bool(factor.is_Pow and factor.args[1] == -1)


def _matrix(text: str) -> bool:
    return text.startswith(r"\begin{bmatrix}") and text.endswith(r"\end{bmatrix}") and text.count(r"\begin") == 1


def _rows(text: str) -> list[list[str]]:
    inner = text.removeprefix(r"\begin{bmatrix} ").removesuffix(r" \end{bmatrix}")
    return [row.split(" & ") for row in inner.split(r" \\ ")]


def symbols(name: Callable[[Id], str], style: Style) -> Printer:
    """A printer of formulas by their names."""
    return Printer(name, style.symbols, style.d)


def numbers(figure: Callable[[Id], str], style: Style) -> Printer:
    """A printer of formulas with the figures put in."""
    return Printer(figure, style.numbers, style.d, numbers=True)


def grid(rows: tuple[tuple[str, ...], ...]) -> str:
    """A matrix in square brackets."""
    return r"\begin{bmatrix} " + r" \\ ".join(" & ".join(row) for row in rows) + r" \end{bmatrix}"
