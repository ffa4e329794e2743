"""The stages of the corridor, one file each; pipeline.py alone knows their order."""
