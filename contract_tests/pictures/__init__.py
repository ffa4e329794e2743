"""Pictures drawn as descriptions and rendered late, by a writer and a reader of the suite's own.

The mock has its own reader; two independent witnesses are worth more than one shared mistake.
"""

from .describe import Mask, Photo, Raw, Rect
from .facts import Facts, described, read_facts
from .render import render

__all__ = ["Facts", "Mask", "Photo", "Raw", "Rect", "described", "read_facts", "render"]
