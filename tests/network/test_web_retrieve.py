"""Objects fetched by WADO-RS: whole, once, and again only what is missing (G18, G20)."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.network.played_web import Played, Reply, Request, json_reply, played, related, related_reply, told_before
from workstation.errors import BadUsage
from workstation.network.failures import Cancelled, NetworkFailure
from workstation.network.progress import Outcome, Progress
from workstation.network.spool import Spool, SpoolFull, part10_head
from workstation.network.web.resources import bulk_data, frames, metadata, rebased, rendered
from workstation.network.web.retrieve import FORMS, Wanted, retrieve
from workstation.network.web.session import WebSession

IMPLICIT = "1.2.840.10008.1.2"
ALL = Wanted("1.2")
UIDS = [f"1.2.{series}.{number}" for series in (1, 2) for number in range(3)]


def file_of(uid: str, size: int = 1000) -> bytes:
    """Return a file whose data set holds nothing but bytes."""
    return part10_head("1.2.840.10008.5.1.4.1.1.7", uid, IMPLICIT) + b"\x10\0\x10\0\4\0\0\0A^B " + bytes(size)


def series_of(uid: str) -> str:
    return uid.rpartition(".")[0]


def listing(request: Request, uids: list[str] = UIDS) -> Reply:
    if request.query["offset"] != ["0"]:
        return Reply(204)
    return json_reply(
        [
            {"00080018": {"vr": "UI", "Value": [uid]}, "0020000E": {"vr": "UI", "Value": [series_of(uid)]}}
            for uid in uids
            if "/series/" not in request.path or series_of(uid) == request.path.split("/series/")[1].split("/")[0]
        ]
    )


def asked_for(request: Request, uids: list[str] = UIDS) -> list[str]:
    """Return the objects that a request is for."""
    words = request.path.removeprefix("/dicom-web/").split("/")
    named = dict(zip(words[::2], words[1::2], strict=True))
    return [
        uid
        for uid in uids
        if named.get("series", series_of(uid)) == series_of(uid) and named.get("instances", uid) == uid
    ]


def archive(give: Callable[[Request, list[str]], Reply]) -> Callable[[Request], Reply]:
    def answer(request: Request) -> Reply:
        return listing(request) if request.path.endswith("/instances") else give(request, asked_for(request))

    return answer


def whole(_request: Request, uids: list[str]) -> Reply:
    return related_reply(related([file_of(uid) for uid in uids]))


def fetched(server: Played, spool: Spool, wanted: Wanted = ALL, **more: Any) -> list[Progress]:
    with WebSession(server.node(), first_pause=0.001) as web:
        return list(retrieve(web, wanted, spool, **more))


def outcomes(steps: list[Progress]) -> list[Outcome]:
    return [step.outcome for step in steps if step.outcome]


def retrievals(server: Played) -> list[str]:
    return [one.path.removeprefix("/dicom-web/studies/1.2") for one in server.asked if "offset=" not in one.target]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", sync=False)


def test_a_study_arrives_in_one_answer_byte_for_byte(spool: Spool) -> None:
    with played(archive(whole)) as server:
        steps = fetched(server, spool)
        assert retrievals(server) == [""]
        assert server.asked[-1].headers["Accept"] == FORMS[0]
    assert [one.sop_instance_uid for one in outcomes(steps)] == UIDS
    assert [Path(one.path).read_bytes() for one in outcomes(steps)] == [file_of(uid) for uid in UIDS]
    assert (steps[-1].done, steps[-1].total, steps[-1].size) == (6, 6, 6 * len(file_of("1.2.1.0")))


def test_after_a_cut_only_what_is_missing_is_asked_for_again(spool: Spool) -> None:
    """G20."""

    def cut(request: Request, uids: list[str]) -> Reply:
        if len(uids) == 1:
            return whole(request, uids)
        body = related([file_of(uid) for uid in uids])
        return related_reply(body[: body.index(b"1.2.2.0")], length=len(body))

    with played(archive(cut)) as server:
        steps = fetched(server, spool)
        first, *others = retrievals(server)
        assert (first, sorted(others)) == ("", [f"/series/1.2.2/instances/{uid}" for uid in UIDS[3:]])
    assert sorted(one.sop_instance_uid for one in outcomes(steps) if one.kind == "done") == UIDS
    assert list(spool.folder.glob("*.part")) == []


def test_what_is_missing_is_fetched_on_several_connections(spool: Spool) -> None:
    """Each answer waits for two more requests: one after the other none would come."""
    together = threading.Barrier(3)

    def give(request: Request, uids: list[str]) -> Reply:
        if len(uids) > 1:
            return Reply(500)
        together.wait(10)
        return whole(request, uids)

    with played(archive(give)) as server:
        steps = fetched(server, spool)
    assert sorted(one.sop_instance_uid for one in outcomes(steps) if one.kind == "done") == UIDS
    assert (steps[-1].done, steps[-1].failed) == (6, 0)


def test_several_connections_end_together_when_they_are_stopped(spool: Spool) -> None:
    stop, go = threading.Event(), threading.Event()
    hanging = threading.Barrier(3, action=stop.set)

    def give(_request: Request, uids: list[str]) -> Reply:
        if len(uids) > 1:
            return Reply(500)
        hanging.wait(10)
        go.wait(10)
        return Reply(404)

    with played(archive(give)) as server:
        with WebSession(server.node(), stop=stop) as web:
            told_before(Cancelled, retrieve(web, ALL, spool))
        assert sum("/instances/" in path for path in retrievals(server)) == 3
        go.set()


def test_who_is_refused_on_one_of_several_connections_asks_no_more(spool: Spool) -> None:
    def give(_request: Request, uids: list[str]) -> Reply:
        return Reply(403 if len(uids) == 1 else 500)

    with played(archive(give)) as server, pytest.raises(NetworkFailure) as caught:
        fetched(server, spool)
    assert caught.value.cause == "forbidden"
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("web")] == []


def test_an_answer_without_its_last_boundary_is_cut_too(spool: Spool) -> None:
    def unended(request: Request, uids: list[str]) -> Reply:
        body = related([file_of(uid) for uid in uids], end=len(uids) == 1)
        return related_reply(body if len(uids) == 1 else body[:-2])

    with played(archive(unended)) as server:
        steps = fetched(server, spool)
        assert len(retrievals(server)) == 2
    assert steps[-1].done == 6


def test_what_never_arrives_whole_is_named(spool: Spool) -> None:
    def broken(request: Request, uids: list[str]) -> Reply:
        if UIDS[4] not in uids:
            return whole(request, uids)
        return related_reply(related([file_of(uid) for uid in uids if uid != UIDS[4]]) if len(uids) > 1 else b"--cut")

    with played(archive(broken)) as server:
        steps = fetched(server, spool)
    assert [(one.sop_instance_uid, one.kind) for one in outcomes(steps) if one.kind != "done"] == [(UIDS[4], "failed")]
    assert (steps[-1].done, steps[-1].failed) == (5, 1)


def test_what_is_there_is_not_fetched(spool: Spool) -> None:
    """G20: whole series at once, single objects one by one."""
    with played(archive(whole)) as server:
        steps = fetched(server, spool, have={UIDS[0], UIDS[1]}.__contains__)
        assert retrievals(server) == ["/series/1.2.2", f"/series/1.2.1/instances/{UIDS[2]}"]
    assert (steps[-1].done, steps[-1].skipped) == (4, 2)


def test_nothing_is_asked_for_where_all_is_there(spool: Spool) -> None:
    with played(archive(whole)) as server:
        assert fetched(server, spool, have=lambda _uid: True)[-1].skipped == 6
        assert retrievals(server) == []


def test_one_object_that_fails_the_study_costs_no_other(spool: Spool) -> None:
    def failing(request: Request, uids: list[str]) -> Reply:
        return Reply(500) if UIDS[2] in uids else whole(request, uids)

    with played(archive(failing)) as server:
        steps = fetched(server, spool)
    assert {one.sop_instance_uid: one.kind for one in outcomes(steps)} == {
        uid: "failed" if uid == UIDS[2] else "done" for uid in UIDS
    }


@pytest.mark.parametrize("form", range(1, len(FORMS)))
def test_a_service_that_does_not_know_a_form_is_asked_in_another(form: int, spool: Spool) -> None:
    """Traps: JPEG 2000 that cannot be transcoded, services before the word transfer-syntax=*."""

    def choosy(request: Request, uids: list[str]) -> Reply:
        return whole(request, uids) if request.headers["Accept"] == FORMS[form] else Reply(406)

    with played(archive(choosy)) as server:
        steps = fetched(server, spool)
        assert steps[-1].done == 6
        assert len(retrievals(server)) == form + 1
    assert "encoded anew" in outcomes(steps)[0].sentence


def test_an_object_may_come_without_parts(spool: Spool) -> None:
    single = Reply(200, {"Content-Type": "application/dicom"}, file_of(UIDS[0]))
    with played(lambda _request: single) as server:
        steps = fetched(server, spool, Wanted("1.2", "1.2.1", UIDS[0]))
        assert len(server.asked) == 1
    assert [one.kind for one in outcomes(steps)] == ["done"]


def test_a_service_that_cannot_search_is_fetched_from_all_the_same(spool: Spool) -> None:
    def answer(request: Request) -> Reply:
        return Reply(501) if request.path.endswith("/instances") else whole(request, UIDS)

    with played(answer) as server:
        steps = fetched(server, spool, have={UIDS[0]}.__contains__)
    assert (steps[-1].done, steps[-1].skipped, steps[-1].total) == (5, 1, None)
    assert "cannot be told" in steps[0].sentence


def test_an_object_that_nobody_asked_for_is_told(spool: Spool) -> None:
    def other(_request: Request, _uids: list[str]) -> Reply:
        return related_reply(related([file_of("9.9")]))

    with played(archive(other)) as server:
        steps = fetched(server, spool, Wanted("1.2", "1.2.1", UIDS[0]))
    assert [(one.sop_instance_uid, one.kind) for one in outcomes(steps)] == [("9.9", "warning"), (UIDS[0], "failed")]


def test_a_part_that_is_no_dicom_is_told_and_not_kept(spool: Spool) -> None:
    def mixed(_request: Request, uids: list[str]) -> Reply:
        return related_reply(related([b"sorry", *(file_of(uid) for uid in uids)]))

    with played(archive(mixed)) as server:
        steps = fetched(server, spool)
    assert [one.kind for one in outcomes(steps)] == ["failed", *["done"] * 6]
    assert len(spool.waiting()) == 6


def test_a_page_instead_of_objects_is_told(spool: Spool) -> None:
    def page(_request: Request, _uids: list[str]) -> Reply:
        return Reply(200, {"Content-Type": "text/html"}, b"<html>Please sign in</html>")

    with played(archive(page)) as server:
        steps = fetched(server, spool)
    assert (steps[-1].failed, "web page" in outcomes(steps)[0].sentence) == (6, True)


def test_nothing_there_is_told(spool: Spool) -> None:
    with played(lambda _request: Reply(204)) as server, pytest.raises(NetworkFailure) as caught:
        fetched(server, spool)
    assert caught.value.cause == "not_found"


@pytest.mark.parametrize("status", [401, 403])
def test_who_may_not_is_told_once(status: int, spool: Spool) -> None:
    with played(archive(lambda _request, _uids: Reply(status))) as server:
        with pytest.raises(NetworkFailure):
            fetched(server, spool)
        assert len(retrievals(server)) == 1


def test_an_object_without_end_does_not_fill_the_disk(tmp_path: Path) -> None:
    """A35."""

    def endless() -> Iterator[bytes]:
        yield b"--cut\r\n\r\n" + file_of(UIDS[0])
        yield from itertools.repeat(bytes(65536))

    spool = Spool(tmp_path / "spool", quota=1 << 20, sync=False)
    endlessly = archive(lambda _request, _uids: related_reply(endless()))  # type: ignore[arg-type]
    with played(endlessly) as server, pytest.raises(SpoolFull):
        fetched(server, spool)
    assert list(spool.folder.glob("*.part")) == []


def test_a_fetch_that_is_stopped_keeps_what_came(spool: Spool) -> None:
    stop = threading.Event()

    def slow() -> Iterator[bytes]:
        yield related([file_of(UIDS[0])], end=False) + b"--cut\r\n\r\n"
        stop.wait(10)
        yield from itertools.repeat(bytes(65536), 1 << 12)

    with (
        played(archive(lambda _request, _uids: related_reply(slow()))) as server,  # type: ignore[arg-type]
        WebSession(server.node(), stop=stop) as web,
    ):
        told_before(Cancelled, (stop.set() for _step in retrieve(web, ALL, spool)))
    assert [path.read_bytes() for path in spool.waiting()] == [file_of(UIDS[0])]


def test_metadata_is_json(spool: Spool) -> None:
    with played(lambda _request: json_reply([{"00080018": {"vr": "UI", "Value": ["1"]}}])) as server:
        with WebSession(server.node()) as web:
            assert len(metadata(web, ALL)) == 1
        assert server.asked[0].path.endswith("/studies/1.2/metadata")


def test_frames_come_with_what_they_are() -> None:
    head = b'--cut\r\nContent-Type: image/jp2; transfer-syntax="1.2.840.10008.1.2.4.90"\r\n\r\n'
    with played(lambda _request: related_reply(head + b"A\r\n" + head + b"B\r\n--cut--")) as server:
        with WebSession(server.node()) as web:
            found = list(frames(web, Wanted("1", "2", "3"), [1, 4]))
            with pytest.raises(BadUsage):
                list(frames(web, Wanted("1", "2", "3"), [0]))
        assert server.asked[0].path.endswith("/instances/3/frames/1,4")
    assert [(kind.name, kind.parameters["transfer-syntax"], body) for kind, body in found] == [
        ("image/jp2", "1.2.840.10008.1.2.4.90", b"A"),
        ("image/jp2", "1.2.840.10008.1.2.4.90", b"B"),
    ]


def test_a_picture_is_a_picture() -> None:
    replies = iter([Reply(200, {"Content-Type": "image/png"}, b"\x89PNG\r\n\x1a\nrest"), Reply(200, {}, b"<html>")])
    with played(lambda _request: next(replies)) as server, WebSession(server.node()) as web:
        picture = rendered(web, Wanted("1", "2", "3"), frame=2, window=(40, 400), viewport=(64, 32))
        assert picture.startswith(b"\x89PNG")
        assert server.asked[0].target.endswith("/frames/2/rendered?window=40,400,linear&viewport=64,32")
        with pytest.raises(NetworkFailure):
            rendered(web, Wanted("1", "2", "3"))
        with pytest.raises(BadUsage):
            rendered(web, ALL)


def test_bulk_data_is_fetched_below_our_root_alone() -> None:
    """G18: servers behind proxies name themselves wrongly; nothing is fetched from elsewhere."""
    octets = Reply(200, {"Content-Type": "application/octet-stream"}, b"value")
    with played(lambda _request: octets) as server, WebSession(server.node()) as web:
        root = server.root
        for address, place in (
            ("studies/1/bulk/2", f"{root}/studies/1/bulk/2"),
            (f"{root}/bulk/9", f"{root}/bulk/9"),
            ("http://localhost/dicom-web/studies/1/bulk/2?x=1", f"{root}/studies/1/bulk/2?x=1"),
            ("https://evil.example/rs/studies/1/bulk/2", f"{root}/studies/1/bulk/2"),
        ):
            assert rebased(web, address) == place
            assert b"".join(bulk_data(web, address)) == b"value"
        for address in ("https://evil.example/steal", "file:///etc/passwd", "ftp://x/studies/1"):
            with pytest.raises(NetworkFailure) as caught:
                rebased(web, address)
            assert caught.value.cause == "foreign"
