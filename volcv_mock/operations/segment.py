"""Segment (entity_seg): finds the areas of a picture and answers with label maps, layers or masks.

The areas are those of equal colour (imaging/segments.py). Masks can be sent to the removal operation as they are, so
that "segment, then remove" works offline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.imaging.segments import Segments, segments
from volcv_mock.model import Job, Painted
from volcv_mock.operations.base import number, picture
from volcv_mock.operations.identity import Identity

if TYPE_CHECKING:
    from PIL.Image import Image

LAYERS, MASKS = 1, 3
"""Values of return_format; 0 and 2 give one label map (the meaning of 2 is unknown)."""
USUAL_ENTITIES = 20


class Segment:
    """Finds the areas of a picture."""

    name = "segment"

    def paint(self, job: Job) -> Iterator[Image]:
        """A label map, one layer per area, or the picture and one mask per area, as `return_format` says."""
        found, wanted = _segments(job), job.parameters.get("return_format")
        if wanted == LAYERS:
            yield from (found.layer(label) for label in found.labels)
        elif wanted == MASKS:
            yield picture(job)
            yield from (found.mask(label) for label in found.labels)
        else:
            yield found.label_map()

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        """Each figure is a list, as the SDK's model has it."""
        if painted is None:
            return {}
        found = _segments(job)
        return {
            "entity_num": [len(found.labels)],
            "seg_score": list(found.scores),
            "ori_width": [found.size[0]],
            "ori_height": [found.size[1]],
            "status_code": contract.parameter("algorithm_status"),
            "status_message": contract.parameter("algorithm_message"),
        }


def _segments(job: Job) -> Segments:
    most = int(number(job, "max_entity", USUAL_ENTITIES))
    return segments(picture(job), most, is_fine=bool(job.parameters.get("refine_mask")))
