"""What ``workstation bench`` measures: through the loader, the pipeline and the reslice that the window uses."""

from __future__ import annotations

import gc
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from workstation import machine
from workstation.errors import WorkstationError
from workstation.loading.collection import Catalogue, Collection
from workstation.loading.keys import VolumeKey, is_long
from workstation.loading.lazy_fetcher import LazyFetcher
from workstation.loading.loader import Loaded, Loader, Priority
from workstation.loading.opening import Openings
from workstation.loading.speed_report import milliseconds, rounded, syntax_of
from workstation.objects.picture import FrameKey

if TYPE_CHECKING:
    from workstation.dicom.identity import FrameRef
    from workstation.geometry.frames import StackFrame
    from workstation.geometry.stack import Stack
    from workstation.geometry.volume import Volume
    from workstation.loading.fetch import Fetcher
    from workstation.loading.shown import Shown

    Read = tuple[StackFrame, float, int]
    """A frame, the seconds it took and its decoded bytes."""

FRAMES = 64
"""Most frames of a stack that are timed, evenly spread."""
SECONDS = 4.0
"""Longest time spent on one stack's frames, one by one."""
ROUNDS = 5
SLAB_MM = 20.0
LONGEST = 600.0
"""Seconds after which an answer is no longer waited for."""
TILTED = (0.9, 0.3, -0.316), (0.0, 0.725, 0.688)
"""Directions right and down of the oblique plane, made perpendicular and of unit length before use."""


def warm_up() -> None:
    """Open a phantom, so that no import is counted as work."""
    from workstation.phantoms.volumes import write_linear_series

    with tempfile.TemporaryDirectory(prefix="workstation-bench-") as folder:
        write_linear_series(Path(folder))
        open_once([folder])


def open_once(paths: Sequence[str]) -> dict[str, Any]:
    """Open as the window does; tell when the first image was ready to paint and when the sorted one was."""
    moments: dict[str, float | None] = {"first_image_ms": None, "sorted_image_ms": None}
    finished = threading.Event()
    snapshots: list[Catalogue] = []
    fetcher = LazyFetcher(lambda: snapshots[-1], lambda key: None)
    canvas = Canvas()

    def take(catalogue: Catalogue) -> None:
        snapshots.append(catalogue)
        if catalogue.finished:
            finished.set()

    def show(catalogue: Catalogue, ref: FrameRef) -> None:
        snapshots.append(catalogue)
        shown = fetcher.first(catalogue, ref)
        if shown is not None:
            canvas.paint(shown)
            moments["first_image_ms"] = _since(begin)

    begin = time.perf_counter()
    openings = Openings(take, show)
    openings.open(paths)
    finished.wait(LONGEST)
    listed = _since(begin)
    stack = next((s for s in snapshots[-1].ordered_stacks() if s.frames[0].instance.has_pixels), None)
    if stack is not None:
        middle = fetcher.first(snapshots[-1], stack.frames[len(stack.frames) // 2].ref)
        if middle is not None:
            canvas.paint(middle)
            moments["sorted_image_ms"] = _since(begin)
            moments["first_image_ms"] = moments["first_image_ms"] or moments["sorted_image_ms"]
    openings.close()
    return {**moments, "listed_ms": listed}


def scan_again(paths: Sequence[str]) -> dict[str, Any]:
    """Time scanning and organising files that were just read."""
    from workstation.dicom.scan import scan

    collection = Collection()
    begin = time.perf_counter()
    for item in scan(paths):
        collection.add(item)
    scanned = time.perf_counter() - begin
    catalogue = collection.snapshot(finished=True)
    return {
        "scan_ms": round(scanned * 1000, 3),
        "organise_ms": round(_since(begin) - scanned * 1000, 3),
        "files_per_second": round(catalogue.done / max(scanned, 1e-9), 1),
    }


class Canvas:
    """The words of a pane: the memory stays from picture to picture, as in the window."""

    def __init__(self) -> None:
        self._words: Any = None

    def paint(self, shown: Shown) -> None:
        """Make the words that a pane shows, at the picture's own size."""
        import numpy as np

        painting = shown.painting(shown.pipeline(None, inverted=False))
        size = painting.rows, painting.columns
        if self._words is None or self._words.shape != size:
            self._words = np.zeros(size, np.uint32)
        painting.write(0, 0, self._words)


def _since(begin: float) -> float:
    return round((time.perf_counter() - begin) * 1000, 3)


class Session:
    """A loader with its workers over some stacks, as the window has it."""

    def __init__(self, stacks: Sequence[Stack]) -> None:
        self.failures: list[tuple[str, str]] = []
        self._read: dict[str, list[tuple[float, int]]] = {}
        self._volume_bytes = 0
        self._before = machine.resident_bytes()
        self._catalogue = Catalogue(
            instances={f.instance.sop_instance_uid: f.instance for s in stacks for f in s.frames},
            by_id={stack.id: stack for stack in stacks},
            places={f.ref: (stack, n) for stack in stacks for n, f in enumerate(stack.frames)},
        )
        self._answers: dict[Any, Loaded] = {}
        self._arrived = threading.Condition()
        self._fetcher = self._made()
        self._loader = Loader(self._fetcher.fetch, self._take, cache_bytes=self._budget(), is_long=is_long)

    def _made(self) -> LazyFetcher:
        return LazyFetcher(lambda: self._catalogue, lambda key: self._loader.peek(key))

    @staticmethod
    def _budget() -> int:
        return max(machine.memory_bytes() // 2, 1 << 30)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._loader.close()

    def _take(self, loaded: Loaded) -> None:
        with self._arrived:
            self._answers[loaded.key] = loaded
            self._arrived.notify_all()

    def _fetch(self, keys: Iterable[Any]) -> dict[Any, Loaded]:
        """Return the answers of the workers, all of them."""
        wanted = list(keys)
        self._answers.clear()
        self._loader.forget(lambda key: True)
        self._loader.want("bench", [(key, Priority.PREFETCH) for key in wanted])
        with self._arrived:
            self._arrived.wait_for(lambda: len(self._answers) >= len(wanted), LONGEST)
        self._loader.want("bench", [])
        return dict(self._answers)

    # frames

    def frames(self, stack: Stack) -> dict[str, Any]:
        """Time some frames of a stack: read and decoded one by one, by all workers, and made into words."""
        from workstation.loading.fetch import Fetcher

        chosen = _spread(stack.frames)
        fetcher = Fetcher(lambda: self._catalogue, lambda key: None)
        try:
            done, tried, display = self._one_by_one(chosen, fetcher)
        finally:
            fetcher.close()
        if not done:
            return {"reading": None, "display": None}
        self._read.setdefault(syntax_of(stack), []).extend((seconds, size) for _, seconds, size in done)
        decoded = sum(size for _, _, size in done)
        gc.collect()
        by_workers = _timed(lambda: self._fetch([FrameKey(frame.ref) for frame, _, _ in done]))
        return {
            "reading": {
                "frames": len(done),
                "failed": tried - len(done),
                "bytes_per_frame": decoded // len(done),
                "ms_per_frame": milliseconds(seconds for _, seconds, _ in done),
                "decoded_mb_per_s": _rate(decoded, sum(seconds for _, seconds, _ in done)),
                "loader_mb_per_s": _rate(decoded, by_workers),
            },
            "display": {"ms_per_frame": milliseconds(display)},
        }

    def _one_by_one(self, chosen: Sequence[StackFrame], fetcher: Fetcher) -> tuple[list[Read], int, list[float]]:
        """Return the frames that could be read, how many were tried, and the seconds each took to be drawn."""
        canvas, repeats = Canvas(), max(1, ROUNDS // len(chosen))
        done: list[Read] = []
        display: list[float] = []
        tried, end = 0, time.perf_counter() + SECONDS
        for frame in chosen:
            begin = time.perf_counter()
            if begin > end and done:
                break
            tried += 1
            try:
                shown = fetcher.shown(frame.ref)
            except WorkstationError as error:
                self.failures.append((str(frame.instance.locator), str(error)))
                continue
            done.append((frame, time.perf_counter() - begin, int(shown.values.nbytes)))
            display += [_timed(lambda shown=shown: canvas.paint(shown)) for _ in range(repeats)]  # type: ignore[misc]
        return done, tried, display

    # volumes

    def reformatting(self, stack: Stack) -> dict[str, Any]:
        """Time a volume and sections through it."""
        key = VolumeKey(stack.id, len(stack.frames))
        gc.collect()
        begin = time.perf_counter()
        answer = self._fetch([key]).get(key)
        seconds = time.perf_counter() - begin
        if answer is None or answer.error is not None:
            reason = str(answer.error) if answer is not None else "the volume took too long"
            self.failures.append((str(stack.frames[0].instance.locator), reason))
            return {"refused": True}
        volume: Volume = answer.value
        self._volume_bytes += volume.nbytes
        result = {
            "refused": False,
            "build_ms": round(seconds * 1000, 3),
            "bytes": volume.nbytes,
            "mb_per_s": _rate(volume.nbytes, seconds),
            **sections(volume),
        }
        self._answers.clear()
        self._loader.forget(lambda key: True)
        return result

    # sums

    def syntaxes(self) -> list[dict[str, Any]]:
        """Return what one thread reads and decodes of each transfer syntax."""
        return [
            {
                "transfer_syntax": name,
                "frames": len(read),
                "decoded_mb_per_s": _rate(sum(size for _, size in read), sum(seconds for seconds, _ in read)),
                "ms_per_frame": milliseconds(seconds for seconds, _ in read),
            }
            for name, read in sorted(self._read.items())
        ]

    def memory(self) -> dict[str, int]:
        """Return what the process took."""
        return {
            "before_bytes": self._before,
            "resident_bytes": machine.resident_bytes(),
            "peak_bytes": machine.peak_bytes(),
            "volume_bytes": self._volume_bytes,
        }


def sections(volume: Volume) -> dict[str, Any]:
    """Time the standard planes, an oblique one and slabs through it, each the median of some."""
    from workstation.geometry.reslice import reslice, section_plane, standard_section

    planes = {name: standard_section(volume, name) for name in ("axial", "coronal", "sagittal")}
    planes["oblique"] = section_plane(volume, *_perpendicular())
    oblique = planes["oblique"]
    return {
        "pixels": {name: [plane.rows, plane.columns] for name, plane in planes.items()},
        "section_ms": rounded({name: _median_ms(lambda p=plane: reslice(volume, p)) for name, plane in planes.items()}),  # type: ignore[misc]
        "slab_mm": SLAB_MM,
        "slab_ms": rounded(
            {
                name: _median_ms(lambda n=name: reslice(volume, oblique, SLAB_MM, n), rounds=3)  # type: ignore[misc]
                for name in ("max", "min", "mean")
            }
        ),
    }


def _perpendicular() -> tuple[Any, Any]:
    import numpy as np

    right, down = (np.array(direction) for direction in TILTED)
    right = right / np.linalg.norm(right)
    down = down - (down @ right) * right
    down = down / np.linalg.norm(down)
    return tuple(right.tolist()), tuple(down.tolist())


def _median_ms(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    work()
    return median(_timed(work) for _ in range(rounds)) * 1000


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _rate(size: int, seconds: float) -> float:
    """Return megabytes (10^6) per second."""
    return round(size / 1e6 / max(seconds, 1e-9), 1)


def _spread(frames: Sequence[StackFrame]) -> list[StackFrame]:
    count = len(frames)
    if count <= FRAMES:
        return list(frames)
    return [frames[round(n * (count - 1) / (FRAMES - 1))] for n in range(FRAMES)]
