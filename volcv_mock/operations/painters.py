"""Every painter, by which a row of schemas/catalog.json names it. Imported for the first picture."""

from __future__ import annotations

from volcv_mock.operations.base import Painter
from volcv_mock.operations.echo import Echo
from volcv_mock.operations.edit import Edit
from volcv_mock.operations.from_file import FromFile
from volcv_mock.operations.generate import Generate
from volcv_mock.operations.outpainting import Outpainting
from volcv_mock.operations.recolour import Recolour
from volcv_mock.operations.removal import Removal
from volcv_mock.operations.segment import Segment

PAINTERS: tuple[Painter, ...] = (
    Removal(),
    Edit(),
    Outpainting(),
    Recolour(),
    Generate(),
    Segment(),
    Echo(),
    FromFile(),
)
BY_NAME = {painter.name: painter for painter in PAINTERS}
