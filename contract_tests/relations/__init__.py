"""Relations between exchanges: what no single answer can show. One file each, named by what it says.

Ids (MR01 to MR22, AC, CC, CR, TK01 to TK09) are data and stay the same. MR16, the envelope, needs no second exchange:
the checks cover it.
"""

from . import (
    answers_belong_to_requests,
    area_grows_with_dilation,
    base64_equals_url,
    black_mask_changes_nothing,
    change_grows_with_strength,
    each_code_on_request,
    each_difference_shows,
    each_valid_class_accepted,
    earlier_check_wins,
    json_spelling_irrelevant,
    link_or_base64,
    mask_modes_equivalent,
    more_steps_take_longer,
    new_area_is_painted,
    omitted_equals_default,
    outpainting_keeps_original,
    random_seed_differs,
    same_seed_same_picture,
    task_asked_again,
    task_equals_call,
    task_refused_as_call,
    task_states_go_forward,
    task_takes_its_time,
    task_unknown,
    unmasked_area_kept,
    watermark_at_position,
    watermark_grows_with_opacity,
    wrong_credentials_refused,
)

RELATIONS = (
    *unmasked_area_kept.CASES,
    *new_area_is_painted.CASES,
    *black_mask_changes_nothing.CASES,
    *same_seed_same_picture.CASES,
    *random_seed_differs.CASES,
    *mask_modes_equivalent.CASES,
    *base64_equals_url.CASES,
    *omitted_equals_default.CASES,
    *watermark_at_position.CASES,
    *watermark_grows_with_opacity.CASES,
    *area_grows_with_dilation.CASES,
    *change_grows_with_strength.CASES,
    *outpainting_keeps_original.CASES,
    *link_or_base64.CASES,
    *json_spelling_irrelevant.CASES,
    *earlier_check_wins.CASES,
    *each_difference_shows.CASES,
    *each_code_on_request.CASES,
    *more_steps_take_longer.CASES,
    *wrong_credentials_refused.CASES,
    *each_valid_class_accepted.CASES,
    *answers_belong_to_requests.CASES,
    *task_states_go_forward.CASES,
    *task_equals_call.CASES,
    *task_asked_again.CASES,
    *task_unknown.CASES,
    *task_refused_as_call.CASES,
    *task_takes_its_time.CASES,
)

__all__ = ["RELATIONS"]
