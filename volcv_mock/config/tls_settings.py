"""The settings of TLS together: which combinations are refused. Each by itself is validated like every other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volcv_mock.config.config_keys import BadSetting

if TYPE_CHECKING:
    from volcv_mock.config import Settings


def validate(settings: Settings) -> None:
    """Raises BadSetting for a combination that cannot work, in one sentence."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise BadSetting("tls_cert and tls_key: one is given without the other; give both.")
    if settings.tls and settings.tls_cert:
        raise BadSetting("tls and tls_cert exclude each other: --tls makes a certificate; give one of them.")
    for name in ("tls_dir", "tls_names"):
        if getattr(settings, name) and not settings.tls:
            raise BadSetting(f"{name}: needs --tls.")
