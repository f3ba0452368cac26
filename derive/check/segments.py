"""Where the mathematics stands in a text: between dollars, \\( \\), \\[ \\] and in environments.

One pass over the delimiters, so the time grows with the length of the text
whatever is open or unbalanced in it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from derive.check.macros import closing

_ENVIRONMENTS = (
    "equation|align|aligned|gather|gathered|multline|split|eqnarray|alignat|flalign|displaymath|math"
)
_DELIMITER = re.compile(
    r"(?P<escaped>\\\\|\\\$|\\`)|(?P<open>\\\[|\\\(|<math(?:\s+display=\"?\w+\"?)?>)|(?P<close>\\\]|\\\)|</math>)"
    r"|(?P<dollars>\$\$|\$)"
    rf"|\\begin\s*\{{(?P<begin>(?:{_ENVIRONMENTS})\*?)\}}|\\end\s*\{{(?P<end>(?:{_ENVIRONMENTS})\*?)\}}"
    r"|(?P<fence>(?:```+|~~~+)[^\n]*)|(?P<blank>\n[ \t>]*\n[ \t>\n]*)"
)
_FIRST = re.compile(r"[\\$`~\n]|</?math")
_CLOSED_BY = {"\\[": "\\]", "\\(": "\\)", "$$": "$$", "$": "$"}
_DISPLAYED = ("$$", "\\[", '<math display="block">')
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_VERBATIM = re.compile(r"\\begin\{(verbatim|lstlisting|comment)\}.*?(?:\\end\{\1\}|\Z)", re.DOTALL)
_BETWEEN = re.compile(r"\\(?:short)?intertext\s*\{[^{}]*\}")
# what stands beside the formulas in them: a number with a sign of its own, an anchor, the label of a brace
_BESIDE = re.compile(r"\\tag\*?\s*\{[^{}]*\}|\\protect\s*\\hypertarget\s*\{[^{}]*\}\s*\{\s*\}")
_WORDS = re.compile(r"\\(?:text(?:rm|it|bf|sf|tt|normal|up)?|mbox)\s*\{[^{}$]*\$[^{}]*\}")
_BRACE = re.compile(r"\\(?:under|over)brace\s*(?=\{)")
_LABEL = re.compile(r"\s*[_^]\s*(?=\{)")
_ITEM = re.compile(r"[ \t>]*(?:[-*+•][ \t]+|\d+[.)][ \t]+)?")
# tags as what stands for them; a rule of mathematics such as a < b > c is none of them
_TAGS = {"sub": "_{", "/sub": "}", "sup": "^{", "/sup": "}", "br": "\n", "/p": "\n", "/li": "\n", "/td": "\n"}
_TAG = re.compile(
    r"<(/?(?:sub|sup|br|p|li|ul|ol|td|tr|th|table|div|span|b|i|em|strong|h[1-6]))(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&[A-Za-z]{2,8}\d{0,2};|&#\d{2,5};")
_NUMBERED = re.compile(r"(?<=[ \t]{2})[(\[]\d{1,3}(?:\.\d{1,3})*[a-z]?[)\]][ \t]*\Z")
# code, and what has a sign of equality without being a formula: options, tags, addresses
_CODE = re.compile(r"^(```|~~~)[^\n]*\n.*?(?:^\1|\Z)|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_NO_FORMULA = re.compile(r"\[[^\]]*\]|<[^>]*>|\S+://\S+")
_LOOKS_LIKE = re.compile(r"[\w)}]\s*[=≈←]\s*[^=\s]?.*\d")
MOST_BRACES = 2_000  # whose labels are left out
LONGEST_LOOKED_AT = 1_000  # characters of a line of prose
_BARE_EQUATION = re.compile(r"[=≈←→]")
_SIGN = re.compile(r"[=≈≃≅≡←→⟵⟶]|->|\\(?:approx|simeq|cong|equiv|coloneqq|doteq|sim|to|gets|mapsto|\w*arrow)")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of mathematics: `text` has the length of what stands from `start` on.

    `lead` is what stands before it since the piece before.
    """

    text: str
    start: int
    display: bool
    lead: str

    @property
    def end(self) -> int:
        """The offset behind its last letter."""
        return self.start + len(self.text)


def segments(text: str, kind: str) -> tuple[Segment, ...]:
    """The mathematics of a text in order; `kind` is "markdown", "tex" or "formula" (all of it)."""
    return _KINDS[kind](_without_labels(_bare(text))) if _SIGN.search(text) else ()


def _bare(text: str) -> str:
    """Without what stands beside the formulas within them, at the same length; words within them have no dollars."""
    if "\\" not in text:
        return text
    for beside in (_BETWEEN, _BESIDE):
        text = beside.sub(_blanked, text)
    return _WORDS.sub(lambda m: m[0].replace("$", " "), text)


def _without_labels(text: str) -> str:
    """Without what is written under or over the braces of a formula, at the same length."""
    pieces, place = [], 0
    for match in islice(_BRACE.finditer(text), MOST_BRACES if "brace" in text else 0):
        end = closing(text, match.end())
        label = _LABEL.match(text, end + 1) if end > 0 else None
        last = closing(text, label.end()) if label else -1
        if label and last > 0 and label.start() >= place:
            pieces += [text[place : label.start()], re.sub(r"[^\n]", " ", text[label.start() : last + 1])]
            place = last + 1
    return "".join((*pieces, text[place:]))


def _delimited(text: str) -> tuple[Segment, ...]:
    found: list[Segment] = []
    end = 0
    for start, stop, display in _spans(text):
        if stop > start:
            found.append(Segment(_unquoted(text[start:stop]), start, display, text[end:start]))
        end = stop
    return tuple(found)


def _spans(text: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, display) of what stands between delimiters that belong together."""
    closer, start, display = "", 0, False
    for match in _delimiters(text):
        token = match[0]
        if match["fence"]:
            if closer == "fence":
                closer = ""
            elif not closer and "math" not in token:
                closer = "fence"
            elif not closer:
                closer, start, display = "math fence", match.end(), True
            elif closer == "math fence":
                yield start, match.start(), display
                closer = ""
        elif not closer:
            if match["open"] or match["dollars"]:
                closer, start, display = _CLOSED_BY.get(token, "</math>"), match.end(), token in _DISPLAYED
            elif match["begin"]:
                closer, start, display = "end " + match["begin"], match.start(), True
        elif token == closer or (match["end"] and closer == "end " + match["end"]):
            yield start, match.start() if token == closer else match.end(), display
            closer = ""
        elif closer == "$" and match["blank"]:
            closer = ""
        elif closer == "$" and token == "$$":
            yield start, match.start(), False
            closer, start, display = "$$", match.end(), True
    if closer and closer not in ("fence", "$"):
        blank = text.find("\n\n", start)
        yield start, len(text) if blank < 0 else blank, display


def _delimiters(text: str) -> Iterator[re.Match[str]]:
    """The delimiters in order; looking for their first letters keeps long texts fast."""
    place = 0
    while first := _FIRST.search(text, place):
        match = _DELIMITER.match(text, first.start())
        if match and not match["escaped"] and (not match["fence"] or _begins_line(text, match.start())):
            yield match
        place = match.end() if match else first.end()


def _begins_line(text: str, place: int) -> bool:
    return not text[text.rfind("\n", 0, place) + 1 : place].strip(" \t>")


def _unquoted(text: str) -> str:
    """Without the > of a block quote, at the same length."""
    return _QUOTE.sub(lambda m: " " * len(m[0]), text) if ">" in text else text


def _markdown(text: str) -> tuple[Segment, ...]:
    """Between delimiters; a text without any is read line by line."""
    text = _without_tags(text)
    found = _delimited(text)
    return found or tuple(_bare_lines(text))


def _without_tags(text: str) -> str:
    """HTML as the same in letters, at the same length: w<sub>1</sub> &times; x."""
    if "<" not in text and "&" not in text:
        return text
    text = _TAG.sub(lambda m: _TAGS.get(m[1].lower(), "").ljust(len(m[0])), text)
    return _ENTITY.sub(lambda m: html.unescape(m[0]).ljust(len(m[0])), text)


def _bare_lines(text: str) -> Iterator[Segment]:
    place = 0
    for line in text.splitlines(keepends=True):
        if _BARE_EQUATION.search(line):
            bare = _ITEM.sub(lambda m: " " * len(m[0]), line, count=1).rstrip("\r\n")
            bare = _NUMBERED.sub("", bare)
            yield Segment(bare, place, True, "\n")
        place += len(line)


def is_own(text: str) -> bool:
    """Whether a text is a sheet, key or slides of this program, whose macros are marks of their own."""
    return r"\DvWorking{" in text


def unmarked(text: str, kind: str) -> int:
    """How many lines look like equalities but stand outside the marks of mathematics, where there are such."""
    if is_own(text) or not _delimited(text):
        return 0
    rest = list(_CODE.sub(_blanked, text if kind == "markdown" else _COMMENT.sub(r"\1", text)))
    for segment in _delimited("".join(rest)):
        rest[segment.start : segment.end] = " " * len(segment.text)
    lines = (_NO_FORMULA.sub(" ", line[:LONGEST_LOOKED_AT]) for line in "".join(rest).splitlines())
    return sum(bool(_LOOKS_LIKE.search(line)) for line in lines)


def _blanked(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _tex(text: str) -> tuple[Segment, ...]:
    text = _VERBATIM.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    text = _COMMENT.sub(lambda m: m[1] + " " * (len(m[0]) - len(m[1])), text)
    return _delimited(text)


def _formula(text: str) -> tuple[Segment, ...]:
    """All of the text is mathematics, but for delimiters around it."""
    found = _delimited(text)
    return found or (Segment(text, 0, True, ""),)


_KINDS: Mapping[str, Callable[[str], tuple[Segment, ...]]] = {
    "markdown": _markdown,
    "tex": _tex,
    "formula": _formula,
}
