"""Frozen facts about files, instances and frames: what the rest of the program knows of DICOM data.

Nothing here holds a pydicom object, so the values may be read from any thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Vector = tuple[float, float, float]
"""x, y, z in millimetres or a direction, patient coordinates LPS."""

EMPTY: Mapping[str, Any] = MappingProxyType({})


def _empty() -> Mapping[str, Any]:
    return EMPTY


@dataclass(frozen=True, slots=True)
class Locator:
    """Where the bytes of one file are: a file on disk, or a member of a ZIP archive on disk."""

    path: str
    member: str | None = None
    password: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The file's own name, for messages."""
        return PurePath(self.member.replace("\\", "/") if self.member else self.path).name

    def __str__(self) -> str:
        return self.path if self.member is None else f"{self.path}!{self.member}"


@dataclass(frozen=True, slots=True, order=True)
class FrameRef:
    """One frame of one instance; ``tile`` counts the slices inside a mosaic from 0."""

    sop_instance_uid: str
    frame_index: int = 0
    tile: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps an object from being shown whole; ``reason`` is one sentence."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Region:
    """One item of the Sequence of Ultrasound Regions (PS3.3 C.8.5.5).

    Bounds are inclusive 0-based pixel columns and rows; deltas are per pixel in ``units_x``/``units_y``
    (3 = cm, 4 = s, 7 = cm/s, PS3.3 C.8.5.5.1.15).
    """

    x0: int
    y0: int
    x1: int
    y1: int
    spatial_format: int
    data_type: int
    flags: int
    units_x: int
    units_y: int
    delta_x: float
    delta_y: float
    reference_x: int | None = None
    reference_y: int | None = None


@dataclass(frozen=True, slots=True)
class PixelPlace:
    """Where the value of (Float, Double Float) Pixel Data lies and how it is kept.

    ``offset`` counts bytes from the start of the file, or of the inflated data set where ``deflated``. ``length`` is
    the declared length, -1 = undefined; ``available`` the bytes from ``offset`` to the end of the file, None where
    only inflating would tell. ``big_endian`` is the byte order of native words.
    """

    offset: int
    length: int
    encapsulated: bool
    big_endian: bool
    available: int | None
    file_size: int
    deflated: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What organising needs to know of one frame, resolved per-frame, then shared, then top level.

    ``position`` and ``orientation`` are Image Position/Orientation (Patient), None where absent or not finite;
    ``spacing`` is (row spacing, column spacing) in mm. ``values`` holds split and sort attributes by keyword,
    already converted (float, int, str or tuple of them); an absent or unusable attribute has no entry.
    """

    index: int
    position: Vector | None = None
    orientation: tuple[float, float, float, float, float, float] | None = None
    spacing: tuple[float, float] | None = None
    values: Mapping[str, Any] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True)
class Instance:
    """One SOP Instance as its header describes it.

    UIDs that are absent are synthetic (``synthetic`` names them) and stable for the same content (E5).
    ``values`` holds what tree, corner text and calibration show, by keyword, converted and finite; ``ModalityLUT``,
    ``Palette`` and ``Overlays`` are True where a table of that kind or a group 60xx is there.
    ``deviations`` are sentences on what was guessed or ignored while reading (K8, A6, A11, A16).
    ``announced`` marks what a directory record says of a file that was not read.
    """

    locator: Locator
    sop_instance_uid: str
    sop_class_uid: str
    series_instance_uid: str
    study_instance_uid: str
    transfer_syntax_uid: str
    modality: str = ""
    instance_number: int | None = None
    rows: int = 0
    columns: int = 0
    number_of_frames: int = 1
    samples_per_pixel: int = 1
    photometric: str = ""
    frame_of_reference_uid: str = ""
    image_type: tuple[str, ...] = ()
    has_pixels: bool = False
    frames: tuple[Frame, ...] = ()
    values: Mapping[str, Any] = field(default_factory=_empty)
    deviations: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    synthetic: tuple[str, ...] = ()
    pixel_data: PixelPlace | None = None
    announced: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Instances of one study that share a Series Instance UID (E3).

    ``key`` is unique among all that is organised together, also where a UID is used twice (E2).
    """

    series_instance_uid: str
    study_instance_uid: str
    modality: str
    number: int | None
    description: str
    instances: tuple[Instance, ...]
    notes: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """Series that share a Study Instance UID under one patient key (E2)."""

    study_instance_uid: str
    description: str
    date: str
    time: str
    modalities: tuple[str, ...]
    series: tuple[Series, ...]
    accession_number: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patient:
    """Studies that share a patient key (E1); ``notes`` are conflicts worth a badge (E16)."""

    key: str
    patient_id: str
    name: str
    birth_date: str
    sex: str
    studies: tuple[Study, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A path of which nothing could be listed, and why (one sentence)."""

    path: str
    code: str
    reason: str
