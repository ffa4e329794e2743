"""What an operator sees of a running mock: whether it is ready, warnings, metrics, traces.

Nothing here changes an answer. The world reports to these objects; the control API and the server show them.
"""

from __future__ import annotations
