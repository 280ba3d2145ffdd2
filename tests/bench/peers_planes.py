"""The volume all rows on planes cut, the planes, and VTK and SimpleITK cutting the same."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from harness import Bench
from numpy.typing import NDArray
from series import SPACING, frames

from workstation.geometry.image_plane import ImagePlane
from workstation.geometry.oblique import Triad
from workstation.geometry.reslice import section_plane, standard_section
from workstation.geometry.volume import Volume, VolumeGrid

PIXEL = 360 / 512
"""Millimetres between rows and columns of a slice."""
INTERCEPT = -1024
AXIAL = Triad((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
TURNS = {
    "tilted 12": ((1.0, 0.3, 0.0), 12.0),
    "oblique 35": ((1.0, 2.0, 3.0), 35.0),
    "double oblique 62": ((3.0, -1.0, 0.5), 62.0),
    "near coronal": ((1.0, 0.2, 0.0), 80.0),
    "near sagittal": ((0.2, 1.0, 0.1), 80.0),
}
"""Axis and degrees by which the axial plane is turned."""


def made_volume(slices: int = 500, size: int = 512) -> Volume:
    """Return the CT as stored values with an intercept, as a scanner gives it."""
    array = np.empty((slices, size, size), dtype=np.int16)
    for number, image in enumerate(frames(slices, size)):
        np.subtract(image, INTERCEPT, out=array[number])
    array.flags.writeable = False
    pixel = 360 / size
    affine = np.array([[0, 0, pixel, -180.0], [0, pixel, 0, -330.0], [SPACING, 0, 0, -800.0], [0, 0, 0, 1.0]])
    return Volume(array, VolumeGrid(array.shape, affine, "1.2.3"), -1000.0, None, 1.0, float(INTERCEPT))


def oblique_planes(volume: Volume, side: int = 512) -> Iterator[tuple[str, ImagePlane]]:
    """Yield planes of ``side`` x ``side`` pixels through the volume's middle, pixels as small as its voxels."""
    for name, (axis, degrees) in TURNS.items():
        turned = AXIAL.turned(axis, np.radians(degrees))
        plane = section_plane(volume, turned.right, turned.down, None, PIXEL * 512 / side)
        column, row, _ = plane.pixel(volume.grid.centre)
        corner = plane.patient_point(column - (side - 1) / 2 + 0.3, row - (side - 1) / 2 + 0.2)
        yield name, replace(plane, origin=corner, rows=side, columns=side)


def isotropic(volume: Volume, name: str) -> ImagePlane:
    """Return a plane along the voxels in square pixels through the middle of a voxel."""
    x, y, z = volume.grid.point_of(np.array([s // 2 for s in volume.grid.shape], dtype=float)).tolist()
    return standard_section(volume, name, (x, y, z))


class Vtk:
    """vtkImageReslice on the same voxels."""

    def __init__(self, volume: Volume) -> None:
        import vtk
        from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

        self._vtk, self._numpy = vtk, vtk_to_numpy
        slices, rows, columns = volume.grid.shape
        self.image = vtk.vtkImageData()
        self.image.SetDimensions(columns, rows, slices)
        self.image.SetSpacing(*reversed(volume.voxel_sizes))
        self.image.SetOrigin(*volume.affine[:3, 3])
        self.image.GetPointData().SetScalars(numpy_to_vtk(volume.array.reshape(-1), deep=False))

    def reslice(self, plane: ImagePlane, offsets: NDArray[np.float64] | None = None, mode: str = "mean") -> Any:
        """Return a ready vtkImageReslice: linear, the plane's pixels, the slab's samples."""
        vtk = self._vtk
        matrix = vtk.vtkMatrix4x4()
        for column, vector in enumerate((plane.right, plane.down, plane.normal, plane.origin)):
            for row in range(3):
                matrix.SetElement(row, column, vector[row])
        made = vtk.vtkImageReslice()
        made.SetInputData(self.image)
        made.SetInterpolationModeToLinear()
        made.SetOutputDimensionality(2)
        made.SetResliceAxes(matrix)
        made.SetOutputSpacing(plane.spacing[1], plane.spacing[0], 1.0)
        made.SetOutputOrigin(0, 0, 0)
        made.SetOutputExtent(0, plane.columns - 1, 0, plane.rows - 1, 0, 0)
        made.SetBackgroundLevel(-1000 - INTERCEPT)
        if offsets is not None and len(offsets) > 1:
            made.SetSlabNumberOfSlices(len(offsets))
            made.SetSlabSliceSpacingFraction(float(offsets[1] - offsets[0]))
            {"max": made.SetSlabModeToMax, "min": made.SetSlabModeToMin, "mean": made.SetSlabModeToMean}[mode]()
        return made

    def values(self, made: Any) -> NDArray[np.float32]:
        """Return the modality values it computed."""
        image = made.GetOutput()
        columns, rows, _ = image.GetDimensions()
        values = self._numpy(image.GetPointData().GetScalars()).reshape(rows, columns)
        return np.asarray(values, dtype=np.float32) + np.float32(INTERCEPT)

    def best(self, made: Any, tries: int = 3) -> tuple[str, Callable[[], object]]:
        """Return its fastest setting of threads and what runs it, the output in its own type."""

        def run() -> None:
            made.Modified()
            made.Update()

        found = {}
        for smp in (True, False):
            for threads in (1, 2, 4):
                made.SetEnableSMP(smp)
                made.SetNumberOfThreads(threads)
                run()
                found[smp, threads] = statistics.median(_seconds(run) for _ in range(tries))
        smp, threads = min(found, key=lambda key: found[key])
        made.SetEnableSMP(smp)
        made.SetNumberOfThreads(threads)
        return f"{'SMP' if smp else 'threads'} {threads}", run


class SimpleItk:
    """SimpleITK's Resample on the same voxels."""

    def __init__(self, volume: Volume) -> None:
        import SimpleITK

        self._sitk = SimpleITK
        self.image = SimpleITK.GetImageFromArray(volume.array)
        self.image.SetSpacing(tuple(reversed(volume.voxel_sizes)))
        self.image.SetOrigin(volume.affine[:3, 3].tolist())

    def route(self, plane: ImagePlane) -> Callable[[], Any]:
        """Return what resamples the plane linearly."""
        sitk = self._sitk
        directions = np.column_stack((plane.right, plane.down, plane.normal)).ravel().tolist()
        made = sitk.ResampleImageFilter()
        made.SetSize((plane.columns, plane.rows, 1))
        made.SetOutputSpacing((plane.spacing[1], plane.spacing[0], 1.0))
        made.SetOutputOrigin(plane.origin)
        made.SetOutputDirection(directions)
        made.SetInterpolator(sitk.sitkLinear)
        made.SetDefaultPixelValue(-1000 - INTERCEPT)
        return lambda: made.Execute(self.image)


def _seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def interior(
    volume: Volume, plane: ImagePlane, offsets: NDArray[np.float64] | None = None, margin: float = 0.0
) -> NDArray[np.bool_]:
    """Return the pixels whose samples all lie between voxel centres, ``margin`` voxels off the outermost."""
    columns, rows = np.meshgrid(np.arange(plane.columns), np.arange(plane.rows))
    u, v = np.array(plane.right) * plane.spacing[1], np.array(plane.down) * plane.spacing[0]
    points = np.array(plane.origin) + columns[..., None] * u + rows[..., None] * v
    limits = np.array(volume.grid.shape) - 1 - margin
    inside = np.ones(points.shape[:2], dtype=np.bool_)
    for offset in (0.0,) if offsets is None else (offsets[0], offsets[-1]):
        index = volume.grid.index_of(points + offset * np.array(plane.normal))
        inside &= ((index >= margin) & (index <= limits)).all(axis=-1)
    return inside


def compare(bench: Bench, what: str, ours: Any, theirs: Any, where: NDArray[np.bool_]) -> None:
    """Say how far the two are apart on the pixels that count; grey levels are whole numbers there."""
    assert where.any(), what
    bench.say(f"{what}: farthest apart from VTK", float(np.abs(ours - theirs)[where].max()), most=1.001, unit="grey")
