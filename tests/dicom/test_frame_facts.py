"""Frames: functional groups, nuclear vectors, dose grids, mosaics."""

from __future__ import annotations

from struct import pack

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from workstation.dicom import diffusion
from workstation.dicom.frame_facts import frames_of, mosaic_of
from workstation.dicom.siemens_csa import parse_csa


def make(**values: object) -> Dataset:
    ds = Dataset()
    for keyword, value in values.items():
        setattr(ds, keyword, Sequence([value]) if isinstance(value, Dataset) else value)
    return ds


def enhanced() -> Dataset:
    def frame(z: float, **more: object) -> Dataset:
        return make(PlanePositionSequence=make(ImagePositionPatient=[0, 0, z]), **more)

    ds = make(SOPClassUID="1.2.840.10008.5.1.4.1.1.4.1", RescaleSlope="9", SliceThickness="9")
    ds.SharedFunctionalGroupsSequence = Sequence(
        [
            make(
                PixelMeasuresSequence=make(PixelSpacing=[0.5, 0.25], SliceThickness=3),
                PlaneOrientationSequence=make(ImageOrientationPatient=[1, 0, 0, 0, 1, 0]),
                PixelValueTransformationSequence=make(RescaleSlope=2, RescaleIntercept=-5),
                MREchoSequence=make(EffectiveEchoTime=80.0),
            )
        ]
    )
    ds.PerFrameFunctionalGroupsSequence = Sequence(
        [
            frame(5),
            frame(1, PixelValueTransformationSequence=make(RescaleSlope=4, RescaleIntercept=0)),
            frame(3, MRDiffusionSequence=make(DiffusionBValue=1000.0)),
        ]
    )
    return ds


def test_functional_groups_give_every_frame_its_own_place() -> None:
    """D21: per-frame, then shared."""
    frames = frames_of(enhanced(), 3, "MR")
    assert [frame.position for frame in frames] == [(0, 0, 5), (0, 0, 1), (0, 0, 3)]
    assert frames[2].spacing == (0.5, 0.25)
    assert frames[2].orientation == (1, 0, 0, 0, 1, 0)


def test_per_frame_rescale_wins_and_the_top_level_is_ignored() -> None:
    """D21, B8: the trap is a slope from the wrong level."""
    frames = frames_of(enhanced(), 3, "MR")
    assert [frame.values["RescaleSlope"] for frame in frames] == [2, 4, 2]
    assert frames[0].values["SliceThickness"] == 3


def test_enhanced_names_become_the_classic_ones() -> None:
    """D17: one name per split attribute."""
    frames = frames_of(enhanced(), 3, "MR")
    assert frames[0].values["EchoTime"] == 80.0
    assert frames[2].values["DiffusionBValue"] == 1000.0


def test_more_frames_than_functional_groups_do_not_raise() -> None:
    """A11: counts may disagree."""
    assert len(frames_of(enhanced(), 7, "MR")) == 7


def nuclear(step: float, image_type: str = "RECON TOMO") -> Dataset:
    detector = make(ImagePositionPatient=[10, 20, 30], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    return make(
        ImageType=["ORIGINAL", "PRIMARY", image_type],
        DetectorInformationSequence=detector,
        SliceVector=[3, 1, 2],
        SpacingBetweenSlices=str(step),
        PixelSpacing=[2, 2],
    )


@pytest.mark.parametrize("step", [4.0, -4.0])
def test_reconstructed_nuclear_slices_keep_the_sign_of_their_spacing(step: float) -> None:
    """D23: a negative Spacing Between Slices stacks the other way; abs() turns the patient upside down."""
    frames = frames_of(nuclear(step), 3, "NM")
    assert [frame.position[2] for frame in frames if frame.position] == [30 + 2 * step, 30, 30 + step]


def test_planar_nuclear_frames_have_no_place() -> None:
    """D24: anterior and posterior views are no volume."""
    frames = frames_of(nuclear(4.0, "WHOLE BODY"), 3, "NM")
    assert all(frame.position is None for frame in frames)


def test_nuclear_vectors_name_the_axes() -> None:
    """D24: energy window, detector, phase..."""
    ds = make(EnergyWindowVector=[1, 1, 2, 2], DetectorVector=[1, 2, 1, 2])
    frames = frames_of(ds, 4, "NM")
    assert [(frame.values["EnergyWindow"], frame.values["Detector"]) for frame in frames] == [
        (1, 1),
        (1, 2),
        (2, 1),
        (2, 2),
    ]


@pytest.mark.parametrize("offsets", [[0, 2, 4], [7, 9, 11]])
def test_dose_frames_follow_the_grid_frame_offset_vector(offsets: list[int]) -> None:
    """PS3.3 C.8.8.3.2: relative offsets start at 0, absolute ones at the position."""
    ds = make(ImagePositionPatient=[0, 0, 7], ImageOrientationPatient=[1, 0, 0, 0, 1, 0], GridFrameOffsetVector=offsets)
    assert [frame.position for frame in frames_of(ds, 3, "RTDOSE")] == [(0, 0, 7), (0, 0, 9), (0, 0, 11)]


def csa(**elements: tuple[str, ...]) -> bytes:
    out = b"SV10\x04\x03\x02\x01" + pack("<ii", len(elements), 77)
    for name, values in elements.items():
        out += pack("<64si4siii", name.encode(), len(values), b"DS\0\0", 0, len(values), 77)
        for value in values:
            data = value.encode() + b"\0"
            out += pack("<4i", len(data), len(data), 77, len(data)) + data + bytes(-len(data) % 4)
    return out


def siemens(header: bytes) -> Dataset:
    ds = Dataset()
    ds.add_new(0x00290010, "LO", "SIEMENS CSA HEADER")
    ds.add_new(0x00291010, "OB", header)
    return ds


def test_a_mosaic_is_known_by_its_csa_header() -> None:
    """D20: count and normal come from the CSA header."""
    header = csa(NumberOfImagesInMosaic=("36",), SliceNormalVector=("0.1", "0.2", "0.9"))
    assert mosaic_of(siemens(header), ("ORIGINAL", "MOSAIC")) == (36, (0.1, 0.2, 0.9))


def test_the_word_mosaic_alone_makes_none() -> None:
    """D20: XA30 enhanced images keep the word; without CSA there is nothing to untile by."""
    assert mosaic_of(Dataset(), ("ORIGINAL", "MOSAIC")) is None
    assert mosaic_of(siemens(csa(NumberOfImagesInMosaic=("36",))), ("ORIGINAL",)) is None


@pytest.mark.parametrize("cut", [0, 3, 10, 50, 101, 120])
def test_a_cut_csa_header_gives_what_is_there(cut: int) -> None:
    """A12: private bytes are hostile bytes."""
    assert isinstance(parse_csa(csa(A=("1",), B=("2", "3"))[:cut]), dict)


def test_csa_values_are_read() -> None:
    """D18, D20: names and values."""
    assert parse_csa(csa(A=("1",), B=("2", "3"))) == {"A": ("1",), "B": ("2", "3")}


def private(group: int, creator: str, element: int, vr: str, value: object) -> Dataset:
    ds = Dataset()
    ds.add_new(group << 16 | 0x10, "LO", creator)
    ds.add_new(group << 16 | 0x1000 | element, vr, value)
    return ds


@pytest.mark.parametrize(
    ("ds", "expected"),
    [
        (make(DiffusionBValue=700.0), 700.0),
        (private(0x0043, "GEMS_PARM_01", 0x39, "IS", [1000001000, 0, 0, 0]), 1000.0),
        (private(0x2001, "Philips Imaging DD 001", 0x03, "FL", 800.0), 800.0),
        (private(0x0019, "SIEMENS MR HEADER", 0x0C, "IS", 500), 500.0),
        (private(0x2001, "Philips Imaging DD 001", 0x03, "UN", pack("<f", 800.0)), 800.0),
        (siemens(csa(B_value=("1000",))), 1000.0),
        (Dataset(), None),
        (private(0x0019, "SOMEBODY ELSE", 0x0C, "IS", 500), None),
    ],
)
def test_the_b_value_is_found_where_the_maker_put_it(ds: Dataset, expected: float | None) -> None:
    """D18: GE's offset of 10^9, Philips FL, Siemens IS or CSA; missing is not 0."""
    assert diffusion.b_value(ds) == expected
