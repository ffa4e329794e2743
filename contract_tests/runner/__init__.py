"""Running cases against a target: the command line, the session, and the verdict on each outcome."""
