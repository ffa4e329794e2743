"""Proxies that deviate on purpose, to show that the suite detects it. `make mutants` prints the kill table."""
