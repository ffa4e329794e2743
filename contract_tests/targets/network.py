"""The HTTP clients of targets outside this process: which proxy their calls take, and what is wrong with it.

Proxies of the environment are used as httpx uses them, but never for this machine. No value of a proxy variable is
ever shown, because it may hold a password. Certificates are verified with those of SSL_CERT_FILE or SSL_CERT_DIR, as
httpx reads them, else with those of certifi.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
import urllib.request
from urllib.parse import urlsplit

import httpx

from .errors import BadConfiguration
from .settings import visible_ascii

TIMEOUT = httpx.Timeout(120, connect=20)
SCHEMES = ("http_proxy", "https_proxy", "all_proxy")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
WANTED = "wanted one such as http://HOST:PORT"


def client_of(address: str, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client for a base URL. Raises BadConfiguration, naming the variable, for a proxy or certificates of no use."""
    if transport:
        return httpx.Client(base_url=address, timeout=TIMEOUT, transport=transport)
    trust = _trust()
    for name in _set_variables(*SCHEMES):
        _check(name, os.environ[name])
    try:
        return httpx.Client(base_url=address, verify=trust, timeout=TIMEOUT, mounts=dict.fromkeys(_direct(address)))
    except (ValueError, httpx.InvalidURL):  # all others are checked by now
        names = _set_variables("no_proxy") or _set_variables(*SCHEMES)
        raise BadConfiguration(f"{' or '.join(names)} cannot be read; wanted host names, separated by commas") from None


def proxy_hint(address: str) -> str:
    """A sentence that names the proxy of calls to an address; empty when they take none."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    names = _set_variables(f"{parts.scheme}_proxy") or _set_variables("all_proxy")
    if not names or is_loopback(host) or urllib.request.proxy_bypass(host):
        return ""
    return f"The call went through the proxy of {names[0]}; to call {host} directly, list it in NO_PROXY."


def is_loopback(host: str) -> bool:
    """Whether a host is this machine. Names are not resolved."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _trust() -> ssl.SSLContext:
    """The certificates to verify TLS with. Raises BadConfiguration, naming the variable, for those of no use: OpenSSL
    says nothing of a folder that is missing, and every call would fail."""
    file, folders = os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", "")
    if folders and not file and not any(map(os.path.isdir, folders.split(os.pathsep))):
        raise BadConfiguration(f"SSL_CERT_DIR = {folders!r}: no such folder; wanted one with certificates")
    try:
        return httpx.create_ssl_context()
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        if not file:
            raise
        reason = "no PEM certificates" if isinstance(error, ssl.SSLError | ValueError) else error.strerror
        raise BadConfiguration(f"SSL_CERT_FILE = {file!r}: {reason}; wanted a PEM file to verify TLS with") from None


def _direct(address: str) -> tuple[str, ...]:
    """httpx's patterns for what no proxy is asked for."""
    host = urlsplit(address).hostname or ""
    shown = f"[{host}]" if ":" in host else host
    return tuple(f"all://{one}" for one in dict.fromkeys((*LOOPBACK, *([shown] if is_loopback(host) else []))))


def _set_variables(*names: str) -> list[str]:
    """The variables of these names that hold something, in either spelling, the lower case first as httpx reads it."""
    found = [name for name, value in os.environ.items() if name.lower() in names and value]
    return sorted(found, key=str.isupper)


def _check(name: str, value: str) -> None:
    visible_ascii(value, name)
    address = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
        if not host:
            raise ValueError
        httpx.Client(trust_env=False, proxy=address).close()
    except ImportError:
        raise BadConfiguration(f"{name} is a SOCKS proxy, which needs: pip install 'httpx[socks]'") from None
    except (ValueError, httpx.InvalidURL):
        raise BadConfiguration(f"{name} is no proxy that can be used; {WANTED}") from None
