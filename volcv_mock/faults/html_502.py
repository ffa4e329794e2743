"""html_502: status 502 with a page of HTML, and no JSON anywhere.

In life the load balancer in front of the service answers, because nobody behind it does. A client
that parses before it looks at status and content type reports a JSON error and hides the outage.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock import contract
from volcv_mock.faults.base import Draft, Fault

PAGE = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


def apply(draft: Draft) -> Draft:
    """Replace body, status and Content-Type by those of a gateway's error page."""
    kept = tuple((name, value) for name, value in draft.headers if name.lower() != "content-type")
    status = int(contract.parameter("html_502_status"))
    return replace(draft, status=status, headers=(("Content-Type", "text/html"), *kept), override=PAGE)


FAULT = Fault(
    name="html_502",
    hook="reply",
    stage="reply",
    summary="HTTP 502 with an HTML page, as a load balancer gives",
    apply=apply,
)
