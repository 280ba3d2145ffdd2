"""SOP Classes whose instances are frames: images, and what is shown as frames for now."""

from __future__ import annotations

from typing import Final

from workstation.objects.handler import SOPClassHandler, storage

RADIOLOGY = storage(
    "1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1",  # CR, DX, MG, IO
    "2", "2.1", "2.2", "4", "4.1", "4.3", "4.4", "128", "128.1", "130", "20", "5",  # CT, MR, PET, NM
    "3", "3.1", "6", "6.1", "6.2", "6.3",  # ultrasound
    "12.1", "12.1.1", "12.2", "12.2.1", "12.3", "13.1.1", "13.1.2", "13.1.3", "13.1.4", "13.1.5",  # XA, RF, breast
    "14.1", "14.2",  # intravascular OCT
    "7", "7.1", "7.2", "7.3", "7.4",  # secondary capture
    "481.1", "481.23", "481.24",  # RT image
    "601.1", "601.2", "501.1", "501.2.1", "501.2.2", "501.4", "501.5",  # eddy current, security
)  # fmt: skip
VISIBLE_LIGHT = storage(
    "77.1", "77.2", "77.1.1", "77.1.2", "77.1.3", "77.1.4", "77.1.6", "77.1.7", "77.1.8", "77.1.9",
    "77.1.5.1", "77.1.5.2", "77.1.5.4", "77.1.5.5", "77.1.5.6", "77.1.5.7", "77.1.5.8", "81.1", "82.1",
)  # fmt: skip
HARDCOPY = frozenset({"1.2.840.10008.5.1.1.29", "1.2.840.10008.5.1.1.30"})

IMAGE: Final = SOPClassHandler("Image", "image", RADIOLOGY | VISIBLE_LIGHT | HARDCOPY, has_pixels=True)
SEGMENTATION: Final = SOPClassHandler("Segmentation", "segmentation", storage("66.4", "66.7"), "SEG", has_pixels=True)
DOSE: Final = SOPClassHandler("RT Dose", "dose", storage("481.2"), "DOSE", has_pixels=True)
PARAMETRIC_MAP: Final = SOPClassHandler("Parametric Map", "parametric_map", storage("30"), "MAP", has_pixels=True)
VIDEO: Final = SOPClassHandler(
    "Video", "video", storage("77.1.1.1", "77.1.2.1", "77.1.4.1"), "VIDEO", "Video is listed; no player is built in."
)
