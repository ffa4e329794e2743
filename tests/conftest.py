"""For all tests: the environment they start in.

A result must not depend on the shell that starts the tests: variables that a client, the mock or an inner
pytest would read are removed before the first test. A test that is about one of them sets it itself.
pytester must be named here: pytest reads deeper conftest files too late for it.
"""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

REMOVED = {"PYTEST_ADDOPTS", "PYTEST_PLUGINS", "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "CLICOLOR", "CLICOLOR_FORCE",
           "PYTHONIOENCODING", "PYTHONWARNINGS", "COLUMNS", "LINES", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
           "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}  # fmt: skip
REMOVED_PREFIXES = ("VOLC_", "VOLCV_", "FLASK_", "GEVENT_", "HYPOTHESIS_")

for _name in list(os.environ):
    if _name.upper() in REMOVED or _name.upper().startswith(REMOVED_PREFIXES):
        del os.environ[_name]

# Many tests start Python; without bytecode each start compiles the package and what it imports again.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    os.environ["PYTHONPYCACHEPREFIX"] = str(Path(__file__).resolve().parents[1] / ".pytest_cache" / "bytecode")

# A busy machine may take long for an example; its duration is no property of what is tested.
settings.register_profile("no_deadline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no_deadline")
