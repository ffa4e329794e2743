"""`python -m volcv_mock`: the same as the installed `volcv-mock`."""

import os
import sys


def main() -> int:
    """The command line. No module of the working directory stands in for one of Python or of a library."""
    _leave_working_directory()
    from volcv_mock.cli import main as run  # lazy: after the path is changed

    return run()


def _leave_working_directory() -> None:
    """Take back what `python -m` puts first on the path, unless this package lies there, as in a checkout.

    With -P or PYTHONSAFEPATH it puts nothing there.
    """
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:  # it is gone, and nothing is found in it
        return
    home = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    if not sys.flags.safe_path and sys.path and os.path.realpath(sys.path[0]) == here != home:
        del sys.path[0]


if __name__ == "__main__":
    raise SystemExit(main())
