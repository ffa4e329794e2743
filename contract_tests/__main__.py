"""python -m contract_tests: the same as `volcv-mock contract`."""

import sys

from .run import main

sys.exit(main())
