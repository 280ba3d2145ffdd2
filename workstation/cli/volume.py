"""``workstation volume``: modality values of a stack as a volume with its affine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workstation.cli.arguments import checked_suffix
from workstation.cli.pixels import volume_stack
from workstation.export.volume import SUFFIXES, export_volume

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace) -> int:
    """Write one volume."""
    checked_suffix(options.out, SUFFIXES)
    stack, code = volume_stack(options)
    export_volume(Path(options.out), stack, identified=True, replace=True)
    return code
