"""Objects sent by STOW-RS: as they are, each with its outcome (G10, G18)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.network.played_web import Played, Reply, Request, json_reply, played, told_before
from tests.network.test_web_retrieve import file_of
from workstation.network.failures import Cancelled, NetworkFailure
from workstation.network.part10 import object_of_file
from workstation.network.progress import Outcome
from workstation.network.spool import part10_head
from workstation.network.web.media import media_type
from workstation.network.web.multipart import parts_of
from workstation.network.web.session import WebSession
from workstation.network.web.store import store


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.dcm" for number in range(4)]
    for number, path in enumerate(paths):
        path.write_bytes(file_of(f"1.2.{number}", 5000))
    return paths


def received(request: Request) -> list[bytes]:
    boundary = media_type(request.headers["Content-Type"]).parameters["boundary"]
    return [b"".join(part.pieces) for part in parts_of([request.body], boundary)]


def _uid(content: bytes) -> str:
    return object_of_file(content)[1]


def stored(*uids: str, **more: list[Any]) -> dict[str, Any]:
    def sequence(items: list[Any]) -> dict[str, Any]:
        return {"vr": "SQ", "Value": items}

    document = {"00081199": sequence([{"00081155": {"vr": "UI", "Value": [uid]}} for uid in uids])}
    if more:
        document["00081198"] = sequence(
            [
                {"00081155": {"vr": "UI", "Value": [uid]}, "00081197": {"vr": "US", "Value": [reason]}}
                for uid, reason in more["failed"]
            ]
        )
    return document


def accept(request: Request) -> Reply:
    return json_reply(stored(*(_uid(content) for content in received(request))))


def sent(server: Played, paths: list[Path], **more: Any) -> list[Outcome]:
    with WebSession(server.node(), first_pause=0.001) as web:
        return [step.outcome for step in store(web, paths, **more) if step.outcome]


def kinds(outcomes: list[Outcome]) -> list[str]:
    return [outcome.kind for outcome in outcomes]


def test_files_go_out_as_they_are(files: list[Path]) -> None:
    with played(accept) as server:
        outcomes = sent(server, files)
        assert received(server.asked[0]) == [path.read_bytes() for path in files]
        assert server.asked[0].headers["Content-Type"].startswith('multipart/related; type="application/dicom"; bound')
        assert int(server.asked[0].headers["Content-Length"]) == len(server.asked[0].body)
        assert server.asked[0].path == "/dicom-web/studies"
    assert [(one.kind, one.path, one.sop_instance_uid) for one in outcomes] == [
        ("done", str(path), f"1.2.{number}") for number, path in enumerate(files)
    ]


def test_batches_are_as_large_as_they_may_be(files: list[Path]) -> None:
    with played(accept) as server:
        assert kinds(sent(server, files, batch_size=12_000)) == ["done"] * 4
        assert [len(received(one)) for one in server.asked] == [2, 2]


def test_each_refusal_is_told_with_its_reason(files: list[Path]) -> None:
    """G18: 202, the reasons of FailedSOPSequence."""
    reply = json_reply(stored("1.2.0", failed=[("1.2.1", 0xA700), ("1.2.2", 0x0122)]), 202)
    with played(lambda _request: reply) as server:
        outcomes = sent(server, files)
    assert kinds(outcomes) == ["done", "failed", "failed", "failed"]
    assert outcomes[1].sentence == "It has no room. (0xA700)"
    assert outcomes[2].sentence == "It does not support this SOP Class. (0x0122)"
    assert outcomes[3].sentence == "It does not say what became of the object."


def test_a_warning_is_told_and_the_object_is_stored(files: list[Path]) -> None:
    document = stored("1.2.0")
    document["00081199"]["Value"][0]["00081196"] = {"vr": "US", "Value": [0xB000]}
    with played(lambda _request: json_reply(document, 202)) as server:
        (outcome,) = sent(server, files[:1])
    assert (outcome.kind, outcome.sentence) == ("warning", "Stored, but it changed some elements. (0xB000)")


def test_a_conflict_with_reasons_is_not_sent_again(files: list[Path]) -> None:
    reply = json_reply(stored(failed=[(f"1.2.{n}", 0xA900) for n in range(4)]), 409)
    with played(lambda _request: reply) as server:
        assert kinds(sent(server, files)) == ["failed"] * 4
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 409, 413, 500])
def test_one_object_that_fails_a_batch_costs_no_other(status: int, files: list[Path]) -> None:
    def choosy(request: Request) -> Reply:
        return Reply(status) if "1.2.2" in [_uid(one) for one in received(request)] else accept(request)

    with played(choosy) as server:
        outcomes = sent(server, files)
    assert {one.sop_instance_uid: one.kind for one in outcomes} == {
        "1.2.0": "done",
        "1.2.1": "done",
        "1.2.2": "failed",
        "1.2.3": "done",
    }
    assert f"HTTP {status}" in next(one.sentence for one in outcomes if one.kind == "failed")


@pytest.mark.parametrize(
    "reply",
    [json_reply({}), json_reply([]), Reply(200), Reply(200, {"Content-Type": "text/plain"}, b"ok"), Reply(204)],
    ids=["empty", "list", "nothing", "words", "204"],
)
def test_a_success_that_says_nothing_more_is_one(reply: Reply, files: list[Path]) -> None:
    with played(lambda _request: reply) as server:
        expected = "done" if reply.status == 200 else "failed"
        assert kinds(sent(server, files[:1])) == [expected]


def test_a_success_that_leaves_objects_out_is_none_for_them(files: list[Path]) -> None:
    """Trap: Orthanc ends at the first object it cannot store, and answers 200 for those before it."""

    def ending(request: Request) -> Reply:
        uids = [_uid(one) for one in received(request)]
        return json_reply(stored(*uids[: uids.index("1.2.1")] if "1.2.1" in uids else uids))

    with played(ending) as server:
        outcomes = sent(server, files)
    assert {one.sop_instance_uid: one.kind for one in outcomes} == {
        "1.2.0": "done",
        "1.2.1": "failed",
        "1.2.2": "done",
        "1.2.3": "done",
    }


def test_after_a_broken_connection_what_is_there_already_is_no_fault(files: list[Path]) -> None:
    replies: Iterator[Callable[[Request], Reply]] = iter(
        [
            lambda _request: Reply(hang_up=True),
            lambda _request: json_reply(stored("1.2.1", failed=[("1.2.0", 0x0111)]), 202),
        ]
    )
    with played(lambda request: next(replies)(request)) as server:
        outcomes = sent(server, files[:2])
        assert server.asked[0].body == server.asked[1].body
    assert [(one.kind, one.sentence) for one in outcomes] == [("done", "It had the object already."), ("done", "")]


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_who_may_not_store_is_told_once(status: int, files: list[Path]) -> None:
    with played(lambda _request: Reply(status)) as server:
        with pytest.raises(NetworkFailure):
            sent(server, files)
        assert len(server.asked) == 1


def test_what_is_no_object_is_told_and_not_sent(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    (tmp_path / "empty").touch()
    (tmp_path / "nameless").write_bytes(bytes(128) + b"DICM")
    (tmp_path / "DICOMDIR").write_bytes(part10_head("1.2.840.10008.1.3.10", "1.2.9", "1.2.840.10008.1.2.1"))
    names = ["text", "empty", "nameless", "DICOMDIR", "gone"]
    with played(accept) as server:
        outcomes = sent(server, [*(tmp_path / name for name in names), files[0]])
        assert len(received(server.asked[0])) == 1
    assert [Path(one.path).name for one in outcomes if one.kind == "failed"] == names
    assert kinds(outcomes)[-1] == "done"


def test_a_file_that_shrinks_while_it_is_sent_costs_no_other(files: list[Path]) -> None:
    with played(accept) as server, WebSession(server.node(), first_pause=0.001) as web:
        post = web.post

        def shrinking(*words: Any, **named: Any) -> Any:
            files[1].write_bytes(files[1].read_bytes()[:3000])
            return post(*words, **named)

        web.post = shrinking  # type: ignore[method-assign]
        outcomes = [step.outcome for step in store(web, files) if step.outcome]
    assert {one.sop_instance_uid: one.kind for one in outcomes} == {
        "1.2.0": "done",
        "1.2.1": "failed",
        "1.2.2": "done",
        "1.2.3": "done",
    }


def test_the_same_object_twice_goes_out_in_two_requests(files: list[Path]) -> None:
    with played(accept) as server:
        assert kinds(sent(server, [files[0], files[0]])) == ["done", "done"]
        assert len(server.asked) == 2


def test_only_objects_of_a_study_are_taken_where_one_is_named(files: list[Path]) -> None:
    with played(accept) as server:
        sent(server, files, study="1.2/3")
        assert server.asked[0].path == "/dicom-web/studies/1.2%2F3"


def test_sending_ends_between_batches_when_it_is_stopped(files: list[Path]) -> None:
    stop = threading.Event()
    with played(accept) as server, WebSession(server.node(), stop=stop) as web:
        steps = store(web, files, batch_size=1)
        done = told_before(Cancelled, (stop.set() for step in steps if step.outcome))
        assert len(done) == 1
