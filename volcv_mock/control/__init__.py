"""The control API under /_mock/: reads and changes the state of a running mock.

`routes.py` lists every endpoint once: `blueprint.py` serves that list and `document.py` describes it.
`guard.py` decides who may call, `parsing.py` parses what was sent, the other modules handle requests.
"""

from __future__ import annotations

from volcv_mock.control.blueprint import blueprint

__all__ = ["blueprint"]
