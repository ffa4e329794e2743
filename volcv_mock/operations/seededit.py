"""SeedEdit (byteedit_v2.0): recolours the whole picture, and adds infer_ctx to the reply (S0).

`infer_ctx` and the texts beside it repeat values of the request. Constant members are defined in the response schema
as x-constant.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.contract.documents import document
from volcv_mock.imaging.recolour import Recolouring, recolour
from volcv_mock.model import Job, Painted
from volcv_mock.operations.base import gist, number, picture
from volcv_mock.operations.identity import Identity

if TYPE_CHECKING:
    from PIL.Image import Image

INSTRUCTION = "Instruction: "
REPEATED_CHARACTERS = 200
"""Characters of the prompt that vlm_edit and vlm_output repeat; bounds the size of a reply."""
DESCRIPTION = "一张图片"
"""The description of every picture. The example in S0 describes its picture with a similar phrase."""


class SeedEdit:
    """SeedEdit: changes a whole picture by prompt, without a mask."""

    kind = "seededit"

    def paint(self, job: Job) -> Image:
        share = min(1.0, max(0.0, number(job, "scale")))
        return recolour(picture(job), Recolouring(gist(job.prompt), gist(_negative(job)), job.seed, share))

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        params = {**_constants(job.req_key), **_own(job, painted)}
        return {
            "infer_ctx": {**_times_and_ids(identity), "params": params},
            "llm_result": params["llm_result"],
            "pe_result": params["pe_result"],
            "predict_tags_result": params["predict_tags_result"],
            "rephraser_result": params["rephraser_result"],
            "vlm_result": params["vlm_output"],
        }


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
    facts = job.pictures[0].facts
    result = (painted.width, painted.height) if painted else (facts.width, facts.height)
    return {
        "height": facts.height,
        "negative_prompt": _negative(job),
        "ori_prompt": job.prompt,
        "output_height": result[1],
        "output_width": result[0],
        "scale": job.parameters["scale"],
        "seed": int(job.parameters["seed"]),
        "vlm_edit": INSTRUCTION + job.prompt[:REPEATED_CHARACTERS],
        "vlm_input": DESCRIPTION,
        "vlm_output": f"{DESCRIPTION}，{job.prompt[:REPEATED_CHARACTERS]}",
        "width": facts.width,
    }


def _negative(job: Job) -> str:
    return str(job.parameters.get("negative_prompt") or "")


@cache
def _constants(req_key: str) -> Mapping[str, Any]:
    """The constant members of infer_ctx.params."""
    answer = document(contract.operation(req_key).response_schema)
    context = answer["properties"]["data"]["properties"]["infer_ctx"]
    params = context["properties"]["params"]["properties"]
    return {name: part["x-constant"] for name, part in params.items() if "x-constant" in part}
