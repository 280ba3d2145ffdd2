"""Keys of what the loader serves besides pictures: content, not tickets."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.dicom.identity import FrameRef

if TYPE_CHECKING:
    from workstation.objects.pdf_pages import Pdf


@dataclass(frozen=True, slots=True)
class ThumbnailKey:
    """A small rendering of one frame that stands for a stack."""

    stack_id: str
    ref: FrameRef


@dataclass(frozen=True, slots=True)
class VolumeKey:
    """A stack as a volume; ``frames`` tells a grown stack from the one before.

    Rows and columns are averaged by ``reduction``. Where even 1 comes reduced, because there is not the memory for all
    of it, the sections say so.
    """

    stack_id: str
    frames: int
    reduction: int = 1


@dataclass(frozen=True, slots=True)
class CopyKey:
    """A second copy of a volume in another order, which makes some of its sections quicker."""

    volume: VolumeKey
    order: str = "sagittal"


@dataclass(frozen=True, slots=True)
class HeaderKey:
    """Header rows of one instance, resolved for one frame."""

    sop_instance_uid: str
    frame_index: int


@dataclass(frozen=True, slots=True)
class CheckKey:
    """What is wrong with the header of one instance."""

    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class ReportKey:
    """A report, selection or document, read and set out as a page."""

    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class OriginKey:
    """What the stored values of one frame were made of."""

    ref: FrameRef


@dataclass(frozen=True, slots=True)
class ColumnsKey:
    """The headers of a stack's frames, column by column; ``frames`` tells a grown stack from the one before."""

    stack_id: str
    frames: int


@dataclass(frozen=True, slots=True)
class PdfPageKey:
    """A page of a PDF, from 0, as a picture some pixels wide."""

    pdf: Pdf
    page: int
    width: int


@dataclass(frozen=True, slots=True)
class PdfTextKey:
    """The characters of a page of a PDF."""

    pdf: Pdf
    page: int


@dataclass(frozen=True, slots=True)
class PdfSearchKey:
    """Where some words are found in a PDF."""

    pdf: Pdf
    words: str


@dataclass(frozen=True, slots=True)
class SampleKey:
    """Statistics of a stack's values from a few of its frames."""

    stack_id: str
    frames: int


def uid_of(key: Hashable) -> str:
    """Return the SOP Instance UID of what shows one instance, "" of anything else."""
    ref = getattr(key, "ref", None)
    return str(ref.sop_instance_uid if ref is not None else getattr(key, "sop_instance_uid", ""))


def is_long(key: Hashable) -> bool:
    """Whether fetching a key may take seconds."""
    return isinstance(key, VolumeKey | ColumnsKey | PdfSearchKey)
