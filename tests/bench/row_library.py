"""The library: files added by link and by copy, and a study list over 200,000 instances.

Adding by link reads every header and writes the index; pydicom's FileSet and DCMTK's dcmmkdir do as much when they
make a DICOMDIR of the same files. Copying is compared with a bare copy that waits for the disk after every file.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from harness import Bench, Peer, Seconds, has, percentile, scratch
from series import small_files

from workstation.dicom.identity import Instance, Locator
from workstation.library.entries import Entries, Entry
from workstation.library.importer import import_paths
from workstation.library.search import StudyQuery, count, studies
from workstation.library.store import Library

STUDIES, SERIES, IMAGES = 2000, 5, 20
"""Levels of the generated library: 200,000 instances."""
FAMILIES = ("Müller", "Yamada", "山田", "García", "O'Brien", "Иванова", "Nguyen", "洪", "Smith", "Doe")
GIVEN = ("Anna", "Jürgen", "太郎", "José", "Mary", "吉洞", "Anne-Marie", "Li")


def main() -> None:
    bench = Bench("library")
    files = small_files(count=1000 if bench.quick else 5000)
    adding(bench, files.folder, files.files)
    copying(bench, files.folder, files.files[:200])
    searching(bench)
    bench.finish()


def adding(bench: Bench, folder: Path, files: tuple[Path, ...]) -> None:
    """Time a whole import by link against making a DICOMDIR of the same files."""
    few = files[: len(files) // 10]
    part = linked(few)
    routes: dict[str, Callable[[], object]] = {"ours": partial(added, [folder], copy=False)}
    peers: list[Peer] = []
    if has("pydicom"):
        peers.append(Peer("peers_library"))
        routes["FileSet"] = partial(_call, peers[-1], "fileset", part)
    if shutil.which("dcmmkdir"):
        routes["dcmmkdir"] = partial(dcmmkdir, part)
    times = bench.interleave(routes, name="add by link", rounds=3 if bench.quick else 5)
    each = {name: took / (len(files) if name == "ours" else len(few)) for name, took in times.items()}
    for name, least in (("FileSet", 10.0), ("dcmmkdir", 5.0)):
        if name in each:
            bench.say(f"added by link, for each file: {name} / ours", each[name] / each["ours"], least=least)
        else:
            bench.note(f"not compared with {name}: not installed")
    bench.say("added by link", 1 / each["ours"], unit="/s")
    for peer in peers:
        peer.close()


def linked(files: tuple[Path, ...]) -> Path:
    """Return a folder in which files go by names a DICOMDIR may hold."""
    folder = scratch() / "DICOM"
    folder.mkdir()
    for number, path in enumerate(files):
        shutil.copy(path, folder / f"IM{number:06}")
    return folder


def added(paths: list[Path], copy: bool) -> None:
    home = scratch()
    with Library(home / "library") as library:
        report = list(import_paths(library, paths, copy=copy))[-1]
        assert report.added, report
    shutil.rmtree(home)


def dcmmkdir(folder: Path) -> None:
    target = folder.parent / "DICOMDIR"
    subprocess.run(
        ["dcmmkdir", "--input-directory", str(folder.parent), "--recurse", "--invent", "--general-purpose",
         "--no-consistency-check", "--no-backup", "--output-file", str(target), "DICOM"],
        check=True, capture_output=True,
    )  # fmt: skip
    target.unlink()


def _call(peer: Peer, name: str, folder: Path) -> Seconds:
    return peer(name, folder)


def copying(bench: Bench, folder: Path, files: tuple[Path, ...]) -> None:
    """Time an import by copy against a bare copy of the same files, each on the disk before the next."""
    source = linked(files)

    def bare() -> None:
        target = scratch()
        for path in source.iterdir():
            with path.open("rb") as read, (target / path.name).open("xb", buffering=0) as write:
                shutil.copyfileobj(read, write)
                os.fsync(write.fileno())
        shutil.rmtree(target)

    times = bench.interleave({"ours": partial(added, [source], copy=True), "bare": bare}, name="copy")
    bench.say("added by copy / bare copy with fsync", times["ours"] / times["bare"], most=2.0)


def searching(bench: Bench) -> None:
    """Search and list 200,000 generated instances."""
    chance = random.Random(1)
    share = 10 if bench.quick else 1
    with Library(scratch() / "library") as library:
        for start in range(0, STUDIES // share, 100):
            entries = [entry for number in range(start, start + 100) for entry in study(number, chance)]
            library.write(lambda connection, some=entries: Entries(connection).add(some, time.time()))
        asked = [StudyQuery(), *(StudyQuery(text=text) for text in ("müll", "山", "ann mül", "head ct", "acc-19", "x"))]
        asked += [StudyQuery(modalities=("MR",)), StudyQuery(first_date="20200101", last_date="20201231", sort="name")]
        took: list[float] = []
        for _ in range(5 if bench.quick else 20):
            for query in asked:
                begin = time.perf_counter()
                found = studies(library, query)
                count(library, query)
                took.append(time.perf_counter() - begin)
                assert found or query.text == "x"
        bench.times["search"] = {"all": took}
        total = library.query("SELECT count(*) FROM instances")[0][0]
        bench.say(f"search among {total:,} instances, p95", percentile(took, 0.95) * 1000, most=50, unit="ms")


def study(number: int, chance: random.Random) -> list[Entry]:
    """Return the entries of one made-up study; no file lies behind them."""
    name = f"{chance.choice(FAMILIES)}^{chance.choice(GIVEN)}"
    common: dict[str, Any] = {
        "PatientID": f"P{number // 2}",
        "PatientName": name,
        "StudyDate": f"20{chance.randrange(10, 25)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}",
        "StudyDescription": chance.choice(("Head CT", "Knee", "Thorax", "Abdomen with contrast", "Spine")),
        "AccessionNumber": f"ACC-{number}",
    }
    out = []
    for series in range(SERIES):
        values = {**common, "SeriesNumber": series, "SeriesDescription": chance.choice(("axial", "T2 sag", "scout"))}
        for image in range(IMAGES):
            uid = f"1.2.{number}.{series}.{image}"
            instance = Instance(
                Locator(f"/no/{uid}"),
                uid,
                "1.2.840.10008.5.1.4.1.1.2",
                f"1.2.{number}.{series}",
                f"1.2.{number}",
                "1.2.840.10008.1.2.1",
                modality=("CT", "MR", "US", "SR", "CT")[series],
                instance_number=image,
                values=values,
            )
            out.append(Entry(instance, f"/no/{uid}".encode(), "", True, 1, 1))
    return out


if __name__ == "__main__":
    main()
