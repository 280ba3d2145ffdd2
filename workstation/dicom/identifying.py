"""Which elements tell who or where the patient is: what is hidden where identity is."""

from __future__ import annotations

HIDDEN = "hidden"
IDENTIFYING = frozenset(
    {
        "AccessionNumber",
        "InstitutionName",
        "InstitutionAddress",
        "InstitutionalDepartmentName",
        "StationName",
        "StudyID",
        "DeviceSerialNumber",
        "IssuerOfPatientID",
        "RequestAttributesSequence",
        "PatientComments",
    }
)
"""Keywords outside group 0010, names and dates that tell who or where the patient is."""
_HARMLESS = frozenset({"PatientSex", "PatientAge", "PatientWeight", "PatientSize"})


def is_identifying(tag: int, keyword: str, vr: str) -> bool:
    """Whether an element's value is hidden where identity is."""
    patient = tag >> 16 == 0x0010 and keyword not in _HARMLESS
    return patient or vr in ("PN", "DA", "DT") or keyword in IDENTIFYING
