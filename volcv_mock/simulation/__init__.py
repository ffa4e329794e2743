"""What makes the fake behave like a service in time: clock, latency, quotas, keyed random draws."""
