"""The app with the official SDK, on a real socket: signed requests, and errors as the SDK raises them."""

import base64

import pytest
from photo_app.studio import Studio
from sdk_service import SdkService


@pytest.fixture
def studio(volcv_server):
    """Pauses of milliseconds: on a socket, time is not virtual."""
    return Studio(SdkService.from_environment(), pauses_s=(0.001, 0.002, 0.004))


@pytest.fixture
def pictures(volcv_server):
    return [base64.b64decode(text) for text in volcv_server.body()["binary_data_base64"]]


def test_three_versions_by_signed_requests(volcv_server, studio, pictures):
    versions = studio.versions(*pictures, "a red kite")

    assert len({version.picture for version in versions}) == 3
    volcv_server.assert_called(credential="signature", prompt="a red kite", times=3)
    volcv_server.assert_resilient()


@pytest.mark.parametrize("code", [50411, 50413])
def test_a_refusal_is_read_from_the_text_of_the_exception(volcv_server, studio, pictures, code):
    volcv_server.fail(code)

    versions = studio.versions(*pictures)

    assert [version.reason.split(":")[0] for version in versions] == [str(code)] * 3
    volcv_server.assert_resilient()


@pytest.mark.parametrize("failure", [50429, 50500, "reset", "html_502"])
def test_a_temporary_failure_is_retried(volcv_server, studio, pictures, failure):
    volcv_server.sequence(failure, failure)

    assert not any(version.is_fallback for version in studio.versions(*pictures))


def test_a_ghost_face_becomes_the_users_own_photo(volcv_server, studio, pictures):
    volcv_server.fault("ghost_face", times=1)

    assert sum(version.is_fallback for version in studio.versions(*pictures)) == 1


def test_a_wrong_secret_is_refused_and_not_retried(volcv_server, pictures, monkeypatch):
    monkeypatch.setenv("VOLC_SECRETKEY", "bm90LXRoZS1vbmU=")
    studio = Studio(SdkService.from_environment())

    versions = studio.versions(*pictures)

    assert {version.reason.split(":")[0] for version in versions} == {"SignatureDoesNotMatch"}
    volcv_server.assert_called(http_status=401, times=3)


def test_the_sdk_is_intercepted_in_process_too(volcv, monkeypatch):
    """The SDK uses requests, so no socket is needed."""
    monkeypatch.delenv("VOLCV_BASE_URL")
    volcv.delay(40)
    pictures = [base64.b64decode(text) for text in volcv.body()["binary_data_base64"]]

    versions = Studio(SdkService.from_environment()).versions(*pictures)

    assert all(version.reason.startswith("timeout") for version in versions)
