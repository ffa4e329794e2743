"""The fixtures of the test kit: a mock, an intercepted one, and every client in turn."""

from tests.helpers.kit_fixtures import body, everything_imported, intercepted, mock, post
from tests.helpers.plugin_suites import suite

__all__ = ["body", "everything_imported", "intercepted", "mock", "post", "suite"]
