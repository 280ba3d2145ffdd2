"""A folder of native CT to a sorted volume, through the real scan, catalogue and loader.

The limit is the bare read of the same pixel bytes by one thread into fresh memory, places and order known.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from harness import Bench, Peer, Seconds, again, backed, evict, kernels
from peers_open import _sum
from series import native_ct

from workstation.loading.collection import Catalogue
from workstation.loading.fetch import Fetcher
from workstation.loading.keys import VolumeKey, is_long
from workstation.loading.loader import Loaded, Loader, Priority
from workstation.loading.opening import Openings

PEERS = {"dicomsdl": "dicomsdl", "SimpleITK": "simpleitk", "pydicom": "pydicom"}
LEAST = {"dicomsdl": 2.0, "SimpleITK": 9.0, "pydicom": 9.0}
SLOW_ROUNDS = 5


class House:
    """Scan, catalogue and loader as the window has them."""

    def __init__(self) -> None:
        self.catalogue: Catalogue | None = None
        self.ready, self.came = threading.Event(), threading.Event()
        self.answer: Loaded | None = None
        self.openings = Openings(self._take)
        self.fetcher = Fetcher(lambda: self.catalogue, lambda key: self.loader.peek(key))  # type: ignore[arg-type, return-value]
        self.loader = Loader(self.fetcher.fetch, self._loaded, is_long=is_long)

    def _take(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.openings.first_painted()  # there is no window that has to paint the first image before the scan goes on
        if catalogue.finished:
            self.ready.set()

    def _loaded(self, answer: Loaded) -> None:
        self.answer = answer
        self.came.set()

    def volume(self, folder: Path | str) -> np.ndarray:
        """Open a folder and return the voxels of its volume."""
        self.openings.open([str(folder)])
        self.ready.wait()
        assert self.catalogue is not None
        stack = self.catalogue.ordered_stacks()[0]
        self.loader.want("pane", [(VolumeKey(stack.id, len(stack.frames)), Priority.VISIBLE)])
        self.came.wait()
        assert self.answer is not None
        if self.answer.error is not None:
            raise self.answer.error
        return self.answer.value.array

    def close(self) -> None:
        self.loader.close()
        self.openings.close()


def ours(folder: Path, check: bool = False) -> float:
    house = House()
    voxels = house.volume(folder)
    found = _sum(voxels) if check else 0.0
    house.close()
    return found


def places_of(folder: Path) -> list[tuple[str, int]]:
    """Return (path, offset of the pixels) in slice order."""
    house = House()
    house.volume(folder)
    stack = house.catalogue.ordered_stacks()[0]  # type: ignore[union-attr]
    house.close()
    return [(f.instance.locator.path, f.instance.pixel_data.offset) for f in stack.frames]  # type: ignore[union-attr]


def bare_read(places: list[tuple[str, int]], size: int, threads: int = 1) -> None:
    volume = np.empty((len(places), size, size), np.int16)

    def read(first: int) -> None:
        for number in range(first, len(places), threads):
            path, offset = places[number]
            descriptor = os.open(path, os.O_RDONLY)
            os.preadv(descriptor, [volume[number]], offset)
            os.close(descriptor)

    others = [threading.Thread(target=read, args=(first,)) for first in range(1, threads)]
    for other in others:
        other.start()
    read(0)
    for other in others:
        other.join()


def main() -> None:
    bench = Bench("open")
    kernels()
    made = native_ct(slices=100 if bench.quick else 500)
    places = places_of(made.folder)
    routes: dict[str, Callable[[], object]] = {
        "ours": partial(ours, made.folder),
        "limit": partial(bare_read, places, 512),
        "limit, 2 threads": partial(bare_read, places, 512, 2),
    }
    here = ours(made.folder, check=True)
    peers: dict[str, Peer] = {}
    unlike = 0
    for name in PEERS:
        if bench.peers(PEERS[name] if name != "SimpleITK" else name):
            peers[name] = Peer("peers_open")
            peers[name](PEERS[name], made.folder, check=True)
            if peers[name].answer != here:
                unlike += 1
                bench.note(f"{name} gives other voxels: {peers[name].answer} instead of {here}")
    bench.say("libraries that give other voxels", unlike, most=0, unit="")

    def call(name: str) -> Seconds:
        return peers[name](PEERS[name], made.folder)

    ready = partial(backed, 4 * len(places) * 512 * 512 * 2)
    fast = routes | {n: partial(call, n) for n in peers if n == "dicomsdl"}
    quick = bench.interleave(fast, name="warm", before=ready)
    slow = bench.interleave(
        {"ours": again(routes["ours"])} | {n: again(partial(call, n)) for n in peers},
        name="warm, slow peers",
        rounds=SLOW_ROUNDS,
        before=ready,
    )
    bench.say("warm: ours / one-thread read of the pixels", quick["ours"] / quick["limit"], most=1.3)
    bench.say("warm: two-thread read / one-thread read", quick["limit, 2 threads"] / quick["limit"])
    for name in peers:
        times = quick if name in quick else slow
        bench.say(f"warm: {name} / ours", times[name] / times["ours"], least=LEAST[name])
    cold = bench.interleave(
        fast,
        name="cold",
        rounds=3 if bench.quick else 5,
        before=lambda: (evict(made.files), ready()),
        warm_up=False,
    )
    bench.say("cold: ours / one-thread read of the pixels", cold["ours"] / cold["limit"], most=1.0)
    if "dicomsdl" in cold:
        bench.say("cold: dicomsdl / ours", cold["dicomsdl"] / cold["ours"])
    for peer in peers.values():
        peer.close()
    bench.finish()


if __name__ == "__main__":
    main()
