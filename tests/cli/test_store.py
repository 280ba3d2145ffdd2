"""``store`` and ``commit``: what is printed, and how they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from tests.network.peers import Peer, free_port, orthanc, storescp
from workstation.cli.main import run
from workstation.network.commitments import Commitments

CT = str(get_testdata_file("CT_small.dcm"))
JPEG2000 = str(get_testdata_file("JPEG2000.dcm"))


@pytest.fixture(scope="module")
def explicit_only(dcmtk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with storescp(dcmtk, tmp_path_factory.mktemp("scp"), "+xe") as peer:
        yield peer


def test_store_says_what_it_changed(explicit_only: Peer, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["store", "--peer", str(explicit_only.node), CT, JPEG2000]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == "2 sent, 0 failed, 0 skipped."
    assert f"{JPEG2000}: Sent as Explicit VR Little Endian: " in told.out
    assert told.err == ""


def test_store_as_is_names_what_is_not_taken(explicit_only: Peer, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["store", "--peer", str(explicit_only.node), "--as-is", "--json", CT, JPEG2000]) == 1
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert (document["sent"], document["failed"]) == (1, 1)
    assert [one["outcome"] for one in document["objects"]] == ["done", "failed"]
    assert len(told.err.splitlines()) == 1
    assert told.err.startswith(f"{JPEG2000}: ")


def test_store_of_nothing_usable_is_an_error(
    explicit_only: Peer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("no DICOM")
    assert run(["store", "--peer", str(explicit_only.node), str(tmp_path / "a.txt")]) == 2
    assert capsys.readouterr().err.endswith("It is not DICOM.\n")


def test_store_to_nobody_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["store", "--peer", f"NOBODY@127.0.0.1:{free_port()}", CT]) == 2
    assert "nothing listens" in capsys.readouterr().err


@pytest.mark.usefixtures("orthanc_program")
def test_store_and_commit_wait_for_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """G16."""
    port = free_port()
    with orthanc(tmp_path / "orthanc", destinations=[("WORKSTATION", port)], worklist=False) as peer:
        to = ["--peer", str(peer.node), "--listen", str(port), "--json"]
        assert run(["store", *to, "--commit", CT]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["commitment"]["state"] == "done"
        assert document["commitment"]["committed"] == [document["objects"][0]["sop_instance_uid"]]
        assert run(["commit", *to, CT, JPEG2000]) == 1
        told = capsys.readouterr()
        assert json.loads(told.out)["failed"][0]["reason"] == "0x0112"
        assert "does not have the object" in told.err


def test_commit_lists_what_is_pending(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["commit", "--pending"]) == 0
    assert capsys.readouterr().out == "Nothing is pending.\n"
    asked = Commitments().begin("archive", [("1.2", "1.2.3")])
    assert run(["commit", "--pending", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pending"][0]["transaction"] == asked.uid


def test_commit_without_a_node_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["commit", CT]) == 2
    assert "--pending" in capsys.readouterr().err
