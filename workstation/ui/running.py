"""Whether another window of this user may be open, cheap enough to ask before the first paint."""

from __future__ import annotations

import getpass
import hashlib
import sys

from PySide6.QtCore import QDir

from workstation import paths


def server_name() -> str:
    """Return a name of the user's own; another data folder is another program."""
    who = f"{getpass.getuser()} {paths.data_folder()}"
    return "dicom-workstation-" + hashlib.sha256(who.encode()).hexdigest()[:16]


def may_be_running() -> bool:
    """Tell, without asking it, whether a window could be there: on Linux a local server is a file."""
    return not sys.platform.startswith("linux") or QDir(QDir.tempPath()).exists(server_name())
