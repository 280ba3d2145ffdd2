"""The header inspector with ten thousand elements: its values, its check, and what each key in the filter costs.

Rows are made as the workers make them, from the file; showing and filtering run in the panel itself, until Qt has
nothing more to do. Tables are read once before: a check needs them, a start never does.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from harness import Bench, Seconds, scratch

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ELEMENTS = 10_000
WORDS = ("value 77", "rows", "nothing like it", "")


def long_header(path: Path) -> Path:
    """Write a CT image with ten thousand private elements; it lacks a few standard ones."""
    from pydicom import dcmread
    from pydicom.data import get_testdata_file

    if not path.exists():
        ds = dcmread(get_testdata_file("CT_small.dcm"))
        for group in range(0x1001, 0x1001 + 2 * (ELEMENTS // 200), 2):
            block = ds.private_block(group, "BENCH", create=True)
            for number in range(200):
                block.add_new(number, "LO", f"value {number}")
        for keyword in ("FrameOfReferenceUID", "PatientSex", "PixelSpacing"):
            delattr(ds, keyword)
        path.parent.mkdir(parents=True, exist_ok=True)
        ds.save_as(path)
    return path


def main() -> None:
    bench = Bench("header")
    path = long_header(scratch() / "long-header.dcm")
    from PySide6.QtWidgets import QApplication

    from workstation.cli.collect import collect
    from workstation.dicom.conformance.tables import tables
    from workstation.loading.check_view import check_view
    from workstation.loading.header_view import header_view
    from workstation.ui import theme
    from workstation.ui.header_model import Block
    from workstation.ui.header_panel import HeaderPanel

    qt = QApplication([])
    theme.apply_theme(qt, "dark")
    (instance,) = collect([str(path)]).instances
    panel = HeaderPanel()
    panel.resize(640, 900)
    panel.show()

    def values() -> None:
        view = header_view(instance, 0)
        blocks = [[Block(title, rows) for title, rows in page] for page in (view.clinical, view.everything)]
        panel.show_rows(view.title, *blocks, view.children, view.full_value)
        qt.processEvents()

    def checked() -> Seconds:
        view = check_view(instance)
        begin = time.perf_counter()
        panel.check.show_check(view)
        qt.processEvents()
        return Seconds(time.perf_counter() - begin)

    def load_tables() -> None:
        tables.cache_clear()
        tables()

    panel.pages.setCurrentIndex(1)
    routes = {
        "values": values,
        "tables": load_tables,
        "check": lambda: check_view(instance),
        "check shown": checked,
    }
    found = bench.interleave(routes, name="open")
    bench.say(f"{ELEMENTS:,} elements read and shown", found["values"] * 1000, most=200, unit="ms")
    bench.say("the Standard's tables read", found["tables"] * 1000, most=60, unit="ms")
    bench.say("read, checked and made rows of, on a worker", found["check"] * 1000, most=1000, unit="ms")
    bench.say("the check shown", found["check shown"] * 1000, most=100, unit="ms")
    panel.pages.setCurrentIndex(2)
    for table, name in ((panel.everything, "everything"), (panel.check.table, "check")):
        model = table.lines
        took = bench.interleave(
            {word: (lambda word=word, model=model: filtered(qt, model, word)) for word in WORDS}, name=name
        )
        bench.say(f"a word filtered on the page {name}, the slowest", max(took.values()) * 1000, most=100, unit="ms")
    only = bench.interleave({"only": lambda: toggled(qt, panel.check.only)}, name="only")
    bench.say("only findings, on and off", only["only"] * 1000, most=200, unit="ms")
    panel.close()
    bench.finish()


def filtered(qt: object, model: object, word: str) -> Seconds:
    """Set the filter and let its slices of time run to the end."""
    begin = time.perf_counter()
    model.set_filter(word)  # type: ignore[attr-defined]
    while model.searching:  # type: ignore[attr-defined]
        qt.processEvents()  # type: ignore[attr-defined]
    qt.processEvents()  # type: ignore[attr-defined]
    return Seconds(time.perf_counter() - begin)


def toggled(qt: object, box: object) -> None:
    """Leave everything without a finding out, and show it again."""
    for on in (True, False):
        box.setChecked(on)  # type: ignore[attr-defined]
        qt.processEvents()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
