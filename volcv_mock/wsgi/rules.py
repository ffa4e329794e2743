"""URL rules of the Flask app that compile what builds their URLs with the first URL that is built.

Werkzeug compiles two functions for each rule of each app, for `url_for`, which nothing here calls. For the seventy
rules of one app that took a twentieth of the start of `serve`, and four fifths of the time in which an app is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LazyRule(Rule):
    """A rule whose URLs are built as by any other."""

    def _compile_builder(self, *how: Any, **named: Any) -> Callable[..., tuple[str, str]]:
        """werkzeug 3.1 calls this; for a version that does not, the class changes nothing."""
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: LazyRule, *values: Any, **more: Any) -> tuple[str, str]:
            if not made:
                made.append(Rule._compile_builder(rule, *how, **named))
            return made[0](rule, *values, **more)

        return build
