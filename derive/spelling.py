"""Names as they are spelled: one key for every spelling of a name, and the names of a lecture.

out_{H1}  \\text{out_H}_1  out_H1  outH_1      ─►  outH1
a_1^2  a^{(2)}_1  a_1^{[2]}                    ─►  a1^2
w_5^+  ─► w5^+     w_5'  ─► w5^'     w_{5(new)}  ─► w5new     ŷ  \\hat{y}  ─► hat-y
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from derive.quantities import Id

_LETTERS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau "
    "upsilon phi chi psi omega"
)
GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", _LETTERS.split(), strict=True))
GREEK |= {letter.upper(): name.capitalize() for letter, name in GREEK.items()}
GREEK |= {"ς": "sigma", "ϑ": "theta", "ϕ": "phi", "ϵ": "epsilon", "ϱ": "rho", "ℓ": "ell"}
GREEK |= {"∇": "nabla", "∂": "partial"}
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ", "0123456789+()aeoxhklmnpstijruv", strict=True))
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵀˡ", "0123456789+-()Tl", strict=True))
HATS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u0307": "dot"}

_CLUSTER = re.compile(rf".[{''.join(HATS)}]?", re.DOTALL)

_FONTS = re.compile(
    r"\\(?:text(?:rm|it|bf|sf|tt|normal|up)?|mbox|operatorname\*?|math\w+|boldsymbol|bm|pmb|vec"
    r"|overrightarrow|cancel|rm|bf|it|left|right|displaystyle|boxed)(?![A-Za-z])"
)
_ACCENTS = re.compile(r"\\(?:wide)?(hat|tilde|bar|dot)(?![A-Za-z])")
_SPACES = re.compile(r"\\[ ,;:!]|\\q?quad(?![A-Za-z])")
_PRIMES = re.compile(r"\^\s*\{?\s*\\prime\s*\}?|\^\s*\{\s*(['′’]+)\s*\}|\\prime(?![A-Za-z])|[′’]")
_DROPPED = re.compile(r"[\s{}()\[\]_$\\~]+")


@lru_cache(maxsize=50_000)
def canonical(name: str) -> str:
    """The key under which a name is known: the same for all its spellings, another for another name."""
    main, raised = _scripts(_plain(name))
    key = _DROPPED.sub("", main)
    return f"{key}^{raised}" if raised else key


def _plain(name: str) -> str:
    """The name with Unicode letters and LaTeX commands as ASCII, scripts as `_` and `^`."""
    name = "".join(_spelled_out(name)).replace("varepsilon", "epsilon")
    name = _PRIMES.sub(lambda m: m[1] or "'", name).replace("\\overline", "\\bar").replace("\\ast", "*")
    name = _SPACES.sub(" ", _FONTS.sub("", name))
    name = _ACCENTS.sub(r"\1-", name)
    return re.sub(r"\\(?:var)?([A-Za-z]+)\s*", r"\1", name)


def _spelled_out(name: str) -> Iterable[str]:
    for letter in _CLUSTER.findall(unicodedata.normalize("NFC", name)):
        parts = unicodedata.normalize("NFD", letter)
        if letter in _LOWERED or letter in _RAISED:
            yield "_" + _LOWERED[letter] if letter in _LOWERED else "^" + _RAISED[letter]
        elif parts[1:2] in HATS and parts[0].isascii():
            yield f"\\{HATS[parts[1]]}{{{parts[0]}}}"
        elif letter in HATS:
            yield ""
        else:
            plain = unicodedata.normalize("NFKC", letter[0])
            yield GREEK.get(plain, plain)


def _scripts(name: str) -> tuple[str, str]:
    """What stands on the line or below it, and what stands above it."""
    main, raised, place = "", "", 0
    while place < len(name):
        if name[place] == "'":
            raised += "'"
        elif name[place] == "^":
            start = place + 1
            place = _end_of_script(name, start)
            raised += _DROPPED.sub("", name[start : place + 1]).replace("^", "")
        else:
            main += name[place]
        place += 1
    return main, raised


def _end_of_script(name: str, start: int) -> int:
    """The place of the last letter of the script that begins at `start`."""
    if name[start : start + 1] not in ("{", "(", "["):
        match = re.compile(r"\s*(?:[^\W\d_]+|\d+|.)").match(name, start)
        return match.end() - 1 if match else start
    level = 0
    for place in range(start, len(name)):
        level += (name[place] in "{([") - (name[place] in "})]")
        if level == 0:
            return place
    return len(name)


@dataclass(frozen=True)
class Vocabulary:
    """The names of a lecture.

    `ids` maps canonical names to what they can mean (usually one id; whole layers
    too), `functions` the canonical names of functions to the function that is meant, `bare`
    names without an index to the whole layers that they can mean.
    """

    ids: Mapping[str, tuple[Id, ...]]
    functions: Mapping[str, str]
    bare: Mapping[str, tuple[Id, ...]] = field(default_factory=dict)

    def exact(self, key: str) -> tuple[Id, ...]:
        """What a canonical name means as it is written, or but for commas if that is unambiguous."""
        if key in self.ids:
            return self.ids[key]
        known = self._commaless.get(key.replace(",", ""), ())
        return self.ids[known[0]] if len(known) == 1 else ()

    def find(self, key: str) -> tuple[Id, ...]:
        """As `exact`, else but for case, if that is unambiguous; a single small letter is no capital."""
        known = self._lower.get(_lowered(key), ()) if len(key) > 1 or key.isupper() else ()
        return self.exact(key) or (self.ids[known[0]] if len(known) == 1 else ())

    def unindexed(self, key: str) -> tuple[Id, ...]:
        """What a name can mean whose index was left out: `W` for W_1 and W_2, `a1` for a_1^2 and a_1^3."""
        return self._stems.get(key) or self._stems.get(_lowered(key), ())

    @cached_property
    def largest(self) -> int:
        """The largest number in a name."""
        numbers = (number for key in self.ids for number in re.findall(r"\d{1,3}", key))
        return max(map(int, numbers), default=0)

    @cached_property
    def _commaless(self) -> Mapping[str, tuple[str, ...]]:
        return _grouped((key.replace(",", ""), key) for key in self.ids)

    @cached_property
    def _lower(self) -> Mapping[str, tuple[str, ...]]:
        return _grouped((_lowered(key), key) for key in self.ids)

    @cached_property
    def _stems(self) -> Mapping[str, tuple[Id, ...]]:
        stems: dict[str, dict[Id, None]] = {}
        for key, ids in self.ids.items():
            for stem in _shortened(key):
                stems.setdefault(stem, {}).update(dict.fromkeys(ids))
        for stem, ids in self.bare.items():
            stems.setdefault(stem, {}).update(dict.fromkeys(ids))
        return {stem: tuple(ids) for stem, ids in stems.items()}


def _lowered(key: str) -> str:
    """Without commas and in small letters, but for what stands above: l is any layer, L the last one."""
    below, above, index = key.replace(",", "").partition("^")
    return below.lower() + above + index


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for folded, key in pairs:
        table[folded] = (*table.get(folded, ()), key)
    return table


_INDEXED = re.compile(r"(?P<stem>.*?[^\W\d])(?P<below>\d[\d,]*)?(?P<above>\^\d+)?(?P<mark>\^?['+*]+|new)?\Z")


def _shortened(key: str) -> list[str]:
    """The ways to leave out the index of a name: `a1^2` is also a1, a^2 and a; `neth1` also neth and net."""
    match = _INDEXED.match(key)
    if not match or not (match["below"] or match["above"]):
        return []
    stem, mark = match["stem"], match["mark"] or ""
    below, above = match["below"] or "", match["above"] or ""
    ways = [stem + below[:n] for n in range(len(below))] + ([stem + below + mark] if above else [])
    ways += [stem + mark] + ([stem + above + mark] if below and above else [])
    if len(stem) > 1 and stem[-1].isalpha() and stem not in GREEK.values() and below:
        ways.append(stem[:-1] + mark)
    return list(dict.fromkeys(way.removesuffix("^") for way in ways))
