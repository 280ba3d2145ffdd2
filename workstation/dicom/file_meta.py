"""File Meta Information of files that are written here (PS3.10 7.1)."""

from __future__ import annotations

from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID

from workstation.dicom.uids import synthetic
from workstation.dicom.vocabulary import EXPLICIT_LITTLE


def file_meta(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str = EXPLICIT_LITTLE) -> FileMetaDataset:
    """Return the group 0002 of a file that holds this object."""
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = UID(sop_class_uid)
    meta.MediaStorageSOPInstanceUID = UID(sop_instance_uid)
    meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    meta.ImplementationClassUID = UID(synthetic("workstation"))
    meta.ImplementationVersionName = "WORKSTATION"
    return meta
