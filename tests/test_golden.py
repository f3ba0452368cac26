"""The whole .tex of every lecture and kind of sheet, as it was last looked at.

`pytest tests/test_golden.py --update-golden` writes them anew; look at the difference.
"""

from __future__ import annotations

import pytest

from derive.lecture import load, shipped
from derive.render import KINDS, render
from derive.worksheet import worksheet


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", shipped())
def test_the_same_as_it_was(name, kind, golden):
    golden(f"{name}/{kind}.tex", render(worksheet(load(name)), kind))
