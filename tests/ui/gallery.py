"""Draws every panel with synthetic data: ``python tests/ui/gallery.py FOLDER [NAME...]`` writes PNGs.

Each is drawn in both themes; run with ``QT_SCALE_FACTOR=2`` for the double size.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtWidgets import QApplication, QWidget

from tests.ui import samples
from workstation.ui import theme


def study_browser() -> QWidget:
    from workstation.ui.study_browser import StudyBrowser

    browser = StudyBrowser()
    browser.resize(330, 860)
    browser.set_patients(samples.patients(), samples.stacks())
    for seed, stack_id in enumerate(("a1/0", "a2/0", "a4/0", "b1/0", "b1/2", "b2/0")):
        browser.set_thumbnail(stack_id, samples.thumbnail(seed))
    browser.set_shown({"a1/0": "C"})
    browser.set_shown({"a2/0": "A", "b2/0": "B"})
    browser.select_stack("a3/0")
    return browser


def study_browser_hidden() -> QWidget:
    browser = study_browser()
    browser.set_identity_hidden(True)
    browser.filter.setText("mr")
    return browser


def study_browser_empty() -> QWidget:
    from workstation.ui.study_browser import StudyBrowser

    browser = StudyBrowser()
    browser.resize(300, 420)
    return browser


def header_everything() -> QWidget:
    from workstation.ui.header_model import Block
    from workstation.ui.header_panel import HeaderPanel

    panel = HeaderPanel()
    panel.resize(640, 560)
    blocks = (Block("File Meta Information", samples.meta_rows()), Block("Data set", samples.header_rows()))
    title = "MR 5 t2_tse_tra · IM0003.dcm · frame 3 of 24"
    panel.show_rows(title, samples.clinical_rows(), blocks, lambda row: row.below)
    panel.pages.setCurrentIndex(1)
    model = panel.everything.lines
    for key in ((1, "pf"), (1, "pf/1")):
        model.set_open(model.line_of(key), True)
    panel.everything.go_to(model.line_of((1, "te")))
    return panel


def header_filtered() -> QWidget:
    panel = header_everything()
    panel.filter.setText("position")
    panel.go_next()
    return panel


def header_clinical() -> QWidget:
    panel = header_everything()
    panel.resize(360, 400)
    panel.pages.setCurrentIndex(0)
    return panel


PAGES = (
    study_browser,
    study_browser_hidden,
    study_browser_empty,
    header_everything,
    header_filtered,
    header_clinical,
)


def main(folder: str, names: list[str]) -> None:
    app = QApplication.instance() or QApplication([])
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for name in theme.NAMES:
        theme.apply_theme(app, name)
        for page in PAGES:
            if names and page.__name__ not in names:
                continue
            widget = page()
            widget.show()
            for _ in range(3):
                app.processEvents()
            shot = widget.grab()
            shot.save(str(out / f"{page.__name__}-{name}-{shot.devicePixelRatio():g}x.png"))
            widget.close()
            widget.deleteLater()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "gallery", sys.argv[2:])
