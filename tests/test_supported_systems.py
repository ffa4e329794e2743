"""What other systems lack is simulated: modules and names that Windows or macOS do not have are hidden.

Linux is the system that the suite runs on. This file shows that nothing at import time, and nothing on the way of a
call through the server, needs what only POSIX or only Linux has.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.process import DEADLINE_S, environment

WINDOWS_LACKS = """
    modules = ["fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"]
    names = {
        "os": ["fork", "forkpty", "geteuid", "getuid", "mkfifo", "register_at_fork", "sched_getaffinity", "sysconf",
               "uname", "O_NONBLOCK", "pread", "posix_spawn", "sendfile", "killpg", "setsid", "memfd_create"],
        "signal": ["SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGUSR1", "SIGUSR2", "alarm",
                   "setitimer", "pthread_sigmask", "pthread_kill"],
        "socket": ["AF_UNIX", "MSG_DONTWAIT", "MSG_NOSIGNAL", "SO_REUSEPORT", "TCP_CORK", "TCP_INFO", "TCP_QUICKACK",
                   "TCP_USER_TIMEOUT", "TCP_DEFER_ACCEPT", "fromfd", "send_fds"],
        "time": ["tzset", "clock_gettime", "pthread_getcpuclockid"],
    }
"""
MACOS_LACKS = """
    modules = []
    names = {
        "os": ["sched_getaffinity", "memfd_create", "posix_fadvise", "pipe2", "eventfd"],
        "signal": ["SIGPWR", "SIGSTKFLT", "SIGPOLL", "sigtimedwait", "sigwaitinfo"],
        "socket": ["MSG_NOSIGNAL", "SO_BINDTODEVICE", "TCP_CORK", "TCP_INFO", "TCP_QUICKACK", "TCP_USER_TIMEOUT",
                   "TCP_DEFER_ACCEPT", "SOCK_NONBLOCK", "SOCK_CLOEXEC"],
        "time": ["pthread_getcpuclockid"],
    }
"""
HIDE = """
    import asyncio, ctypes, importlib, logging.handlers, multiprocessing, pkgutil, ssl, sys, tempfile, urllib.request
    import flask, gevent, gevent.pywsgi, gevent.threadpool, httpx, hypothesis, jsonschema, PIL.Image, pytest, respx
    import requests, responses
    {lacks}
    for module in modules:
        sys.modules[module] = None
    for module, missing in names.items():
        for name in missing:
            vars(importlib.import_module(module)).pop(name, None)
"""
IMPORT_ALL = """
    OPTIONAL = {"redis", "time_machine", "prometheus_client", "opentelemetry"}
    for package in ("volcv_mock", "contract_tests"):
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
            if found.name.endswith("__main__") or "._shipped" in found.name:
                continue
            try:
                importlib.import_module(found.name)
            except ModuleNotFoundError as error:
                assert error.name in OPTIONAL, (found.name, error.name)
"""
CALL = """
    import json
    from volcv_mock import VolcvMock
    from volcv_mock._util.loopback import open_directly
    with VolcvMock().serve() as server:
        url = server.proxy_url + "?Action=CVProcess&Version=2022-08-31"
        headers = {"Authorization": "Bearer sk-a", "Content-Type": "application/json"}
        request = urllib.request.Request(url, json.dumps(server.body()).encode(), headers)
        with open_directly(request, 20) as reply:
            assert json.load(reply)["code"] == 10000
"""


@pytest.mark.parametrize("lacks", [WINDOWS_LACKS, MACOS_LACKS], ids=["Windows", "macOS"])
def test_nothing_needs_what_another_system_lacks(lacks: str) -> None:
    """A call is answered, and then every module is imported."""
    program = HIDE.format(lacks=lacks) + CALL + IMPORT_ALL
    script = "\n".join(line.removeprefix("    ") for line in program.splitlines())

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=2 * DEADLINE_S,
                          env=environment(), check=False)  # fmt: skip

    assert done.stderr == ""
    assert done.returncode == 0
