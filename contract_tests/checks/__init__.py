"""The checks: one sentence per file, all of them applied to every exchange.

A new check is one file with a CHECK, and its line here.
"""

from . import (
    algorithm_reports_success,
    answer_is_json,
    answers_as_expected,
    base64_is_plain,
    code_is_in_table,
    data_request_id_shape,
    envelope_is_known,
    envelope_types,
    http_status_matches,
    key_is_never_echoed,
    members_in_order,
    message_matches,
    no_data_on_refusal,
    one_picture_where_asked,
    picture_decodes,
    picture_is_jpeg,
    picture_link_works,
    picture_size,
    reason_names_the_rule,
    request_id_is_new,
    request_id_is_recent,
    request_id_shape,
    seededit_tells_how,
    status_equals_code,
    success_is_http_200,
    success_satisfies_schema,
    time_elapsed_is_duration,
    wall_time_covers_elapsed,
)
from .base import Check

CHECKS: tuple[Check, ...] = (
    answer_is_json.CHECK,
    envelope_is_known.CHECK,
    envelope_types.CHECK,
    members_in_order.CHECK,
    status_equals_code.CHECK,
    code_is_in_table.CHECK,
    http_status_matches.CHECK,
    success_is_http_200.CHECK,
    message_matches.CHECK,
    request_id_shape.CHECK,
    request_id_is_new.CHECK,
    request_id_is_recent.CHECK,
    data_request_id_shape.CHECK,
    time_elapsed_is_duration.CHECK,
    wall_time_covers_elapsed.CHECK,
    no_data_on_refusal.CHECK,
    success_satisfies_schema.CHECK,
    algorithm_reports_success.CHECK,
    one_picture_where_asked.CHECK,
    base64_is_plain.CHECK,
    picture_decodes.CHECK,
    picture_is_jpeg.CHECK,
    picture_link_works.CHECK,
    picture_size.CHECK,
    key_is_never_echoed.CHECK,
    seededit_tells_how.CHECK,
    answers_as_expected.CHECK,
    reason_names_the_rule.CHECK,
)

__all__ = ["CHECKS", "Check"]
