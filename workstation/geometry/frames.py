"""Frames with their places: instances taken apart into what a stack is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workstation.dicom.identity import Frame, FrameRef
from workstation.dicom.quick_build import builder
from workstation.geometry.image_plane import directions_of, is_near, plane_or_reason
from workstation.geometry.mosaic import mosaic_of, tile_plane

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from workstation.dicom.identity import Instance, Vector
    from workstation.geometry.image_plane import ImagePlane


@dataclass(frozen=True, slots=True)
class StackFrame:
    """One frame (or one tile of a mosaic) and where it lies.

    ``plane`` is None without patient geometry, ``no_plane`` then says why. ``position`` and ``directions``
    (right, down) are kept apart from the plane: they order frames that have no Pixel Spacing.
    """

    ref: FrameRef
    instance: Instance
    frame: Frame
    plane: ImagePlane | None
    no_plane: str = ""
    position: Vector | None = None
    directions: tuple[Vector, Vector] | None = None

    @property
    def rows(self) -> int:
        """Rows of this frame; those of the tile in a mosaic."""
        return self.plane.rows if self.plane is not None else self.instance.rows

    @property
    def columns(self) -> int:
        """Columns of this frame; those of the tile in a mosaic."""
        return self.plane.columns if self.plane is not None else self.instance.columns

    def value(self, keyword: str) -> Any:
        """Return an attribute of the frame, or None; zero is a value (D17)."""
        return self.frame.values.get(keyword)


_ref, _stack_frame = builder(FrameRef), builder(StackFrame)


def frames_of(instance: Instance) -> tuple[StackFrame, ...]:
    """Return every frame of an instance in stored order; a mosaic gives its tiles (D20)."""
    frames = instance.frames or tuple(Frame(index) for index in range(max(instance.number_of_frames, 1)))
    mosaic = mosaic_of(instance)
    if mosaic is None:
        return tuple(_placed(instance, frame) for frame in frames)
    tiles: list[StackFrame] = []
    for frame in frames:
        whole = _placed(instance, frame)
        if whole.plane is None:
            tiles.append(replace(whole, no_plane=f"mosaic, not measurable across tiles: {whole.no_plane}"))
            continue
        for tile in range(mosaic.images):
            plane = tile_plane(whole.plane, mosaic, tile)
            ref = FrameRef(instance.sop_instance_uid, frame.index, tile)
            tiles.append(
                StackFrame(ref, instance, frame, plane, position=plane.origin, directions=(plane.right, plane.down))
            )
    return tuple(tiles)


def _placed(instance: Instance, frame: Frame) -> StackFrame:
    directions = directions_of(frame)
    plane, reason = plane_or_reason(instance, frame, directions)
    ref = _ref((instance.sop_instance_uid, frame.index, None))
    if "MOSAIC" in instance.image_type and plane is not None and "Mosaic" not in instance.values:
        reason = "mosaic, not measurable across tiles" if instance.number_of_frames == 1 else reason
    position = frame.position if frame.position is not None and is_near(frame.position) else None
    return _stack_frame((ref, instance, frame, plane, reason, position, directions))


def all_frames(instances: Iterable[Instance]) -> list[StackFrame]:
    """Return the frames of all instances in their order."""
    return [frame for instance in instances for frame in frames_of(instance)]
