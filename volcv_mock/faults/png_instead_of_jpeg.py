"""png_instead_of_jpeg: the right picture, as a PNG.

The documents promise JPEG (S1, S3). In life another model version encodes another way; a client
that writes the bytes into a .jpg file or sends `image/jpeg` on is wrong from then on. Where a req_key answers PNG the
fault would show nothing: it does not apply there, and no rule is spent.
"""

from __future__ import annotations

import io

from volcv_mock.faults.base import Fault
from volcv_mock.faults.repaint import opened, recoded
from volcv_mock.model import Job, Painted


def apply(painted: Painted, job: Job) -> Painted:
    """Encode the same pixels as PNG."""
    file = io.BytesIO()
    opened(painted).save(file, "PNG", compress_level=1)
    return recoded(painted, file.getvalue())


FAULT = Fault(
    name="png_instead_of_jpeg",
    hook="picture",
    stage="picture",
    summary="a PNG where the documents promise a JPEG",
    apply=apply,
    needs="jpeg",
)
