"""Named loggers that keep patient data out.

Messages name what happened and where in the program, never a value from a data set; files appear by a short
hash of their path unless the user turns on full paths.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ROOT = "workstation"
# Without a handler of its own Python would print warnings on stderr, where commands name faults one a line.
logging.getLogger(ROOT).addHandler(logging.NullHandler())


def get(name: str) -> logging.Logger:
    """Return the logger of a room, for example ``get("loading")``."""
    return logging.getLogger(f"{ROOT}.{name}")


def path_token(path: object) -> str:
    """Return a short hash that stands for a path in the log: folder names often hold patient names."""
    return hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:10]


def to_file(folder: Path) -> Path:
    """Send the records to ``folder/workstation.log`` (1 MB, three generations) and return that path."""
    from logging.handlers import RotatingFileHandler

    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "workstation.log"
    handler = RotatingFileHandler(target, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger(ROOT)
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    return target
