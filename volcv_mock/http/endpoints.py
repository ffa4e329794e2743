"""The paths of the service and of the control API."""

from __future__ import annotations

from volcv_mock.model import Endpoint

ENDPOINTS: dict[str, Endpoint] = {"": "official", "/volcv/v1": "proxy"}
"""The service's paths, without their trailing slash."""
ENDPOINT_PATHS = ("/", "/volcv/v1")
CONTROL = "/_mock"
PICTURES = f"{CONTROL}/images/"


def is_endpoint(path: str) -> bool:
    """Whether a request with this path is a call of the service; a trailing slash is ignored."""
    return path.rstrip("/") in ENDPOINTS


def endpoint_of(path: str) -> Endpoint:
    """The endpoint that a path belongs to. Other paths are answered in the proxy's envelope."""
    return ENDPOINTS.get(path.rstrip("/"), "proxy")


def is_control(path: str) -> bool:
    """Whether a path belongs to the control API, the console or a picture link."""
    return path == CONTROL or path.startswith(f"{CONTROL}/")


def is_picture(path: str) -> bool:
    """Whether a path is that of a picture link (`return_url: true`)."""
    return path.startswith(PICTURES)
