"""Planes along the voxels in square pixels: coronal, sagittal with and without the second copy, axial."""

from __future__ import annotations

from collections.abc import Callable

from harness import Bench, kernels
from peers_planes import SimpleItk, Vtk, compare, interior, isotropic, made_volume

from workstation.geometry.layouts import make_sagittal
from workstation.geometry.reslice import reslice
from workstation.geometry.volume import Volume

LEAST = {"coronal": 1.4, "sagittal with the second copy": 5.0}


def main() -> None:
    bench = Bench("orthogonal")
    kernels()
    volume = made_volume(*((160, 256) if bench.quick else (500, 512)))
    alone = Volume(volume.array, volume.grid, volume.background, None, volume.slope, volume.intercept)
    copying(bench, alone)
    make_sagittal(volume)
    installed = bench.peers("vtk", "SimpleITK")
    vtk = Vtk(volume) if "vtk" in installed else None
    sitk = SimpleItk(volume) if "SimpleITK" in installed else None
    for name in ("axial", "coronal", "sagittal"):
        plane = isotropic(volume, name)
        ours = {name: alone} | ({f"{name} with the second copy": volume} if name == "sagittal" else {})
        routes: dict[str, Callable[[], object]] = {
            key: lambda v=each, p=plane: reslice(v, p) for key, each in ours.items()
        }
        how = ""
        if vtk is not None:
            made = vtk.reslice(plane)
            how, routes["vtk"] = vtk.best(made)
        if sitk is not None:
            routes["SimpleITK"] = sitk.route(plane)
        found = bench.interleave(routes, name=name, rounds=bench.rounds * 3)
        for key in ours:
            if vtk is not None:
                ratio = found["vtk"] / found[key]
                bench.say(f"{key}: faster than VTK ({how})", ratio, least=LEAST.get(key))
                compare(bench, key, reslice(ours[key], plane), vtk.values(made), interior(volume, plane))
            if sitk is not None:
                bench.say(f"{key}: faster than SimpleITK", found["SimpleITK"] / found[key])
    bench.finish()


def copying(bench: Bench, volume: Volume) -> None:
    """The second copy itself, against copying the voxels as they lie."""

    def turned() -> None:
        volume.copies.drop()
        make_sagittal(volume)

    found = bench.interleave({"turned": turned, "plain": lambda: volume.array.copy()}, name="copy", rounds=5)
    volume.copies.drop()
    bench.say("making the second copy / copying the voxels as they lie", found["turned"] / found["plain"])


if __name__ == "__main__":
    main()
