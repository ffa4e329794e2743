"""Simulated behaviour of the service: clock, latency, quotas, keyed random draws."""
