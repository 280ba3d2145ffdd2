"""Many small instances, the command in a process of its own, small disks: what the tests of bad conditions share."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from workstation.library.places import location
from workstation.library.rebuild import check
from workstation.library.store import Library

CT = "1.2.840.10008.5.1.4.1.1.2"


def many(folder: Path, count: int, root: str = "1.2.3", pixels: int = 8) -> Path:
    """Write a series of ``count`` instances below a folder and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, count + 1):
        ds = Dataset()
        ds.SOPClassUID, ds.Modality, ds.PatientID, ds.PatientName = CT, "CT", "P1", "Doe^Jane"
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = root, f"{root}.1", f"{root}.1.{number}"
        ds.StudyDate, ds.StudyDescription, ds.InstanceNumber = "20200102", "Head", number
        ds.Rows = ds.Columns = pixels
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated = ds.BitsStored = 16
        ds.HighBit, ds.PixelRepresentation = 15, 0
        ds.PixelData = number.to_bytes(2, "little") * pixels**2
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = CT, ds.SOPInstanceUID
        ds.save_as(folder / f"{number:04}.dcm", enforce_file_format=True)
    return folder


def command(*words: object) -> list[str]:
    """Return the words that run ``workstation library`` in a process of its own."""
    return [sys.executable, "-m", "workstation", "library", *map(str, words)]


def run(*words: object, before: object = None, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run ``workstation library`` to its end; what it says is never a traceback."""
    done = subprocess.run(
        command(*words),
        capture_output=True,
        text=True,
        timeout=timeout,
        preexec_fn=before,  # type: ignore[arg-type]
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def fingerprint(folder: Path) -> str:
    """Return a hash of every name, byte and time below a folder."""
    engine = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        engine.update(f"{path.relative_to(folder)}\0{path.stat().st_mtime_ns}\0".encode())
        engine.update(path.read_bytes() if path.is_file() else b"")
    return engine.hexdigest()


def bytes_of(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in a series that :func:`many` wrote, by SOP Instance UID."""
    return {f"1.2.3.1.{int(path.stem)}": hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.dcm")}


def content(library: Library) -> dict[str, str]:
    """Return the SHA-256 of the file of every instance in the index, by SOP Instance UID."""
    rows = library.query("SELECT uid, path, linked FROM instances JOIN files ON files.id = instances.file")
    return {
        row["uid"]: hashlib.sha256(Path(os.fsdecode(location(library.files, row))).read_bytes()).hexdigest()
        for row in rows
    }


def assert_sound(library: Library) -> None:
    """The index is whole, true of the files, and counts what it has."""
    assert library.damaged is None
    assert library.query("PRAGMA integrity_check")[0][0] == "ok"
    assert check(library) == []
    listed = library.query("SELECT count(*) FROM instances")[0][0]
    assert library.query("SELECT coalesce(sum(instance_count), 0) FROM studies")[0][0] == listed
    assert library.query("SELECT count(*) FROM files")[0][0] == listed


class SmallDisk:
    """A file system of a few megabytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, spare: int = 0) -> None:
        """Leave so many bytes free."""
        state = os.statvfs(self.folder)
        size = max(state.f_bavail * state.f_frsize - spare, 0)
        with contextlib.suppress(OSError), (self.folder / "filler").open("wb") as stream:
            stream.write(bytes(size))

    def make_room(self) -> None:
        """Remove what :meth:`fill` wrote, and make the disk larger."""
        (self.folder / "filler").unlink(missing_ok=True)
        self.remount("size=64m")

    def remount(self, options: str) -> None:
        """Change what may be done with it: ``ro``, ``rw``."""
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.folder)], check=True, capture_output=True)


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[SmallDisk]:
    """Mount one, or skip the test where that is not allowed."""
    mount = shutil.which("mount")
    if sys.platform != "linux" or mount is None:
        pytest.skip("a small disk needs Linux and its mount program")
    folder.mkdir(parents=True)
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.partition(chr(10))[0]}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)
