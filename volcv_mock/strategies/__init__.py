"""Hypothesis strategies for every documented response, to property-test the parser of a client.

    from hypothesis import given
    from volcv_mock import strategies

    @given(strategies.answers("i2i_inpainting"))
    def test_my_parser_never_crashes(answer):
        parse(answer.http_status, answer.body)

`answers` combines `successes`, `ghost_faces` (201304 in both places) and `failures` (every code, in its envelope).
`submits` and `results` are the answers about tasks.
The mock itself does not use this package.
"""

from __future__ import annotations

try:
    import hypothesis as _needed  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "hypothesis":
        raise
    message = "volcv_mock.strategies needs Hypothesis: pip install 'volcv-mock[strategies]'"
    raise ModuleNotFoundError(message, name="hypothesis") from None

from volcv_mock.strategies.answers import Answer, answers, failures, ghost_faces, successes
from volcv_mock.strategies.tasks import results, submits

__all__ = ["Answer", "answers", "failures", "ghost_faces", "results", "submits", "successes"]
