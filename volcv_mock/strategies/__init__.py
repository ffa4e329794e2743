"""Hypothesis strategies: every documented answer, so that a client's parser can be property-tested.

    from hypothesis import given
    from volcv_mock import strategies

    @given(strategies.answers("i2i_inpainting"))
    def test_my_parser_never_crashes(answer):
        parse(answer.http_status, answer.body)

`answers` mixes `successes`, `ghost_faces` (201304 in both places) and `failures` (every code, in its
envelope). Nothing here is read by the mock itself.
"""

from __future__ import annotations

from volcv_mock.strategies.answers import Answer, answers, failures, ghost_faces, successes

__all__ = ["Answer", "answers", "failures", "ghost_faces", "successes"]
