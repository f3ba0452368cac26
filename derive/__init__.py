"""Back-propagation derived step by step: homework sheets, answer keys, slides, and hand derivations checked.

    import derive
    d = derive.derivation("net-out")             # a shipped lecture's name, or a path to a .toml file
    d["loss", "w5"].latex, d["loss", "w5"].value  # one quantity's working; two: the derivative of one by the other
    print(d["w5"])                               # the working as text
    derive.worksheet(d).write_pdf("sheet.pdf")   # kind="key" or "slides" for the others
    derive.check("net-out", text)                # a verdict for every equality of a hand derivation

`derivation(lecture, notation=None, level=None)` gives a `derive.api.Derived`, `worksheet(derived or lecture)`
a `derive.api.Sheet`, `check(lecture, text, ...)` a tuple of `derive.check.judging.Verdict`. A mistake of the
user is a `derive.errors.InputError`, its message one line.
"""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False   # as typing has it, whose loading takes longer than all of this
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"
__all__ = ["check", "derivation", "worksheet"]


def __getattr__(name: str) -> Any:
    """The public functions, loaded when they are first asked for: `derive --help` needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module 'derive' has no attribute {name!r}")
    from derive import api

    return getattr(api, name)


def __dir__() -> list[str]:
    """What is public; functions that were not asked for yet, too."""
    return [*__all__, "__version__", "__doc__", "__all__", "__path__"]


class _Callable(ModuleType):
    """A room that is called like the public function of its name: `derive.worksheet` is both."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return __getattr__(self.__name__.rpartition(".")[2])(*arguments, **options)


class _Package(ModuleType):
    """The package, in which such a room can be called from the moment it is imported, whoever imports it."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in __all__ and isinstance(value, ModuleType):
            value.__class__ = _Callable
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
