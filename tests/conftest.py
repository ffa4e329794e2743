"""For all tests. pytest's own test bench must be named here: deeper conftest files are read too late for it."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

# A fresh machine may be slow or busy: how long an example takes says nothing about what it shows.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
