"""A request for each rule that breaks it, for `volcv-mock explain RULE`. Not a command itself.

What is found, wanted and to be done is then told by the mock itself, in the words that a client gets.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from volcv_mock import contract, signing
from volcv_mock.config import Settings
from volcv_mock.model import Headers, Problem, RawRequest
from volcv_mock.service import answer_blocking
from volcv_mock.testing import samples
from volcv_mock.world import World

HEADERS: Headers = (("Authorization", "Bearer sk-example"), ("Content-Type", "application/json"))
PICTURE = "binary_data_base64"
OF_PICTURES, OF_LINKS = ("picture_", "mask_"), "picture_link_"
Made = tuple[RawRequest, Mapping[str, Any]]
"""A request, and the settings of the mock that gets it."""


def problem_of(rule: str) -> Problem | None:
    """What the mock says of a request that breaks the rule; None when no request alone breaks it."""
    made = EXAMPLES[rule]() if rule in EXAMPLES else _of_the_border_set(rule)
    if made is None:
        return None
    raw, settings = made
    world = World(Settings(**settings))
    answer_blocking(raw, world)
    entry = world.journal.last()
    problems = [Problem(**one) for one in entry.problems] if entry else []
    return next((problem for problem in problems if problem.rule == rule), None)


def _of_the_border_set(rule: str) -> Made | None:
    """A picture or a mask that breaks the rule first."""
    if not rule.startswith(OF_PICTURES) or rule.startswith(OF_LINKS):
        return None
    from volcv_mock import border_set  # lazy: only these rules need pictures

    made: dict[str, str] = {}
    for one in border_set.specimens():  # the pictures come before the masks that are sent with them
        made[one.name] = base64.b64encode(one.data).decode()
        if one.rules[:1] == (rule,):
            other = made[one.beside] if one.role == "mask" else samples.mask()
            return _removal(**{PICTURE: [other, made[one.name]] if one.role == "mask" else [made[one.name], other]})
    return None


def _post(body: object, **settings: Any) -> Made:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    query = f"Action=CVProcess&Version={contract.version()}"
    return RawRequest("proxy", "POST", "/volcv/v1", query, HEADERS, data), settings


def _removal(**members: Any) -> Made:
    return _post({**samples.body("i2i_inpainting"), **members})


def _picture(text: object) -> Made:
    return _removal(**{PICTURE: [text, samples.mask()]})


def _url(url: str) -> Made:
    return _post({"req_key": "byteedit_v2.0", "prompt": "evening", "image_urls": [url]})


def _without(name: str) -> Made:
    body = samples.body("i2i_inpainting_edit")
    return _post({key: value for key, value in body.items() if key != name})


def _other(**parts: Any) -> Made:
    """The request of a removal with other parts than its body."""
    raw, settings = _removal()
    return replace(raw, **parts), settings


def _signed(*headers: tuple[str, str], query: str | None = None) -> Made:
    raw, settings = _removal()
    kept = raw.query if query is None else query
    return replace(raw, endpoint="official", path="/", query=kept, headers=(*headers, HEADERS[1])), settings


def _keyed(access_key: str = "AKLTexample", secret_key: str = "secret", late_s: float = 0.0) -> Made:
    """Signed with these keys, so many seconds ago, for a mock that knows AKLTexample with the secret "secret"."""
    raw, _ = _removal()
    url = f"https://{contract.parameter('host')}/?{raw.query}"
    region, service = contract.parameter("region"), contract.parameter("service")
    pair = signing.KeyPair(access_key, secret_key)
    headers = signing.describe("POST", url, raw.body, pair, region, service, time.time() - late_s).headers
    signed = replace(raw, endpoint="official", path="/", headers=(("Host", str(contract.parameter("host"))), *headers))
    return signed, {"access_keys": {"AKLTexample": "secret"}}


EXAMPLES: Mapping[str, Callable[[], Made]] = {
    "schema_enum": lambda: _removal(quality="X"),
    "schema_minimum": lambda: _removal(strength=-1),
    "schema_maximum": lambda: _removal(strength=2),
    "schema_minItems": lambda: _removal(**{PICTURE: [samples.picture()]}),
    "schema_maxItems": lambda: _removal(**{PICTURE: [samples.picture()] * 3}),
    "schema_required": lambda: _without("custom_prompt"),
    "schema_type": lambda: _removal(seed="7"),
    "schema_additionalProperties": lambda: _post({**samples.body("i2i_inpainting"), "sede": 7}, profile="strict"),
    "json_syntax": lambda: _post(b'{"req_key": '),
    "json_not_object": lambda: _post([]),
    "json_number_range": lambda: _post(b'{"req_key": "i2i_inpainting", "seed": 1e999}'),
    "json_nesting": lambda: _post(b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}"),
    "json_encoding": lambda: _post(b'{"req_key": "\xff"}'),
    "media_type": lambda: _other(headers=(HEADERS[0], ("Content-Type", "text/plain"))),
    "url_scheme": lambda: _url("ftp://pictures.example/photo.jpg"),
    "url_syntax": lambda: _url("http://[pictures"),
    "req_key_missing": lambda: _post({}),
    "req_key_unknown": lambda: _post({"req_key": "i2i_inpaint"}),
    "picture_missing": lambda: _without(PICTURE),
    "base64_empty": lambda: _picture(""),
    "base64_alphabet": lambda: _picture("*" * 8),
    "base64_padding": lambda: _picture(samples.picture() + "="),
    "base64_is_not_data_uri": lambda: _picture(f"data:image/png;base64,{samples.picture()}"),
    "base64_has_no_whitespace": lambda: _picture(f"{samples.picture()[:76]}\n{samples.picture()[76:]}"),
    "base64_is_not_base64url": lambda: _picture("-_" * 8),
    "body_too_large": lambda: _post(b" " * (int(contract.parameter("body_limit_bytes")) + 1)),
    "action_missing": lambda: _other(query=f"Version={contract.version()}"),
    "version_missing": lambda: _other(query="Action=CVProcess"),
    "operation_unknown": lambda: _other(query=f"Action=CVProces&Version={contract.version()}"),
    "method_not_allowed": lambda: _other(method="PUT"),
    "method_not_routed": lambda: _other(method="GET"),
    "route_unknown": lambda: _other(path="/v1", route="/v1"),
    "proxy_key_missing": lambda: _other(headers=HEADERS[1:]),
    "proxy_key_invalid": lambda: (_removal()[0], {"api_keys": ("sk-another",)}),
    "override_syntax": lambda: _other(headers=(*HEADERS, ("X-Volcv-Mock", "50411"))),
    "override_unknown": lambda: _other(headers=(*HEADERS, ("X-Volcv-Mock", "fault=resett"))),
    "MissingAuthenticationToken": lambda: _signed(),
    "InvalidAccessKey": lambda: _keyed(access_key="AKLTanother"),
    "SignatureDoesNotMatch": lambda: _keyed(secret_key="another"),
    "InvalidTimestamp": lambda: _keyed(late_s=86_400),
    "InvalidAuthorization": lambda: _signed(("Authorization", "HMAC-SHA256 nonsense"), ("X-Date", "20200101T000000Z")),
}
