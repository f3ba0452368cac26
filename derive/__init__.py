"""Back-propagation derived step by step: homework sheets, answer keys, slides, and hand derivations checked."""

from __future__ import annotations

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
