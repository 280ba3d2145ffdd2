"""Makes the pictures of the README from synthetic data: ``python packaging/make_screenshots.py [FOLDER]``.

Needs no display and reads no patient's data: everything shown is written by ``workstation.phantoms``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZE = (1280, 820)
LARGEST = 350_000
"""Bytes of a picture: noise is rounded off, a bit at a time, until it fits."""


def main() -> int:
    """Save every picture and say how large it is."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["WORKSTATION_HOME"] = home
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        sys.path.insert(0, str(ROOT))
        from workstation.app import build

        application = build()
        studio = Studio(application.window, Path(home), target)
        for name, scene in SCENES.items():
            print(name, studio.take(name, scene))
        application.window.close()
        application.close()
    return 0


class Studio:
    """The window and the folders; each scene starts from an empty window."""

    def __init__(self, window, home: Path, target: Path) -> None:  # type: ignore[no-untyped-def]
        from workstation.phantoms.demo import write_demo

        self.window, self.home, self.target = window, home, target
        self.demo = home / "demo"
        write_demo(self.demo)
        window.resize(*SIZE)
        window.show()

    def take(self, name: str, scene: Callable[[Studio], None]) -> int:
        """Set a scene, save it, and put the window back; return the bytes of the picture."""
        from PySide6.QtCore import Qt

        scene(self)
        docks = [self.window.docks["browser"], self.window.docks["header"], self.window.docks["report"]]
        self.window.resizeDocks(docks, [285, 600, 520], Qt.Orientation.Horizontal)
        self.settle()
        path = self.target / f"{name}.png"
        size = save_small(self.window.grab().toImage(), path)
        for panel in ("header", "doctor", "skipped", "report"):
            self.window.docks[panel].hide()
        self.window.settings.set("theme", "dark")
        self.window.library.show_home(False)
        self.window.dispatch("file.close")
        self.settle()
        return size

    def settle(self) -> None:
        """Wait until nothing is being fetched."""
        from PySide6.QtTest import QTest

        from workstation.ui.screenshot import wait_until_settled

        wait_until_settled(self.window, 60)
        QTest.qWait(400)  # the inspector rests a little before it reads a header
        wait_until_settled(self.window, 60)

    def wait(self, condition: Callable[[], object], seconds: float = 30.0) -> None:
        """Run the event loop until a condition holds."""
        from PySide6.QtWidgets import QApplication

        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            QApplication.processEvents()
            time.sleep(0.004)

    def open(self, path: Path) -> None:
        """Open a folder or file."""
        self.window.desk.open_paths([str(path)])
        self.settle()

    def show(self, pane: int, modality: str, index: int) -> None:
        """Show an image of the first stack of a modality in a pane."""
        workspace = self.window.workspace
        stacks = workspace.catalogue.ordered_stacks()
        workspace.show_stack(next(s.id for s in stacks if s.frames[0].instance.modality == modality), pane)
        workspace.go_to(pane, index)

    def measure(self, pane: int, kind: str, *points: tuple[float, float]) -> None:
        """Keep a measurement given by image points."""
        from workstation.tools.tool import Draft

        self.settle()
        self.window.grid.pane(pane).keep(Draft(kind, points, done=True))
        self.window.workspace.select_measurement(None)


def two_by_two(studio: Studio) -> None:
    """CT, the same CT for the lung, oblique MR and colour ultrasound, with measurements."""
    from workstation.imaging.window import Window

    studio.open(studio.demo)
    studio.window.dispatch("layout.set", name="2x2")
    workspace = studio.window.workspace
    studio.show(0, "CT", 33)
    studio.show(1, "CT", 43)
    lung = Window(-600, 1500, name="Lung")
    workspace.set_state(1, replace(workspace.state(1), voi=lung))
    studio.show(2, "MR", 19)
    studio.show(3, "US", 12)
    studio.measure(0, "ellipse", (225.0, 235.0), (275.0, 265.0))
    studio.measure(2, "length", (30.0, 120.0), (178.0, 120.0))
    workspace.set_active(0)


def mpr(studio: Studio) -> None:
    """Planes of the CT, two of them turned, one a slab, with their source."""
    studio.open(studio.demo)
    studio.show(0, "CT", 33)
    studio.settle()
    studio.window.dispatch("layout.mpr")
    studio.settle()
    for command in ("mpr.turn_right",) * 4:
        studio.window.dispatch(command)
    studio.settle()
    studio.window.workspace.set_active(1)
    for command in ("mpr.max", "mpr.thicker", "mpr.thicker"):
        studio.window.dispatch(command)


def header(studio: Studio) -> None:
    """Every element of an enhanced multi-frame object, resolved for the frame on screen."""
    from workstation.phantoms.enhanced import write_enhanced_ct

    path = studio.home / "enhanced.dcm"
    write_enhanced_ct(
        path, frames=24, rows=96, columns=96, spacing=(3.0, 1.5, 1.5), coefficients=(2.0, 3.0, -5.0, 40.0)
    )
    studio.open(path)
    studio.window.dispatch("image.preset.0")
    studio.window.dispatch("view.header")
    studio.settle()
    studio.window.inspector.pages.setCurrentIndex(1)


def doctor(studio: Studio) -> None:
    """A stack with missing images, and the plot that shows where."""
    from workstation.phantoms.ct import write_ct
    from workstation.phantoms.demo import ANNA

    folder = studio.home / "gap"
    paths = write_ct(folder, subject=ANNA)
    for missing in (*range(21, 24), 40):
        paths[missing].unlink()
    studio.open(folder)
    studio.show(0, "CT", 20)
    studio.window.dispatch("view.doctor")


def report(studio: Studio) -> None:
    """The encapsulated report beside the images it speaks of."""
    studio.open(studio.demo)
    studio.window.dispatch("layout.set", name="1x1")
    studio.show(0, "CT", 33)
    catalogue = studio.window.workspace.catalogue
    document = next(one for one in catalogue.instances.values() if one.modality == "DOC")
    studio.window.workspace.object_wanted.emit(document)
    studio.settle()


def light(studio: Studio) -> None:
    """Two series side by side in the light theme; the panes stay black."""
    studio.window.settings.set("theme", "light")
    studio.open(studio.demo)
    studio.window.dispatch("layout.set", name="1x2")
    studio.show(0, "CT", 30)
    studio.show(1, "MR", 19)
    studio.window.workspace.set_active(0)


PEOPLE = (
    ("Demo^Anna", "DEMO-1", "19640229", "F", "20240229", "Synthetic demo study", "cmu"),
    ("Tanaka^Yoko=田中^洋子", "DEMO-2", "19811105", "F", "20240226", "Head", "m"),
    ("Ødegård^Bjørn", "DEMO-3", "19520713", "M", "20240221", "Chest, follow-up", "c"),
    ("García Pérez^Lucía", "DEMO-4", "20070402", "F", "20240215", "Echo", "u"),
    ("Παπαδόπουλος^Νίκος", "DEMO-5", "19470120", "M", "20240209", "Chest", "cu"),
    ("Smith^John", "DEMO-6", "19900915", "M", "20240130", "Head and chest", "cm"),
    ("Nguyễn^Lan", "DEMO-7", "19760308", "F", "20240118", "Head", "m"),
    ("Müller^Jörg", "DEMO-8", "19581224", "M", "20240112", "Chest", "c"),
    ("Ivanova^Olga=Иванова^Ольга", "DEMO-9", "19690611", "F", "20231219", "Echo, control", "u"),
    ("O'Brien^Sean", "DEMO-10", "20150827", "M", "20231207", "Head", "mu"),
    ("Smith^John", "DEMO-6", "19900915", "M", "20230914", "Chest", "c"),
    ("Kowalska^Zofia", "DEMO-11", "19390502", "F", "20230901", "Chest, follow-up", "c"),
)
"""Patients of the study list; letters are what was made: CT, MR, ultrasound."""


def study_list(studio: Studio) -> None:
    """The first page: studies, marks, a count that falls short, pictures of a study's series."""
    from workstation.phantoms.ct import write_ct
    from workstation.phantoms.headers import Subject
    from workstation.phantoms.mr import write_mr_oblique
    from workstation.phantoms.ultrasound import write_ultrasound_clip

    root = studio.home / "studies"
    for number, (name, patient, born, sex, day, what, made) in enumerate(PEOPLE):
        subject = Subject(name, patient, born, sex, f"study {number}", what, day)
        folder = root / str(number)
        if "c" in made:
            paths = write_ct(folder / "ct", slices=5 + number, rows=256, columns=256, spacing=30.0, subject=subject)
            if number == 2:
                paths[3].unlink()
        if "m" in made:
            write_mr_oblique(folder / "mr", slices=6, rows=128, columns=104, subject=subject)
        if "u" in made:
            write_ultrasound_clip(folder / "us" / "clip.dcm", frames=4, subject=subject)
    library = studio.window.library
    library.add([str(root)])
    studio.wait(lambda: not library.importing and len(library.panel.model.rows) == len(PEOPLE))
    ids = [row.id for row in library.panel.model.rows]
    library.desk.mark(ids[1:4], "unread")
    library.desk.mark(ids[4:7], "reviewed")
    library.desk.comment(ids[7], "compare with 2019")
    library.panel.ask()
    studio.wait(lambda: library.panel.model.rows[7].comment != "")
    library.panel.select(2)
    studio.wait(lambda: library.panel.strip.pictured() == 1)
    studio.window.messages.dismiss()


SCENES: dict[str, Callable[[Studio], None]] = {
    "study-list": study_list,
    "two-by-two": two_by_two,
    "mpr": mpr,
    "header": header,
    "series-doctor": doctor,
    "report": report,
    "light": light,
}


def save_small(image, path: Path) -> int:  # type: ignore[no-untyped-def]
    """Save a QImage as PNG within the limit; return its bytes."""
    import numpy as np
    from PySide6.QtGui import QImage

    image = image.convertToFormat(QImage.Format.Format_RGB32)
    shape = (image.height(), image.bytesPerLine() // 4)
    whole = np.frombuffer(image.constBits(), np.uint32).reshape(shape).copy()
    for bits in range(6):
        kept = np.uint32(0xFF000000 | (0x010101 * (0xFF & ~((1 << bits) - 1))))
        rounded = whole & kept
        picture = QImage(rounded.data, image.width(), image.height(), image.bytesPerLine(), QImage.Format.Format_RGB32)
        picture.save(str(path), "PNG", 0)
        if path.stat().st_size <= LARGEST:
            break
    return path.stat().st_size


if __name__ == "__main__":
    raise SystemExit(main())
