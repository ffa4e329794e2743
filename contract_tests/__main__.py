"""python -m contract_tests: the same as `volcv-mock contract`."""

import sys

from .runner.run import main

sys.exit(main())
