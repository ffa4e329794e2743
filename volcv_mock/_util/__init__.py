"""Small helpers without knowledge of the contract: memo, durations, paths, the GIL gate."""
