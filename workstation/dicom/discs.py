"""Whether something that was opened is a disc, a stick or an archive: a thing that may be gone tomorrow."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from workstation.dicom.scan import is_dicomdir_name
from workstation.dicom.sources import is_zip

MOUNTED_BY_HAND = ("/media/", "/run/media/", "/Volumes/")
OPTICAL = frozenset({"iso9660", "udf", "cd9660"})
DRIVE_REMOVABLE, DRIVE_CDROM = 2, 5


def disc_of(path: str) -> str:
    """Return the folder or archive to keep of a path that is a disc, "" where it is none.

    A disc is what holds a DICOMDIR, itself or in a folder of it, an archive, or what lies on a removable medium.
    """
    try:
        if os.path.isfile(path):
            if is_dicomdir_name(os.path.basename(path)):
                return os.path.dirname(os.path.abspath(path))
            is_disc = is_zip(path)
        else:
            is_disc = _holds_directory(path)
        return path if is_disc or on_removable_medium(path) else ""
    except (OSError, ValueError):
        return ""


def _holds_directory(folder: str) -> bool:
    below = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if is_dicomdir_name(entry.name) and entry.is_file():
                return True
            if entry.is_dir(follow_symlinks=False):
                below.append(entry.path)
    return any(is_dicomdir_name(name) for one in below for name in _names(one))


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def on_removable_medium(path: str) -> bool:
    """Tell whether a path lies on a disc drive, a stick or a card, as far as the system says so."""
    real = os.path.realpath(path)
    if sys.platform == "win32":
        import ctypes

        kind = ctypes.windll.kernel32.GetDriveTypeW(os.path.splitdrive(real)[0] + os.sep)
        return kind in (DRIVE_REMOVABLE, DRIVE_CDROM)
    return real.startswith(MOUNTED_BY_HAND) or (sys.platform == "linux" and _linux_says(real))


def _linux_says(real: str) -> bool:
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text(errors="replace").splitlines()]
        kinds = {mount[1]: mount[2] for mount in mounts if len(mount) > 2}
        place = next((str(one) for one in (Path(real), *Path(real).parents) if str(one) in kinds), "")
        if kinds.get(place) in OPTICAL:
            return True
        device = os.stat(real).st_dev
        folder = Path(os.path.realpath(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}"))
        marks = (folder / "removable", folder.parent / "removable")  # a partition says it of its drive
        return any(mark.is_file() and mark.read_text().strip() == "1" for mark in marks)
    except OSError:
        return False
