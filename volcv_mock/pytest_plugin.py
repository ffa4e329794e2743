"""The pytest plugin: fixtures and the marker.

Nothing of Flask, gevent, Pillow or respx is imported before a fixture is used."""

from __future__ import annotations
