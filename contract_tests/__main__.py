"""`python -m contract_tests`: the same as `volcv-mock contract`."""

import sys

from volcv_mock.cli.output import protected_output

from .runner.run import main

with protected_output():
    code = main()
sys.exit(code)
