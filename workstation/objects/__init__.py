"""SOP Class handlers: from instances to something displayable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from workstation.objects.document_classes import (
    DOCUMENT,
    KEY_OBJECT,
    OTHER,
    OTHER_REPORT,
    PLAN,
    PRESENTATION_STATE,
    RAW,
    REPORT,
    STRUCTURE_SET,
    WAVEFORM,
)
from workstation.objects.image_classes import DOSE, IMAGE, PARAMETRIC_MAP, SEGMENTATION, VIDEO

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance
    from workstation.objects.handler import SOPClassHandler

HANDLERS: Final[tuple[SOPClassHandler, ...]] = (
    IMAGE,
    SEGMENTATION,
    DOSE,
    PARAMETRIC_MAP,
    VIDEO,
    REPORT,
    OTHER_REPORT,
    DOCUMENT,
    KEY_OBJECT,
    PRESENTATION_STATE,
    STRUCTURE_SET,
    PLAN,
    WAVEFORM,
    RAW,
    OTHER,
)
"""Every family, in the order asked."""

_BY_UID: Final = {uid: handler for handler in HANDLERS for uid in handler.uids}
_VIDEO_SYNTAXES: Final = tuple(f"1.2.840.10008.1.2.4.{number}" for number in range(100, 109))


def handler_for(instance: Instance) -> SOPClassHandler:
    """Return the family of an instance.

    A SOP Class nobody knows, private or newer than this program, is an image where it has pixels and other
    where it has none (A42); frames in a video transfer syntax are video whatever their SOP Class (F26).
    """
    handler = _BY_UID.get(instance.sop_class_uid)
    if (handler is None or handler.has_pixels) and _is_video(instance.transfer_syntax_uid):
        return VIDEO
    if handler is None:
        return IMAGE if instance.has_pixels and instance.rows and instance.columns else OTHER
    return handler


def _is_video(transfer_syntax_uid: str) -> bool:
    """MPEG-2, H.264 and HEVC are numbers 100 to 108, some with a fragmentable variant below them (PS3.6 A-1)."""
    return transfer_syntax_uid.startswith(_VIDEO_SYNTAXES)
