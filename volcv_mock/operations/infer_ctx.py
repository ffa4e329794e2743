"""infer_ctx and the texts beside it: how SeedEdit (byteedit_v2.0) tells what it did (S0).

They repeat values of the request. Constant members are defined in the response schema as x-constant. Only req_keys
whose response schema names infer_ctx have them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from volcv_mock import contract
from volcv_mock.model import Job, Painted
from volcv_mock.operations.identity import Identity

INSTRUCTION = "Instruction: "
REPEATED_CHARACTERS = 200
"""Characters of the prompt that vlm_edit and vlm_output repeat; bounds the size of a reply."""
RESULTS = ("llm_result", "pe_result", "predict_tags_result", "rephraser_result")
DESCRIPTION = "一张图片"
"""The description of every picture. The example in S0 describes its picture with a similar phrase."""


def members(job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
    """infer_ctx and the results beside it."""
    params = {**contract.constants(job.req_key, "infer_ctx", "params"), **_own(job, painted)}
    return {
        "infer_ctx": {**_times_and_ids(identity), **contract.constants(job.req_key, "infer_ctx"), "params": params},
        **{name: params.get(name, "") for name in RESULTS},
        "vlm_result": params["vlm_output"],
    }


def negative(job: Job) -> str:
    """The negative prompt, or an empty text."""
    return str(job.parameters.get("negative_prompt") or "")


def _times_and_ids(identity: Identity) -> dict[str, Any]:
    """Times and ids. In S0, time_stamp and created_at are the end of the work; log_id contains the start."""
    done_at_s = identity.created_at_s + identity.elapsed_s
    return {
        "algorithm_key": contract.parameter("seededit_algorithm_key"),
        "app_key": contract.parameter("seededit_app_key"),
        "created_at": rfc3339(done_at_s),
        "generate_id": "",
        "log_id": identity.request_id,
        "request_id": identity.data_request_id,
        "session_id": "",
        "time_stamp": f"{int(done_at_s):010d}",
    }


def rfc3339(at_s: float) -> str:
    """RFC 3339 with nanoseconds, as Go writes it, in the zone of request ids."""
    zone = timezone(timedelta(hours=contract.parameter("request_id_utc_offset_h")))
    whole, rest = divmod(round(at_s * 1_000_000), 1_000_000)
    moment = datetime.fromtimestamp(whole, zone).isoformat()
    return f"{moment[:-6]}.{rest:06d}000{moment[-6:]}"


def _own(job: Job, painted: Painted | None) -> dict[str, Any]:
    """The members of infer_ctx.params that repeat the request."""
    facts = job.pictures[0].facts if job.pictures else None
    source = (facts.width, facts.height) if facts else (painted.width, painted.height) if painted else (0, 0)
    result = (painted.width, painted.height) if painted else source
    return {
        "height": source[1],
        "negative_prompt": negative(job),
        "ori_prompt": job.prompt,
        "output_height": result[1],
        "output_width": result[0],
        "scale": job.parameters.get("scale", 0),
        "seed": int(job.parameters["seed"]),
        "vlm_edit": INSTRUCTION + job.prompt[:REPEATED_CHARACTERS],
        "vlm_input": DESCRIPTION,
        "vlm_output": f"{DESCRIPTION}，{job.prompt[:REPEATED_CHARACTERS]}",
        "width": source[0],
    }
