"""What the pytest plugin reports: refused markers, the calls of a failing test, missing timeouts, unused rules."""

from __future__ import annotations

import pytest

from tests.helpers.plugin_suites import run


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("sed=7", "unknown argument 'sed'; permitted: base_url, record, unmatched, others"),
        ("virtual_slep=True", "Did you mean 'virtual_sleep'?"),
        ("7", "7 has no name; permitted: base_url"),
        ("faults='reset'", "faults='reset', wanted a list"),
        ("faults=50411", "faults=50411, wanted a list"),
    ],
    ids=["unknown", "misspelt", "positional", "a fault without a list", "a code without a list"],
)
def test_a_wrong_marker_argument_is_refused_with_the_permitted_ones(
    suite: pytest.Pytester, argument: str, message: str
) -> None:
    suite.makepyfile(f"""
        import pytest

        @pytest.mark.volcv({argument})
        def test_app(volcv): pass
    """)

    result = run(suite)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{message}*"])


BAD_VALUES = {
    "faults=[50499]": "faults[[]0].code: '50499' is no known code or fault",
    "faults=[3.5]": "faults[[]0]: 3.5; wanted an object with code, fault",
    "faults=['gost_face']": "Did you mean 'ghost_face'?",
    "seed='seven'": "seed = 'seven': wanted a whole number",
    "latency=object()": "is not a latency; wanted one of off",
    "readings={'nope': 'x'}": "'nope' is no open point",
    "unmatched='nah'": "unmatched='nah'; permitted: refuse, pass_through",
    "base_url=7": "base_url",
    "virtual_sleep=True, real_time=True": "permitted: one of them",
    "recordings=7": "recordings",
    "contract='nowhere'": "nowhere is refused:",
}


def test_a_wrong_value_in_the_marker_is_told_without_a_traceback(suite: pytest.Pytester) -> None:
    tests = [f"@pytest.mark.volcv({value})\ndef test_{at}(volcv): pass\n" for at, value in enumerate(BAD_VALUES)]
    suite.makepyfile("import pytest\n" + "\n".join(tests))

    result = run(suite, "-p", "no:randomly")

    result.assert_outcomes(errors=len(BAD_VALUES))
    result.stdout.fnmatch_lines([f"@pytest.mark.volcv: *{told}*" for told in BAD_VALUES.values()])
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


def test_an_argument_for_the_intercept_is_refused_for_a_server_alone(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        import pytest

        @pytest.mark.volcv(virtual_sleep=True)
        def test_server(volcv_server): pass

        @pytest.mark.volcv(virtual_sleep=True)
        def test_both(volcv, volcv_server): pass
    """)

    result = run(suite)

    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["*'virtual_sleep' is for the fixture volcv;*"])


def test_a_failing_test_shows_its_calls(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        from app import code

        def test_app(volcv):
            volcv.fail(50411)
            code(volcv)
            assert False

        def test_server(volcv_server):
            import httpx
            httpx.post(volcv_server.proxy_url + "?Action=CVProcess&Version=2022-08-31", json={"req_key": "nothing"},
                       headers={"Authorization": "Bearer sk-a"}, timeout=120)
            assert False

        def test_passes(volcv):
            code(volcv)
    """)

    result = run(suite)

    result.assert_outcomes(passed=1, failed=2)
    shown = ["*volcv calls*", "* 400 50411 i2i_inpainting *fired=rule-1:50411*", "* 401 50400 nothing *reason=*"]
    result.stdout.fnmatch_lines_random(shown)
    assert str(result.stdout).count("volcv calls") == 2


def test_a_missing_timeout_fails_the_test_although_the_app_swallowed_it(suite: pytest.Pytester) -> None:
    suite.makepyfile("""
        from app import code

        def test_app(volcv):
            volcv.fault("hang")
            try:
                code(volcv, timeout=None)
            except Exception:
                pass
    """)

    result = run(suite)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*httpx has no read timeout*"])


def test_a_rule_that_never_fired_is_a_warning_and_an_error_with_strict_rules(suite: pytest.Pytester) -> None:
    """A test that failed for another reason says nothing of its rules."""
    suite.makepyfile("""
        import pytest
        from app import code

        def test_app(volcv):
            volcv.fail(50411, req_key="byteedit_v2.0")
            code(volcv)

        @pytest.mark.volcv(strict_rules=True)
        def test_strict(volcv):
            volcv.fail(50412, req_key="byteedit_v2.0")
            code(volcv)

        @pytest.mark.volcv(strict_rules=True)
        def test_fails(volcv):
            volcv.fail(50413)
            raise KeyError("its own reason")
    """)

    result = run(suite)

    result.assert_outcomes(passed=1, failed=2, warnings=1)
    result.stdout.fnmatch_lines_random(["*UnusedRule: rule rule-1 *50411*never fired*", "*AssertionError: *50412*",
                                        "*its own reason*"])  # fmt: skip
    assert "50413" not in str(result.stdout).replace("volcv.fail(50413)", "")
