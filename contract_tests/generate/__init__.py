"""Requests drawn from the schemas: valid ones, and valid ones with exactly one violation.

The walker knows the restricted keywords that `schemas/` uses and nothing about any operation.
"""

from .requests import plain_request, valid_requests
from .violations import Violation, one_violation, violation_sites

__all__ = ["Violation", "one_violation", "plain_request", "valid_requests", "violation_sites"]
