"""`python -m contract_tests`: the same as `volcv-mock contract`.

The mock's command line is not imported (the suite stands outside); runner/output.py makes every write safe.
"""

import sys

from .runner.start import main

sys.exit(main())
