"""Retrieving from played archives: every end a C-GET or C-MOVE can have (G8, G9, G19, G20, G23)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.network.played import CT, MR, STUDY, Archive, Receiver, archive, honest, receiver, slices
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.moving import move_between
from workstation.network.progress import Progress
from workstation.network.retrieving import Patience, retrieve
from workstation.network.spool import Spool, SpoolFull
from workstation.network.wishes import Wish

QUICK = Patience(pauses=(0.0, 0.0), drain=0.3)
WHOLE = Wish(STUDY)


def nothing(_uids: Iterable[str]) -> set[str]:
    return set()


def got(played: Archive, folder: Path, wish: Wish = WHOLE, **more: Any) -> list[Progress]:
    """Return all that a retrieval tells; its spool and ledger are in the folder."""
    more = {"have": nothing, "stop": threading.Event(), "patience": QUICK, **more}
    spool = more.pop("spool", None) or Spool(folder / "got", sync=False)
    return list(retrieve(played.node, wish, spool, ledger_folder=folder / "ledger", **more))


def kinds(told: list[Progress]) -> dict[str, str]:
    return {one.outcome.sop_instance_uid: one.outcome.kind for one in told if one.outcome}


def test_every_object_comes_as_it_was_and_can_be_read_at_once(tmp_path: Path) -> None:
    """G9: each is a whole file when it is told."""
    held = [*slices(3), *slices(2, series=f"{STUDY}.2", sop_class=MR)]
    with archive(held) as played:
        job = retrieve(
            played.node, WHOLE, Spool(tmp_path / "got"), have=nothing, stop=threading.Event(),
            ledger_folder=tmp_path / "ledger",
        )  # fmt: skip
        read = {}
        for one in job:
            if one.outcome:
                ds = dcmread(one.outcome.path)
                read[one.outcome.sop_instance_uid] = ds
                assert ds.SOPInstanceUID == one.outcome.sop_instance_uid
        assert (one.done, one.total, one.failed) == (5, 5, 0)
    assert read == {ds.SOPInstanceUID: ds for ds in held}


def test_a_class_that_is_not_told_is_found_among_all(tmp_path: Path) -> None:
    """G9: at most 128 contexts, likely classes first, then every one."""
    held = [*slices(2), *slices(1, series=f"{STUDY}.2", sop_class="1.2.840.10008.5.1.4.1.1.66.4")]
    with archive(held, told_class="") as played:
        told = got(played, tmp_path)
        assert set(kinds(told).values()) == {"done"}
        assert len(kinds(told)) == 3
        assert max(played.contexts) <= 128


def test_what_is_on_screen_comes_first(tmp_path: Path) -> None:
    held = [*slices(2), *slices(2, series=f"{STUDY}.2")]
    with archive(held) as played:
        told = got(played, tmp_path, Wish(STUDY, first=(f"{STUDY}.2",)))
    assert list(kinds(told)) == [f"{STUDY}.2.1", f"{STUDY}.2.2", f"{STUDY}.1.1", f"{STUDY}.1.2"]


@pytest.mark.parametrize(
    "wish",
    [Wish(STUDY, (f"{STUDY}.2",)), Wish(STUDY, (f"{STUDY}.1",), (f"{STUDY}.1.2", f"{STUDY}.1.3"))],
    ids=["series", "image"],
)
def test_only_what_is_wished_is_asked_for(wish: Wish, tmp_path: Path) -> None:
    held = [*slices(4), *slices(2, series=f"{STUDY}.2")]
    with archive(held) as played:
        told = got(played, tmp_path, wish)
        assert [one.QueryRetrieveLevel for one in played.asked] == [wish.level]
    assert set(kinds(told)) == set(wish.instances or (f"{STUDY}.2.1", f"{STUDY}.2.2"))


def test_what_is_here_is_not_asked_for(tmp_path: Path) -> None:
    """G20: at the IMAGE level, by the UIDs that are missing."""
    with archive(slices(5)) as played:
        told = got(played, tmp_path, have=lambda uids: {uid for uid in uids if uid.endswith((".1", ".2"))})
        assert [list(one.SOPInstanceUID) for one in played.asked] == [[f"{STUDY}.1.{n}" for n in (3, 4, 5)]]
    assert sorted(kinds(told).values()) == ["done"] * 3 + ["skipped"] * 2
    assert told[-1].skipped == 2


def test_a_peer_that_refuses_lists_is_asked_one_by_one(tmp_path: Path) -> None:
    """G20."""

    def no_lists(identifier: Dataset, found: list[Dataset]) -> Iterator[Any]:
        if not isinstance(identifier.get("SOPInstanceUID", ""), str):
            yield 1
            yield 0xA900, None
        else:
            yield from honest(identifier, found)

    with archive(slices(4), no_lists) as played:
        told = got(played, tmp_path, have=lambda _uids: {f"{STUDY}.1.1"})
    assert sorted(kinds(told).values()) == ["done"] * 3 + ["skipped"]


def test_done_is_not_believed_where_nothing_came(tmp_path: Path) -> None:
    """G9: servers answer 0x0000 when every sub-operation failed."""

    def liar(_identifier: Dataset, _found: list[Dataset]) -> Iterator[Any]:
        yield 0

    with archive(slices(3), liar) as played:
        told = got(played, tmp_path)
    assert list(kinds(told).values()) == ["failed"] * 3
    assert told[-1].failed == 3
    assert "did not come" in next(one.outcome.sentence for one in told if one.outcome)


def test_a_failure_is_told_for_each_object_in_words(tmp_path: Path) -> None:
    """G8, G9: 0xA702."""

    def unable(_identifier: Dataset, found: list[Dataset]) -> Iterator[Any]:
        yield len(found)
        yield 0xA702, None

    with archive(slices(2), unable) as played:
        told = got(played, tmp_path)
    assert {one.outcome.sentence for one in told if one.outcome} == {
        "The node said: It could not do the transfers. (0xA702)"
    }


def test_objects_of_the_failed_list_are_told(tmp_path: Path) -> None:
    """G9: 0xB000 with a list; the others are kept."""
    held = slices(3)
    held[1].SOPClassUID = MR
    # listed as CT like the others: there is no context to send it on
    with archive(held, told_class=CT) as played:
        told = got(played, tmp_path)
    assert list(kinds(told).values()).count("done") == 2
    failed = next(one.outcome for one in told if one.outcome and one.outcome.kind == "failed")
    assert failed.sop_instance_uid == held[1].SOPInstanceUID
    assert failed.sentence == "The node said that it could not send this object."


def test_a_peer_that_stalls_is_left_and_tried_again(tmp_path: Path) -> None:
    """G19: no new instance for a while; bounded tries, what came stays."""
    release = threading.Event()

    def stalling(_identifier: Dataset, found: list[Dataset]) -> Iterator[Any]:
        yield len(found)
        if len(found) == 4:
            yield 0xFF00, found[0]
        release.wait(20)

    with archive(slices(4), stalling) as played:
        played.node = replace(played.node, stall_timeout=0.4)
        with pytest.raises(NetworkFailure) as caught:
            got(played, tmp_path, patience=Patience(pauses=(0.0,), drain=0.3))
        release.set()
        assert caught.value.cause == "stalled"
        played.script = honest
        told = got(played, tmp_path)
    assert sorted(kinds(told).values()) == ["done"] * 3 + ["skipped"]


def test_a_peer_that_always_breaks_off_is_given_up(tmp_path: Path) -> None:
    """G20: tries are bounded where nothing comes."""
    with archive(slices(2), breaks=True) as played:
        with pytest.raises(NetworkFailure) as caught:
            got(played, tmp_path, patience=Patience(pauses=(0.0, 0.0)))
        assert caught.value.step is Step.TRANSFER
        assert len(played.asked) == 3


def test_an_object_not_asked_for_is_refused(tmp_path: Path) -> None:
    held, stranger = slices(2), slices(1, series=f"{STUDY}.9")[0]

    def pushing(identifier: Dataset, found: list[Dataset]) -> Iterator[Any]:
        yield from honest(identifier, [*found, stranger])

    with archive(held, pushing) as played:
        told = got(played, tmp_path)
    assert set(kinds(told)) == {ds.SOPInstanceUID for ds in held}
    assert "An object that was not asked for was refused." in [one.sentence for one in told]
    assert len(Spool(tmp_path / "got").waiting()) == 2


def test_a_full_disk_ends_it_with_a_sentence(tmp_path: Path) -> None:
    with archive(slices(3, size=64)) as played, pytest.raises(SpoolFull):
        got(played, tmp_path, spool=Spool(tmp_path / "got", quota=1000, sync=False))


def test_a_stop_is_a_pause(tmp_path: Path) -> None:
    """features O5: what came is kept, the same wish goes on with the rest."""
    stop = threading.Event()
    with archive(slices(6)) as played:
        job = retrieve(
            played.node, WHOLE, Spool(tmp_path / "got", sync=False), have=nothing, stop=stop,
            ledger_folder=tmp_path / "ledger",
        )  # fmt: skip
        first = next(one for one in job if one.outcome)
        stop.set()
        with pytest.raises(Cancelled):
            list(job)
        told = got(played, tmp_path)
    assert kinds(told)[first.outcome.sop_instance_uid] == "skipped"  # type: ignore[union-attr]
    assert told[-1].done + told[-1].skipped == 6


def test_a_study_that_is_not_there_is_told(tmp_path: Path) -> None:
    with archive(slices(1)) as played, pytest.raises(NetworkFailure, match="has nothing of what is asked for"):
        got(played, tmp_path, Wish("1.9.9"))


@pytest.mark.parametrize("uid", ["", "1.2.*", "1.2\\1.3", "1" * 65])
def test_a_wish_is_one_place(uid: str, tmp_path: Path) -> None:
    """G3: higher keys are single values without wildcard."""
    with archive([]) as played, pytest.raises(NetworkFailure) as caught:
        got(played, tmp_path, Wish(uid))
    assert caught.value.cause == "wish"


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Receiver]:
    with receiver(tmp_path / "received") as played:
        yield played


def test_objects_move_to_our_receiver(tmp_path: Path, ours: Receiver) -> None:
    """G8."""
    held = [*slices(3), *slices(2, series=f"{STUDY}.2")]
    with archive(held, destinations={"WORKSTATION": ours.port}) as played:
        told = got(played, tmp_path, receiver=ours)
    assert set(kinds(told).values()) == {"done"}
    assert {ds.SOPInstanceUID for ds in map(dcmread, ours.spool.waiting())} == {ds.SOPInstanceUID for ds in held}


def test_a_title_the_peer_does_not_know_is_told(tmp_path: Path, ours: Receiver) -> None:
    """G8: 0xA801."""
    with archive(slices(1)) as played, pytest.raises(NetworkFailure, match="does not know our title") as caught:
        got(played, tmp_path, receiver=ours)
    assert caught.value.step is Step.TITLE
    assert len(played.asked) == 1


def test_the_title_the_peer_sends_to_may_be_another(tmp_path: Path, ours: Receiver) -> None:
    with archive(slices(1), destinations={"READING_ROOM": ours.port}) as played:
        played.node = replace(played.node, move_to="READING_ROOM")
        assert kinds(got(played, tmp_path, receiver=ours)) == {f"{STUDY}.1.1": "done"}


def test_a_move_that_says_done_and_sends_nothing_is_told(tmp_path: Path, ours: Receiver) -> None:
    """G8: done when the final response is there and the stores are drained."""

    def liar(_identifier: Dataset, _found: list[Dataset]) -> Iterator[Any]:
        yield 0

    with archive(slices(2), liar, destinations={"WORKSTATION": ours.port}) as played:
        told = got(played, tmp_path, receiver=ours)
    assert list(kinds(told).values()) == ["failed"] * 2


def test_a_move_between_two_others_tells_what_the_peer_counts(tmp_path: Path, ours: Receiver) -> None:
    with archive(slices(4), destinations={"THIRD": ours.port}) as played:
        told = list(move_between(played.node, WHOLE, "THIRD", stop=threading.Event()))
        assert (told[-1].done, told[-1].failed) == (4, 0)
        with pytest.raises(NetworkFailure, match="does not know the title FOURTH"):
            list(move_between(played.node, WHOLE, "FOURTH", stop=threading.Event()))
    assert len(ours.spool.waiting()) == 4
