"""A disc is listed from its records before its files are read; in the end nothing tells that it was (A26, E10-E13)."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dicom.disc_parts import edited, file_set, good, leaves, picture, save, uid
from tests.dicom.disc_zoo import DISCS, Disc
from tests.loading.slow import slow_medium
from workstation.dicom.identity import Instance, Locator
from workstation.dicom.scan import Announced, scan
from workstation.errors import WorkstationError
from workstation.loading import opening
from workstation.loading.collection import Catalogue, Collection
from workstation.loading.fetch import Fetcher
from workstation.loading.keys import HeaderKey, SampleKey, uid_of
from workstation.loading.opening import Openings
from workstation.objects.picture import FrameKey


def snapshots(given: Path) -> list[Catalogue]:
    """Open something step by step, records listed as soon as they are there."""
    collection, seen = Collection(), []
    announced: list[Instance] = []
    for item in scan([given], announce=True):
        if isinstance(item, Announced):
            announced += item.instances
            collection.announce(item.instances)
            collection.show_announced()
        else:
            collection.add(item)
        seen.append(collection.snapshot(finished=False))
    collection.end_announced(announced)
    return [*seen, collection.snapshot(finished=True)]


def plain(given: Path) -> Catalogue:
    collection = Collection()
    for item in scan([given]):
        collection.add(item)
    return collection.snapshot(finished=True)


def check(given: Path) -> None:
    seen, expected = snapshots(given), plain(given)
    for catalogue in seen:
        listed = Counter(one.sop_instance_uid for one in instances_in(catalogue))
        assert set(listed.values()) <= {1}
        assert set(listed) <= set(catalogue.instances)
        assert {ref.sop_instance_uid for ref in catalogue.places} <= set(listed)
    assert list(seen[-1].instances.items()) == list(expected.instances.items())
    assert seen[-1].patients == expected.patients
    assert dict(seen[-1].stacks) == dict(expected.stacks)
    assert (seen[-1].skipped, seen[-1].not_dicom) == (expected.skipped, expected.not_dicom)
    assert (seen[-1].done, seen[-1].duplicates) == (expected.done, expected.duplicates)


def instances_in(catalogue: Catalogue) -> list[Instance]:
    return [
        one
        for patient in catalogue.patients
        for study in patient.studies
        for series in study.series
        for one in series.instances
    ]


@pytest.mark.parametrize("disc", DISCS, ids=[disc.name.replace(" ", "_") for disc in DISCS])
def test_an_odd_disc_ends_as_if_it_had_not_been_announced(disc: Disc, tmp_path: Path) -> None:
    folder = tmp_path / "disc"
    folder.mkdir()
    disc.build(folder)
    check(folder)


def test_every_set_of_the_corpus_ends_as_if_it_had_not_been_announced(corpus: Path) -> None:
    paths = sorted(corpus.glob("dicomdir/*/DICOMDIR*"))
    assert paths
    for path in paths:
        check(path)


def test_a_slow_disc_is_whole_on_screen_before_its_files_are_read(tmp_path: Path) -> None:
    """A4: tree, series and counts from the records, the first picture from the one file that holds it."""
    count = 100
    file_set(tmp_path, *(picture(number, series=1 + number % 2) for number in range(count)))
    whole: list[int] = []
    first: list[int] = []
    seen: list[Catalogue] = []
    with slow_medium(tmp_path, 0.06) as opened:

        def take(catalogue: Catalogue) -> None:
            seen.append(catalogue)
            if len(instances_in(catalogue)) == count:
                whole.append(len(set(opened)))

        def first_picture(catalogue: Catalogue, ref: object) -> None:
            assert Fetcher(lambda: catalogue, lambda key: None).shown(ref).values.size  # type: ignore[arg-type]
            first.append(len(set(opened)))

        openings = Openings(take, first_picture)
        openings.open([str(tmp_path)])
        end = time.monotonic() + 60
        while openings.running and time.monotonic() < end:
            time.sleep(0.01)
        openings.close()
    assert first[0] < 0.05 * count
    assert whole[0] < 0.05 * count
    assert seen[-1].finished
    assert seen[-1].patients == plain(tmp_path).patients
    counts = [len(instances_in(catalogue)) for catalogue in seen if len(catalogue.instances) > 1]
    assert set(counts) == {count}


def test_on_a_fast_disc_nothing_is_announced(tmp_path: Path, until: Callable) -> None:
    good(tmp_path)
    seen: list[Catalogue] = []
    openings = Openings(seen.append)
    openings.open([str(tmp_path)])
    until(lambda: bool(seen) and seen[-1].finished)
    openings.close()
    assert not any(one.announced for catalogue in seen for one in catalogue.instances.values())


def test_what_is_read_alone_is_never_told_of_records(tmp_path: Path) -> None:
    """The command line, the library and the audit see files only."""
    good(tmp_path)
    assert not any(isinstance(item, Announced) for item in scan([tmp_path]))


def test_a_stopped_opening_keeps_what_was_read(
    tmp_path: Path, until: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_set(tmp_path, *(picture(number) for number in range(20)))
    monkeypatch.setattr(opening, "SLOW_START", 0.0)
    seen: list[Catalogue] = []
    with slow_medium(tmp_path, 0.12):
        openings = Openings(seen.append)
        openings.open([str(tmp_path)])
        until(lambda: bool(seen) and len(seen[-1].instances) == 20)
        openings.stop()
        until(lambda: not openings.running)
    openings.close()
    assert 0 < len(seen[-1].instances) < 20
    assert not any(one.announced for one in seen[-1].instances.values())


def announced_only(folder: Path) -> Catalogue:
    collection = Collection()
    item = next(item for item in scan([folder], announce=True) if isinstance(item, Announced))
    collection.announce(item.instances)
    collection.show_announced()
    return collection.snapshot(finished=False)


def test_a_picture_and_a_header_of_what_is_announced_come_from_its_file(tmp_path: Path) -> None:
    good(tmp_path)
    catalogue, expected = announced_only(tmp_path), plain(tmp_path)
    fetcher = Fetcher(lambda: catalogue, lambda key: None)
    other = Fetcher(lambda: expected, lambda key: None)
    for ref in expected.places:
        shown, real = fetcher.shown(ref), other.shown(ref)
        assert (shown.plane, shown.calibration, shown.aspect) == (real.plane, real.calibration, real.aspect)
        assert (shown.values == real.values).all()
    views = [one.fetch(HeaderKey(uid(1), 0), None)[0] for one in (fetcher, other)]  # type: ignore[arg-type]
    assert views[0].clinical == views[1].clinical


def test_a_picture_is_never_shown_under_a_uid_that_its_file_has_not(tmp_path: Path) -> None:
    """E4: two records that name each other's file."""
    good(tmp_path)

    def swap(records: object) -> None:
        one, other = leaves(records)[:2]  # type: ignore[arg-type]
        one.ReferencedFileID, other.ReferencedFileID = other.ReferencedFileID, one.ReferencedFileID

    edited(tmp_path, swap)
    catalogue = announced_only(tmp_path)
    fetcher = Fetcher(lambda: catalogue, lambda key: None)
    wrong = [ref for ref in catalogue.places if ref.sop_instance_uid in (uid(1), uid(2))]
    for ref in wrong:
        with pytest.raises(WorkstationError, match="another object"):
            fetcher.shown(ref)
    assert len(wrong) == 2
    check(tmp_path)


def test_a_series_takes_the_place_of_its_records_once_it_is_read_whole(tmp_path: Path) -> None:
    """Meanwhile it is one stack in the order of its numbers, with what is known of each image."""
    numbers = range(1, 9)
    geometry = {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "PixelSpacing": [1, 1], "FrameOfReferenceUID": "1.2.3"}
    file_set(tmp_path, *(picture(n, ImagePositionPatient=[0, 0, -n], **geometry) for n in numbers))
    seen = snapshots(tmp_path)
    half = seen[5]
    (stack,) = half.ordered_stacks()
    assert [frame.instance.instance_number for frame in stack.frames] == list(numbers)
    assert 0 < sum(frame.instance.announced for frame in stack.frames) < 8
    assert not stack.is_volume
    (stack,) = seen[-1].ordered_stacks()
    assert stack.is_volume
    assert not any(frame.instance.announced for frame in stack.frames)


def test_records_that_leave_the_issuer_out_make_no_second_patient(tmp_path: Path) -> None:
    """E1: the files name the issuer of a Patient ID, a PATIENT record has no place for it."""
    pictures = [picture(n, series=n % 2, IssuerOfPatientID="HOSPITAL") for n in range(1, 7)]
    file_set(tmp_path, *pictures)
    seen = snapshots(tmp_path)
    assert [len(catalogue.patients) for catalogue in seen] == [1] * len(seen)


def test_a_file_that_is_gone_by_its_turn_goes_from_the_tree(tmp_path: Path) -> None:
    good(tmp_path)
    collection, gone = Collection(), ""
    counts = []
    for item in scan([tmp_path], announce=True):
        if isinstance(item, Announced):
            collection.announce(item.instances)
            collection.show_announced()
            gone = str(item.instances[1].locator)
            os.truncate(gone, 0)
        else:
            collection.add(item)
        counts.append(len(instances_in(collection.snapshot(finished=False))))
    assert counts[0] == 5
    assert counts[-1] == 4
    assert [one.path for one in collection.snapshot(finished=True).skipped] == [gone]


def test_closing_a_study_forgets_its_records(tmp_path: Path) -> None:
    good(tmp_path)
    collection = Collection()
    item = next(item for item in scan([tmp_path], announce=True) if isinstance(item, Announced))
    collection.announce(item.instances)
    collection.show_announced()
    study = collection.snapshot(finished=False).patients[0].studies[0].study_instance_uid
    collection.remove_studies([study])
    left = collection.snapshot(finished=True)
    assert left.patients
    assert all(one.study_instance_uid != study for one in instances_in(left))


def test_poor_records_are_not_announced(tmp_path: Path) -> None:
    good(tmp_path)
    collection = Collection()
    (item,) = (item for item in scan([tmp_path], announce=True) if isinstance(item, Announced))
    bare = Instance(Locator("/x"), "1.2", "", "1.3", "1.4", "")
    collection.announce([bare, *item.instances[:1], *item.instances[:1]])
    collection.show_announced()
    assert not collection.snapshot(finished=False).instances


def test_another_file_that_has_the_uid_of_a_record_takes_its_place(tmp_path: Path) -> None:
    """E4: what was fetched for the record must not stand for the other file."""
    (tmp_path / "disc").mkdir()
    good(tmp_path / "disc")
    other = tmp_path / "other"
    save(other, 1, "one.dcm", PatientName="Other^Person", PixelData=b"\7" * 32)
    collection = Collection()
    item = next(item for item in scan([tmp_path / "disc"], announce=True) if isinstance(item, Announced))
    collection.announce(item.instances)
    collection.show_announced()
    current = before = collection.snapshot(finished=False)
    fetcher = Fetcher(lambda: current, lambda key: None)
    ref = next(ref for ref in before.places if ref.sop_instance_uid == uid(1))
    assert not (fetcher.shown(ref).values == 0x0707).all()
    for found in scan([other]):
        collection.add(found)
    current = collection.snapshot(finished=False)
    assert before.overtaken(current) == {uid(1)}
    assert (fetcher.shown(ref).values == 0x0707).all()
    assert Counter(one.sop_instance_uid for one in instances_in(current))[uid(1)] == 1
    assert [uid_of(key) for key in (FrameKey(ref), HeaderKey(uid(1), 0), SampleKey("s", 1))] == [uid(1), uid(1), ""]
