"""A small sample request body, for tests that need a valid request. The implementation is in testing/samples.py."""

from volcv_mock.testing.samples import body

__all__ = ["body"]
