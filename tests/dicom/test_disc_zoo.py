"""Odd discs open whole, by folder, by DICOMDIR and as a ZIP; nothing else is read, nothing is changed (E10-E12, H4)."""

from __future__ import annotations

import hashlib
import os
import random
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

import pytest

from tests.dicom.disc_parts import UIDs, good, pack_disc, save
from tests.dicom.disc_zoo import DISCS, Disc
from tests.dicom.odd_directories import JAPANESE, UTF_8, names
from tests.dicom.odd_files import same_file_under_two_names, several_directories
from tests.dicom.test_mutations import MUTATIONS
from workstation.dicom.dicomdir import read_dicomdir
from workstation.dicom.identity import Locator
from workstation.dicom.media_audit import audit
from workstation.dicom.scan import Found, Missing, Progress, Skipped, is_dicomdir_name, scan
from workstation.errors import WorkstationError

_watchers: list[Callable[[str], None]] = []
PROGRAM = tuple(os.path.realpath(folder) for folder in (sys.prefix, sys.base_prefix, Path(__file__).parents[2]))


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _watchers and event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str):
        for watcher in _watchers:
            watcher(os.path.realpath(arguments[0]))


sys.addaudithook(_hook)


@contextmanager
def only_read(medium: Path) -> Iterator[None]:
    """Fail where anything but the medium is opened, or the medium is changed (A26, H4)."""
    opened: list[str] = []
    before = contents(medium)
    # workers of earlier tests may still be at work on files of theirs: only threads that the opening starts count
    family = {threading.current_thread()}
    start = threading.Thread.start

    def started(thread: threading.Thread) -> None:
        if threading.current_thread() in family:
            family.add(thread)
        start(thread)

    def watch(path: str) -> None:
        if threading.current_thread() in family:
            opened.append(path)

    _watchers.append(watch)
    try:
        with mock.patch.object(threading.Thread, "start", started):
            yield
    finally:
        _watchers.clear()
    allowed = (os.path.realpath(medium), *PROGRAM)
    outside = {path for path in opened if not any(path == one or path.startswith(one + os.sep) for one in allowed)}
    assert outside == set()
    assert contents(medium) == before


def contents(medium: Path) -> dict[str, tuple[int, int, str]]:
    paths = [medium, *medium.rglob("*")]
    return {str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns, digest(path)) for path in paths}


def digest(path: Path) -> str:
    if path.is_symlink():
        return os.readlink(path)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def opened(medium: Path, given: Path | Locator) -> tuple[Counter[str], str]:
    """Return how often each SOP Instance UID is found, and all that is told."""
    with only_read(medium):
        events = list(scan([given]))
    told = " ".join(event.reason for event in events if isinstance(event, Skipped | Missing))
    return Counter(event.instance.sop_instance_uid for event in events if isinstance(event, Found)), told


def made(disc: Disc, tmp_path: Path) -> tuple[Path, UIDs]:
    folder = tmp_path / "disc"
    folder.mkdir()
    return folder, disc.build(folder)


def directories(medium: Path) -> list[Path]:
    return [path for path in sorted(medium.iterdir()) if is_dicomdir_name(path.name) and path.is_file()]


def check(disc: Disc, uids: UIDs, outcome: tuple[Counter[str], str]) -> None:
    found, told = outcome
    assert found == Counter(uids)
    for sentence in disc.told:
        assert re.search(sentence, told)
    assert disc.told or not told


every_disc = pytest.mark.parametrize("disc", DISCS, ids=[disc.name.replace(" ", "_") for disc in DISCS])


def test_the_zoo_is_large_and_every_disc_has_a_name() -> None:
    assert len({disc.name for disc in DISCS}) == len(DISCS) >= 30


@every_disc
def test_a_folder_shows_every_image_on_it(disc: Disc, tmp_path: Path) -> None:
    """H4, E12: whether or not the DICOMDIR lists it."""
    medium, uids = made(disc, tmp_path)
    check(disc, uids, opened(medium, medium))


@every_disc
def test_a_dicomdir_shows_every_image_beside_it(disc: Disc, tmp_path: Path) -> None:
    """E10-E12: opened by its own path."""
    medium, uids = made(disc, tmp_path)
    for path in directories(medium):
        check(disc, uids, opened(medium, path))


@pytest.mark.parametrize("prefix", ["", "some study/"])
@pytest.mark.parametrize(
    "disc", [one for one in DISCS if one.zips], ids=[one.name.replace(" ", "_") for one in DISCS if one.zips]
)
def test_a_disc_in_a_zip_shows_the_same(disc: Disc, prefix: str, tmp_path: Path) -> None:
    """E11: in place; nothing is extracted."""
    medium, uids = made(disc, tmp_path)
    archive = tmp_path / "disc.zip"
    pack_disc(medium, archive, prefix)
    check(disc, uids, opened(archive, archive))
    for path in directories(medium):
        check(disc, uids, opened(archive, Locator(str(archive), f"{prefix}{path.name}")))


@every_disc
def test_an_audit_finds_what_is_wrong(disc: Disc, tmp_path: Path) -> None:
    """N10, H4: faults, or a sentence where there is no DICOMDIR to audit; never another error."""
    medium, _ = made(disc, tmp_path)
    with only_read(medium):
        if not disc.audited:
            with pytest.raises(WorkstationError):
                audit(medium)
            return
        found = {fault.code for fault in audit(medium).faults}
    assert set(disc.faults) <= found
    assert disc.faults or not found


def test_an_audit_tells_a_copy_from_the_file_that_is_listed(tmp_path: Path) -> None:
    """N10: whichever comes first in the order of names."""
    same_file_under_two_names(tmp_path)
    assert [(fault.code, fault.where) for fault in audit(tmp_path).faults] == [("duplicate", "AGAIN")]


def test_an_audit_leaves_the_files_of_another_directory_to_it(tmp_path: Path) -> None:
    """H4: several DICOMDIRs, one per folder."""
    several_directories(tmp_path)
    assert [fault.code for fault in audit(tmp_path).faults] == ["other_directory"]


@pytest.mark.parametrize(("name", "terms"), [(UTF_8, ("ISO_IR 192",)), (JAPANESE, ("", "ISO 2022 IR 87"))])
def test_records_name_patients_in_their_own_character_set(name: str, terms: tuple[str, ...], tmp_path: Path) -> None:
    """E10: the character set of the patient record."""
    names(name, *terms)(tmp_path)
    shown = {one.values["PatientName"] for one in read_dicomdir(Locator(str(tmp_path / "DICOMDIR"))).instances}
    assert name in shown


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_dicomdir_hides_nothing(seed: int, tmp_path: Path) -> None:
    """E12: bits, lengths and pieces of it changed at random; what lies beside it is found all the same."""
    uids = Counter(good(tmp_path))
    path = tmp_path / "DICOMDIR"
    data, chance = path.read_bytes(), random.Random(seed)
    for mutation in MUTATIONS:
        path.write_bytes(mutation(bytearray(data), chance))
        assert opened(tmp_path, tmp_path)[0] == uids
        assert opened(tmp_path, path)[0] == uids
        with suppress(WorkstationError):
            audit(tmp_path)


def test_a_file_that_is_listed_and_found_is_counted_once(tmp_path: Path) -> None:
    """A36: progress counts files, not the ways to come by them."""
    count = len(good(tmp_path)) + 1
    for given in (tmp_path, tmp_path / "DICOMDIR"):
        assert [event.done for event in scan([given]) if isinstance(event, Progress)] == [count]


def test_a_dicomdir_in_a_folder_of_a_zip_speaks_for_that_folder(tmp_path: Path) -> None:
    """E12: as one on disk does."""
    uids = good(tmp_path / "two" / "a") | good(tmp_path / "two" / "b")
    save(tmp_path / "two" / "b", 70, "MORE")
    pack_disc(tmp_path / "two", tmp_path / "two.zip")
    assert opened(tmp_path, Locator(str(tmp_path / "two.zip"), "a/DICOMDIR"))[0] == Counter(uids)


def sets(corpus: Path) -> list[Path]:
    return [path for path in sorted((corpus / "dicomdir").rglob("DICOMDIR*")) if path.is_file()]


def test_real_discs_show_every_file_and_are_audited(corpus: Path) -> None:
    """H4: each directory of real sets; some are broken on purpose."""
    for path in sets(corpus):
        whole, _ = opened(path.parent, path.parent)
        alone, _ = opened(path.parent, path)
        assert whole == alone
        with only_read(path.parent):
            assert audit(path).files == sum(whole.values())
