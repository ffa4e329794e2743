"""What an import costs those who need no socket."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["service", "wsgi", "wsgi.delivery", "http.endpoints", "http.framing", "http.cors"])
def test_gevent_is_imported_for_sockets_only(module):
    """The app runs in process and under other WSGI servers; gevent costs some 40 ms and is not needed there."""
    script = f"import sys, volcv_mock.{module}; print('gevent' in sys.modules)"

    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "False"
