"""Where resources and the user's files are: the only module that knows."""

from __future__ import annotations

import os
import sys
from pathlib import Path

APP = "dicom-workstation"


def resource(name: str) -> Path:
    """Return the path of a shipped data file, for example ``resource("icons/open.svg")``.

    Looks in the installed package first, then in the checkout, then in a frozen bundle.
    """
    package = Path(__file__).resolve().parent
    for root in (package / "_resources", package.parent / "resources"):
        candidate = root / name
        if candidate.exists():
            return candidate
    return package / "_resources" / name


def _base(variable: str, windows: str, mac: str, linux: str) -> Path:
    if override := os.environ.get("WORKSTATION_HOME"):
        return Path(override) / linux.rsplit("/", 1)[-1]
    if sys.platform == "win32":
        return Path(os.environ.get(windows, str(Path.home()))) / APP
    if sys.platform == "darwin":
        return Path.home() / "Library" / mac / APP
    return Path(os.environ.get(variable) or Path.home() / linux) / APP


def data_folder() -> Path:
    """Return the folder of what must survive (library, journal)."""
    return _base("XDG_DATA_HOME", "LOCALAPPDATA", "Application Support", ".local/share")


def config_folder() -> Path:
    """Return the folder of the settings file."""
    return _base("XDG_CONFIG_HOME", "APPDATA", "Preferences", ".config")


def cache_folder() -> Path:
    """Return the folder of what can be made again (compiled kernels, thumbnails)."""
    return _base("XDG_CACHE_HOME", "LOCALAPPDATA", "Caches", ".cache")


def log_folder() -> Path:
    """Return the folder of the log files."""
    return data_folder() / "log"
