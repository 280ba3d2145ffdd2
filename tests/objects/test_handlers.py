from __future__ import annotations

import pydicom.uid
import pytest

from workstation.dicom.identity import Instance, Locator
from workstation.objects import HANDLERS, handler_for

KINDS = frozenset(
    [
        "image",
        "document",
        "report",
        "waveform",
        "segmentation",
        "structure_set",
        "dose",
        "plan",
        "presentation_state",
        "key_object",
        "parametric_map",
        "video",
        "raw",
        "other",
    ]
)
STORAGE = sorted(
    uid
    for uid in map(pydicom.uid.UID, pydicom.uid.UID_dictionary)
    if uid.type == "SOP Class" and "Storage" in uid.name and "Commitment" not in uid.name and "Trial" not in uid.name
)


def instance(sop_class_uid: str, transfer_syntax_uid: str = "1.2.840.10008.1.2.1", *, pixels: bool = True) -> Instance:
    return Instance(
        Locator("a"), "1", sop_class_uid, "2", "3", transfer_syntax_uid, rows=2, columns=2, has_pixels=pixels
    )


@pytest.mark.parametrize("uid", STORAGE, ids=lambda uid: uid.keyword)
def test_every_storage_class_is_handled_or_says_why_not(uid: pydicom.uid.UID) -> None:
    """A42: drawn, or one sentence."""
    handlers = [handler for handler in HANDLERS if str(uid) in handler.uids]
    assert len(handlers) == 1
    assert (handlers[0].has_pixels or handlers[0].is_read) != bool(handlers[0].why_not)


def test_kinds_are_those_of_the_command_line() -> None:
    """Every kind has its handler, and no other exists."""
    assert {handler.kind for handler in HANDLERS} == KINDS


@pytest.mark.parametrize(
    ("keyword", "kind"),
    [
        ("CTImageStorage", "image"),
        ("RTImageStorage", "image"),
        ("RTDoseStorage", "dose"),
        ("RTPlanStorage", "plan"),
        ("RTStructureSetStorage", "structure_set"),
        ("SegmentationStorage", "segmentation"),
        ("ParametricMapStorage", "parametric_map"),
        ("EncapsulatedPDFStorage", "document"),
        ("ComprehensiveSRStorage", "report"),
        ("KeyObjectSelectionDocumentStorage", "key_object"),
        ("GrayscaleSoftcopyPresentationStateStorage", "presentation_state"),
        ("TwelveLeadECGWaveformStorage", "waveform"),
        ("VideoEndoscopicImageStorage", "video"),
        ("MRSpectroscopyStorage", "raw"),
        ("SpatialRegistrationStorage", "other"),
    ],
)
def test_families_are_told_by_sop_class(keyword: str, kind: str) -> None:
    """The kinds `info` lists."""
    uid = next(uid for uid in STORAGE if uid.keyword == keyword)
    assert handler_for(instance(str(uid))).kind == kind


def test_an_unknown_class_is_an_image_if_it_has_pixels() -> None:
    """A42: private and newer SOP Classes."""
    assert handler_for(instance("1.2.3.4")).kind == "image"
    assert handler_for(instance("1.2.3.4", pixels=False)).kind == "other"


@pytest.mark.parametrize("suffix", ["100", "102.1", "108"])
def test_a_video_syntax_makes_any_image_a_video(suffix: str) -> None:
    """F26: never fed to image decoders; JPEG XL (110) is no video."""
    capture = "1.2.840.10008.5.1.4.1.1.77.1.4"
    assert handler_for(instance(capture, f"1.2.840.10008.1.2.4.{suffix}")).kind == "video"
    assert handler_for(instance(capture, "1.2.840.10008.1.2.4.110")).kind == "image"
