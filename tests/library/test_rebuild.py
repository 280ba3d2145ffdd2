"""The index is disposable: what it says can be made again; and what ends the program is named and left out."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from workstation.dicom.identity import Locator
from workstation.library import archive
from workstation.library.importer import ImportReport, import_paths
from workstation.library.marks import put_into_bin, set_comment, set_status
from workstation.library.reading import Reading, quarantined, release, take_stock
from workstation.library.rebuild import check, rebuild
from workstation.library.records import Records, StudyName
from workstation.library.removal import empty_bin
from workstation.library.search import StudyQuery, studies, totals
from workstation.library.store import Library

Write = Callable[..., Path]
Add = Callable[..., ImportReport]


def seen(library: Library) -> list[object]:
    rows = studies(library) + studies(library, StudyQuery(binned=True))
    return sorted((replace(row, id=0, patient=0, added=0.0) for row in rows), key=repr)


def test_a_rebuilt_index_says_the_same(library: Library, write: Write, add: Add) -> None:
    """Features B8: also what a person said of the studies."""
    add(write("linked/one"))
    add(write("copied/two", SOPInstanceUID="1.9.1", SeriesInstanceUID="1.9", StudyInstanceUID="1.8"), copy=True)
    add(write("linked/three", SOPInstanceUID="1.7.1", SeriesInstanceUID="1.7", StudyInstanceUID="1.6"))
    ids = {row.uid: row.id for row in studies(library)}
    set_status(library, [ids["1.8"]], "reviewed")
    set_comment(library, ids["1.2.3"], "look again")
    put_into_bin(library, [ids["1.6"]], now=7.0)
    before = seen(library)
    for ending in ("", "-wal", "-shm"):
        Path(f"{library.index}{ending}").unlink(missing_ok=True)
    library.close()
    with library:
        assert totals(library)["studies"] == 0
        list(rebuild(library))
        assert seen(library) == before
        assert check(library) == []


def test_a_rebuild_takes_no_copy_that_is_not_whole_for_one(library: Library, write: Write, add: Add) -> None:
    add(write("one"), copy=True)
    (library.files / "0123.part").write_bytes(write("two", SOPInstanceUID="1.2.3.1.2").read_bytes())
    report = list(rebuild(library))[-1]
    assert (report.added, report.skipped) == (1, [])


def test_a_check_names_what_is_gone_or_changed(library: Library, write: Write, add: Add) -> None:
    gone, grown = write("gone"), write("grown", SOPInstanceUID="1.2.3.1.2")
    add(gone, grown)
    gone.unlink()
    with grown.open("ab") as stream:
        stream.write(b"more")
    assert check(library) == [
        f"{gone}: this linked file is not there.",
        f"{grown}: its size has changed since it was added.",
    ]


def test_emptying_the_bin_deletes_copies_and_no_original(library: Library, write: Write, add: Add) -> None:
    linked, original = write("linked"), write("original", SOPInstanceUID="1.2.3.1.2")
    add(linked)
    add(original, copy=True)
    (copied,) = archive.stored(library.files)
    put_into_bin(library, [row.id for row in studies(library)])
    assert copied.exists()
    empty_bin(library)
    assert (linked.exists(), original.exists(), copied.exists()) == (True, True, False)
    assert library.query("SELECT count(*) FROM files")[0][0] == 0


def test_records_survive_a_line_that_was_cut_off(library: Library) -> None:
    records = Records(library.folder)
    records.link(["/a"])
    with records.path.open("ab") as stream:
        stream.write(b'{"link": "2f6')
    records.link([os.fsdecode(b"/b\xff")])
    records.say([StudyName("k", "1.2")], status="unread")
    records.say([StudyName("k", "1.2")], comment="x")
    assert records.links() == ["/a", os.fsdecode(b"/b\xff")]
    assert records.said() == {StudyName("k", "1.2"): {"status": "unread", "comment": "x"}}


def test_a_file_on_which_the_program_ended_twice_is_left_out_and_named(
    library: Library, write: Write, add: Add
) -> None:
    """Features A15: once may have been impatience."""
    path = write("bad")
    for time_ in (1, 2):
        reading = Reading(library.folder)
        reading.note(Locator(str(path)))
        os.close(reading._descriptor)  # as if the program had ended
        assert take_stock(library) == ([os.fsencode(path)] if time_ == 2 else [])
    report = add(path.parent)
    assert report.added == 0
    assert report.skipped == [
        (str(path), "bad ended the program when it was read; it is left out. Add the file itself to try again.")
    ]
    assert (os.fsencode(path), "") in quarantined(library)
    assert add(path).added == 1
    assert quarantined(library) == frozenset()


def test_a_file_that_was_released_is_read_again(library: Library, write: Write, add: Add) -> None:
    path = write("bad")
    for _ in range(2):
        reading = Reading(library.folder)
        reading.note(Locator(str(path)))
        os.close(reading._descriptor)
        take_stock(library)
    release(library, os.fsencode(path))
    assert quarantined(library) == frozenset()
    assert add(path.parent).added == 1


def test_an_import_that_goes_on_elsewhere_is_no_crash(library: Library, write: Write) -> None:
    reading = Reading(library.folder)
    reading.note(Locator(str(write())))
    assert take_stock(library) == []
    assert library.query("SELECT count(*) FROM quarantine")[0][0] == 0
    reading.close()
    assert list(library.folder.glob("reading-*")) == []


CODE = """
import sys
from pathlib import Path
from workstation.library.store import Library
from workstation.library import importer
importer.BATCH = 20
with Library(Path(sys.argv[1])) as library:
    print("ready", flush=True)
    while True:
        for report in importer.import_paths(library, [sys.argv[2]], copy=sys.argv[3] == "copy"):
            pass
"""


@pytest.mark.parametrize("how", ["link", "copy"])
def test_killed_at_any_moment_the_library_is_consistent(tmp_path: Path, write: Write, how: str) -> None:
    """Ten kills at ten moments each way: nothing lost, nothing half; the rest comes with the next import."""
    count = 120
    for number in range(count):
        write(f"s/{number}", SOPInstanceUID=f"1.2.3.1.{number + 1}", InstanceNumber=number + 1)
    folder, source = tmp_path / "killed", tmp_path / "files"
    for round_ in range(10):
        shutil.rmtree(folder, ignore_errors=True)
        arguments = [sys.executable, "-c", CODE, str(folder), str(source), how]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == b"ready\n"
            time.sleep(0.002 * round_**2)
            program.send_signal(signal.SIGKILL)
        with Library(folder) as library:
            take_stock(library)
            assert library.damaged is None
            assert library.query("PRAGMA integrity_check")[0][0] == "ok"
            assert check(library) == []
            counted = library.query("SELECT coalesce(sum(instance_count), 0) FROM studies")[0][0]
            assert counted == library.query("SELECT count(*) FROM instances")[0][0]
            archive.clear_unfinished(library.files, older_than=0)
            report = list(import_paths(library, [source], copy=how == "copy"))[-1]
            assert report.skipped == []
            assert totals(library)["instances"] == count
            if how == "copy":
                assert len(archive.stored(library.files)) >= count
    assert len(list(source.rglob("*"))) == count + 1
