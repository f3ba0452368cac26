"""Hand derivations: read, judged, the first mistake named.

`derive.check(lecture, text)` is the function that people call, and `derive.check` is also the
package its rooms lie in; so the package itself can be called.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derive.check.judging import Verdict
    from derive.lecture import Lecture


class _Callable(ModuleType):
    """A module that is called like its main function."""

    def __call__(self, lecture: str | Lecture, text: str, **options: Any) -> tuple[Verdict, ...]:
        """The verdicts on a working, one for every equality (see `judging.check`)."""
        from derive.check.judging import check
        from derive.lecture import load

        return check(load(lecture) if isinstance(lecture, str) else lecture, text, **options)


sys.modules[__name__].__class__ = _Callable
