"""The data set of a Storage Commitment report (PS3.4 Table J.3-2), read where one arrives."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from workstation.network.receiver_events import CommitmentReport
from workstation.network.upper_layer import uid


def decode_report(encoded: bytes, transfer_syntax_uid: str, calling: str) -> CommitmentReport | None:
    """Return what a report says; None if it cannot be read or names no transaction."""
    from pydicom.filereader import read_dataset

    try:
        data_set = read_dataset(BytesIO(encoded), transfer_syntax_uid == "1.2.840.10008.1.2", is_little_endian=True)
        transaction = _text(data_set.get("TransactionUID"))
        ok = tuple(_text(item.get("ReferencedSOPInstanceUID")) for item in data_set.get("ReferencedSOPSequence") or ())
        failed = tuple(
            (_text(item.get("ReferencedSOPInstanceUID")), int(item.get("FailureReason") or 0))
            for item in data_set.get("FailedSOPSequence") or ()
        )
    except Exception:  # whatever pydicom makes of bytes of a stranger: the peer is told that they cannot be read
        return None
    return CommitmentReport(transaction, ok, failed, calling) if transaction else None


def _text(value: Any) -> str:
    return uid(str(value or "").encode("ascii", "replace"))
