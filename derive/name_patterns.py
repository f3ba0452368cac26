r"""What may stand in a name: a grammar of letters, indices and accents, and a name put into its normal form.

    net_h<i>      ─►  net_{h<i>}           α_1'          ─►  \alpha_{1}^{\prime}
    \hat y_<i>    ─►  \hat{y}_{<i>}        größe_1       ─►  \text{größe}_{1}

A name in its normal form is what TeX sets without an error, wherever it stands; what is not in the
grammar is refused, and nothing else reaches TeX.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

from derive.errors import InputError
from derive.spelling import GREEK, HATS

LONGEST = 120
EXPECTED = "letters, digits, indices, accents and Greek letters"

# letters beyond ASCII that the T1 fonts hold
LATIN = (
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĂăĄąĆćČčĎďĐđĘęĚěĞğİıĹĺĽľŁłŃńŇňŊŋŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž"
)
_NAMED = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
    "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta",
    "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
)   # fmt: skip
_VARIANTS = ("varepsilon", "vartheta", "varphi", "varrho", "varsigma", "varpi")
_SIGNS = ("ell", "prime", "star", "ast", "circ", "partial", "nabla", "infty", "dagger", "top", "bullet")
_ACCENTS = ("hat", "bar", "tilde", "vec", "dot", "ddot", "check", "breve", "widehat", "widetilde", "overline",
            "underline")
_ACCENT = re.compile(rf"\\(?:{'|'.join(_ACCENTS)})(?![A-Za-z])")
_FONTS = ("mathrm", "mathbf", "mathit", "mathsf", "mathtt", "boldsymbol")
_IN_WORDS = {"text": r"[^\W_]+(?:[ .,'()-]+[^\W_]+)*[.')]*", "operatorname": r"[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*",
             "mathcal": "[A-Z]+"}      # what stands in their braces
_ALONE = (*_NAMED, *_VARIANTS, *_SIGNS)
_SPELT = {"ϑ": r"\vartheta", "ς": r"\varsigma", "ϱ": r"\varrho", "φ": r"\varphi", "ε": r"\varepsilon",
          "ο": "o", "ℓ": r"\ell", "∇": r"\nabla", "∂": r"\partial", "µ": r"\mu"}
# Greek capitals that look like Latin ones: TeX has no commands for them
_CAPITALS = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧ", "ABEZHIKMNOPTX", strict=True))
_SLOT = r"<[^<>]*>"
_WORD = rf"[A-Za-z]*[{LATIN}][A-Za-z{LATIN}]*"
_TOKEN = re.compile(rf"(?:{_SLOT})+|\\[A-Za-z]+|\\.|{_WORD}|[a-zA-Z][\u0300-\u036f]|\s+|.", re.DOTALL)
_RUN = re.compile(rf"(?:{_SLOT}|[A-Za-z0-9])+")
_PRIMES = ("'", "′", "’")


def letter(sign: str) -> str:
    """A letter or a digit as TeX; "" for one that cannot be set."""
    if sign.isascii():
        return sign if sign.isalnum() else ""
    if sign in _SPELT or sign in LATIN:
        return _SPELT.get(sign, rf"\text{{{sign}}}")
    parts = unicodedata.normalize("NFD", sign)
    if len(parts) == 2 and parts[0].isascii() and parts[1] in HATS:
        return rf"\{HATS[parts[1]]}{{{parts[0]}}}"
    name = GREEK.get(sign, "")
    return rf"\{name}" if name in _NAMED else rf"\mathrm{{{_CAPITALS[sign]}}}" if sign in _CAPITALS else ""


def word(text: str) -> str:
    """Letters and digits as TeX, a word with letters beyond ASCII as one."""
    pieces = re.findall(rf"{_WORD}|.", text)
    return joined([rf"\text{{{piece}}}" if len(piece) > 1 else letter(piece) or piece for piece in pieces])


def joined(pieces: list[str]) -> str:
    """The pieces in a row; a space keeps a command from running into a letter."""
    text = ""
    for piece in pieces:
        runs = re.search(r"\\[A-Za-z]+$", text) and re.match(r"[A-Za-z<]", piece)
        text += f" {piece}" if runs else piece
    return text


def normal(pattern: str) -> str:
    """A name or pattern in its normal form; InputError says why it cannot be set."""
    text = unicodedata.normalize("NFC", pattern)
    if not 0 < len(text.strip()) <= LONGEST:
        raise InputError(f"'{pattern[:40]}' is not a name", expected=f"1 to {LONGEST} characters: {EXPECTED}")
    tokens = _TOKEN.findall(text)[::-1]
    try:
        made = _sequence(tokens)
        if tokens:
            raise InputError("a brace does not close", expected="a { for every }")
        if not re.search("[A-Za-z]", re.sub(_SLOT, lambda m: "n" * (m[0] == "<name>"), made)):
            raise InputError("no letter in it", expected="a letter")
    except InputError as error:
        raise InputError(f"'{pattern[:40]}' is not a name: {error.what}", expected=error.expected) from None
    return made


def _wrong(what: str, expected: str = EXPECTED) -> InputError:
    return InputError(what, expected=expected)


def _sequence(tokens: list[str]) -> str:
    """Everything up to the brace that closes it; what was read is taken off the end."""
    pieces: list[str] = []
    while tokens and tokens[-1] != "}":
        if tokens[-1].isspace():
            tokens.pop()
            pieces += [" "] if pieces and re.search("[A-Za-z]$", pieces[-1]) else []
        else:
            pieces.append(_item(tokens))
    return joined(pieces).strip()


def _item(tokens: list[str]) -> str:
    """A letter or a group with its indices: one below, one above or primes."""
    if tokens[-1] in ("_", "^", *_PRIMES):
        raise _wrong(f"nothing stands before {tokens[-1]}", "a letter that is indexed")
    atom, found = _atom(tokens), {"_": "", "^": ""}
    while tokens and (sign := _script(tokens)):
        tokens.pop()
        prime = sign in _PRIMES
        place, index = ("^", r"\prime") if prime else (sign, _index(tokens, sign))
        if found[place] and not (prime and found[place].endswith(r"\prime")):
            raise _wrong("two indices or a prime and an index above one letter" if place == "^" else
                         "two indices below one letter", "one index below and one above")
        found[place] += index
    return atom + "".join(f"{place}{{{index}}}" for place, index in found.items() if index)


def _script(tokens: list[str]) -> str:
    """The sign of an index that comes next, blanks before it left out."""
    while len(tokens) > 1 and tokens[-1].isspace() and tokens[-2] in ("_", "^", *_PRIMES):
        tokens.pop()
    return tokens[-1] if tokens[-1] in ("_", "^", *_PRIMES) else ""


def _index(tokens: list[str], sign: str) -> str:
    """What stands below or above: a group, or letters and digits as far as they go."""
    while tokens and tokens[-1].isspace():
        tokens.pop()
    if not tokens or tokens[-1] in ("}", "_", "^", *_PRIMES):
        raise _wrong(f"nothing stands behind {sign}", f"an index behind {sign}")
    if tokens[-1] == "{":
        return _group(tokens, sign)
    run = ""
    while tokens and _RUN.fullmatch(tokens[-1]):
        run += tokens.pop()
    return run or _atom(tokens)


def _group(tokens: list[str], of: str) -> str:
    """What stands in braces, without them."""
    if not tokens or tokens.pop() != "{":
        raise _wrong(f"{of} without braces", rf"{of}{{…}}")
    inner = _sequence(tokens)
    if not tokens:
        raise InputError("a brace does not close", expected="a { for every }")
    tokens.pop()
    if not inner and of:
        raise _wrong(f"{of} of nothing")
    return inner


def _atom(tokens: list[str]) -> str:
    """One letter, sign or group without its indices."""
    token = tokens[-1]
    if token == "{":
        inner = _group(tokens, "").removeprefix("{}")
        return inner if _is_group(inner) else group(inner)
    tokens.pop()
    if token.startswith("\\"):
        return _command(token[1:], tokens)
    if re.match(_SLOT, token) or token in "()[]+*,.|-":
        return token
    if any(c in LATIN for c in token):
        return rf"\text{{{token}}}"
    if made := letter(token):
        return made
    if token.isalpha():
        raise _wrong(f"the letter {token} cannot be set in a formula", "Latin or Greek letters")
    raise _wrong(f"the sign {token!r} has no place in it")


def group(text: str) -> str:
    """The text in braces, where an index outside does not meet one inside.

    TeX drops braces around an accent alone, so that something else stands beside it.
    """
    return f"{{{{}}{text}}}" if _ACCENT.search(text) and not text.startswith("{}") else f"{{{text}}}"


def _is_group(text: str) -> bool:
    """Whether the text is one group, from its first brace to its last."""
    depths = list(accumulate((c == "{") - (c == "}") for c in text))
    return text.startswith("{") and 0 not in depths[:-1]


def _command(name: str, tokens: list[str]) -> str:
    if name in _ALONE or name in (",", "_"):
        return rf"\{name}"
    if name in _ACCENTS:
        return rf"\{name}{{{_argument(name, tokens)}}}"
    if name in _FONTS:      # LaTeX's fonts make no group: indices inside would meet those outside
        made = rf"\{name}{{{_argument(name, tokens)}}}"
        return group(made) if re.search("[_^]", made) else made
    if name in _IN_WORDS:
        return rf"\{name}{{{_words(name, tokens)}}}"
    if name == "frac":
        over, under = _group(tokens, r"\frac"), _group(tokens, r"\frac")
        return rf"\frac{{{over}}}{{{under}}}"
    raise InputError(rf"the command \{name} is not allowed", expected=EXPECTED)


def _argument(name: str, tokens: list[str]) -> str:
    r"""What an accent or a font is set on: a group, or one letter or sign (\hat y, \bar\alpha)."""
    while tokens and tokens[-1].isspace():
        tokens.pop()
    if tokens and tokens[-1] == "{":
        return _group(tokens, rf"\{name}")
    alone = tokens and (tokens[-1].isalnum() or tokens[-1].startswith("<") or tokens[-1][1:] in _ALONE)
    if not alone:
        raise _wrong(rf"nothing stands under \{name}", rf"\{name}{{…}} with a letter in it")
    return _atom(tokens)


def _words(name: str, tokens: list[str]) -> str:
    """The plain words in the braces of a command that takes no mathematics."""
    while tokens and tokens[-1].isspace():
        tokens.pop()
    if tokens and tokens[-1].isalpha() and tokens[-1].isascii():
        tokens[-1:] = ["}", tokens[-1], "{"]
    if not tokens or tokens.pop() != "{":
        raise _wrong(rf"\{name} without braces", rf"\{name}{{…}}")
    text = ""
    while tokens and tokens[-1] not in "{}" and tokens[-1][0] != "\\":
        text += tokens.pop()
    bare = re.sub(_SLOT, "1", text)
    known = all(c.isascii() or c in LATIN for c in bare)
    if not tokens or tokens.pop() != "}" or not known or not re.fullmatch(_IN_WORDS[name], bare):
        kind = "capitals" if name == "mathcal" else "letters and digits"
        raise _wrong(rf"\{name} holds more than {kind}", rf"\{name}{{…}} with plain {kind}")
    return text
