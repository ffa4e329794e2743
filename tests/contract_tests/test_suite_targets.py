"""The targets' own signature, against the worked vectors; and the addresses a proxy may be given by."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest

from contract_tests.targets import NAMES, Unreachable, open_target
from contract_tests.targets.official import Signature

BODY = (
    '{"req_key": "i2i_inpainting", "image_urls": ["https://example.com/a.jpg", "https://example.com/m.png"], "seed": 0}'
)
KEYS = ("AKLTexampleaccesskeyid0000000001", "ZXhhbXBsZS1zZWNyZXQtYWNjZXNzLWtleS0wMDAwMDE=")
VECTORS = {
    "https://visual.volcengineapi.com/": "2e94d33d67f5f5e9ad36468c5113aeaa6217122214a6c79bb0602e179502ebcb",
    "http://127.0.0.1:8000/": "7cbe58b51c29ed618d9160ac38ced17ea2fa68641bacefd127bb8276e1862be6",
    "http://127.0.0.1:8000/volcv/v1": "433a7d2a8583b3b8bca14024387cd179ba5fd61a3119639ab658b87d9e8aac73",
}


@pytest.mark.parametrize(("url", "signature"), VECTORS.items())
def test_our_own_signer_gives_the_worked_vectors(url, signature):
    auth = Signature(*KEYS, now=lambda: dt.datetime(2025, 8, 24, 12, tzinfo=dt.UTC))
    request = httpx.Request("POST", url, params={"Action": "CVProcess", "Version": "2022-08-31"}, content=BODY,
                            headers={"Content-Type": "application/json"})  # fmt: skip

    signed = next(auth.auth_flow(request))

    assert signed.headers["Authorization"].endswith(f"Signature={signature}")


@pytest.mark.parametrize(
    "base", ["https://api.example.com", "https://api.example.com/", "https://api.example.com/volcv/v1"]
)
def test_a_proxy_may_be_named_with_or_without_its_path(base, monkeypatch):
    monkeypatch.setenv("VOLCV_API_KEY", "sk-0123456789")

    target = open_target("proxy", base_url=base)

    assert str(target.client.base_url).rstrip("/") + target.path == "https://api.example.com/volcv/v1"


@pytest.mark.parametrize("name", ["proxy", "official", "replay"])
def test_a_target_that_lacks_its_keys_says_what_to_set(name, monkeypatch):
    for variable in ("VOLCV_API_KEY", "VOLCV_BASE_URL", "VOLC_ACCESSKEY", "VOLC_SECRETKEY"):
        monkeypatch.delenv(variable, raising=False)

    with pytest.raises(Unreachable, match=r"set |needs"):
        open_target(name)


def test_an_unknown_target_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="mock, server, proxy, official, replay"):
        open_target("mok")
    assert len(NAMES) == 5
