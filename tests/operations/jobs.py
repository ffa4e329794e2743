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
    files = files or files_for(req_key)
    mode = mode or mode_for(req_key, len(files))
    prompt = {PROMPTS[req_key]: "一只小狗"} if req_key in PROMPTS else {}
    filled = {**contract.defaults(req_key, mode), "seed": seed, **prompt, **parameters}
    call = SimpleNamespace()
    return Job(call, req_key, mode, filled, tuple(picture(data) for data in files), int(seed), is_repeatable)


def files_for(req_key, name="seaside"):
    return (data_of(name), mask_data_of(name)) if req_key in MASKED else (data_of(name),)


def mode_for(req_key, count):
    if req_key != OUTPAINTING:
        return "base64"
    return "base64_ratios" if count == 1 else "base64_canvas"
