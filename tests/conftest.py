"""For all tests: the environment they start in.

A result must not depend on the shell that starts the tests: variables that a client, the mock or an inner
pytest would read are removed before the first test. A test that is about one of them sets it itself.
pytester must be named here: pytest reads deeper conftest files too late for it.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import certifi
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

REMOVED = {"PYTEST_ADDOPTS", "PYTEST_PLUGINS", "NO_COLOR", "FORCE_COLOR", "PY_COLORS", "CLICOLOR", "CLICOLOR_FORCE",
           "PYTHONIOENCODING", "PYTHONWARNINGS", "COLUMNS", "LINES", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
           "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}  # fmt: skip
REMOVED_PREFIXES = ("VOLC_", "VOLCV_", "FLASK_", "GEVENT_", "HYPOTHESIS_")

for _name in list(os.environ):
    if _name.upper() in REMOVED or _name.upper().startswith(REMOVED_PREFIXES):
        del os.environ[_name]

# Python compiles without being told to keep the result where this variable is set: each process that a test starts
# would compile the package again, and pytest would rewrite the assertions of all test files in each run.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    sys.dont_write_bytecode = False

# httpx reads the root certificates of the world, 60 ms of work, for each client and so for each httpx.post(). No test
# meets a server with a public certificate, so they and the processes they start read a file of one, whose key is lost.
AUTHORITY = str(Path(__file__).resolve().parent / "helpers" / "authority.pem")
os.environ["SSL_CERT_FILE"] = AUTHORITY
certifi.where = lambda: AUTHORITY

# A busy machine may take long for an example; its duration is no property of what is tested.
settings.register_profile("no_deadline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no_deadline")

# What is collected lives to the end; looking through it for garbage again and again is a fifth of collecting it.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
