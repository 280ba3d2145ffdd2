"""``workstation get`` and ``workstation move`` against played peers (G8, G9, G20, A24)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.cli.conftest import Outcome
from tests.network.peers import free_port
from tests.network.played import STUDY, archive, receiver, slices

Run = Callable[..., Outcome]
KEY = ("-k", f"StudyInstanceUID={STUDY}")


def uids(folder: Path) -> set[str]:
    return {str(dcmread(path).SOPInstanceUID) for path in folder.rglob("*.dcm")}


def test_get_writes_files_named_by_their_hash(run: Run, tmp_path: Path) -> None:
    """A24: no UID, name or title of a peer is in a path."""
    held = slices(3)
    with archive(held) as played:
        told = run("get", "--peer", played.node, *KEY, "--out", tmp_path / "out", "--json")
    assert told.code == 0
    assert (told.json["done"], told.json["total"], told.json["failure"]) == (3, 3, None)
    assert uids(tmp_path / "out") == {ds.SOPInstanceUID for ds in held}
    assert all(STUDY not in one["path"].removeprefix(str(tmp_path)) for one in told.json["instances"])


def test_the_same_again_asks_for_nothing(run: Run, tmp_path: Path) -> None:
    """G20."""
    with archive(slices(3)) as played:
        call = ("get", "--peer", played.node, *KEY, "--out", tmp_path / "out")
        assert run(*call).code == 0
        again = run(*call)
        assert (again.code, len(played.asked)) == (0, 1)
    assert again.out.splitlines()[-1] == "0 retrieved, 3 here already, 0 failed"


def test_each_failure_is_one_line_and_the_exit_code_is_1(run: Run, tmp_path: Path) -> None:
    def some(_identifier: Dataset, found: list[Dataset]) -> Iterator[Any]:
        yield 1
        yield 0xFF00, found[0]

    with archive(slices(3), some) as played:
        told = run("get", "--peer", played.node, *KEY, "--out", tmp_path / "out")
    assert told.code == 1
    assert len(told.err.splitlines()) == told.err.count("did not come") > 0


def test_what_the_library_has_is_not_asked_for(run: Run, tmp_path: Path) -> None:
    with archive(slices(4)) as played:
        series = ("--level", "series", *KEY, "-k", f"SeriesInstanceUID={STUDY}.1", "--library")
        first = run("get", "--peer", played.node, *series, "--out", tmp_path / "one", "--json")
        assert first.json["library"] == {"added": 4, "known": 0}
        second = run("get", "--peer", played.node, *series, "--out", tmp_path / "two", "--json")
    assert (second.code, second.json["done"], second.json["skipped"]) == (0, 0, 4)


def test_move_listens_for_its_objects(run: Run, tmp_path: Path) -> None:
    """G8: our own receiver, open to the one node for the time of the retrieval."""
    held, port = slices(3), free_port()
    with archive(held, destinations={"READER": port}) as played:
        call = ("move", "--peer", played.node, "--aet", "READER", *KEY, "--port", port)
        told = run(*call, "--out", tmp_path / "out", "--json")
    assert (told.code, told.json["done"]) == (0, 3)
    assert uids(tmp_path / "out") == {ds.SOPInstanceUID for ds in held}
    assert {path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()} == {".dcm"}


def test_move_to_a_third_application(run: Run, tmp_path: Path) -> None:
    with receiver(tmp_path / "third") as third, archive(slices(3), destinations={"THIRD": third.port}) as played:
        told = run("move", "--peer", played.node, *KEY, "--to", "THIRD")
        unknown = run("move", "--peer", played.node, *KEY, "--to", "FOURTH")
    assert (told.code, len(uids(tmp_path / "third"))) == (0, 3)
    assert unknown.code == 2
    assert "does not know the title FOURTH" in unknown.err


@pytest.mark.parametrize(
    "words",
    [
        ("--level", "series", *KEY),
        (*KEY, "-k", "PatientName=A*"),
        (*KEY, "-k", "SeriesInstanceUID=1.2"),
        ("-k", f"StudyInstanceUID={STUDY}\\1.2"),
        ("-k", "StudyInstanceUID=*"),
    ],
)
def test_keys_name_one_place(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    """G3."""
    told = run("get", "--peer", f"NOBODY@127.0.0.1:{free_port()}", *words, "--out", tmp_path / "out")
    assert told.code == 2
    assert len(told.err.splitlines()) == 1


def test_a_peer_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    told = run("get", "--peer", f"NOBODY@127.0.0.1:{free_port()}", *KEY, "--out", tmp_path / "out", "--json")
    assert (told.code, told.json["cause"]) == (2, "refused")
