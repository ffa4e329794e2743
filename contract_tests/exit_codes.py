"""What a run of the suite ends with. Nothing is imported here: a run marks its folder before it loads anything else."""

CONFORM, DRIFT, UNDECIDED = 0, 1, 2
WORDS = ("conform", "drift", "could not judge")
"""By exit code: the heading of a report and the exit code of its run are the same thing."""
