"""A small archive of known content, made by code, and how it gets onto a server."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MRImageStorage

from tests.network.peers import PROMPT, Peer
from workstation.dicom.uids import synthetic

CLASSES: Final = {"CT": CTImageStorage, "MR": MRImageStorage}
PEOPLE: Final = {
    "M1": ("ISO_IR 100", "Müller^Jürgen"),
    "D1": ("", "Doe^Jane"),
    "Y1": (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    "W1": ("GB18030", "Wang^XiaoDong=王^小东"),
    "H1": (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
}
STUDIES: Final = {
    # study: patient, date, series by modality and number of instances
    "A": ("M1", "20240105", (("CT", 3), ("CT", 2))),
    "B": ("D1", "20240210", (("CT", 1), ("MR", 2))),
    "C": ("D1", "20231224", (("MR", 1),)),
    "Y": ("Y1", "20220101", (("MR", 1),)),
    "W": ("W1", "20220102", (("CT", 1),)),
    "H": ("H1", "20220103", (("CT", 1),)),
}


def study_uid(study: str) -> str:
    return synthetic("query", study)


def series_uid(study: str, number: int) -> str:
    return synthetic("query", study, number)


def write_archive(folder: Path) -> list[Path]:
    """Write the files of all studies and return them."""
    folder.mkdir(parents=True)
    paths = []
    for study, (patient, date, series) in STUDIES.items():
        for number, (modality, instances) in enumerate(series, 1):
            for instance in range(1, instances + 1):
                path = folder / f"{study}{number}{instance}.dcm"
                _write(path, study, patient, date, number, modality, instance)
                paths.append(path)
    return paths


def _write(path: Path, study: str, patient: str, date: str, number: int, modality: str, instance: int) -> None:
    ds = Dataset()
    character_set, ds.PatientName = PEOPLE[patient]
    if character_set:
        ds.SpecificCharacterSet = character_set
    ds.SOPClassUID = CLASSES[modality]
    ds.SOPInstanceUID = synthetic("query", study, number, instance)
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study_uid(study), series_uid(study, number)
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber, ds.StudyID = date, "101500", f"ACC{study}", study
    ds.PatientID, ds.PatientBirthDate, ds.PatientSex = patient, "19700101", "F"
    ds.StudyDescription, ds.SeriesDescription = f"Study {study}", f"Series {number}"
    ds.Modality, ds.SeriesNumber, ds.InstanceNumber = modality, number, instance
    ds.Rows = ds.Columns = 2
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation, ds.SamplesPerPixel = 15, 0, 1
    ds.PhotometricInterpretation, ds.PixelData = "MONOCHROME2", bytes(8)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.save_as(path, enforce_file_format=True)


def push(dcmtk: Path, server: Peer, folder: Path) -> None:
    """Send all files of a folder by DCMTK's dcmsend."""
    to = ["-aec", server.node.ae_title, server.node.host, str(server.node.port)]
    command = [str(dcmtk / "dcmsend"), "--scan-directories", *to, str(folder)]
    subprocess.run(command, check=True, env=PROMPT, capture_output=True, timeout=60)
