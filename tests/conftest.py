"""For all tests. pytest's own test bench must be named here: deeper conftest files are read too late for it."""

pytest_plugins = ["pytester"]
