"""Peak memory over the bytes of a volume while it is opened, by the resident set of a process of its own.

Kernels are warm and everything is imported before it begins; no thumbnails are made.
"""

from __future__ import annotations

import os
import threading
import time

from harness import Bench, Peer, resident
from series import long_ct, native_ct


class Peak:
    """Looks at the resident set every millisecond."""

    def __init__(self) -> None:
        self.first = self.most = resident()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.001):
            self.most = max(self.most, resident())

    def growth(self) -> int:
        """Stop looking and return the most bytes above those of the beginning."""
        self._stop.set()
        self._thread.join()
        return max(self.most, resident()) - self.first


def opened(folder: str, small: str, second_copy: bool = False) -> float:
    """Return the growth while the volume of a folder is opened, over its bytes; ``small`` warms everything up."""
    from harness import kernels
    from row_open import House

    from workstation.geometry.layouts import make_sagittal

    kernels()
    warm = House()
    warm.volume(small)
    warm.close()
    house = House()
    peak = Peak()
    voxels = house.volume(folder)
    if second_copy:
        assert house.answer is not None
        make_sagittal(house.answer.value)
    return peak.growth() / voxels.nbytes


def scrolled(folder: str, small: str) -> float:
    """Return the growth while a stack is opened, scrolled from end to end and all of it loaded, over its bytes."""
    from harness import kernels
    from row_open import House

    from workstation.loading.loader import Priority
    from workstation.viewing.resolve import frame_key, neighbours, rest
    from workstation.viewing.view_state import ViewState

    kernels()
    warm = House()
    warm.volume(small)
    warm.close()
    house = House()
    peak = Peak()
    bytes_of_volume = house.volume(folder).nbytes
    stack = house.catalogue.ordered_stacks()[0]  # type: ignore[union-attr]
    longest = 0.0
    for index in range(0, len(stack.frames), 10):
        state = ViewState(stack_id=stack.id, index=index)
        begin = time.perf_counter()
        wishes = [(frame_key(state, stack), Priority.VISIBLE)]
        wishes += [(key, Priority.PREFETCH) for key in neighbours(state, stack, 1)]
        house.loader.want("pane", wishes, rest(state, stack, 1))
        longest = max(longest, time.perf_counter() - begin)
        time.sleep(0.005)
    last = -1
    while house.loader.cache_used != last:
        last = house.loader.cache_used
        time.sleep(0.3)
    os.write(2, f"longest want(): {longest * 1e3:.2f} ms\n".encode())
    return peak.growth() / bytes_of_volume


def main() -> None:
    bench = Bench("memory")
    made, small = native_ct(slices=100 if bench.quick else 500), native_ct(slices=20, size=64)
    for measure, function, options, most in (
        ("peak growth while a volume is opened / its bytes", "opened", {}, 1.1),
        ("the same with the second copy", "opened", {"second_copy": True}, 2.1),
    ):
        with Peer("row_memory") as process:
            process(function, str(made.folder), str(small.folder), **options)
            bench.say(measure, process.answer, most=most)
    if not bench.quick:
        with Peer("row_memory") as process:
            process("scrolled", str(long_ct().folder), str(small.folder))
            bench.say("3,000 slices opened as a volume and scrolled to the end / its bytes", process.answer, most=2.0)
    bench.finish()


if __name__ == "__main__":
    main()
