"""Who may call: every committed signature case, the proxy's keys, the three modes, and no leaks."""

from __future__ import annotations

import contextlib
import json
import string
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volcv_mock import contract, signing
from volcv_mock._util.paths import shelf
from volcv_mock.model import Call, Credential, RawRequest, Refusal, Visit
from volcv_mock.signing import KeyPair
from volcv_mock.signing.keys import Keys
from volcv_mock.stages.authenticate import authenticate

FIXTURE = json.loads((shelf("fixtures") / "signatures" / "cases.json").read_text(encoding="utf-8"))
CASES: dict[str, Mapping[str, Any]] = {case["id"]: case for case in FIXTURE["cases"]}
AK, SK = FIXTURE["access_key"], FIXTURE["secret_key"]
STRICT = Keys("strict", access_keys={AK: SK})
NOW_S = 1756036800.0
GATEWAY_NAMES = {row.name for row in contract.codes() if row.envelope == "gateway"}


def call_of(raw: RawRequest) -> Call:
    return Call(raw, Visit("c1", "default", 1, "d", 0, NOW_S), "CVProcess", contract.version())


def raw_of(case: Mapping[str, Any]) -> RawRequest:
    headers = tuple((name, value) for name, value in case["headers"])
    return RawRequest(case["endpoint"], case["method"], case["path"], case["query"], headers, case["body"].encode())


def authenticated(case: Mapping[str, Any], keys: Keys) -> Call:
    now_s = signing.read_x_date(case["now"])
    assert now_s is not None
    return authenticate(call_of(raw_of(case)), keys, now_s)


def sound(**changes: Any) -> RawRequest:
    """The first case, signed by the SDK's rules, changed."""
    case = {**CASES["sorted_four_headers"], **changes}
    return raw_of(case)


def bearer(value: str | None, path: str = "/volcv/v1") -> RawRequest:
    headers = (("Content-Type", "application/json"),) + ((("Authorization", value),) if value is not None else ())
    return RawRequest("proxy", "POST", path, CASES["sorted_four_headers"]["query"], headers, b"{}")


def refused(raw: RawRequest, keys: Keys, now_s: float = NOW_S) -> Refusal:
    with pytest.raises(Refusal) as caught:
        authenticate(call_of(raw), keys, now_s)
    return caught.value


@pytest.mark.parametrize("name", CASES)
def test_a_signature_case_reaches_its_verdict(name):
    case = CASES[name]
    if case["expect"] == "verified":
        assert authenticated(case, STRICT).credential.is_verified, case["why"]
        return

    with pytest.raises(Refusal) as caught:
        authenticated(case, STRICT)

    assert caught.value.outcome.row.name == case["expect"], case["why"]


def test_the_cases_cover_every_credential_code_of_the_gateway():
    wanted = {
        "MissingAuthenticationToken", "MissingRequestInfo", "MissingSignature", "InvalidTimestamp", "ServiceNotFound",
        "InvalidAccessKey", "SignatureDoesNotMatch", "InvalidAuthorization", "InvalidCredential",
    }  # fmt: skip

    assert wanted == {case["expect"] for case in CASES.values()} - {"verified"}
    assert wanted <= GATEWAY_NAMES


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["expect"] == "verified"])
def test_a_sound_signature_of_a_stranger_passes_in_mode_any_only(name):
    """The key is unknown, so nothing can be verified; the form and the date were right."""
    call = authenticated(CASES[name], Keys("any"))

    assert call.credential.kind == "signature"
    assert not call.credential.is_verified


def test_mode_any_verifies_the_signature_of_a_known_key():
    with pytest.raises(Refusal) as caught:
        authenticated(CASES["another_secret"], Keys("any", access_keys={AK: SK}))

    assert caught.value.outcome.row.id == "SignatureDoesNotMatch"


@pytest.mark.parametrize("name", ["content_hash_of_an_empty_body", "signature_as_base64", "expired", "another_service"])
def test_mode_any_refuses_what_no_secret_could_make_right(name):
    with pytest.raises(Refusal):
        authenticated(CASES[name], Keys("any"))


@pytest.mark.parametrize("raw", [bearer(None), bearer("Basic x"), sound(headers=[]), sound(now="2000")])
def test_mode_off_looks_at_nothing(raw):
    assert not authenticate(call_of(raw), Keys("off"), NOW_S + 1e9).credential.is_verified


def test_mode_off_still_reads_a_key_that_names_a_scope_or_a_trigger():
    call = authenticate(call_of(bearer("Bearer sk-mock-50411")), Keys("off"), NOW_S)

    assert call.credential == Credential("bearer", "sk-mock-50411")


def test_region_and_service_of_a_refused_signature_are_kept_for_the_echo():
    """The gateway's envelope repeats them (seen)."""
    with pytest.raises(Refusal) as caught:
        authenticated(CASES["another_service"], STRICT)

    outcome = caught.value.outcome
    assert outcome.call is not None
    assert (outcome.call.credential.region, outcome.call.credential.service) == ("cn-north-1", "visual")
    assert outcome.message == "This service[visual] not found."


def test_an_unknown_access_key_is_echoed_masked():
    with pytest.raises(Refusal) as caught:
        authenticated(CASES["unknown_access_key"], STRICT)

    assert caught.value.outcome.message == "The accesskey [AKLT***] included in the request is invalid."


def test_a_missing_date_is_called_a_timestamp():
    with pytest.raises(Refusal) as caught:
        authenticated(CASES["x_date_missing"], STRICT)

    assert caught.value.outcome.message == "The request is missing timestamp information."


def test_a_template_without_a_blank_is_left_to_the_row():
    assert refused(sound(headers=[]), STRICT).outcome.message == ""


@pytest.mark.parametrize("ahead_s", [-900, 0, 900])
def test_the_window_has_both_its_ends(ahead_s):
    authenticate(call_of(sound()), STRICT, NOW_S - ahead_s)


@pytest.mark.parametrize("ahead_s", [-901, 901])
def test_a_second_outside_the_window_is_too_much(ahead_s):
    assert refused(sound(), STRICT, NOW_S - ahead_s).outcome.row.id == "InvalidTimestamp"


def test_an_earlier_mistake_decides_before_a_later_one():
    """Date, then service, then access key, then signature: the order of the gateway's numbers."""
    strangers = Keys("strict")

    assert refused(sound(body="{}"), strangers, NOW_S + 1e6).outcome.row.id == "InvalidTimestamp"
    assert refused(sound(body="{}"), strangers).outcome.row.id == "InvalidAccessKey"
    assert refused(sound(body="{}"), STRICT).outcome.row.id == "SignatureDoesNotMatch"


def test_a_mismatch_tells_what_to_compare():
    problem = refused(sound(headers=[*CASES["signature_off_by_one_digit"]["headers"]]), STRICT).outcome.problems[0]

    assert "f01829c7f7e09a8056336c6ca0fcd272b98385782f7afeb1186a204bdbf2a597" in problem.wanted
    assert "content-type;host;x-content-sha256;x-date" in problem.wanted


def test_a_signed_body_that_differs_from_the_sent_one_is_named():
    problem = refused(sound(body="{}"), STRICT).outcome.problems[0]

    assert problem.where == "header.X-Content-Sha256"
    assert "another body was signed" in problem.fix


@pytest.mark.parametrize("value", ["Bearer sk-x", "bearer sk-x", "BEARER   sk-x ", "Bearer ak|sk", "Bearer e.a-b_c=="])
def test_the_proxy_takes_any_well_formed_key_in_mode_any(value):
    call = authenticate(call_of(bearer(value)), Keys("any"), NOW_S)

    assert call.credential.kind == "bearer"
    assert not call.credential.is_verified


def test_the_proxy_takes_a_known_key_in_mode_strict():
    keys = Keys("strict", api_keys=frozenset({"sk-good", "sk-other"}))

    assert authenticate(call_of(bearer("Bearer sk-good")), keys, NOW_S).credential.is_verified


@pytest.mark.parametrize(
    ("value", "row", "fix"),
    [
        pytest.param(None, "proxy_key_missing", "Add the header", id="nothing"),
        pytest.param("", "proxy_key_missing", "Add the header", id="empty"),
        pytest.param("Bearer", "proxy_key_missing", "Put the key", id="no key"),
        pytest.param("Bearer  ", "proxy_key_missing", "Put the key", id="blank key"),
        pytest.param("sk-good", "proxy_key_invalid", "Put 'Bearer '", id="no scheme"),
        pytest.param("Basic dXNlcjpwYXNz", "proxy_key_invalid", "Put 'Bearer '", id="basic"),
        pytest.param("Bearer {{YOUR_API_KEY}}", "proxy_key_invalid", "without quotes", id="placeholder of S0"),
        pytest.param("Bearer sk good", "proxy_key_invalid", "without quotes", id="blank inside"),
        pytest.param("Bearer " + "k" * 513, "proxy_key_invalid", "without quotes", id="too long"),
        pytest.param("Bearer sk-\u732b", "proxy_key_invalid", "without quotes", id="not ASCII"),
        pytest.param("Bearer sk-bad", "proxy_key_invalid", "--api-key", id="unknown"),
        pytest.param("HMAC-SHA256 Credential=a", "proxy_key_invalid", "official endpoint", id="signature"),
    ],
)
def test_the_proxy_refuses_in_its_own_envelope(value, row, fix):
    outcome = refused(bearer(value), Keys("strict", api_keys=frozenset({"sk-good"}))).outcome

    assert outcome.row.id == row
    assert outcome.row.envelope == "proxy"
    assert outcome.row.http_status == 401
    assert fix in outcome.problems[0].fix


def test_a_query_string_signature_at_the_proxy_is_told_where_it_belongs():
    case = CASES["query_string_signature"]
    raw = RawRequest("proxy", "POST", "/volcv/v1", case["query"], (), b"{}")

    assert "official endpoint" in refused(raw, Keys("any")).outcome.problems[0].fix


def test_two_keys_at_the_proxy_are_one_too_many():
    headers = (("Authorization", "Bearer a"), ("authorization", "Bearer b"))
    raw = RawRequest("proxy", "POST", "/volcv/v1", "", headers, b"")

    assert refused(raw, Keys("any")).outcome.row.id == "proxy_key_invalid"


@pytest.mark.parametrize("key", ["sk-mock-50411", "sk-mock-reset", "sk-scope-a.b"])
def test_trigger_and_scope_keys_pass_in_strict_mode_with_triggers_on(key):
    strict = Keys("strict", api_keys=frozenset({"sk-good"}))
    without_triggers = Keys("strict", api_keys=frozenset({"sk-good"}), triggers=False)

    assert authenticate(call_of(bearer(f"Bearer {key}")), strict, NOW_S).credential.key == key
    assert refused(bearer(f"Bearer {key}"), without_triggers).outcome.row.id == "proxy_key_invalid"


def test_every_source_named_by_a_problem_is_one_of_the_documents_or_the_vendor():
    raws = (sound(headers=[]), sound(body="{}"), bearer(None))

    assert {refused(raw, STRICT).outcome.problems[0].source.partition(",")[0] for raw in raws} == {"vendor", "S0"}


KEY = st.text(string.ascii_letters + string.digits, min_size=8, max_size=40).map("Zq7xK{}".format)
"""Begins with what no text of ours holds by chance, so that a find is a leak."""


@given(
    access_key=KEY, secret=KEY, token=KEY, api_key=KEY, mode=st.sampled_from(["any", "strict"]), endpoint=st.booleans()
)
def test_no_key_shows_in_anything_a_refusal_says(access_key, secret, token, api_key, mode, endpoint):
    """Neither in the answer's message, nor in a problem, the exception or a repr."""
    signed = signing.describe("POST", "http://h/?a=b", b"{}", KeyPair("AKLT" + access_key, "x" + secret, token),
                              "cn-north-1", "cv", NOW_S)  # fmt: skip
    headers = signed.headers if endpoint else (("Authorization", f"Bearer sk-{api_key} x"),)
    raw = RawRequest("official" if endpoint else "proxy", "POST", "/", "a=b", headers, b"{}")
    keys = Keys(mode, frozenset({"sk-" + api_key}), {"AKLT" + access_key: secret})

    refusal = refused(raw, keys)

    shown = f"{refusal} {refusal!r} {refusal.outcome!r} {keys!r} {[p.sentence() for p in refusal.outcome.problems]}"
    assert not any(hidden in shown for hidden in (access_key, secret, token, api_key, signed.signature))


@given(st.binary(max_size=80), st.booleans())
def test_any_authorization_at_all_gets_a_refusal_or_passes(value, official):
    headers = (("Authorization", value.decode("latin-1")),)
    raw = RawRequest("official" if official else "proxy", "POST", "/", "", headers, b"")

    with contextlib.suppress(Refusal):
        authenticate(call_of(raw), Keys("any"), NOW_S)


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_query_at_all_gets_a_refusal(query, path):
    raw = RawRequest("official", "POST", path, f"X-Signature=1&{query}", (), b"")

    assert refused(raw, STRICT).outcome.row.http_status in (400, 401, 404)
