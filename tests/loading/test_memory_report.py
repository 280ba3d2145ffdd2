"""What the loader keeps, summed by the stack it belongs to."""

from __future__ import annotations

from types import SimpleNamespace

from workstation.dicom.identity import FrameRef
from workstation.loading.collection import Catalogue
from workstation.loading.keys import HeaderKey, ThumbnailKey, VolumeKey
from workstation.loading.memory_report import Holding, holdings, total_of
from workstation.objects.picture import FrameKey

REF = FrameRef("1.2", 0)
CATALOGUE = Catalogue(places={REF: (SimpleNamespace(id="a"), 0)})  # type: ignore[dict-item]


def test_frames_and_volumes_go_to_their_stack_the_largest_first() -> None:
    kept = [
        (FrameKey(REF), 10),
        (ThumbnailKey("a", REF), 1),
        (VolumeKey("b", 5), 100),
        (HeaderKey("1.2", 0), 3),
    ]
    assert holdings(CATALOGUE, kept) == (
        Holding("b", volumes=100),
        Holding("a", frames=10, other=1),
        Holding("", other=3),
    )


def test_a_frame_of_a_closed_study_belongs_to_none() -> None:
    assert holdings(CATALOGUE, [(FrameKey(FrameRef("9", 0)), 7)]) == (Holding("", frames=7),)


def test_totals_are_sums() -> None:
    rows = holdings(CATALOGUE, [(VolumeKey("b", 5), 120), (FrameKey(REF), 10)])
    assert total_of(rows) == Holding("", frames=10, volumes=120)
    assert total_of(rows).total == 130
