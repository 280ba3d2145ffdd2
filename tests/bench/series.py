"""Series that every row measures with, made once and kept in a temporary folder between rows and runs.

``WORKSTATION_BENCH_DATA`` names another folder for them. Content is smooth anatomy with grain, so that codecs have the
work they have with patients; names are random, so that no order of names helps.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from template import (
    DEFLATED,
    IMPLICIT,
    MAMMOGRAM,
    NUMBER,
    PATIENT,
    PLACE,
    ROOT,
    SERIES,
    SOP,
    STUDY,
    TIME,
    Format,
    filled,
    template,
)

Image = NDArray[Any]
SPACING = 1.25
"""Millimetres between slices."""
_RECIPE = "5"
"""Raised whenever what is written changes, so that no old data are measured."""


@dataclass(frozen=True, slots=True)
class Made:
    """A folder and its files in slice order."""

    folder: Path
    files: tuple[Path, ...]
    pixel_bytes: int
    """Bytes of all decoded pixels."""


def data_folder() -> Path:
    """Return where made series are kept."""
    named = os.environ.get("WORKSTATION_BENCH_DATA")
    return Path(named) if named else Path(tempfile.gettempdir()) / "workstation-bench-data"


def native_ct(
    folder: Path | None = None, slices: int = 500, size: int = 512, *, signed: bool = True, syntax: str = ""
) -> Made:
    """Return an uncompressed axial CT: 16-bit signed, or 12-bit unsigned; both with intercept -1024."""
    made = _ct_format(size, signed)
    made = replace(made, syntax=syntax) if syntax else made
    return _kept(folder, f"ct-{slices}-{size}-{'i16' if signed else 'u12'}-{made.syntax}", partial(_ct, made, slices))


def long_ct(folder: Path | None = None, slices: int = 3000) -> Made:
    """Return a CT of many slices: 1.5 GB at 3,000."""
    return native_ct(folder, slices)


def small_files(folder: Path | None = None, count: int = 5000) -> Made:
    """Return many CT files of 64 x 64 in folders of 250, one series each, five series a study and patient."""
    return _kept(folder, f"small-{count}", partial(_small, count))


def mammogram(folder: Path | None = None, rows: int = 4096, columns: int = 3328) -> Made:
    """Return one digital mammogram of 16 bits, 14 stored."""
    made = Format(rows=rows, columns=columns, bits_stored=14, signed=False, sop_class=MAMMOGRAM)
    return _kept(folder, f"mammogram-{rows}-{columns}", partial(_one, made))


def compressed(folder: Path | None = None, syntax: str = "RLE", slices: int = 100, size: int = 512) -> Made:
    """Return an axial CT in one of :data:`SYNTAXES`: 12-bit unsigned, 8-bit in JPEG Baseline."""
    return _kept(folder, f"{_plain(syntax)}-{slices}-{size}", partial(_compressed, syntax, slices, size))


def frames(slices: int, size: int = 512, *, depth: int = 0) -> Iterator[NDArray[np.int16]]:
    """Yield axial slices in HU, int16 (size, size): a body with lungs, vessels and spine that change along it."""
    step = np.linspace(-1, 1, size, dtype=np.float32)
    x, y = step[None, :], step[:, None]
    grain = _grain(size)
    dice = np.random.default_rng(5)
    for number in range(slices):
        z = number / max(depth or slices, 1)
        image = _slice(x, y, z)
        top, left = dice.integers(0, size, 2)
        image += grain[top : top + size, left : left + size]
        yield np.clip(image, -1024, 3071).astype(np.int16)


def _slice(x: Image, y: Image, z: float) -> Image:
    """Return one slice of the body without noise, float32 HU."""
    turn = 2 * np.pi * z
    wide = 0.86 + 0.05 * np.sin(turn)
    image: Image = np.full((y.shape[0], x.shape[1]), -1000, np.float32)
    body = (x / wide) ** 2 + (y / 0.62) ** 2
    # soft tissue is never flat: two slow waves, different in each slice
    tissue = 45 + 12 * np.sin(7 * x + 3 * turn) * np.cos(5 * y - turn) - 130 * (body > 0.86)
    np.copyto(image, tissue.astype(np.float32), where=body < 1)
    reach = 0.15 + 0.85 * np.sin(np.pi * z) ** 2
    for side in (-1, 1):
        lung = ((x - 0.4 * side) / (0.33 * reach)) ** 2 + ((y + 0.02) / (0.44 * reach)) ** 2
        vessels = 60 * np.sin(40 * x + 9 * turn) * np.sin(44 * y - 7 * turn)
        np.copyto(image, np.float32(-850) + vessels.astype(np.float32), where=lung < 1)
    spine = (x / 0.1) ** 2 + ((y - 0.36) / 0.1) ** 2
    np.copyto(image, (300 + 500 * (spine > 0.7)).astype(np.float32), where=spine < 1)
    np.copyto(image, np.float32(160), where=(x - 0.08) ** 2 + (y - 0.2) ** 2 < 0.004)
    ribs = (body > 0.78) & (body < 0.85) & (np.sin(12 * np.arctan2(y, x) + 4 * turn) > 0.3)
    image[ribs] = 450
    return image


@cache
def _grain(size: int) -> Image:
    """Return correlated noise of 14 HU, as a smoothing kernel leaves it, float32 (2 size, 2 size)."""
    noise = np.random.default_rng(3).standard_normal((2 * size, 2 * size), np.float32)
    for axis in (0, 1):
        noise = noise + 0.6 * (np.roll(noise, 1, axis) + np.roll(noise, -1, axis))
    return noise * (14 / float(noise.std()))


# writing


def _kept(folder: Path | None, key: str, make: Callable[[Path], tuple[list[Path], int]]) -> Made:
    """Make a series unless it is there; its list of files stands beside its folder."""
    target = folder if folder is not None else data_folder() / f"{key}-{_RECIPE}"
    listed = target.with_name(target.name + ".json")
    if listed.exists() and target.is_dir():
        known = json.loads(listed.read_text())
        return Made(target, tuple(target / name for name in known["files"]), known["pixel_bytes"])
    target.parent.mkdir(parents=True, exist_ok=True)
    # made beside its place: another row may be making the same, and a run that is stopped leaves nothing half
    own = Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=target.parent))
    try:
        files, pixel_bytes = make(own)
        names = [str(path.relative_to(own)) for path in files]
        shutil.rmtree(target, ignore_errors=True)
        own.rename(target)
    except BaseException:
        shutil.rmtree(own, ignore_errors=True)
        raise
    listed.write_text(json.dumps({"files": names, "pixel_bytes": pixel_bytes}))
    return Made(target, tuple(target / name for name in names), pixel_bytes)


def _plain(syntax: str) -> str:
    return "".join(c if c.isalnum() or c == "." else "-" for c in syntax).lower()


def _ct_format(size: int, signed: bool) -> Format:
    return Format(rows=size, columns=size, bits_stored=16 if signed else 12, signed=signed)


def _digits(folder: Path) -> bytes:
    """Return what stands for :data:`ROOT`, so that no two made series share a UID."""
    return f"{1 + zlib.crc32(folder.name.rpartition('-')[0].encode()):015d}".encode()


def _ct(made: Format, slices: int, folder: Path) -> tuple[list[Path], int]:
    names, raw, own = _names(slices), template(made), _digits(folder)
    files = []
    for number, image in enumerate(frames(slices, made.rows)):
        stored = (image + 1024).astype("<i2" if made.signed else "<u2")
        files.append(folder / names[number])
        files[-1].write_bytes(_file(raw, made, number, stored.tobytes(), own))
    return files, slices * made.rows * made.columns * 2


def _small(count: int, folder: Path) -> tuple[list[Path], int]:
    made = _ct_format(64, signed=True)
    raw, names, own = template(made), _names(count), _digits(folder)
    images = [(image + 1024).astype("<i2").tobytes() for image in frames(250, 64)]
    files = []
    for number in range(count):
        series, place = divmod(number, 250)
        if place == 0:
            study = series // 5
            home = folder / f"{study:02d}" / f"{series:03d}"
            home.mkdir(parents=True)
            marks = {
                PATIENT: f"BENCH-{study:06d}",
                STUDY: f"{STUDY[:-3].decode()}{study:03d}",
                SERIES: f"{SERIES[:-3].decode()}{series:03d}",
            }
            head = filled(raw, marks)
        files.append(home / names[number])
        files[-1].write_bytes(_file(head, made, place, images[place], own, unique=number))
    return files, count * 64 * 64 * 2


def _one(made: Format, folder: Path) -> tuple[list[Path], int]:
    rows, columns = made.rows, made.columns
    x, y = np.linspace(0, 1, columns, dtype=np.float32)[None, :], np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    edge = 0.85 - 0.75 * y * y
    inside = np.clip((edge - x) * 12, 0, 1)
    texture = 0.12 * np.sin(60 * x + 9 * y) * np.sin(55 * y - 8 * x * y)
    grain = np.random.default_rng(4).standard_normal((rows, columns), np.float32) * 0.01
    image = inside * (0.45 + texture + 0.2 * x + grain)
    stored = np.clip(image * (1 << made.bits_stored), 0, (1 << made.bits_stored) - 1).astype("<u2")
    path = folder / _names(1)[0]
    path.write_bytes(_file(template(made), made, 0, stored.tobytes(), _digits(folder)))
    return [path], stored.nbytes


def _compressed(syntax: str, slices: int, size: int, folder: Path) -> tuple[list[Path], int]:
    uid, encode, bits = SYNTAXES[syntax]
    eight = bits == 8
    made = Format(uid, size, size, bits_allocated=8 if eight else 16, bits_stored=bits, signed=False)
    raw, names, own = template(made), _names(slices), _digits(folder)
    files = [folder / name for name in names]

    def write(given: tuple[int, NDArray[np.int16]]) -> None:
        number, image = given
        # a whole study is in reach of the window, also with 8 bits
        stored = ((image.clip(-1024, 1023) + 1024) >> 3).astype("u1") if eight else (image + 1024).astype("<u2")
        files[number].write_bytes(_file(raw, made, number, encode(stored), own))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = enumerate(frames(slices, size))
        # a few at a time: a thousand slices in waiting would fill the memory
        while batch := list(islice(waiting, 32)):
            list(pool.map(write, batch))
    return files, slices * size * size * (1 if eight else 2)


def _file(
    raw: bytes, made: Format, number: int, pixels: bytes, own_digits: bytes, *, unique: int | None = None
) -> bytes:
    """Return the bytes of one file: header, pixel element, pixels."""
    own = number if unique is None else unique
    minutes, seconds = divmod(own // 10, 60)
    marks = {
        SOP: f"{SOP[:-6].decode()}{own:06d}",
        NUMBER: str(number + 1),
        PLACE: f"{-800 + number * SPACING:.2f}",
        TIME: f"10{minutes % 60:02d}{seconds:02d}.{own % 10}00000",
    }
    head = filled(raw, marks).replace(ROOT, own_digits)
    if made.syntax == IMPLICIT:
        return head + b"\xe0\x7f\x10\x00" + len(pixels).to_bytes(4, "little") + pixels
    if made.syntax in (DEFLATED, Format().syntax):
        data = head + b"\xe0\x7f\x10\x00OW\0\0" + len(pixels).to_bytes(4, "little") + pixels
        return _deflated(data) if made.syntax == DEFLATED else data
    fragment = pixels + b"\0" * (len(pixels) % 2)
    start = b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\0\0\0\0"
    item = b"\xfe\xff\x00\xe0" + len(fragment).to_bytes(4, "little") + fragment
    return head + start + item + b"\xfe\xff\xdd\xe0\0\0\0\0"


def _deflated(data: bytes) -> bytes:
    """Deflate all after the meta information, without a zlib header (PS3.5 A.5)."""
    start = 144 + int.from_bytes(data[140:144], "little")
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return data[:start] + packer.compress(data[start:]) + packer.flush()


def _names(count: int) -> list[str]:
    dice = random.Random(7)
    return [f"{dice.getrandbits(48):012x}" for _ in range(count)]


# encoders: stored values (rows, columns) to one codestream


def _rle(values: Image) -> bytes:
    """Return an RLE Lossless frame: a PackBits segment per byte, the high byte first (PS3.5 annex G)."""
    import imagecodecs

    rows = np.ascontiguousarray(values).view("u1").reshape(*values.shape, values.itemsize)
    segments = []
    for byte in reversed(range(values.itemsize)):
        plane = np.ascontiguousarray(rows[..., byte])
        packed = b"".join(imagecodecs.packbits_encode(row) for row in plane)  # no run crosses a row
        segments.append(packed + b"\0" * (len(packed) % 2))
    offsets, at = [], 64
    for segment in segments:
        offsets.append(at)
        at += len(segment)
    header = [len(segments), *offsets, *[0] * (15 - len(segments))]
    return b"".join([*(n.to_bytes(4, "little") for n in header), *segments])


def _codec(name: str, **options: Any) -> Callable[[Image], bytes]:
    def encode(values: Image) -> bytes:
        import imagecodecs

        return bytes(getattr(imagecodecs, f"{name}_encode")(values, **options))

    return encode


def _raw_deflate(values: Image) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(values.tobytes()) + packer.flush()


SYNTAXES: dict[str, tuple[str, Callable[[Image], bytes], int]] = {
    "RLE": ("1.2.840.10008.1.2.5", _rle, 12),
    "JPEG baseline": ("1.2.840.10008.1.2.4.50", _codec("jpeg8", level=90), 8),
    "JPEG extended": ("1.2.840.10008.1.2.4.51", _codec("jpeg8", level=90, bitspersample=12), 12),
    "JPEG lossless": ("1.2.840.10008.1.2.4.57", _codec("jpeg8", lossless=True, predictor=4, bitspersample=12), 12),
    "JPEG lossless SV1": (
        "1.2.840.10008.1.2.4.70",
        _codec("jpeg8", lossless=True, predictor=1, bitspersample=12),
        12,
    ),
    "JPEG-LS": ("1.2.840.10008.1.2.4.80", _codec("jpegls"), 16),
    "JPEG-LS near-lossless": ("1.2.840.10008.1.2.4.81", _codec("jpegls", level=2), 16),
    "JPEG 2000 lossless": (
        "1.2.840.10008.1.2.4.90",
        _codec("jpeg2k", codecformat="j2k", bitspersample=12, reversible=True),
        12,
    ),
    "JPEG 2000": (
        "1.2.840.10008.1.2.4.91",
        _codec("jpeg2k", codecformat="j2k", bitspersample=12, level=60, reversible=False),
        12,
    ),
    "HTJ2K lossless": ("1.2.840.10008.1.2.4.201", _codec("htj2k", reversible=True), 16),
    "HTJ2K": ("1.2.840.10008.1.2.4.203", _codec("htj2k", reversible=False, level=1 / 4096), 16),
    "JPEG XL lossless": ("1.2.840.10008.1.2.4.110", _codec("jpegxl", lossless=True, effort=3, usecontainer=False), 12),
    "deflated frame": ("1.2.840.10008.1.2.8.1", _raw_deflate, 12),
    "deflated": (DEFLATED, lambda values: values.tobytes(), 12),
}
"""Name: Transfer Syntax UID, encoder, Bits Stored (16 where the encoder knows no 12)."""


def main() -> None:
    """Make every series, to see how long it takes: ``series.py [all]``."""
    import sys
    import time

    wanted: dict[str, Callable[[], Made]] = {
        "native": native_ct,
        "unsigned": partial(native_ct, signed=False),
        "small": small_files,
        "mammogram": mammogram,
    }
    wanted |= {name: partial(compressed, None, name) for name in SYNTAXES}
    if "all" in sys.argv:
        wanted["long"] = long_ct
    for name, make in wanted.items():
        begin = time.perf_counter()
        made = make()
        size = sum(path.stat().st_size for path in made.files)
        sys.stdout.write(
            f"{name:24} {time.perf_counter() - begin:6.1f} s {size >> 20:6d} MB of {made.pixel_bytes >> 20}\n"
        )


if __name__ == "__main__":
    main()
