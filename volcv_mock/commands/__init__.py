"""One file per command of the command line: a parser of its flags, and `main(arguments) -> status`."""
