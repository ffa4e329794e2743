"""HAR 1.2 of recorded exchanges. It is built from the redacted records only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode


def har(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One HAR log of all records."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "volcv contract tests", "version": "1"},
            "entries": [_entry(record) for record in records],
        }
    }


def _entry(record: Mapping[str, Any]) -> dict[str, Any]:
    request, answer = record["request"], record["answer"]
    query = urlencode([tuple(pair) for pair in request["query"]])
    time_ms = answer["elapsed_s"] * 1000
    return {
        "startedDateTime": record["at"],
        "time": time_ms,
        "request": {
            "method": request["method"],
            "url": f"https://{record['target']}.invalid{request['path'] or '/'}?{query}",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(request["headers"]),
            "queryString": _pairs(request["query"]),
            "headersSize": -1,
            "bodySize": -1,
            "postData": {"mimeType": "application/json", "text": json.dumps(request["body"], ensure_ascii=False)},
        },
        "response": {
            "status": answer["status"],
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(answer["headers"]),
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
            "content": {"size": -1, "mimeType": "application/json", "text": _text(answer["body"])},
        },
        "cache": {},
        "timings": {"send": 0, "wait": time_ms, "receive": 0},
        "comment": record["case"],
    }


def _text(body: Mapping[str, Any]) -> str:
    return str(next((body[name] for name in ("$json", "$text", "$base64") if name in body), ""))


def _pairs(pairs: Iterable[Iterable[str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
