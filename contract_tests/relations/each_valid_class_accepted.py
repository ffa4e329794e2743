"""AC: a valid request of each class is answered, for each req_key: sizes, forms of mask, spellings of the request.

Where calls cost money, one request is of several classes at once: 16 calls instead of 36. A refusal then names one
of them, or leaves it open which. An older Action is tried alone: only public client code has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from .. import contract
from ..model import Request
from ..pictures import Mask, Photo
from ..planning.cases import Ask, Case
from . import builders as b
from .scenes import NAMES, Scene, first_scenes, scenes

TOGETHER = (("odd-sides", "mask-rgb", "charset"), ("widest", "mask-rgba", "largest-seed"), ("older-action",))
"""The classes that one request has. Each has a request of its own as well, where calls cost nothing."""
CHARSET = (("headers", (("Content-Type", "application/json; charset=utf-8"),)),)
LARGEST_32_BIT_SEED = 2**31 - 1


@dataclass(frozen=True)
class Class:
    """A class of valid requests: how a scene's request becomes one, and what changes in the HTTP request."""

    name: str
    sentence: str
    source: str
    change: Callable[[Request], Request] = lambda request: request
    changes: tuple[tuple[str, Any], ...] = ()


def sized(width: int, height: int, request: Request) -> Request:
    """The picture and its mask with other sides."""
    return replace(request, pictures=tuple(_sized(one, width, height) for one in request.pictures))


def _sized(picture: Any, width: int, height: int) -> Photo | Mask:
    assert isinstance(picture, Photo | Mask)
    return replace(picture, width=width, height=height)


def masked(mode: str, request: Request) -> Request:
    photo, mask = request.pictures
    assert isinstance(mask, Mask)
    return replace(request, pictures=(photo, replace(mask, mode=mode)))


def _sizes() -> Iterator[Class]:
    longest = contract.picture_demands()["max_side"] - 1
    yield Class("odd-sides", "sides need not be even", "S3-sides, S1-sides", partial(sized, 97, 131))
    yield Class("widest", f"a side may have {longest} pixels", "S3-sides, S1-sides", partial(sized, longest, b.SIDE))


def classes(scene: Scene) -> Iterator[Class]:
    """Those that apply to an operation."""
    yield from _sizes()
    yield Class("charset", "the media type may carry a charset", "S3-content-type, S1-content-type", changes=CHARSET)
    yield Class("largest-seed", "a seed may be as large as 31 bits", "S3-seed, S1-seed",
                lambda request: request.but(seed=LARGEST_32_BIT_SEED))  # fmt: skip
    if action := contract.legacy_actions().get(scene.req_key):
        query = (("query", (("Action", action), ("Version", contract.figure("version")))),)
        yield Class("older-action", f"the Action {action} works as CVProcess does", "P-sdk-actions", changes=query)


def mask_classes() -> Iterator[Class]:
    for mode in contract.mask_demands()["modes"]:
        source = {"L": "grey", "RGB": "rgb", "RGBA": "rgba"}[mode]
        yield Class(f"mask-{mode.lower()}", f"a mask may be {mode}", f"S3-mask-{source}, S1-mask-{source}",
                    partial(masked, mode))  # fmt: skip


def together(scene: Scene) -> Iterator[tuple[Class, ...]]:
    """The classes of an operation, as many at once as can be."""
    sizes = classes(scene) if scene in first_scenes() else iter(())
    found = {one.name: one for one in (*sizes, *(mask_classes() if _has_mask(scene) else ()))}
    for names in TOGETHER:
        if some := tuple(found[name] for name in names if name in found):
            yield some


def asks(scene: Scene, some: tuple[Class, ...], variant: int) -> dict[str, Ask]:
    request = scene.request(variant)
    for one in some:
        request = one.change(request)
    return {"request": Ask(request, changes=tuple(change for one in some for change in one.changes))}


def _case(scene: Scene, some: tuple[Class, ...], is_live: bool) -> Case:
    name = some[0].name if not is_live else f"{some[0].name}-and-others" if len(some) > 1 else f"{some[0].name}-alone"
    sources = dict.fromkeys(source.strip() for one in some for source in one.source.split(","))
    return Case(f"AC-{name}-{scene.name}", "; ".join(one.sentence for one in some), ", ".join(sources),
                partial(asks, scene, some), is_live=is_live,
                cells=tuple(f"accepts {one.name}" for one in some))  # fmt: skip


def _has_mask(scene: Scene) -> bool:
    return scene.is_canvas or NAMES[scene.req_key] in ("removal", "edit", "official-edit")


CASES = (
    *(_case(scene, (one,), False) for scene in first_scenes() for one in classes(scene)),
    *(_case(scene, (one,), False) for scene in scenes() if _has_mask(scene) and not scene.needs
      for one in mask_classes()),
    *(_case(scene, some, True) for scene in scenes() if not scene.needs for some in together(scene)),
)  # fmt: skip
