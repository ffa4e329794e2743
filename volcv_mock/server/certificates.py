"""The certificate of `serve --tls`: made by trustme, written to a folder, used again as long as it fits.

The key of the certificate authority is not kept: nothing but this certificate can be signed by it, so that trusting
the CA file on a developer's machine gives nobody else a certificate.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from volcv_mock._util.frozen import frozen
from volcv_mock.config import BadSetting, Settings

NAMES = ("localhost", "127.0.0.1", "::1")
EVERY_ADDRESS = ("0.0.0.0", "::")
USUAL_DIR = "volcv-mock-tls"
DAYS = 820
"""Apple's clients refuse certificates that are valid for more than 825 days."""
LEAST_DAYS = 7
"""A certificate that is valid for less is made anew."""
STORE_PASSWORD = "changeit"
"""Of the Java trust store, which holds nothing secret; Java's own has the same."""
NEEDS = "--tls needs trustme: pip install 'volcv-mock[tls]'"


@frozen
class Certificates:
    """The files of one folder. `store` is the CA for Java."""

    names: tuple[str, ...]
    ca: Path
    store: Path
    cert: Path
    key: Path

    def variables(self) -> Iterator[tuple[str, str]]:
        """The environment variables by which clients trust the CA, and whose they are."""
        java = f"-Djavax.net.ssl.trustStore={self.store} -Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}"
        yield f"SSL_CERT_FILE={self.ca}", "Python (httpx, urllib), Go"
        yield f"REQUESTS_CA_BUNDLE={self.ca}", "Python (requests, the official SDK)"
        yield f"NODE_EXTRA_CA_CERTS={self.ca}", "Node"
        yield f"CURL_CA_BUNDLE={self.ca}", "curl"
        yield f'JAVA_TOOL_OPTIONS="{java}"', "Java"


def certificates_for(settings: Settings) -> Certificates:
    """The files in --tls-dir, for the names of the settings; written when they are missing, expired or for others.

    Raises BadSetting when the folder cannot be written, or trustme is not installed.
    """
    folder = Path(settings.tls_dir or USUAL_DIR).absolute()
    names = _names(settings)
    found = Certificates(names, *(folder / name for name in ("ca.pem", "ca.p12", "cert.pem", "key.pem")))
    try:
        if not _fits(found):
            folder.mkdir(parents=True, exist_ok=True)
            _write(found)
    except OSError as error:
        raise BadSetting(f"tls_dir = {str(folder)!r}: {error.strerror or error}.") from None
    except ImportError:
        raise BadSetting(f"tls: {NEEDS}") from None
    return found


def _names(settings: Settings) -> tuple[str, ...]:
    """Those of this machine, then the address that is listened at, the public one, and those that are given."""
    public = urlsplit(settings.public_url).hostname or ""
    given = (settings.host.strip("[]"), public, *settings.tls_names)
    return tuple(dict.fromkeys((*NAMES, *(name for name in given if name and name not in EVERY_ADDRESS))))


def _fits(found: Certificates) -> bool:
    """Whether the files are there, belong together, cover the names, and are valid for a while."""
    from cryptography import x509  # lazy: only --tls needs it
    from cryptography.exceptions import InvalidSignature

    try:
        ca = x509.load_pem_x509_certificate(found.ca.read_bytes())
        cert = x509.load_pem_x509_certificate(found.cert.read_bytes())
        cert.verify_directly_issued_by(ca)
        named = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (FileNotFoundError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    covered = {*named.get_values_for_type(x509.DNSName), *map(str, named.get_values_for_type(x509.IPAddress))}
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=LEAST_DAYS)
    has_files = found.key.is_file() and found.store.is_file()
    return has_files and covered == {*map(_canonical, found.names)} and cert.not_valid_after_utc > soon


def _canonical(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name


def _write(found: Certificates) -> None:
    import trustme  # lazy: only --tls needs it

    authority = trustme.CA(organization_name="volcv-mock", organization_unit_name="a test server on this machine")
    until = dt.datetime.now(dt.UTC) + dt.timedelta(days=DAYS)
    issued = authority.issue_cert(*found.names, organization_name="volcv-mock", not_after=until)
    authority_pem = authority.cert_pem.bytes()
    _write_key(found.key, issued.private_key_pem.bytes())
    found.cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    found.store.write_bytes(_trust_store(authority_pem))
    found.ca.write_bytes(authority_pem)


def _write_key(path: Path, data: bytes) -> None:
    """Readable by its owner only, from its first byte."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _trust_store(authority_pem: bytes) -> bytes:
    """The CA as the PKCS#12 store that Java reads."""
    from cryptography import x509  # lazy: only --tls needs it
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    entry: Any = pkcs12.PKCS12Certificate(x509.load_pem_x509_certificate(authority_pem), b"volcv-mock")
    return pkcs12.serialize_java_truststore([entry], BestAvailableEncryption(STORE_PASSWORD.encode()))
