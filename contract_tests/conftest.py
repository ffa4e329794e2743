"""Lets `pytest contract_tests --target ...` be called from a checkout: the options and fixtures of `properties/`."""

from .properties.plugin import *  # noqa: F403  pytest finds hooks and fixtures by their names here
