"""A user's mistakes as exceptions: the place they stand at and what was expected."""

from __future__ import annotations


class DeriveError(Exception):
    """One line for a person: what is wrong, where, and what was expected.

    `status` is the exit status of the command that met it.
    """

    status = 2

    def __init__(self, what: str, *, where: str = "", expected: str = "") -> None:
        self.what, self.where, self.expected = what, where, expected
        super().__init__(self.line())

    def line(self) -> str:
        """The message on one line: *where: what; expected …*."""
        head = f"{self.where}: " if self.where else ""
        tail = f"; expected {self.expected}" if self.expected else ""
        return printable(head + self.what + tail)


class InputError(DeriveError):
    """Something in a lecture file, a working, a roster or on the command line is wrong."""


class FormulaError(InputError):
    """A formula that does not parse; `column` counts from 1, `text` is the formula."""

    def __init__(self, what: str, *, text: str = "", column: int = 1, where: str = "", expected: str = "") -> None:
        self.text, self.column = text, column
        super().__init__(what, where=where, expected=expected)

    def line(self) -> str:
        """The one line, complete in itself, and below it the formula with a caret under the column."""
        shown = self.text.splitlines()[0] if self.text else ""
        if not shown:
            return super().line()
        start = max(0, self.column - 60)
        place = f"{self.where}, column {self.column}" if self.where else f"column {self.column}"
        said = InputError(self.what, where=place, expected=self.expected).line()
        return f"{said}\n    {_blanked(shown[start:start + 100])}\n    {' ' * (self.column - 1 - start)}^"


class TooLargeError(InputError):
    """A number or an expression is larger than the program computes with."""


class PdfError(DeriveError):
    """No PDF could be made; the .tex is there."""

    status = 3


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """All the known words, and a hint `(did you mean …?)` for a misspelt one."""
    return f"{', '.join(known)}{did_you_mean(word, known)}"


def did_you_mean(word: str, known: list[str] | tuple[str, ...]) -> str:
    """A hint ` (did you mean …?)` where a known word is near."""
    import difflib

    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f" (did you mean {close[0]}?)" if close else ""


def printable(text: str) -> str:
    """Text from outside for a terminal: a newline, control or direction character stands as its code."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _blanked(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
