"""Relations between exchanges: what no single answer can show. One file each, named by its number.

MR 16 (the envelope) needs no second exchange: it is the checks.
"""

from . import (
    mr01_keep,
    mr02_black_mask,
    mr03_seed,
    mr04_random_seed,
    mr05_mask_forms,
    mr06_transport,
    mr07_defaults,
    mr08_watermark_corner,
    mr09_opacity,
    mr10_dilation,
    mr11_strength,
    mr12_outpaint,
    mr13_output,
    mr14_json,
    mr15_precedence,
    mr17_dials,
    mr18_codes,
    mr19_time,
)

RELATIONS = (
    *mr01_keep.CASES,
    *mr02_black_mask.CASES,
    *mr03_seed.CASES,
    *mr04_random_seed.CASES,
    *mr05_mask_forms.CASES,
    *mr06_transport.CASES,
    *mr07_defaults.CASES,
    *mr08_watermark_corner.CASES,
    *mr09_opacity.CASES,
    *mr10_dilation.CASES,
    *mr11_strength.CASES,
    *mr12_outpaint.CASES,
    *mr13_output.CASES,
    *mr14_json.CASES,
    *mr15_precedence.CASES,
    *mr17_dials.CASES,
    *mr18_codes.CASES,
    *mr19_time.CASES,
)

__all__ = ["RELATIONS"]
