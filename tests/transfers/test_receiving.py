"""The receiver joined with the library: what DCMTK's storescu sends is adopted, counted and told (G12, G16)."""

from __future__ import annotations

import queue
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.network.peers import PROMPT
from workstation.library.store import Library
from workstation.network.commitments import Commitments
from workstation.network.receiver_events import CommitmentReport
from workstation.network.receiver_options import ReceiverOptions
from workstation.network.spool import Kept
from workstation.phantoms.demo import write_demo
from workstation.transfers.receiving import Committed, News, Receiving, Taken, Trouble

T = TypeVar("T", bound=News)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return sorted(path for path in folder.rglob("*") if path.is_file())[:12]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library") as opened:
        yield opened


def options(tmp_path: Path, *titles: str) -> ReceiverOptions:
    return ReceiverOptions(tmp_path / "spool", allowed=frozenset(titles or {"MODALITY1"}))


def send(dcmtk: Path, port: int, files: list[Path], title: str = "MODALITY1") -> int:
    command = [dcmtk / "storescu", "-aet", title, "-aec", "WORKSTATION", "-xs", "127.0.0.1", str(port), *files]
    return subprocess.run(
        [str(word) for word in command], env=PROMPT, timeout=60, check=False, capture_output=True
    ).returncode


def next_of(news: queue.SimpleQueue[News], kind: type[T], *, over: bool = False) -> T:
    while True:
        found = news.get(timeout=30)
        if isinstance(found, kind) and (not over or (isinstance(found, Taken) and found.over)):
            return found


def test_what_a_modality_sends_is_in_the_library_and_nowhere_else(
    dcmtk: Path, tmp_path: Path, library: Library, files: list[Path]
) -> None:
    """G12: adopted, told by sender, and nothing waits any more."""
    news: queue.SimpleQueue[News] = queue.SimpleQueue()
    with Receiving(options(tmp_path), lambda: library, news.put) as receiving:
        assert send(dcmtk, receiving.port, files) == 0
        taken = next_of(news, Taken, over=True)
    assert (taken.calling, taken.objects, taken.added, taken.there) == ("MODALITY1", len(files), len(files), 0)
    assert library.query("SELECT count(*) AS n FROM instances")[0]["n"] == len(files)
    assert not list((tmp_path / "spool").rglob("*.dcm"))


def test_the_same_objects_again_are_told_as_there_already(
    dcmtk: Path, tmp_path: Path, library: Library, files: list[Path]
) -> None:
    """E4: a duplicate is no new object."""
    news: queue.SimpleQueue[News] = queue.SimpleQueue()
    with Receiving(options(tmp_path), lambda: library, news.put) as receiving:
        send(dcmtk, receiving.port, files[:3])
        next_of(news, Taken, over=True)
        send(dcmtk, receiving.port, files[:3])
        again = next_of(news, Taken, over=True)
    assert (again.objects, again.added, again.there) == (3, 0, 3)
    assert library.query("SELECT count(*) AS n FROM instances")[0]["n"] == 3


def test_a_caller_that_is_not_on_the_list_is_refused_and_told(
    dcmtk: Path, tmp_path: Path, library: Library, files: list[Path]
) -> None:
    """A35, G13."""
    news: queue.SimpleQueue[News] = queue.SimpleQueue()
    with Receiving(options(tmp_path), lambda: library, news.put) as receiving:
        assert send(dcmtk, receiving.port, files[:1], title="STRANGER") != 0
        trouble = next_of(news, Trouble)
    assert trouble.sentence
    assert library.query("SELECT count(*) AS n FROM instances")[0]["n"] == 0


def test_what_an_earlier_run_left_is_adopted_at_the_start(
    dcmtk: Path, tmp_path: Path, library: Library, files: list[Path]
) -> None:
    """G12: what a sender was told is stored survives whatever ended the program."""
    from workstation.network.receiver import Receiver

    with Receiver(options(tmp_path)) as receiver:
        send(dcmtk, receiver.port, files[:4])
    assert len(list((tmp_path / "spool").rglob("*.dcm"))) == 4
    news: queue.SimpleQueue[News] = queue.SimpleQueue()
    with Receiving(options(tmp_path), lambda: library, news.put):
        taken = next_of(news, Taken, over=True)
    assert (taken.calling, taken.added) == ("MODALITY1", 4)
    assert not list((tmp_path / "spool").rglob("*.dcm"))


def test_retrievals_hear_of_every_object_as_it_arrives(
    dcmtk: Path, tmp_path: Path, library: Library, files: list[Path]
) -> None:
    """G9: C-MOVE is counted by what arrived."""
    heard: list[Kept] = []
    news: queue.SimpleQueue[News] = queue.SimpleQueue()
    with Receiving(options(tmp_path), lambda: library, news.put) as receiving:
        with receiving.arrivals(heard.append):
            send(dcmtk, receiving.port, files[:2])
            next_of(news, Taken, over=True)
        send(dcmtk, receiving.port, files[2:3])
        next_of(news, Taken, over=True)
    assert len(heard) == 2


def test_a_library_that_takes_nothing_leaves_everything_in_the_spool(
    dcmtk: Path, tmp_path: Path, files: list[Path]
) -> None:
    """G12: nothing that was acknowledged is lost where the library cannot be written."""
    news: queue.SimpleQueue[News] = queue.SimpleQueue()

    def refuse() -> Library:
        from workstation.errors import WorkstationError

        raise WorkstationError("The library cannot be written.")

    with Receiving(options(tmp_path), refuse, news.put) as receiving:
        assert send(dcmtk, receiving.port, files[:2]) == 0
        assert next_of(news, Trouble).sentence == "The library cannot be written."
        taken = next_of(news, Taken, over=True)
    assert (taken.objects, taken.added, taken.there, taken.waiting) == (2, 0, 0, 2)
    assert len(list((tmp_path / "spool").rglob("*.dcm"))) == 2


def test_a_report_of_storage_commitment_is_put_to_its_request(tmp_path: Path, library: Library) -> None:
    """G16."""
    book = Commitments(tmp_path / "commitments.json")
    asked = book.begin("archive", [("1.2.840.10008.5.1.4.1.1.2", "1.2.3"), ("1.2.840.10008.5.1.4.1.1.2", "1.2.4")])
    news: queue.SimpleQueue[News] = queue.SimpleQueue()
    with Receiving(options(tmp_path), lambda: library, news.put, book=book) as receiving:
        receiving._deliver(CommitmentReport(asked.uid, ("1.2.3",), (("1.2.4", 0x0112),), "ARCHIVE"))
        assert next_of(news, Committed) == Committed("archive", 1, 1)
    assert book.transaction(asked.uid).state == "done"
    assert book.committed() == {"1.2.3"}


def test_two_objects_of_one_uid_are_kept_apart_and_told(
    dcmtk: Path, tmp_path: Path, library: Library, files: list[Path]
) -> None:
    """E4: another object under a UID that is taken is not lost."""
    import pydicom

    other = tmp_path / "other.dcm"
    shutil.copy(files[0], other)
    ds = pydicom.dcmread(other)
    ds.PatientComments = "another"
    ds.save_as(other)
    news: queue.SimpleQueue[News] = queue.SimpleQueue()
    with Receiving(options(tmp_path), lambda: library, news.put) as receiving:
        send(dcmtk, receiving.port, [files[0]])
        next_of(news, Taken, over=True)
        send(dcmtk, receiving.port, [other])
        taken = next_of(news, Taken, over=True)
    assert (taken.objects, taken.apart) == (1, 1)
