"""A new slice under a new window, from the change to the painted frame in the program's own pane of 1000 x 1000.

Peers are pyqtgraph's GraphicsView with an ImageItem, given the same slice and levels in a widget of the same size,
and a bare widget that only draws a ready picture: no program can be faster than that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from harness import Bench, kernels, percentile
from real_window import RealWindow, on_xvfb
from series import mammogram, native_ct

SIDE = 1000
FRAMES = 24
WINDOWS = [(center, width) for center in (40, 60, -200) for width in (380, 400, 1500)]


def main() -> None:
    bench = Bench("window_paint")
    on_xvfb("2400x1300x24")
    kernel_alone(bench)
    window = RealWindow(browser=False)
    kernels()
    window.window.settings.set("corner_text", 0)
    peers = Peers(window)
    for size in (512, 1024, 2048):
        window.empty()
        window.open(native_ct(slices=6, size=size).folder)
        window.settle()
        square(window)
        frame_times(bench, window, peers, size)
    window.empty()
    window.open(mammogram().folder)
    window.settle()
    square(window)
    frame_times(bench, window, peers, 4096)
    drags(bench, window)
    bench.finish()
    window.close()


def kernel_alone(bench: Bench) -> None:
    """Stored values to RGB32, against copying the 16-bit values and against copying the words."""
    kernels()
    from workstation.imaging.modality_lut import Rescale
    from workstation.imaging.painting import Painting
    from workstation.imaging.pipeline import Pipeline
    from workstation.imaging.rendering import Rendering
    from workstation.imaging.window import Window

    chance = np.random.default_rng(1)
    for rows, columns in ((512, 512), (1024, 1024), (2048, 2048), (4096, 3328)):
        values = np.clip(chance.normal(1000, 400, (rows, columns)), 0, 4095).astype(np.int16)
        again, words, others = (
            np.empty_like(values),
            np.empty((rows, columns), np.uint32),
            np.zeros((rows, columns), np.uint32),
        )
        rendering = Rendering(Rescale(1, -1024, stored_range=(-32768, 32767)), stored_range=(-32768, 32767))
        linear = Painting(values, Pipeline(rendering, Window(40, 400)))
        tabled = Painting(values, Pipeline(rendering, Window(40, 400)), color_map="hot_iron")
        times = max(1, (1 << 21) // values.size)
        found = bench.interleave(
            {
                "words": repeated(lambda p=linear, w=words: p.write(0, 0, w), times),
                "table": repeated(lambda p=tabled, w=words: p.write(0, 0, w), times),
                "copy16": repeated(lambda a=again, v=values: np.copyto(a, v), times),
                "copy32": repeated(lambda a=others, w=words: np.copyto(a, w), times),
            },
            name=f"kernel {rows}",
            rounds=15,
        )
        size = f"{rows} x {columns}"
        bench.say(f"kernel {size} / copying its 16-bit values", found["words"] / found["copy16"], most=3)
        bench.say(f"kernel {size} / copying its RGB32 words", found["words"] / found["copy32"])
        bench.say(f"kernel {size}, colour map / copying its RGB32 words", found["table"] / found["copy32"])


def repeated(work: Callable[[], object], times: int) -> Callable[[], None]:
    """Return a route that does its work several times: one is too short to time."""

    def route() -> None:
        for _ in range(times):
            work()

    return route


def square(window: RealWindow) -> None:
    """Give the first pane 1000 x 1000 pixels."""
    for _ in range(3):
        pane, whole = window.pane, window.window
        whole.resize(whole.width() + SIDE - pane.width(), whole.height() + SIDE - pane.height())
        window.rest(0.1)
    assert (window.pane.width(), window.pane.height()) == (SIDE, SIDE)


class Counted:
    """Counts the paint events of a widget, at their end."""

    def __init__(self, widget: Any, qt: Any) -> None:
        self.painted = 0
        self._qt = qt
        paint = widget.paintEvent

        def counting(event: Any) -> None:
            paint(event)
            self.painted += 1

        widget.paintEvent = counting

    def until_painted(self, change: Callable[[], object]) -> float:
        """Make a change and return the seconds until its frame has been painted and handed to the screen."""
        before = self.painted
        begin = time.perf_counter()
        change()
        while self.painted == before:
            self._qt.processEvents()
        return time.perf_counter() - begin


class Peers:
    """pyqtgraph's image item and a bare widget, each in a window of its own."""

    def __init__(self, window: RealWindow) -> None:
        import pyqtgraph
        from PySide6.QtCore import QRectF
        from PySide6.QtGui import QImage, QPainter
        from PySide6.QtWidgets import QWidget

        self.graphics = pyqtgraph.GraphicsView()
        box = pyqtgraph.ViewBox(lockAspect=True, invertY=True)
        self.item = pyqtgraph.ImageItem(axisOrder="row-major")
        box.addItem(self.item)
        self.graphics.setCentralItem(box)

        class Bare(QWidget):
            image = QImage(1, 1, QImage.Format.Format_RGB32)

            def paintEvent(self, event: Any) -> None:  # noqa: N802
                with QPainter(self) as painter:
                    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                    painter.drawImage(QRectF(self.rect()), self.image)

        self.bare = Bare()
        for place, widget in enumerate((self.graphics, self.bare)):
            widget.setGeometry(1050 + 150 * place, 0, SIDE, SIDE)
            widget.show()
        window.rest(0.3)
        self.of_graphics = Counted(self.graphics, window.qt)
        self.of_bare = Counted(self.bare, window.qt)


def frame_times(bench: Bench, window: RealWindow, peers: Peers, size: int) -> None:
    """Compare whole frames: another slice under another window."""
    from PySide6.QtGui import QImage

    from workstation.imaging.window import Window

    workspace, pane = window.built.workspace, window.pane
    ours = Counted(pane.view, window.qt)
    frames = len(workspace.stack(0).frames)
    pictures = []
    for index in range(frames):
        workspace.go_to(0, index)
        window.settle()
        pictures.append(pane.picture.values)
    count = [0]

    def step() -> tuple[int, float, float]:
        count[0] += 1
        return count[0] % frames, *WINDOWS[count[0] % len(WINDOWS)]

    def our_frame() -> None:
        index, center, width = step()
        state = replace(workspace.state(0), index=index, voi=Window(center + 1024 * (size == 4096), width))
        ours.until_painted(lambda: workspace.set_state(0, state))

    def graphics_frame() -> None:
        index, center, width = step()
        levels = (center + 1024 - width / 2, center + 1024 + width / 2)
        peers.of_graphics.until_painted(lambda: peers.item.setImage(pictures[index], autoLevels=False, levels=levels))

    def bare_frame() -> None:
        peers.of_bare.until_painted(peers.bare.update)

    words = np.zeros(pictures[0].shape, np.uint32)
    peers.bare.image = QImage(
        words.data, words.shape[1], words.shape[0], words.shape[1] * 4, QImage.Format.Format_RGB32
    )
    times = 3 if size > 1024 else 8
    found = bench.interleave(
        {
            "ours": repeated(our_frame, times),
            "pyqtgraph": repeated(graphics_frame, times),
            "blit": repeated(bare_frame, times),
        },
        name=f"frame {size}",
        rounds=5 if bench.quick else 15,
    )
    asked = {512: 1.0, 2048: 2.0}.get(size)
    bench.say(f"frame {size}: faster than pyqtgraph's ImageItem", found["pyqtgraph"] / found["ours"], least=asked)
    bench.say(f"frame {size} / blit of a ready picture", found["ours"] / found["blit"])
    bench.say(f"frame {size}", found["ours"] / times * 1000, unit="ms")


def drags(bench: Bench, window: RealWindow) -> None:
    """Drag with the mouse on the mammogram: window, move and zoom, fitted and at one to one."""
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent

    pane, workspace = window.pane, window.built.workspace
    ours = Counted(pane.view, window.qt)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    def send(kind: QEvent.Type, x: float, y: float) -> None:
        place = QPointF(x, y)
        window.qt.sendEvent(pane, QMouseEvent(kind, place, pane.mapToGlobal(place), left, left, none))

    everything: list[float] = []
    for scale in (None, 1.0, 3.0):
        for tool in ("window", "pan", "zoom"):
            workspace.set_tool(tool)
            workspace.set_state(0, replace(workspace.state(0).view_reset(), scale=scale))
            window.settle()
            send(QEvent.Type.MouseButtonPress, 500, 500)
            took = [
                ours.until_painted(lambda n=n: send(QEvent.Type.MouseMove, 500 + 2 * n, 500 + n)) for n in range(1, 80)
            ]
            send(QEvent.Type.MouseButtonRelease, 660, 580)
            window.settle()
            everything += took
            named = "fitted" if scale is None else f"at {scale:g}"
            bench.say(f"drag on 4096 x 3328, {tool}, {named}: p95", percentile(took, 0.95) * 1000, most=33, unit="ms")
    bench.times["drag"] = {"frames": everything}
    bench.say("drag on 4096 x 3328, slowest frame", max(everything) * 1000, unit="ms")


if __name__ == "__main__":
    main()
