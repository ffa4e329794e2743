"""Pictures as descriptions, rendered when they are sent, and a writer and reader of PNG and JPEG.

The mock has a reader of its own: two independent observers do not share a mistake.
"""

from .describe import Mask, Photo, Raw, Rect
from .facts import Facts, described, read_facts
from .render import render

__all__ = ["Facts", "Mask", "Photo", "Raw", "Rect", "described", "read_facts", "render"]
