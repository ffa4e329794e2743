"""The stages of the pipeline, one file each; only pipeline.py knows their order."""
