"""SOP Classes whose instances are read rather than looked at: reports, documents, references, states."""

from __future__ import annotations

from typing import Final

from workstation.objects.handler import SOPClassHandler, storage, template

REPORT: Final = SOPClassHandler(
    "Structured Report",
    "report",
    storage(
        "88.11", "88.22", "88.33", "88.34", "88.35", "88.40", "88.50", "88.65", "88.67", "88.68", "88.69", "88.70",
        "88.71", "88.72", "88.73", "88.74", "88.75", "88.76", "88.77", "79.1",
        "88.1", "88.2", "88.3", "88.4",
    ),
    "SR",
    is_read=True,
)  # fmt: skip
DOCUMENT: Final = SOPClassHandler(
    "Encapsulated Document",
    "document",
    storage("104.1", "104.2", "104.3", "104.4", "104.5"),
    "DOC",
    is_read=True,
)
OTHER_REPORT: Final = SOPClassHandler(
    "Report",
    "report",
    storage("78.6", "90.1", "501.3"),  # spectacle prescription, content assessment, threat detection
    "SR",
    "Reports of this kind have no content tree; the header shows them.",
)
KEY_OBJECT: Final = SOPClassHandler("Key Object Selection", "key_object", storage("88.59"), "KO", is_read=True)
PRESENTATION_STATE: Final = SOPClassHandler(
    "Presentation State",
    "presentation_state",
    storage(*(f"11.{number}" for number in range(1, 13))),
    "PR",
    "The presentation state is listed; it is not applied yet.",
)
STRUCTURE_SET: Final = SOPClassHandler(
    "RT Structure Set", "structure_set", storage("481.3"), "RTSS", "The contours are listed; they are not drawn yet."
)
PLAN: Final = SOPClassHandler(
    "RT Plan and Record",
    "plan",
    storage(
        "481.4", "481.5", "481.6", "481.7", "481.8", "481.9", "481.10", "481.11", "481.12", "481.13", "481.14",
        "481.15", "481.16", "481.17", "481.18", "481.19", "481.20", "481.21", "481.22", "481.25",
    )
    | template("34.1", "34.7", "34.10"),
    "PLAN",
    "Plans and treatment records have no picture; the header shows them.",
)  # fmt: skip
WAVEFORM: Final = SOPClassHandler(
    "Waveform",
    "waveform",
    storage(
        "9.1.1", "9.1.2", "9.1.3", "9.1.4", "9.2.1", "9.3.1", "9.4.1", "9.4.2", "9.5.1", "9.6.1", "9.6.2", "9.7.1",
        "9.7.2", "9.7.3", "9.7.4", "9.8.1", "9.1", "129",
    ),
    "ECG",
    "The waveform is listed; it is not drawn yet.",
)  # fmt: skip
RAW: Final = SOPClassHandler(
    "Raw Data", "raw", storage("66", "4.2", "501.6"), "RAW", "Raw data and spectra are listed; nothing draws them."
)
OTHER: Final = SOPClassHandler(
    "Other",
    "other",
    storage(
        "66.1", "66.2", "66.3", "66.5", "66.6", "67", "68.1", "68.2",  # registrations, surfaces, tracts, mappings
        "77.1.5.3", "78.1", "78.2", "78.3", "78.4", "78.5", "78.7", "78.8", "80.1",  # eye measurements
        "91.1", "131", "200.1", "200.2", "200.3", "200.7", "200.8", "201.1",  # annotations, protocols, inventories
    )
    | storage("8", "9", "10", "11")  # standalone overlay, curve and tables, retired
    | template("38.1", "39.1", "43.1", "44.1", "45.1", "1.1.200.4")
    | frozenset({"1.2.840.10008.1.3.10", "1.2.840.10008.5.1.1.27"}),
    "",
    "Objects of this kind have no picture; the header shows them.",
)  # fmt: skip
