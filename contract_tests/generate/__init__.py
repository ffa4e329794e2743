"""Requests drawn from the schemas: valid ones, and valid ones with exactly one wound.

The walker knows the restricted keywords that `schemas/` uses and nothing about any operation.
"""

from .requests import plain_request, valid_requests
from .wounds import Wound, one_wound, wound_sites

__all__ = ["Wound", "one_wound", "plain_request", "valid_requests", "wound_sites"]
