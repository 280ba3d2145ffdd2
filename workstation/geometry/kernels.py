"""Loops over voxels that become machine code; each has a numpy twin beside its caller that gives the same."""

from __future__ import annotations
