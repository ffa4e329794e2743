"""Tools of the workshop: they check and generate, and are not part of the package."""
