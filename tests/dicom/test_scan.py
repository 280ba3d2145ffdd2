"""Folders, links, archives, passwords: whatever is given, the rest goes on."""

from __future__ import annotations

import os
import threading
import zipfile
from pathlib import Path

import pytest

from tests.dicom import build
from tests.dicom.zipcrypto import write_encrypted
from workstation.dicom import sources
from workstation.dicom.identity import Locator
from workstation.dicom.read import read_dataset
from workstation.dicom.scan import Duplicate, Found, Progress, Skipped, scan
from workstation.errors import CorruptFile, PasswordNeeded, TooLarge, UnreadableFile


def image(uid: str = "1.2.3") -> bytes:
    return build.part10(build.image(uid=uid))


def kinds(*paths: object, **options: object) -> list[str]:
    return [type(event).__name__ for event in scan(paths, **options) if not isinstance(event, Progress)]  # type: ignore[arg-type]


def test_folders_are_read_recursively_with_any_extension(tmp_path: Path) -> None:
    """A2, A36: content decides; what is not DICOM is only counted; one bad file stops nothing."""
    build.write(tmp_path, image("1.1"), "a/b/c/IM1")
    build.write(tmp_path, image("1.2"), "a/x.IMA")
    build.write(tmp_path, b"hello", "readme.txt")
    build.write(tmp_path, build.part10(b""), "broken.dcm")
    assert sorted(kinds(tmp_path)) == ["Found", "Found", "NotDicomFile", "Skipped"]


def test_a_skipped_file_is_named_with_its_reason(tmp_path: Path) -> None:
    """A36: path, code, sentence."""
    build.write(tmp_path, build.part10(b""), "broken.dcm")
    (skipped,) = [event for event in scan([tmp_path]) if isinstance(event, Skipped)]
    assert skipped.code == "corrupt"
    assert skipped.path.endswith("broken.dcm")
    assert "broken.dcm" in skipped.reason


def test_a_link_loop_ends(tmp_path: Path) -> None:
    """A40: symlink loops."""
    build.write(tmp_path, image(), "a/IM1")
    os.symlink(tmp_path, tmp_path / "a" / "up")
    os.symlink("self", tmp_path / "self")
    assert kinds(tmp_path).count("Found") == 1


def test_a_dangling_link_is_unreadable(tmp_path: Path) -> None:
    """A40: said, not raised."""
    os.symlink("nowhere", tmp_path / "link")
    (skipped,) = [event for event in scan([tmp_path]) if isinstance(event, Skipped)]
    assert skipped.code == "unreadable"


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    """A40: only files are opened."""
    os.mkfifo(tmp_path / "pipe")
    assert kinds(tmp_path) == []


def test_odd_names_survive(tmp_path: Path) -> None:
    """A40: not UTF-8, NFD, spaces, newlines."""
    for index, name in enumerate((b"\xff\xfe", "e\u0301".encode(), b"a b\nc", "ü".encode())):
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as out:
            out.write(image(f"1.{index + 1}"))
    assert kinds(tmp_path) == ["Found"] * 4


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_refused_folder_is_unreadable(tmp_path: Path) -> None:
    """A40: permission errors."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    assert kinds(tmp_path) == ["Skipped"]


def test_a_path_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    """A39."""
    (skipped,) = [event for event in scan([tmp_path / "gone"]) if isinstance(event, Skipped)]
    assert skipped.code == "unreadable"


def test_a_stop_ends_the_scan(tmp_path: Path) -> None:
    """A36: cancellable between files."""
    for index in range(5):
        build.write(tmp_path, image(f"1.{index + 1}"), f"{index}")
    stop = threading.Event()
    found = 0
    for event in scan([tmp_path], stop=stop):
        found += isinstance(event, Found)
        stop.set()
    assert found == 1


def test_progress_names_no_folder(tmp_path: Path) -> None:
    """A34: folder names often hold patient names."""
    build.write(tmp_path, image(), "DOE^JANE/IM1")
    last = [event for event in scan([tmp_path]) if isinstance(event, Progress)][-1]
    assert last.done == 1
    assert "DOE" not in last.current_folder_token


def test_the_same_file_twice_is_noted_once(tmp_path: Path) -> None:
    """E4: a copy is a duplicate, the same path is nothing at all."""
    build.write(tmp_path, image(), "a")
    build.write(tmp_path, image(), "b")
    events = list(scan([tmp_path, tmp_path / "a"]))
    assert sum(isinstance(event, Found) for event in events) == 1
    assert sum(isinstance(event, Duplicate) for event in events) == 1


def archive(tmp_path: Path, members: dict[str, bytes]) -> Path:
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members.items():
            out.writestr(name, data)
    return path


def test_a_zip_is_read_in_place(tmp_path: Path) -> None:
    """Nothing is extracted, so a member's name cannot lead anywhere (zip-slip)."""
    path = archive(tmp_path, {"a/IM1": image("1.1"), "../../../evil": image("1.2"), "note.txt": b"hi"})
    assert sorted(kinds(path)) == ["Found", "Found", "NotDicomFile"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["study.zip"]


def test_pixels_of_a_member_can_be_read_later(tmp_path: Path) -> None:
    """The place of the pixel data counts inside the member."""
    path = archive(tmp_path, {"IM1": build.part10(build.image(pixels=bytes(range(32))))})
    locator = Locator(str(path), "IM1")
    place = read_dataset(locator).pixel_data
    assert place is not None
    assert sources.read_range(locator, place.offset, place.length) == bytes(range(32))


def test_a_broken_zip_is_corrupt(tmp_path: Path) -> None:
    """A33: a sentence, not a traceback."""
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    (skipped,) = [event for event in scan([path]) if isinstance(event, Skipped)]
    assert skipped.code == "corrupt"


def test_a_damaged_member_is_corrupt(tmp_path: Path) -> None:
    """A33: the other members are still read."""
    path = archive(tmp_path, {"a": image("1.1") + os.urandom(2000), "b": image("1.2")})
    data = bytearray(path.read_bytes())
    data[60:90] = bytes(30)
    path.write_bytes(bytes(data))
    assert sorted(kinds(path)) in (["Found", "Skipped"], ["Found", "NotDicomFile"], ["Found", "Found"])


def test_a_forged_ratio_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A33: ratio and size are capped before anything is inflated."""
    monkeypatch.setattr(sources, "MEMBER_FLOOR", 1 << 20)
    path = archive(tmp_path, {"bomb": bytes(5_000_000)})
    with pytest.raises(TooLarge):
        read_dataset(Locator(str(path), "bomb"))


def test_too_many_members_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A33: the count is capped."""
    monkeypatch.setattr(sources, "MEMBER_COUNT", 2)
    path = archive(tmp_path, {"a": b"1", "b": b"2", "c": b"3"})
    assert kinds(path) == ["Skipped"]


def test_an_encrypted_zip_asks_for_its_password(tmp_path: Path) -> None:
    """The archive is listed once under "password", not once per member."""
    write_encrypted(tmp_path / "x.zip", "IM1", image(), b"secret")
    (skipped,) = [event for event in scan([tmp_path]) if isinstance(event, Skipped)]
    assert skipped.code == "password"


@pytest.mark.parametrize("key", ["", "path"])
def test_a_password_opens_an_encrypted_zip(tmp_path: Path, key: str) -> None:
    """Given by archive path or for all."""
    path = tmp_path / "x.zip"
    write_encrypted(path, "IM1", image(), b"secret")
    (found,) = [
        event for event in scan([path], passwords={str(path) if key else "": b"secret"}) if isinstance(event, Found)
    ]
    assert found.instance.rows == 4
    assert "secret" not in repr(found)


def test_a_wrong_password_is_said(tmp_path: Path) -> None:
    """Not a traceback, not "corrupt"."""
    path = tmp_path / "x.zip"
    write_encrypted(path, "IM1", image(), b"secret")
    with pytest.raises(PasswordNeeded):
        read_dataset(Locator(str(path), "IM1", b"wrong"))


def test_a_member_that_is_gone_is_unreadable(tmp_path: Path) -> None:
    """A39."""
    path = archive(tmp_path, {"a": b"1"})
    with pytest.raises(UnreadableFile):
        read_dataset(Locator(str(path), "b"))


def test_a_single_member_can_be_scanned(tmp_path: Path) -> None:
    """A locator is a path too."""
    path = archive(tmp_path, {"a": image()})
    assert kinds(Locator(str(path), "a")) == ["Found"]


def test_an_unexpected_error_becomes_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A36: a file that raises anything is corrupt, the scan goes on."""
    monkeypatch.setattr("workstation.dicom.quick._at_rest", [])
    monkeypatch.setattr("workstation.dicom.read.find_data_set", lambda *_: (_ for _ in ()).throw(RecursionError()))
    build.write(tmp_path, image())
    assert kinds(tmp_path) == ["Skipped"]
    with pytest.raises(CorruptFile):
        read_dataset(Locator(str(tmp_path / "file")))
