"""The control room under /_mock/."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from volcv_mock.world import World


def blueprint(world: World) -> Blueprint:
    made = Blueprint("control", __name__, url_prefix="/_mock")

    @made.get("/health")
    def health() -> Response:
        return jsonify({"status": "ok"})

    @made.get("/images/<picture_id>.jpeg")
    def image(picture_id: str) -> Response:
        scope = world.pictures.scope_of(picture_id) or "default"
        found = world.pictures.get(picture_id, request.args.to_dict(), world.clock(scope).now_s())
        return Response(found.data, found.status, content_type="image/jpeg")

    return made
