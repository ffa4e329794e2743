"""The whole app, offline and without test hooks."""

import pytest
from hypothesis import HealthCheck, given, settings
from photo_app.answers import NoPicture, picture_of

from volcv_mock import strategies

pytestmark = pytest.mark.volcv(seed=7, virtual_sleep=True)


def test_the_user_gets_three_different_versions(volcv, studio, photo, mask):
    versions = studio.versions(photo, mask, "a red kite")

    assert len({version.picture for version in versions}) == 3
    assert not any(version.is_fallback for version in versions)
    volcv.assert_called(req_key="i2i_inpainting_edit", prompt="a red kite", mask_area=0.25, times=3)
    volcv.assert_resilient()


def test_without_a_prompt_the_masked_part_is_removed(volcv, studio, photo, mask):
    studio.versions(photo, mask)

    volcv.assert_called(req_key="i2i_inpainting", times=3)


@pytest.mark.parametrize("code", [50411, 50412, 50413])
def test_a_review_refusal_is_reported_and_never_retried(volcv, studio, photo, mask, code):
    volcv.fail(code)

    versions = studio.versions(photo, mask, "a red kite")

    assert [version.reason.split(":")[0] for version in versions] == [str(code)] * 3
    volcv.assert_called(times=3)
    volcv.assert_resilient()


@pytest.mark.parametrize("placement", ["ghost_face", "ghost_face_top_level"])
def test_a_ghost_face_becomes_the_users_own_photo(volcv, studio, photo, mask, placement):
    volcv.fault(placement, times=1)

    versions = studio.versions(photo, mask)

    (fallback,) = [version for version in versions if version.is_fallback]
    assert fallback.picture == photo
    volcv.app_showed("fallback")
    assert volcv.verdict.not_observable == ()


@pytest.mark.parametrize("code", [50429, 50430, 50500])
def test_the_app_backs_off_and_retries(volcv, studio, photo, mask, code):
    volcv.fail(code, times=3)

    versions = studio.versions(photo, mask)

    assert not any(version.is_fallback for version in versions)
    volcv.assert_called(code=code, times=3)
    volcv.assert_resilient()


def test_the_number_of_retries_is_limited(volcv, studio, photo, mask):
    volcv.fail(50430)

    versions = studio.versions(photo, mask)

    assert all(version.is_fallback for version in versions)
    volcv.assert_called(times=12)
    volcv.assert_resilient()


@pytest.mark.parametrize("fault", ["reset", "empty", "truncate", "html_502", "malformed_json"])
def test_a_broken_connection_is_retried(volcv, studio, photo, mask, fault):
    volcv.fault(fault, times=1)

    assert not any(version.is_fallback for version in studio.versions(photo, mask))


@pytest.mark.parametrize("fault", ["hang", "corrupt_jpeg", "missing_data"])
def test_a_response_without_a_usable_picture_ends_in_the_fallback(volcv, studio, photo, mask, fault):
    volcv.fault(fault, times=1)

    versions = studio.versions(photo, mask)

    assert sum(version.is_fallback for version in versions) == (0 if fault == "corrupt_jpeg" else 1)


def test_the_app_waits_for_a_slow_model_and_gives_up_after_its_timeout(volcv, studio, photo, mask):
    volcv.delay(20, times=3)
    assert not any(version.is_fallback for version in studio.versions(photo, mask))

    volcv.delay(40)
    assert all(version.reason.startswith("timeout") for version in studio.versions(photo, mask))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strategies.answers("i2i_inpainting"))
def test_every_documented_response_is_a_picture_or_a_reason(answer):
    try:
        result = picture_of(answer.json(), lambda url: b"\xff\xd8\xff fetched")
    except NoPicture as reason:
        result = reason.code

    assert result
