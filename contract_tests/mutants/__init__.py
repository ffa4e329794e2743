"""Proxies that lie on purpose, to show that the suite catches them. `make mutants` prints the kill table."""
