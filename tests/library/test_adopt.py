"""What waited for the library is taken over: never lost, never twice, judged as any other file (E4, G20)."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from workstation.library import archive, batches
from workstation.library.importer import ImportReport, import_paths
from workstation.library.records import Records
from workstation.library.search import totals
from workstation.library.store import Library, LibraryError

Write = Callable[..., Path]
Adopt = Callable[..., ImportReport]


@pytest.fixture
def adopt(library: Library) -> Adopt:
    def run(*paths: Path) -> ImportReport:
        return list(import_paths(library, paths, copy=False, adopt=True))[-1]

    return run


def kept(library: Library) -> list[bytes]:
    return sorted(path.read_bytes() for path in archive.stored(library.files))


def test_what_waited_is_the_librarys_and_waits_no_more(library: Library, write: Write, adopt: Adopt) -> None:
    path, other = write("a"), write("b", SOPInstanceUID="1.2.3.1.2")
    content, inode = sorted((path.read_bytes(), other.read_bytes())), path.stat().st_ino
    assert adopt(path, other).added == 2
    assert not path.exists()
    assert not other.exists()
    assert kept(library) == content
    assert inode in {one.stat().st_ino for one in archive.stored(library.files)}, "not a byte was written again"
    assert Records(library.folder).links() == [], "it is not remembered where it waited"


def test_what_the_library_has_already_is_removed(library: Library, write: Write, adopt: Adopt) -> None:
    """E4: identical content is one object, also twice among what waits."""
    content = write("a").read_bytes()
    adopt(write("a"))
    report = adopt(write("again"))
    assert (report.added, len(report.identical)) == (0, 1)
    new, twin = write("new", SOPInstanceUID="1.2.9"), write("twin", SOPInstanceUID="1.2.9")
    report = adopt(new, twin)
    assert (report.added, len(report.identical)) == (1, 1)
    assert [one.exists() for one in (new, twin, new.parent / "again")] == [False] * 3
    assert content in kept(library)
    assert totals(library)["instances"] == 2


def test_another_object_under_a_uid_that_is_taken_is_kept_beside_it(
    library: Library, write: Write, adopt: Adopt
) -> None:
    """E4."""
    adopt(write("a"))
    other = write("b", PixelData=b"\1" * 32)
    report = adopt(other)
    assert [uid for _path, uid in report.apart] == ["1.2.3.1.1"]
    assert not other.exists()
    assert len(kept(library)) == 2


def test_what_cannot_be_read_stays_where_it_waits(tmp_path: Path, adopt: Adopt) -> None:
    rubbish = tmp_path / "rubbish.dcm"
    rubbish.write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 50)
    report = adopt(rubbish)
    assert report.added == 0
    assert rubbish.exists()


@pytest.mark.parametrize("fault", [errno.EXDEV, errno.EPERM])
def test_it_is_copied_where_it_cannot_have_two_names(
    library: Library, write: Write, adopt: Adopt, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(os, "link", refuse)
    path = write("a")
    content = path.read_bytes()
    assert adopt(path).added == 1
    assert not path.exists()
    assert kept(library) == [content]


def test_an_end_between_file_and_index_loses_nothing(
    library: Library, write: Write, adopt: Adopt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G20: the file waits until the index knows it."""
    path = write("a")

    def refuse(*_: object) -> None:
        raise LibraryError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(batches, "_carry_out", refuse)
        with pytest.raises(LibraryError):
            adopt(path)
    assert path.exists()
    assert adopt(path).added == 1
    assert not path.exists()
    assert len(kept(library)) == 1


def test_a_file_that_is_linked_where_it_waits_stays(library: Library, write: Write, add: Adopt, adopt: Adopt) -> None:
    path = write("a")
    add(path)
    assert adopt(path).known == 1
    assert path.exists()
