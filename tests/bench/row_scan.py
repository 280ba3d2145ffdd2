"""Thousands of small files to instances through the real scan, against bare reads and other readers of headers.

The limit opens each file, reads 4096 bytes and closes it; order and paths are known to it. Other libraries read the
29 values that ours holds too, checked once for being the same.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from harness import Bench, Peer, Seconds, again, evict, scratch
from mixed_files import mixed_files
from peers_scan import NUMBERS, TEXTS, digest
from series import small_files

from workstation.dicom.identity import Instance
from workstation.dicom.scan import Found, scan

LEAST = {"pydicom": 35.0, "dicomsdl": 7.0}
SLOW_ROUNDS = 5
FIELDS = {
    "StudyInstanceUID": "study_instance_uid",
    "SeriesInstanceUID": "series_instance_uid",
    "Modality": "modality",
    "SOPInstanceUID": "sop_instance_uid",
    "SOPClassUID": "sop_class_uid",
    "PhotometricInterpretation": "photometric",
    "FrameOfReferenceUID": "frame_of_reference_uid",
    "InstanceNumber": "instance_number",
    "Rows": "rows",
    "Columns": "columns",
    "SamplesPerPixel": "samples_per_pixel",
}


def limit(paths: list[str]) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        os.read(descriptor, 4096)
        os.close(descriptor)


def ours(folder: Path, expected: int) -> None:
    found = 0
    for event in scan([folder]):
        found += isinstance(event, Found)
    if found != expected:
        raise SystemExit(f"{found} files found, not {expected}")


def values_of(instance: Instance) -> list[Any]:
    """Return the 29 values from the facts of a scan."""
    frame = instance.frames[0]
    row = [
        getattr(instance, FIELDS[keyword])
        if keyword in FIELDS
        else instance.values.get(keyword, frame.values.get(keyword))
        for keyword in (*TEXTS, *NUMBERS)
    ]
    return [*row, frame.position, frame.orientation, frame.spacing]


def measure(bench: Bench, folder: Path, files: Iterable[Path], which: str, *, asked: bool) -> None:
    """Time one folder warm and cold."""
    paths = sorted(map(str, files))
    listing = scratch() / "paths.txt"
    listing.write_text("\n".join(paths), encoding="utf-8")
    found = {e.instance.locator.path: e.instance for e in scan([folder]) if isinstance(e, Found)}
    here = digest(values_of(found[path]) for path in paths)
    del found
    routes: dict[str, Callable[[], object]] = {
        "ours": partial(ours, folder, len(paths)),
        "limit": partial(limit, paths),
    }
    peers: dict[str, Peer] = {}
    for name in bench.peers(*LEAST):
        peers[name] = Peer("peers_scan")
        peers[name](name, listing, check=True)
        if peers[name].answer != here:
            bench.note(f"{name} gives other values than ours")

    def call(name: str) -> Seconds:
        return peers[name](name, listing)

    warm = bench.interleave(routes, name=f"{which}, warm", rounds=bench.rounds)
    slow = bench.interleave(
        {"ours": again(routes["ours"])} | {name: again(partial(call, name)) for name in peers},
        name=f"{which}, warm, peers",
        rounds=SLOW_ROUNDS,
    )
    bench.say(
        f"{which}, warm: ours / open + read(4096) + close", warm["ours"] / warm["limit"], most=8 if asked else None
    )
    for name in peers:
        bench.say(f"{which}, warm: {name} / ours", slow[name] / slow["ours"], least=LEAST[name] if asked else None)
    cold = bench.interleave(
        routes, name=f"{which}, cold", rounds=3 if bench.quick else 5, before=lambda: evict(paths), warm_up=False
    )
    bench.say(
        f"{which}, cold: ours / open + read(4096) + close", cold["ours"] / cold["limit"], most=1.5 if asked else None
    )
    for peer in peers.values():
        peer.close()


def main() -> None:
    bench = Bench("scan")
    made = small_files(count=1000 if bench.quick else 5000)
    measure(bench, made.folder, made.files, f"{len(made.files)} files", asked=True)
    with tempfile.TemporaryDirectory(prefix="workstation-bench-") as folder:
        files = mixed_files(Path(folder), 1000 if bench.quick else 5000)
        measure(bench, Path(folder), files, "series mixed in one folder", asked=False)
    bench.finish()


if __name__ == "__main__":
    main()
