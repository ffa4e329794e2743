"""The control room under /_mock/: what a test or a person may ask of a running mock, and change.

`routes.py` lists every call once; the blueprint serves that list and `document.py` describes it.
`guard.py` says who may call, `reading.py` reads what was sent, the other files answer.
"""

from __future__ import annotations

from volcv_mock.control.blueprint import blueprint

__all__ = ["blueprint"]
