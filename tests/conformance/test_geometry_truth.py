"""Order and geometry of real series against volumes that dcm2niix made of them.

dcm2niix flips rows and may turn volumes, so a volume matches a stack if both have the same eight corner voxel
centres, least, greatest and mean value. Where a comparison is left out the tables say why.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest

from workstation.dicom.facts import read_instance
from workstation.dicom.identity import Locator
from workstation.errors import WorkstationError
from workstation.geometry.frames import frames_of
from workstation.geometry.stack import stacks_of
from workstation.geometry.volume import grid_of
from workstation.objects.images import ImageReader

if TYPE_CHECKING:
    from pathlib import Path

CORNER_MM = 0.01
VALUE = 1e-3

SERIES = (
    "rt/rt-utils/one_slice_data",
    "rt/rt-utils/oriented_data",
    "rt/rtkit/simple_phantom_case",
    "rt/rtkit/single_cr",
    "series/Slicer/CTHeadAxialDicom",
    "series/dcm_qa_ct/GE",
    "series/dcm_qa_ge/01_Ax_DWI_TENSOR_R2",
    "series/dcm_qa_mosaic/ep2d_Asc_2",
    "series/dcm_qa_nih/20180918GE/mr_0004",
    "series/dcm_qa_nih/20180918Si/mr_0003",
    "series/dcm_qa_philips_asl/201_pCASL",
    "series/dcm_qa_philips_asl/301_ASL_MultiPhase",
    "series/dcm_qa_spec/31_svs_se",
    "series/dcm_qa_table/GE/Exam1487_Laser711mm/01_3_Plane_Localizer_FF",
    "series/dcm_qa_table/Ph/1301_Dual-echo_iso",
    "series/dcm_qa_xa30/21_DWI_dir80_AP",
    "series/dcm_qa_xa30/22_DWI_dir80_AP",
    "series/dcm_qa_xa30/25_asl_2d_tra",
    "series/dcm_qa_xa30/5_anat-T1w_acq-tfl",
    "series/dicom2nifti/failing/slicecount/001",
    "series/dicom2nifti/ge/dti/001",
    "series/dicom2nifti/ge/fmri/001",
    "series/dicom2nifti/generic/compressed/001",
    "series/dicom2nifti/generic/compressed_rle/001",
    "series/dicom2nifti/hitachi/anatomical/001",
    "series/dicom2nifti/philips/dti/001",
    "series/dicom2nifti/philips/fmri/001",
    "series/dicom2nifti/philips_enhanced/fmri/001",
    "series/dicom2nifti/siemens/anatomical/001",
    "series/nist-xdsi/1.3.6.1.4.1.21367.201599.1.201604020956016/1.3.6.1.4.1.21367.201599.2.201604020956016",
    "series/rse-panimg/dicom/dicom",
    "series/rse-panimg/dicom_4d_enhanced",
)

NO_COMPARISON = {
    ("rt/rtkit/simple_phantom_case", "1_"): "RT Images have no patient geometry; dcm2niix makes one up",
    ("rt/rtkit/simple_phantom_case", "1_a"): "RT Images have no patient geometry; dcm2niix makes one up",
    ("rt/rtkit/simple_phantom_case", "1_Dose_for_Testplan"): "dcm2niix ignores Grid Frame Offset Vector (C.8.8.3.2)",
    ("rt/rtkit/single_cr", "1_Becken_ap"): "a radiograph without Image Position; dcm2niix makes one up",
    ("series/dcm_qa_ct/GE", "2__Tilt_Eq_1"): "resampled by dcm2niix: tilt removed, slices made even",
    ("series/dcm_qa_spec/31_svs_se", "31_svs_se"): "spectroscopy, no image",
    ("series/rse-panimg/dicom_4d_enhanced", "8_Head_0.5_CE_Axial_4D-Vol."): "dcm2niix takes four slices for four times",
    ("series/rse-panimg/dicom_4d_enhanced", "8_Head_0.5_CE_Axial_4D-Vol.a"): "dcm2niix takes two slices for two times",
}
VALUES_ONLY = {
    ("series/dcm_qa_ct/GE", "2_"): "slices 1.08 to 7 mm apart; dcm2niix writes the first step for all of them",
}
PHILIPS = "dcm2niix applies the private Philips scale slope, not the Modality LUT"
GEOMETRY_ONLY = {
    ("series/dcm_qa_xa30/22_DWI_dir80_AP", "22_DWI_dir80_AP_ColFA"): "colour; the truth has no values",
    ("series/dcm_qa_philips_asl/201_pCASL", "201_pCASL"): PHILIPS,
    ("series/dcm_qa_philips_asl/301_ASL_MultiPhase", "301_ASL_MultiPhase"): PHILIPS,
    ("series/dcm_qa_table/Ph/1301_Dual-echo_iso", "1301_Dual-echo_iso_e1"): PHILIPS,
    ("series/dcm_qa_table/Ph/1301_Dual-echo_iso", "1301_Dual-echo_iso_e1_ph"): PHILIPS,
    ("series/dcm_qa_table/Ph/1301_Dual-echo_iso", "1301_Dual-echo_iso_e2"): PHILIPS,
    ("series/dcm_qa_table/Ph/1301_Dual-echo_iso", "1301_Dual-echo_iso_e2_ph"): PHILIPS,
    ("series/dicom2nifti/philips_enhanced/fmri/001", "701_"): PHILIPS,
}


def truth(corpus: Path):
    series = json.loads((corpus / "truth" / "geometry.json").read_text())["series"]
    return {entry["dir"]: entry["outputs"] for entry in series if entry["outputs"]}


def instances_in(folder: Path):
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            try:
                found.append(read_instance(Locator(str(path))))
            except WorkstationError:
                continue
    return found


def values_of(stack):
    """Return the stack's modality values (slices, rows, columns)."""
    readers = {frame.ref.sop_instance_uid: ImageReader(frame.instance) for frame in stack.frames}
    return np.array([readers[f.ref.sop_instance_uid].modality_values(f.ref)[0] for f in stack.frames], dtype=float)


def corners(affine, shape):
    """Return the eight corner voxel centres of a grid (8, 3)."""
    index = np.array([(*ends, 1) for ends in product(*((0, size - 1) for size in shape))])
    return (index @ np.array(affine).T)[:, :3]


def apart(a, b):
    """Return how far the furthest point of either set is from the other set, in mm."""
    distances = np.linalg.norm(a[:, None] - b[None], axis=-1)
    return max(distances.min(axis=0).max(), distances.min(axis=1).max())


def matching(stacks, output):
    """Return the groups of stacks (the phases of one series, or one stack) at the output's place."""
    wanted = corners(np.diag([-1, -1, 1, 1]) @ np.array(output["affine_ras"]), output["shape"][:3])
    there = [
        stack
        for stack in stacks
        if stack.affine is not None
        and apart(wanted, corners(stack.affine, (len(stack.frames), stack.rows, stack.columns))) < CORNER_MM
    ]
    return grouped(there, output)


def grouped(stacks, output):
    phases = output["shape"][3] if len(output["shape"]) > 3 else 1
    if phases == 1:
        return [[stack] for stack in stacks]
    ids = dict.fromkeys(stack.phase_of for stack in stacks if stack.phase_of)
    groups = [[stack for stack in stacks if stack.phase_of == one] for one in ids]
    return [group for group in groups if len(group) == phases]


def same_values(group, output):
    values = np.array([values_of(stack) for stack in group])
    tolerance = VALUE * max(output["max"] - output["min"], 1e-9)
    found = (values.min(), values.max(), values.mean())
    return np.allclose(found, (output["min"], output["max"], output["mean"]), rtol=0, atol=tolerance)


def test_every_series_with_a_truth_is_listed(corpus):
    """A series added to the corpus must be added here."""
    outputs = truth(corpus)
    assert set(SERIES) == set(outputs)
    names = {(folder, output["name"]) for folder, group in outputs.items() for output in group}
    assert {*NO_COMPARISON, *VALUES_ONLY, *GEOMETRY_ONLY} <= names


@pytest.mark.parametrize("folder", SERIES)
def test_every_volume_is_one_of_our_stacks(corpus, folder):
    """D1, D4, D9, D13, D17, D20, D21: same corners within 0.01 mm and the same values, phase by phase."""
    stacks = stacks_of(instances_in(corpus / folder))
    for output in truth(corpus)[folder]:
        key = (folder, output["name"])
        if key in NO_COMPARISON:
            continue
        groups = grouped(list(stacks), output) if key in VALUES_ONLY else matching(stacks, output)
        assert groups, f"no stack at the place of {output['name']}"
        if key not in GEOMETRY_ONLY:
            assert any(same_values(group, output) for group in groups), output["name"]


REFERENCE_VOLUMES = {
    "dcm_qa_mosaic/2_ep2d_Asc.nii.gz": "series/dcm_qa_mosaic/ep2d_Asc_2",
    "dcm_qa_nih/EPI_PE=AP_3.nii.gz": "series/dcm_qa_nih/20180918Si/mr_0003",
    "dcm_qa_xa30/21_DWI_dir80_AP.nii.gz": "series/dcm_qa_xa30/21_DWI_dir80_AP",
}


@pytest.mark.parametrize("name", REFERENCE_VOLUMES)
def test_every_voxel_lies_where_the_reference_volume_has_it(corpus, name):
    """D1, D20, D21: value by value at the same patient point, which corner sets alone would not tell."""
    nibabel = pytest.importorskip("nibabel")
    reference = nibabel.load(corpus / "truth" / "nifti" / name)
    data = reference.get_fdata()
    data = data.reshape(*data.shape[:3], -1)
    stacks = stacks_of(instances_in(corpus / REFERENCE_VOLUMES[name]))
    assert len(stacks) == data.shape[3]
    for phase, stack in enumerate(stacks):
        ours, grid = values_of(stack), grid_of(stack)
        index = np.indices(ours.shape).reshape(3, -1).T
        points = grid.point_of(index.astype(float)) * [-1, -1, 1]
        inverse = np.linalg.inv(reference.affine)
        i, j, k = np.rint(points @ inverse[:3, :3].T + inverse[:3, 3]).astype(int).T
        np.testing.assert_allclose(data[i, j, k, phase].reshape(ours.shape), ours, atol=1e-3 * np.ptp(ours))


def test_no_frame_of_the_corpus_is_lost_or_doubled(corpus):
    """E7, D17: the frames of all stacks are the frames of all instances, tile by tile."""
    by_series: dict[str, list] = defaultdict(list)
    for folder in corpus.iterdir():
        if folder.is_dir() and folder.name not in {"fuzz", "truth"}:
            for instance in instances_in(folder):
                by_series[instance.series_instance_uid].append(instance)
    for group in by_series.values():
        expected = sorted(frame.ref for instance in group for frame in frames_of(instance))
        stacks = stacks_of(group)
        assert sorted(frame.ref for stack in stacks for frame in stack.frames) == expected
        assert all(stack.reason and stack.label for stack in stacks) or len(stacks) == 1
        assert len({stack.id for stack in stacks}) == len(stacks)
    assert len(by_series) > 100
