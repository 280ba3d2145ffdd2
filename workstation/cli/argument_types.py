"""What values on the command line are, and which images and look several verbs take."""

from __future__ import annotations

import argparse
import re


def count(text: str) -> int:
    """Return a whole number from 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("counts from 1")
    return value


def length(text: str) -> float:
    """Return a length in mm."""
    value = float(text)
    if not 0 <= value < 1e6:
        raise argparse.ArgumentTypeError("must be a length in mm")
    return value


def _floats(text: str, number: int) -> tuple[float, ...]:
    values = tuple(float(part) for part in text.split(","))
    if len(values) != number or not all(abs(v) < float("inf") for v in values):
        raise argparse.ArgumentTypeError(f"takes {number} numbers with commas between them")
    return values


def pair(text: str) -> tuple[float, ...]:
    """Return two numbers."""
    return _floats(text, 2)


def triple(text: str) -> tuple[float, ...]:
    """Return three numbers."""
    return _floats(text, 3)


def size(text: str) -> tuple[int, int]:
    """Return columns and rows."""
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    if match is None:
        raise argparse.ArgumentTypeError("takes columns x rows, for example 512x400")
    return int(match[1]), int(match[2])


def add_look(parser: argparse.ArgumentParser) -> None:
    """Add which images are meant, and how they are shown."""
    parser.add_argument("--series", metavar="UID")
    parser.add_argument("--sop", metavar="UID")
    voi = parser.add_mutually_exclusive_group()
    voi.add_argument("--window", type=pair, metavar="CENTER,WIDTH", help="VOI LUT function LINEAR")
    voi.add_argument("--voi", type=count, metavar="N", help="the Nth window or VOI LUT of the header, from 1")
    voi.add_argument("--auto", action="store_true", help="a window from the values' percentiles")
    parser.add_argument("--invert", action="store_true")
    parser.add_argument("--overlays", action="store_true", help="draw overlay planes")
    parser.add_argument("--shutter", action="store_true", help="apply the display shutter")
