"""How pydicom makes a File-set of a folder."""

from __future__ import annotations

from pathlib import Path


def fileset(folder: str) -> int:
    """Add every file of a folder to a File-set; nothing is written."""
    from pydicom.fileset import FileSet

    made = FileSet()
    for path in Path(folder).iterdir():
        made.add(path)
    return len(made)
