"""`python -m volcv_mock`: the same as the installed `volcv-mock`."""

from volcv_mock.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
