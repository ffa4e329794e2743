"""volcv-mock: a fake of Volcengine's CVProcess API, for CI, offline work and nightly contract checks.

Only `VolcvMock` and `__version__` are offered here; the class is imported when first asked for, so
that `volcv-mock --help` and the pytest plugin stay near the price of a bare interpreter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from volcv_mock.testing.mock import VolcvMock

__version__ = "0.1.0"
__all__ = ["VolcvMock", "__version__"]


if not TYPE_CHECKING:  # type checkers know the names above and refuse others

    def __getattr__(name: str) -> Any:
        if name == "VolcvMock":
            from volcv_mock.testing.mock import VolcvMock  # lazy: start-up time

            return VolcvMock
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
