"""python -m photo_app PHOTO MASK [PROMPT]: writes version-1.jpg, version-2.jpg and version-3.jpg."""

from __future__ import annotations

import sys
from pathlib import Path

from photo_app.service import Service
from photo_app.studio import Studio


def main(photo: str, mask: str, prompt: str = "") -> int:
    """Write the versions of one photo."""
    with Service.from_environment() as service:
        versions = Studio(service).versions(Path(photo).read_bytes(), Path(mask).read_bytes(), prompt)
    for number, version in enumerate(versions, 1):
        path = Path(f"version-{number}.jpg")
        path.write_bytes(version.picture)
        print(path, f"(your own photo: {version.reason})" if version.is_fallback else "")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
