"""A collection gathers what scans find and hands over frozen snapshots."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.dicom import build
from workstation.dicom import duplicates
from workstation.dicom.scan import Duplicate, Missing, scan
from workstation.loading import opening
from workstation.loading.collection import Catalogue, Collection
from workstation.loading.opening import Openings

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance


def write_series(folder: Path, count: int = 3, series: str = "1.2.5", first: int = 1) -> None:
    for number in range(first, first + count):
        data = build.image(uid=f"{series}.{number}").replace(b"1.2.5\0", series.encode().ljust(6, b"\0"))
        build.write(folder, build.part10(data), f"{series}-{number}")


def scanned(collection: Collection, *paths: Path) -> Catalogue:
    for item in scan(paths):
        collection.add(item)
    return collection.snapshot(finished=True)


def test_a_folder_becomes_patients_and_stacks(tmp_path: Path) -> None:
    write_series(tmp_path)
    catalogue = scanned(Collection(), tmp_path)
    assert (len(catalogue.patients), len(catalogue.instances), catalogue.done) == (1, 3, 3)
    assert sum(len(stack.frames) for stack in catalogue.ordered_stacks()) == 3


def test_identical_files_are_counted_once_found(tmp_path: Path) -> None:
    """E4: identical copies are ignored with a note, in one scan and in a later one, however often."""
    write_series(tmp_path / "a")
    write_series(tmp_path / "b")
    write_series(tmp_path / "c")
    collection = Collection()
    assert scanned(collection, tmp_path / "a", tmp_path / "b").duplicates == 3
    assert scanned(collection, tmp_path / "c").duplicates == 6
    catalogue = scanned(collection, tmp_path / "c")
    assert (catalogue.duplicates, len(catalogue.instances)) == (6, 3)


def test_opening_the_same_folder_again_changes_nothing(tmp_path: Path) -> None:
    """E4: opening is idempotent."""
    write_series(tmp_path)
    collection = Collection()
    first = scanned(collection, tmp_path)
    again = scanned(collection, tmp_path)
    assert (again.duplicates, again.instances) == (0, first.instances)


def test_what_a_directory_names_and_lacks_is_reported() -> None:
    """E12: a missing file is skipped with its reason; it is no object and no file looked at."""
    collection = Collection()
    collection.add(Missing("DICOM/IM1", "DICOMDIR names DICOM/IM1, which is not there."))
    collection.add(Duplicate("/a/copy", "/a/file"))
    catalogue = collection.snapshot(finished=True)
    assert [(one.path, one.code) for one in catalogue.skipped] == [("DICOM/IM1", "missing")]
    assert (catalogue.duplicates, catalogue.done) == (1, 1)


def test_what_is_not_there_is_known_by_its_study_until_that_is_closed() -> None:
    """N9: the same record read twice is one file that is missing."""
    collection = Collection()
    for _ in range(2):
        collection.add(Missing("DICOM/IM1", "It is not there.", "1.2.3", "1.2.3.4"))
    assert [(one.path, one.study_instance_uid) for one in collection.snapshot(finished=True).missing] == [
        ("DICOM/IM1", "1.2.3")
    ]
    collection.remove_studies(["1.2.3"])
    assert collection.snapshot(finished=True).missing == ()


def test_a_closed_study_can_be_opened_again(tmp_path: Path) -> None:
    """E17: closing forgets; nothing of the study is taken for a duplicate afterwards."""
    write_series(tmp_path)
    collection = Collection()
    scanned(collection, tmp_path)
    collection.remove_studies(["1.2.4"])
    assert collection.snapshot(finished=True).instances == {}
    assert len(scanned(collection, tmp_path).instances) == 3


def test_a_snapshot_reads_no_file_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """E4: files are compared once, when they are found."""
    write_series(tmp_path / "a")
    write_series(tmp_path / "b")
    collection = Collection()
    scanned(collection, tmp_path)
    monkeypatch.setattr(duplicates, "open_stream", lambda locator: pytest.fail(f"{locator} is read again"))
    assert collection.snapshot(finished=True).duplicates == 3


def test_the_stacks_of_an_unchanged_series_are_kept(tmp_path: Path) -> None:
    write_series(tmp_path / "a", series="1.2.5")
    write_series(tmp_path / "b", series="1.2.6")
    collection = Collection()
    before = scanned(collection, tmp_path)
    write_series(tmp_path / "b", series="1.2.6", first=4)
    after = scanned(collection, tmp_path)
    assert stacks_of(after, "1.2.5")[0] is stacks_of(before, "1.2.5")[0]
    assert len(stacks_of(after, "1.2.6")[0].frames) == 6


def test_a_snapshot_of_some_series_leaves_the_others_for_later(tmp_path: Path) -> None:
    """A36: what was asked for last is organised without what another scan has found by then."""
    write_series(tmp_path / "a", series="1.2.5")
    write_series(tmp_path / "b", series="1.2.6")
    collection = Collection()
    for item in scan([tmp_path / "a", tmp_path / "b"]):
        collection.add(item)
    some = collection.snapshot(finished=False, of={"1.2.6"})
    assert (len(stacks_of(some, "1.2.5")), len(stacks_of(some, "1.2.6"))) == (0, 1)
    assert len(some.instances) == 6
    everything = collection.snapshot(finished=True)
    assert stacks_of(everything, "1.2.6")[0] is stacks_of(some, "1.2.6")[0]
    assert len(stacks_of(everything, "1.2.5")[0].frames) == 3


def test_what_waits_to_be_organised_is_closed_with_its_study(tmp_path: Path) -> None:
    write_series(tmp_path)
    collection = Collection()
    for item in scan([tmp_path]):
        collection.add(item)
    study = collection.snapshot(finished=False, of=()).instances["1.2.5.1"].study_instance_uid
    collection.remove_studies([study])
    closed = collection.snapshot(finished=True)
    assert (closed.patients, dict(closed.instances)) == ((), {})


def test_what_a_scan_finds_after_everything_was_closed_is_not_shown(tmp_path: Path, until: Callable) -> None:
    """A36: the file being read when the scans are stopped brings nothing back."""
    write_series(tmp_path)
    seen: list[Catalogue] = []
    openings = Openings(seen.append)
    admit, held, closed = openings.collection.admit, threading.Event(), threading.Event()

    def late(instance: Instance) -> None:
        held.set()
        closed.wait(5)
        admit(instance)

    openings.collection.admit = late  # type: ignore[method-assign]
    openings.open([str(tmp_path)])
    held.wait(5)
    assert openings.clear().patients == ()
    closed.set()
    until(lambda: not openings.running)
    openings.close()
    assert seen == []
    assert dict(openings.collection.snapshot(finished=True).instances) == {}


def test_the_collector_works_again_in_a_long_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Callable
) -> None:
    write_series(tmp_path)
    monkeypatch.setattr(opening, "WITHOUT_COLLECTOR", 0.0)
    enabled: list[bool] = []
    openings = Openings(lambda catalogue: None)
    monkeypatch.setattr(openings.collection, "admit", _noting(openings.collection.admit, enabled))
    openings.open([str(tmp_path)])
    until(lambda: not openings.running)
    openings.close()
    assert enabled == [False, True, True]


def _noting(admit: Callable, enabled: list[bool]) -> Callable:
    def note(instance: object) -> None:
        enabled.append(gc.isenabled())
        admit(instance)

    return note


def stacks_of(catalogue: Catalogue, series_uid: str) -> list:
    return [stack for stack in catalogue.ordered_stacks() if stack.series_instance_uid == series_uid]


def test_every_opening_ends_with_a_finished_snapshot(tmp_path: Path, until: Callable) -> None:
    """A36: queued openings follow each other; one last snapshot says that all is done."""
    write_series(tmp_path / "a", series="1.2.5")
    write_series(tmp_path / "b", series="1.2.6")
    seen: list[Catalogue] = []
    openings = Openings(seen.append)
    openings.open([str(tmp_path / "a")])
    openings.open([str(tmp_path / "b")])
    until(lambda: bool(seen) and seen[-1].finished and len(seen[-1].instances) == 6)
    assert not openings.running
    openings.close()
