"""DCMTK as an oracle: one frame as 8-bit greys or colours, with the window we use."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PROGRAMS = {
    "1.2.840.10008.1.2.4.50": "dcmj2pnm",
    "1.2.840.10008.1.2.4.51": "dcmj2pnm",
    "1.2.840.10008.1.2.4.57": "dcmj2pnm",
    "1.2.840.10008.1.2.4.70": "dcmj2pnm",
    "1.2.840.10008.1.2.4.80": "dcml2pnm",
    "1.2.840.10008.1.2.4.81": "dcml2pnm",
}


def dcmtk_image(path: Path, transfer_syntax_uid: str, frame: int, options: list[str]) -> NDArray[np.uint8] | None:
    """Return what DCMTK shows of a frame (counted from 1), overlays off; None where it cannot."""
    program = PROGRAMS.get(transfer_syntax_uid, "dcm2pnm")
    arguments = [program, "-q", "-O", "+F", str(frame), "+op", *options, str(path)]
    done = subprocess.run(arguments, capture_output=True, timeout=60, check=False)
    return read_pnm(done.stdout) if done.returncode == 0 and done.stdout else None


def read_pnm(data: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a binary PGM or PPM."""
    words: list[bytes] = []
    at = 0
    while len(words) < 4:
        end = data.index(b"\n", at) if data[at : at + 1] == b"#" else at
        if end > at:
            at = end + 1
            continue
        while not data[end : end + 1].isspace():
            end += 1
        if end > at:
            words.append(data[at:end])
        at = end + 1
    columns, rows = int(words[1]), int(words[2])
    pixels = np.frombuffer(data, np.uint8, offset=at)
    return pixels.reshape((rows, columns, 3) if words[0] == b"P6" else (rows, columns))
