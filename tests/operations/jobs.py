"""Jobs as the pipeline makes them, from the committed pictures."""

from __future__ import annotations

from types import SimpleNamespace

from tests.imaging.scenes import data_of, mask_data_of, picture
from volcv_mock import contract
from volcv_mock.model import Job

REMOVAL, EDIT, EDIT_ZI2I = "i2i_inpainting", "i2i_inpainting_edit", "img2img_inpainting_edit_zi2i"
OUTPAINTING, SEEDEDIT = "i2i_outpainting", "byteedit_v2.0"
MASKED = (REMOVAL, EDIT, EDIT_ZI2I)
PROMPTS = {EDIT: "custom_prompt", EDIT_ZI2I: "custom_prompt", OUTPAINTING: "prompt", SEEDEDIT: "prompt"}


def job(req_key, *files, mode=None, seed=7, is_repeatable=True, **parameters):
    """A sound job; `files` are bytes, by default the seaside and, where one belongs, its mask."""
    files = files_for(req_key) if not files and mode != "text" else files
    mode = mode or mode_for(req_key, len(files))
    field = contract.operation(req_key).prompt_field
    prompt = {field: "一只小狗"} if field else {}
    filled = {**contract.defaults(req_key, mode), "seed": seed, **prompt, **parameters}
    call = SimpleNamespace()
    return Job(call, req_key, mode, filled, tuple(picture(data) for data in files), int(seed), is_repeatable)


def files_for(req_key, name="seaside"):
    roles = contract.item_roles(req_key, contract.operation(req_key).modes[0])
    return tuple(mask_data_of(name) if role == "mask" else data_of(name) for role in roles)


def mode_for(req_key, count):
    modes = contract.operation(req_key).modes
    if "base64_ratios" not in modes:
        return "base64" if count else "text"
    return "base64_ratios" if count == 1 else "base64_canvas"
