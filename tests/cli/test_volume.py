from __future__ import annotations

import gzip
import json
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from workstation.cli.section import directions
from workstation.errors import BadUsage
from workstation.export.nifti import to_ras, write_nifti
from workstation.phantoms.grid import linear_value
from workstation.phantoms.pixels import CASES, write_case
from workstation.phantoms.volumes import write_linear_series

TOLERANCE = 0.5
OBLIQUE = (0.8, 0.6, 0.0, -0.36, 0.48, 0.8)


@pytest.fixture(scope="module")
def tilted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tilted")
    write_linear_series(folder, orientation=OBLIQUE, tilt_degrees=15, slices=9, shuffle=2)
    return folder


def voxel_points(affine: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    index = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), axis=-1)
    return index @ np.asarray(affine)[:3, :3].T + np.asarray(affine)[:3, 3]


def test_an_array_can_be_placed_by_its_json(run, tilted: Path, tmp_path: Path) -> None:
    """D13: the sheared grid puts every value where the formula says."""
    assert run("volume", tilted, "--out", tmp_path / "v.npy").code == 0
    values, place = np.load(tmp_path / "v.npy"), json.loads((tmp_path / "v.json").read_text())
    assert values.dtype == np.float32
    assert_allclose(values, linear_value(voxel_points(place["affine"], values.shape)), atol=TOLERANCE)


def test_nifti_keeps_the_shear_and_flips_to_ras(run, tilted: Path, tmp_path: Path) -> None:
    """D53: an independent reader finds each value at its patient point."""
    nibabel = pytest.importorskip("nibabel")
    assert run("volume", tilted, "--out", tmp_path / "v.nii.gz").code == 0
    image = nibabel.load(tmp_path / "v.nii.gz")
    values = np.asarray(image.dataobj)
    points = voxel_points(image.affine, values.shape) * (-1, -1, 1)
    assert values.shape == (20, 12, 9)
    assert_allclose(values, linear_value(points), atol=TOLERANCE)


def test_nrrd_says_left_posterior_superior(run, tilted: Path, tmp_path: Path) -> None:
    assert run("volume", tilted, "--out", tmp_path / "v.nrrd").code == 0
    head, data = (tmp_path / "v.nrrd").read_bytes().split(b"\n\n", 1)
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines()[1:])
    vectors = [np.array(json.loads(f"[{v.strip('()')}]")) for v in fields["space directions"].split()]
    origin = np.array(json.loads(f"[{fields['space origin'].strip('()')}]"))
    values = np.frombuffer(gzip.decompress(data), "<f4").reshape(9, 12, 20)
    affine = np.column_stack([*vectors[::-1], origin])
    assert fields["space"] == "left-posterior-superior"
    assert_allclose(values, linear_value(voxel_points(affine, values.shape)), atol=TOLERANCE)


@given(
    quaternion=st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: np.linalg.norm(q) > 0.1),
    flip=st.booleans(),
    spacing=st.tuples(*[st.floats(0.2, 8)] * 3),
)
def test_qform_and_sform_agree_without_shear(tmp_path_factory, quaternion, flip, spacing) -> None:
    """A reader that takes the quaternion gets the same place as one that takes the matrix.

    NIfTI leaves out the first component and stores the others in 32 bits: near a half turn it is known to 5e-4.
    """
    nibabel = pytest.importorskip("nibabel")
    rotation = nibabel.quaternions.quat2mat(quaternion) @ np.diag((1, 1, -1 if flip else 1))
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = rotation * spacing, (4.0, -7.0, 30.0)
    path = tmp_path_factory.getbasetemp() / "agree.nii"
    write_nifti(path, np.zeros((2, 3, 4)), affine)
    header = nibabel.load(path).header
    assert_allclose(header.get_sform(), to_ras(affine), atol=1e-4)
    assert_allclose(header.get_qform(), header.get_sform(), atol=1e-3 * max(1, *spacing))


def test_the_same_volume_gives_the_same_bytes(run, linear: Path, tmp_path: Path) -> None:
    for name in ("a.nii.gz", "b.nii.gz"):
        run("volume", linear, "--out", tmp_path / name)
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()


def test_a_phase_is_taken_by_its_stack(run, times: Path, tmp_path: Path) -> None:
    """D17: each phase is a volume of its own."""
    report = run("info", times, "--json").json
    stacks = report["patients"][0]["studies"][0]["series"][0]["stacks"]
    means = []
    for stack in stacks:
        assert run("volume", times, "--stack", stack["id"], "--out", tmp_path / "v.npy").code == 0
        means.append(float(np.load(tmp_path / "v.npy").mean()))
    assert_allclose(np.diff(means), 500, atol=1)


def test_what_is_no_volume_says_why(run, tmp_path: Path) -> None:
    case = next(c for c in CASES if c.name == "grey 12 bit unsigned")
    done = run("volume", write_case(tmp_path, case).path, "--out", tmp_path / "v.npy")
    assert done.code == 2
    assert "No volume here" in done.err


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_a_section_equals_the_formula(run, tilted: Path, tmp_path: Path, plane: str) -> None:
    """D39: a plane of an oblique, tilted, anisotropic volume, in its middle."""
    arguments = ("--plane", plane, "--size", "5x5", "--spacing", "0.5", "--out", tmp_path / "s.npy")
    assert run("section", tilted, *arguments).code == 0
    values, place = np.load(tmp_path / "s.npy"), json.loads((tmp_path / "s.json").read_text())
    assert_allclose(values, linear_value(section_points(place)), atol=TOLERANCE)


def section_points(place: dict) -> np.ndarray:
    rows, columns = np.mgrid[0 : place["shape"][0], 0 : place["shape"][1]]
    across = columns[..., None] * place["spacing"][1] * np.array(place["row_direction"])
    along = rows[..., None] * place["spacing"][0] * np.array(place["column_direction"])
    return np.array(place["origin"]) + across + along


def test_an_oblique_section_goes_through_its_point(run, linear: Path, tmp_path: Path) -> None:
    at, out = "-3,20,-29", tmp_path / "s.npy"
    arguments = ("--normal", "-1,2,2", "--up", "0,0,1", "--at", at, "--size", "3x5", "--spacing", "0.5")
    assert run("section", linear, *arguments, "--out", out).code == 0
    place = json.loads((tmp_path / "s.json").read_text())
    assert_allclose(section_points(place)[2, 1], (-3, 20, -29), atol=1e-9)
    assert_allclose(np.load(out), linear_value(section_points(place)), atol=TOLERANCE)


def test_a_section_as_a_picture_is_windowed(run, linear: Path, tmp_path: Path) -> None:
    for suffix in ("png", "npy"):
        arguments = ("--plane", "coronal", "--window", "250,300", "--out", tmp_path / f"s.{suffix}")
        assert run("section", linear, *arguments).code == 0
    values = np.load(tmp_path / "s.npy")
    expected = np.clip(((values - 249.5) / 299 + 0.5) * 255, 0, 255)
    found = imagecodecs.png_decode((tmp_path / "s.png").read_bytes())
    assert np.abs(found - expected).max() <= 0.51


def test_a_slab_is_between_its_planes(run, linear: Path, tmp_path: Path) -> None:
    """D41: the greatest value through a slab is not below the mean."""
    for projection in ("max", "mean", "min"):
        out = tmp_path / f"{projection}.npy"
        run("section", linear, "--slab", "6", "--projection", projection, "--size", "3x3", "--out", out)
    low, mean, high = (np.load(tmp_path / f"{name}.npy") for name in ("min", "mean", "max"))
    assert (low < mean).all()
    assert (mean < high).all()


@given(st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda n: np.linalg.norm(n) > 0.1))
def test_right_cross_down_is_the_normal(normal: tuple[float, float, float]) -> None:
    right, down = directions(normal, None)
    assert_allclose(np.cross(right, down), np.array(normal) / np.linalg.norm(normal), atol=1e-9)
    assert_allclose(np.linalg.norm(right), 1, atol=1e-9)


def test_up_along_the_normal_is_refused() -> None:
    with pytest.raises(BadUsage):
        directions((0, 0, 2), (0, 0, 1))


def test_two_planes_at_once_are_refused(run, linear: Path, tmp_path: Path) -> None:
    done = run("section", linear, "--plane", "axial", "--normal", "0,0,1", "--out", tmp_path / "s.png")
    assert done.code == 2


def test_up_without_a_normal_is_refused(run, linear: Path, tmp_path: Path) -> None:
    done = run("section", linear, "--plane", "coronal", "--up", "0,1,0", "--out", tmp_path / "s.png")
    assert done.code == 2
    assert "--normal" in done.err


@pytest.mark.parametrize("projection", ["max", "min", "mean"])
def test_an_oblique_slab_is_centred_on_its_plane(run, linear: Path, tmp_path: Path, projection: str) -> None:
    """D41: through values that rise by the millimetre, the ends of the slab or its middle."""
    normal, out = np.array([-1, 2, 2]) / 3, tmp_path / "s.npy"
    arguments = ("--normal", "-1,2,2", "--at", "-3,20,-29", "--slab", "3", "--projection", projection, "--size", "1x1")
    assert run("section", linear, *arguments, "--out", out).code == 0
    ends = [linear_value(np.array([-3.0, 20.0, -29.0]) + d * normal) for d in (-1.5, 0.0, 1.5)]
    wanted = {"max": max(ends), "min": min(ends), "mean": ends[1]}[projection]
    assert_allclose(np.load(out)[0, 0], wanted, atol=TOLERANCE)


def test_to_ras_swaps_axes_and_signs() -> None:
    affine = np.array([[0, 0, 0.5, 10], [0, 2.0, 0, 20], [3.0, 0, 0, 30], [0, 0, 0, 1]])
    assert_array_equal(to_ras(affine), [[-0.5, 0, 0, -10], [0, -2, 0, -20], [0, 0, 3, 30], [0, 0, 0, 1]])


def test_a_section_of_too_many_pixels_is_bad_usage(run, linear: Path, tmp_path: Path) -> None:
    done = run("section", linear, "--out", tmp_path / "x.npy", "--spacing", "1e-5")
    assert done.code == 2
    assert "too many" in done.err
