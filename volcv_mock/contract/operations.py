"""The catalog: operations, their timing, Actions, and the figures that belong to no single field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field, replace
from functools import cache
from typing import Any

from volcv_mock._util.frozen import frozen
from volcv_mock.contract.documents import catalog_rows, common, document
from volcv_mock.contract.in_force import per_contract
from volcv_mock.contract.readings import table


@frozen
class Limits:
    """What a picture file must keep to (S1 and S3, 图片要求), or what the catalog says of one req_key.

    `max_ratio` is the longer side by the shorter, None if unlimited; `sources` gives the source ids of each figure.
    """

    formats: tuple[str, ...]
    max_bytes: int
    min_side: int
    max_side: int
    max_ratio: float | None = None
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)


@frozen
class Output:
    """The pictures of a success: their format, and the greatest number of them.

    With `shares_inputs` each input picture takes one of that number. Sides are rounded to a multiple of `multiple`
    and lie between `min_side` and `max_side` pixels, and the area is at most `max_area`.
    """

    format: str
    most: int = 1
    shares_inputs: bool = False
    multiple: int = 1
    min_side: int = 1
    max_side: int = 4096
    max_area: int = 4096 * 4096


@frozen
class Timing:
    """How long an operation takes: `base_s` at the reference steps and pixels, quality M."""

    base_s: float
    pixels: int
    overhead_share: float
    steps_exponent: float
    pixels_exponent: float
    sigma: float
    max_s: float
    steps: int | None = None
    quality: Mapping[str, float] = field(default_factory=dict)

    def expected_s(self, steps: float | None = None, pixels: float | None = None, quality: str = "M") -> float:
        """A fixed share, and the rest growing with steps and pixels, times the quality's weight."""
        grown = math.pow(self._ratio(steps, self.steps), self.steps_exponent)
        grown *= math.pow(self._ratio(pixels, self.pixels), self.pixels_exponent)
        share = self.overhead_share + (1 - self.overhead_share) * grown
        return min(self.base_s * share * self.quality.get(quality, 1.0), self.max_s)

    def _ratio(self, value: float | None, reference: float | None) -> float:
        """How many times the reference; no document bounds `steps`, so this must bear any number."""
        if value is None or not reference:
            return 1.0
        return min(max(value, 0), reference * 1_000_000) / reference


@frozen
class Operation:
    """One req_key: who paints it, which input modes it has, and where its schemas lie.

    `removal_prompt` is the one prompt that asks an edit to remove what the mask covers. `calls` says whether it is
    served synchronously ("sync"), by tasks ("async") or "both"; `max_body_bytes` is the largest body, if it has a limit
    of its own; `data` holds templates of further members of data.
    """

    req_key: str
    painter: str
    title: str
    page: str
    modes: tuple[str, ...]
    prompt_field: str | None
    legacy_action: str | None
    data_request_id_length: int
    timing: Timing
    request_schema: str
    response_schema: str
    limits: Limits
    output: Output
    removal_prompt: str | None = None
    calls: str = "both"
    max_body_bytes: int | None = None
    max_body_sources: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@per_contract
def operations() -> Mapping[str, Operation]:
    """req_key -> Operation, in the order of catalog.json; then what the user's folder adds."""
    return {raw["req_key"]: _operation(raw) for raw in catalog_rows()}


def _operation(raw: Mapping[str, Any]) -> Operation:
    timing = _plain({**document("catalog.json")["timing_model"], **raw["timing"]})
    plain = {key: raw[key] for key in ("req_key", "painter", "title", "page", "prompt_field", "legacy_action")}
    return Operation(
        **plain,
        modes=tuple(raw["modes"]),
        data_request_id_length=raw["data_request_id"]["length"],
        timing=Timing(**timing),
        request_schema=raw["request"],
        response_schema=raw["response"],
        limits=_limits(raw.get("pictures", {})),
        max_body_bytes=raw.get("body", {}).get("max_bytes"),
        max_body_sources=tuple(raw.get("body", {}).get("x-source", {}).get("max_bytes", ())),
        output=Output(**{"format": parameter("output_format"), **_plain(raw.get("output", {}))}),
        removal_prompt=raw.get("removal_prompt", {}).get("value"),
        calls=raw.get("calls", "both"),
        data=raw.get("data", {}),
    )


def _limits(own: Mapping[str, Any]) -> Limits:
    """The documented limits of pictures, with what the row of a req_key says otherwise."""
    own_sources = {name: tuple(ids) for name, ids in own.get("x-source", {}).items()}
    documented = _documented_limits()
    return replace(documented, **_plain(own), sources={**documented.sources, **own_sources})


def _plain(papered: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in papered.items() if not key.startswith("x-") and key != "description"}


def operation(req_key: str) -> Operation:
    """The operation of a req_key. Raises KeyError for an unknown one."""
    return operations()[req_key]


@per_contract
def data_members(req_key: str) -> frozenset[str]:
    """The members of `data` that the response schema of a req_key names."""
    return frozenset(_data_of(req_key)["properties"])


@per_contract
def required_data_members(req_key: str) -> frozenset[str]:
    """Those that every success has; an optional list is left out while it is empty."""
    return frozenset(_data_of(req_key).get("required", ()))


@per_contract
def constants(req_key: str, *path: str) -> Mapping[str, Any]:
    """The x-constant of each member of `data`, or of the object that `path` names in it."""
    node = _data_of(req_key)
    for step in path:
        node = node.get("properties", {}).get(step, {})
    return {name: part["x-constant"] for name, part in node.get("properties", {}).items() if "x-constant" in part}


def _data_of(req_key: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = document(operation(req_key).response_schema)["properties"]["data"]
    return data


def version() -> str:
    """The Version of the API that requests name."""
    return str(parameter("version"))


@per_contract
def parameter(name: str) -> Any:
    """A figure of catalog.json that belongs to no single field: link lifetime, body limit, ..."""
    return document("catalog.json")["parameters"][name]["value"]


@frozen
class MaskDemands:
    """What a mask must be (S1 and S3, mask图要求); `marked_from` is the grey that counts as white."""

    format: str
    bits: int
    modes: tuple[str, ...]
    rgb_is_equal: bool
    alpha: int
    icc_profile: bool
    animated: bool
    same_size: bool
    marked_from: int


def limits() -> Limits:
    """The documented limits of a picture under the present readings; `limits_of` has those of one req_key."""
    changed = table().figures.get("max_bytes")
    return _documented_limits() if changed is None else replace(_documented_limits(), max_bytes=changed)


def limits_of(req_key: str) -> Limits:
    """The limits of a req_key under the present readings.

    The pages of removal and edit give limits (S1, S3); that they hold for the reseller's other keys is a reading.
    """
    own, documented = operation(req_key).limits, _documented_limits()
    if own != documented:
        return own
    is_elsewhere = operation(req_key).painter not in ("removal", "edit")
    if is_elsewhere and table().played["limits-elsewhere"] != "all-five":
        return replace(limits(), min_side=1)
    return limits()


def largest_picture_bytes() -> int:
    """The largest picture file that any req_key takes."""
    return max(each.limits.max_bytes for each in operations().values())


def mask_demands() -> MaskDemands:
    """The demands under the present readings."""
    changed = table().figures.get("marked_from")
    return _mask_demands() if changed is None else replace(_mask_demands(), marked_from=changed)


@cache
def _documented_limits() -> Limits:
    sources = common("picture")["x-picture"]["x-source"]
    return Limits(**_figures("picture", "x-picture"), sources={name: tuple(ids) for name, ids in sources.items()})


@cache
def _mask_demands() -> MaskDemands:
    return MaskDemands(**_figures("mask", "x-mask"))


def _figures(name: str, keyword: str) -> dict[str, Any]:
    figures = _plain(common(name)[keyword])
    return {key: tuple(value) if isinstance(value, list) else value for key, value in figures.items()}


def source_of(name: str, keyword: str, figure: str) -> tuple[str, ...]:
    """The source ids of one figure of x-picture or x-mask."""
    return tuple(common(name)[keyword]["x-source"][figure])
