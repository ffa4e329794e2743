"""Tools for the project's maintainers: checks and generators that are not part of the package."""
