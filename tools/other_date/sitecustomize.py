"""Loaded by Python when `.ci/run` runs the tests at another date with libfaketime (0.9.10).

libfaketime's clock_nanosleep, which time.sleep uses, fails with EINVAL when it moves the calendar and not the
monotonic clock. select() waits without it.
"""

import select
import time

_sleep = time.sleep


def sleep(seconds: float) -> None:
    """Sleep without clock_nanosleep; what is no length of time is refused as usual."""
    if 0 <= seconds < 1e6:
        select.select([], [], [], seconds)
    else:
        _sleep(seconds)


time.sleep = sleep  # type: ignore[assignment]
