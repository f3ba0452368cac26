"""Names of a lecturer's own: what is set and how, what is refused and why, and that TeX sets every one that passes."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from derive import pdf
from derive.errors import InputError
from derive.lecture import load
from derive.lettering import marked, name_latex, upright
from derive.name_patterns import normal
from derive.render import render
from derive.spelling import canonical
from derive.terminal import unicode
from derive.worksheet import worksheet

SET = [
    ("α", r"\alpha"), ("net_h<i>", "net_{h<i>}"), ("w_<to><from>^<l+1>", "w_{<to><from>}^{<l+1>}"),
    (r"\hat y_<i>", r"\hat{y}_{<i>}"), ("a'_1", r"a_{1}^{\prime}"), ("a′", r"a^{\prime}"), ("a''", r"a^{\prime\prime}"),
    ("A^2", "A^{2}"), ("a^2_1", "a_{1}^{2}"), ("<name>^+", "<name>^{+}"), ("E_total", "E_{total}"), ("w_10", "w_{10}"),
    ("größe_1", r"\text{größe}_{1}"), ("gro\u0308ße", r"\text{größe}"), ("x\u0302_1", r"\hat{x}_{1}"), ("ŷ", r"\hat{y}"),
    ("αx", r"\alpha x"), (r"\mathcal L", r"\mathcal{L}"), (r"\frac{a}{b}", r"\frac{a}{b}"),
    (r"\text{net h}_1", r"\text{net h}_{1}"), ("a _1 ^ 2", "a_{1}^{2}"), ("Total Error", "Total Error"),
    (r"\mathrm{net_h}^2", r"{\mathrm{net_{h}}}^{2}"), (r"{\hat{y}_1}_2", r"{{}\hat{y}_{1}}_{2}"),
]  # fmt: skip
REFUSED = [
    ("重", "the letter 重 cannot be set"), ("ж", "the letter ж cannot be set"), ("a'_1^2", "above one letter"),
    (r"\frac{a}", r"\frac without braces"), (r"\vec^2", r"nothing stands under \vec"), (r"\hat_1", "nothing stands under"),
    (r"\text\hat a", r"\text without braces"), (r"\mathbf\frac12", r"nothing stands under \mathbf"),
    (r"\operatorname\operatorname a", r"\operatorname without braces"), (r"\text{\hat a}", "more than letters"),
    (r"\text{\alpha}", "more than letters"), (r"\mathcal{a}", "more than capitals"), ("12", "no letter"),
    ("<i>", "no letter"), ("_1", "nothing stands before _"), ("a_", "nothing stands behind _"), ("a_{}", "_ of nothing"),
    ("a_1_2", "two indices below"), ("{a", "a brace does not close"), ("a}", "a brace does not close"),
    (r"\input{x}", r"the command \input is not allowed"), ("^^5cinput", "nothing stands"), ("a$", "'$' has no place"),
    (" ", "expected 1 to 120"), ("a" * 121, "expected 1 to 120"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "made"), SET)
def test_a_name_in_its_normal_form(written, made):
    assert normal(written) == normal(made) == made
    assert canonical(re.sub("<.*?>", "1", written)) == canonical(re.sub("<.*?>", "1", made)), "it is read as it is printed"


@pytest.mark.parametrize(("written", "why"), REFUSED)
def test_what_is_no_name(written, why):
    with pytest.raises(InputError) as caught:
        normal(written)
    assert why in caught.value.line() and "\n" not in caught.value.line()


@pytest.mark.parametrize(("name", "latex"), [
    ("α", r"\alpha"), ("α_1", r"\alpha_{1}"), ("a_α", r"a_{\alpha}"), ("größe_2", r"\text{größe}_{2}"), ("w5", "w_{5}"),
    ("b_h11", "b_{h11}"), ("theta_1", r"\theta_{1}"), ("ŷ", r"\hat{y}"),
    ("Α", r"\mathrm{A}"),
])
def test_plain_names_as_latex(name, latex):
    assert name_latex(name) == latex


@pytest.mark.parametrize(("pattern", "name", "both"), [
    ("<name>^{+}", "A^{2}", "A^{2,+}"), ("<name>^{+}", "a_{b_{c}}^{\\hat{d}}", "a_{b_{c}}^{\\hat{d},+}"),
    ("<name>_{t}^{+}", "w_{5}", "w_{5t}^+"), (r"\hat{<name>}", "w_{5}", r"\hat{w_{5}}"),
    ("d<name>_{1}", "w_{5}", "d{w_{5}}_{1}"), ("<name>'", "W_{1}^{(2)}", r"W_{1}^{(2)\prime}"),
    ("<name>_{t}", "a_{1}^{2}", "{a_{1}^{2}}_{t}"), ("<name>^{new}", "b", r"b^{\mathrm{new}}"),
])
def test_a_mark_goes_into_the_index_that_is_there(pattern, name, both):
    assert marked(pattern, name) == both


# ---------------------------------------------------------------- whatever passes is set

atoms = st.sampled_from([*"abwxyzEL", *"αβθφΩΓΑ", r"\alpha", r"\ell", r"\nabla", "net", "größe", "ŷ", "é", r"\text{out}",
                         r"\operatorname{net}", r"\mathcal L", r"\mathbf w", r"\hat y", r"\vec{x}", r"\bar\alpha", "12", "1"])
marks = st.sampled_from(["", "'", "''", "′", "^+", "^{(2)}", "^*", r"^\prime", "^2", "^T"])
below = st.sampled_from(["", "_1", "_{12}", "_h1", "_{h,1}", r"_\alpha", "_β", r"_{\text{in}}", "_{a_b}", "_12"])
simple = st.builds("{}{}{}".format, atoms, below, marks) | st.builds("{}{}{}".format, atoms, marks, below)
wrapped = st.builds("{}{{{}}}{}".format, st.sampled_from(["", r"\hat", r"\widehat", r"\boldsymbol", r"\mathrm", r"\overline"]),
                    simple, below)
names = st.lists(simple | wrapped, min_size=1, max_size=2).map(" ".join) \
    | st.lists(st.sampled_from([*"ab1_^{}'′ α重()+*|-.,\\", r"\hat", r"\text", r"\frac", r"\mathbf"]),
               min_size=1, max_size=8).map("".join)


def accepted(text: str) -> bool:
    try:
        return bool(normal(text))
    except InputError:
        return False


@settings(max_examples=200)
@given(names)
def test_a_name_is_refused_in_one_line_or_has_one_normal_form(text):
    if accepted(text):
        made = normal(text)
        assert normal(made) == made and made == unicodedata.normalize("NFC", made)
        assert unicode(made)
    else:
        with pytest.raises(InputError, match=r".*is not a name.*expected"):
            normal(text)


def some_names(count: int) -> list[str]:
    """Different names that pass, the same ones every time."""
    found: dict[str, None] = {normal(written): None for written, _ in SET if "<" not in written}

    @settings(max_examples=count // 2, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(names, min_size=20, max_size=20))
    def collect(texts: list[str]) -> None:
        found.update((normal(text), None) for text in texts if accepted(text))
    collect()
    return [*found][:count]


PLACES = (*(f"w[{layer}][{to}][{source}]" for layer in (1, 2) for to in (1, 2) for source in (1, 2)),
          *(f"{kind}[{layer}][{i}]" for kind in ("net", "out", "delta", "b") for layer in (1, 2) for i in (1, 2)),
          *(f"{kind}[{i}]" for kind in ("x", "target", "error") for i in (1, 2)), "loss", "learning_rate")
NETWORK = """title = "Names"
notation = "{notation}"
[network]
inputs = 2
[[network.layers]]
units = 2
activation = "sigmoid"
weights = [[0.1, -0.2], [0.3, 0.4]]
bias = [0.5, 0.6]
[[network.layers]]
units = 2
activation = "sigmoid"
weights = [[0.7, 0.8], [0.9, 1.0]]
bias = [0.1, 0.2]
[data]
inputs = [1, 2]
targets = [0, 1]
[names]
"""
POWERS = r"""title = "Powers"
[equations]
y = "a^2 + b^(-1)*a_1^3 + sqrt(c)"
[values]
a = 2
a_1 = 3
b = 4
c = 5
[derive]
of = "y"
by = ["a", "b", "a_1", "c"]
[training]
learning_rate = 0.1
[names]
a = "A^2"
a_1 = "a_1'"
b = 'B^\prime_{h^2}'
c = '\hat{c}^{(1)}'
"""


def test_every_name_that_passes_is_set(tmp_path, engine):
    """Some 150 names in one document: on its drawing, in products, fractions, squares and updates."""
    made = some_names(5 * len(PLACES))
    assert len(made) >= 150
    notations = ("delta", "net-out", "named-sums", "node", "matrix")
    for n, notation in enumerate(notations):
        own = zip(PLACES, made[n::len(notations)], strict=False)
        table = "".join(f'"{place}" = \'\'\'{name}\'\'\'\n' for place, name in own)
        (tmp_path / f"{n}.toml").write_text(NETWORK.format(notation=notation) + table, encoding="utf-8")
    (tmp_path / "powers.toml").write_text(POWERS, encoding="utf-8")
    parts = ", ".join(f'"{n}.toml"' for n in (*range(len(notations)), "powers"))
    (tmp_path / "names.toml").write_text(f'title = "Names"\nparts = [{parts}]\n', encoding="utf-8")
    tex = render(worksheet(load(str(tmp_path / "names.toml"))), "key")
    assert sum(upright(name) in tex for name in made) > 140     # net-out and its like print no error signals
    assert pdf.typeset(tex, tmp_path / "names.pdf", engine).problems == ()
