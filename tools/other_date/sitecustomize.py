"""Moves the date of every Python process that has this folder on PYTHONPATH by OTHER_DATE_DAYS days.

`.ci/run` runs the tests so. The clocks of `time` and `datetime` move; `time.monotonic` and sleeping stay real.
libfaketime was tried: threads waiting for the interpreter's lock died in it now and then (take_gil, EINVAL).
"""

import datetime
import os
import sys

sys.modules["pytest"] = None  # type: ignore[assignment]  # time_machine would import it into every process
import time_machine  # noqa: E402

del sys.modules["pytest"]
time_machine.__doc__ = "PYTEST_DONT_REWRITE"  # else pytest warns that it was imported before its plugins

_days = datetime.timedelta(days=float(os.environ["OTHER_DATE_DAYS"]))
time_machine.travel(datetime.datetime.now(datetime.UTC) + _days, tick=True).start()
