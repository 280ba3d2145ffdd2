"""The composition root: the only place that constructs services and hands them to each other."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation import log, settings
from workstation.paths import config_folder, log_folder

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from workstation.dicom.identity import FrameRef
    from workstation.loading.collection import Catalogue
    from workstation.loading.first_look import FirstLookProcess
    from workstation.loading.loader import Loader
    from workstation.loading.opening import Openings
    from workstation.ui.main_window import MainWindow
    from workstation.ui.single_instance import SingleInstance
    from workstation.ui.workspace import Workspace

KERNELS_AFTER = 500
"""Milliseconds of rest before the kernels are loaded, which takes the interpreter for some tenths of a second."""
SESSIONS_AFTER = 250
"""Milliseconds from a start to the journal of what is shown: window and first image come first."""
_LOG = log.get("app")


@dataclass(frozen=True, slots=True)
class Application:
    """Everything that was built, for the caller to run and close."""

    qt: QApplication
    window: MainWindow
    workspace: Workspace
    loader: Loader
    openings: Openings

    def close(self) -> None:
        """Stop the workers."""
        self.openings.close()
        self.loader.close()
        self.loader.forget(lambda _key: True)
        self.window.settings.flush()


def run(
    paths: Sequence[str] = (),
    *,
    demo: bool = False,
    screenshot: str | None = None,
    size: tuple[int, int] | None = None,
    layout: str | None = None,
) -> int:
    """Open the window with these paths and return the exit code.

    With ``screenshot`` the window is saved as a PNG once everything asked for is on screen; that works without
    a display.
    """
    chosen = [os.path.abspath(path) for path in paths]
    prepare_platform(screenshot is not None)
    look = _begin_first_look(chosen) if chosen and screenshot is None else None
    single = None
    if screenshot is None and _another_may_run():
        single = _single_instance(chosen)
        if single is None:
            if look is not None:
                look.stop()
            return 0
    window = bare_window()
    if screenshot is None:
        window.restore_geometry()
    if size is not None:
        window.resize(*size)
    window.show()
    application = build(window)
    if look is not None:
        look.deliver_to(application.window.bridge.first_look.emit)
        application.openings.after = look.done
    if screenshot is None:
        window.restore_docks()
        single = single or _single_instance(chosen)
        if single is None or not window.isVisible():
            # another start was quicker, or somebody closed the window while it was being furnished
            window.close()
            return _ended(application, look)
        single.paths_received.connect(window.receive_paths)
        _keep_sessions(window, may_reopen=not (demo or chosen))
    if demo:
        window.desk.open_demo()
    elif chosen:
        from workstation.ui.stamped_pictures import open_paths

        open_paths(window, chosen)
    else:
        window.library.begin()
    if window.settings["receive_at_start"] and screenshot is None:
        window.dispatch("network.receive")
    try:
        if screenshot is not None:
            from workstation.ui.screenshot import take

            return take(window, screenshot, layout)
        _prepare_kernels(window, bool(demo or chosen))
        if layout is not None:
            window.desk.when_opened(lambda: window.show_layout(layout))
        return application.qt.exec()
    finally:
        _ended(application, look)


def _ended(application: Application, look: FirstLookProcess | None) -> int:
    if look is not None:
        look.stop()
    application.close()
    return 0


def _keep_sessions(window: MainWindow, *, may_reopen: bool) -> None:
    from PySide6.QtCore import QTimer

    QTimer.singleShot(SESSIONS_AFTER, window, lambda: window.sessions.begin(may_reopen=may_reopen))


def _prepare_kernels(window: MainWindow, opening: bool) -> None:
    """Load the compiled kernels once nobody waits for anything; until then numpy serves."""
    from PySide6.QtCore import QTimer

    from workstation.loading.machine_code import prepare

    def begin() -> None:
        QTimer.singleShot(KERNELS_AFTER, prepare)

    if opening:
        window.desk.when_opened(begin)
    else:
        begin()


def _begin_first_look(chosen: Sequence[str]) -> FirstLookProcess:
    from workstation.loading.first_look import FirstLookProcess

    return FirstLookProcess(chosen)


def prepare_platform(headless_allowed: bool) -> None:
    """Choose Qt's offscreen platform where there is no display and none is needed."""
    no_display = sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if no_display and headless_allowed:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def _another_may_run() -> bool:
    """Tell whether it is worth asking for a running window before one is shown."""
    _qt()
    from workstation.ui.running import may_be_running

    return may_be_running()


def _single_instance(chosen: list[str]) -> SingleInstance | None:
    """Listen for later starts; None where another window has taken the paths."""
    from workstation.ui.single_instance import SingleInstance

    single = SingleInstance()
    return None if single.hand_over(chosen) else single


def _qt() -> QApplication:
    from PySide6.QtWidgets import QApplication

    qt = QApplication.instance()
    if not isinstance(qt, QApplication):
        qt = QApplication(sys.argv[:1])
        qt.setApplicationName("DICOM Workstation")
        qt.setDesktopFileName("dicom-workstation")
    return qt


def bare_window() -> MainWindow:
    """Return the window before anything stands in it, not yet shown."""
    _qt()
    from workstation.ui.main_window import MainWindow

    return MainWindow(settings.load(config_folder() / settings.FILE_NAME))


def build(window: MainWindow | None = None) -> Application:
    """Construct every service and furnish the window; one that is on screen paints meanwhile."""
    from PySide6.QtCore import QTimer

    qt = _qt()
    window = window or bare_window()
    values = window.settings
    values.save_in_background()
    _paint_meanwhile(window)
    from workstation.ui import theme

    theme.apply_theme(qt, values["theme"])
    qt.setWindowIcon(theme.app_icon())
    _paint_meanwhile(window)
    from workstation.loading.keys import is_long
    from workstation.loading.lazy_fetcher import LazyFetcher
    from workstation.loading.loader import Loader
    from workstation.loading.opening import Openings
    from workstation.objects.picture import FrameKey
    from workstation.ui.loader_bridge import LoaderBridge

    _paint_meanwhile(window)
    from workstation.ui.workspace import Workspace

    _paint_meanwhile(window)
    bridge = LoaderBridge()
    workspace = Workspace()
    fetcher = LazyFetcher(lambda: workspace.catalogue, lambda key: loader.peek(key))
    loader = Loader(
        fetcher.fetch,
        bridge.loaded.emit,
        cache_bytes=values["cache_mb"] << 20 or None,
        is_long=is_long,
        on_progress=bridge.progress.emit,
    )

    def first_picture(catalogue: Catalogue, ref: FrameRef) -> None:
        shown = fetcher.first(catalogue, ref)
        if shown is not None:
            loader.supply(FrameKey(ref), shown, int(shown.values.nbytes))

    openings = Openings(bridge.catalogue.emit, first_picture)
    window.furnish(workspace, loader, bridge, openings)
    apply_settings(workspace, values)

    def changed(key: str, value: object) -> None:
        if key == "theme":
            theme.apply_theme(qt, str(value))
        apply_settings(workspace, values)

    values.listen(changed)
    QTimer.singleShot(0, lambda: log.to_file(log_folder()))
    return Application(qt, window, workspace, loader, openings)


def _paint_meanwhile(window: MainWindow) -> None:
    """Let a window that is on screen paint, once: the window system takes its time to ask for it."""
    if window.isVisible() and not window.painted:
        _qt().processEvents()


def apply_settings(workspace: Workspace, values: settings.Settings) -> None:
    """Show things as the settings say."""
    style = "inverted" if values["invert_level"] else values["window_drag"]
    changes = {
        "corner_level": values["corner_text"],
        "smooth": values["interpolation"] == "smooth",
        "reference_lines": values["reference_lines"],
        "linked": values["linked_scroll"],
        "ideographic_first": values["ideographic_names"],
        "drag_style": style,
        "wheel_inverted": values["wheel"] == "inverted",
        "open_in_middle": values["open_at"] == "middle",
    }
    if values["hide_identity"]:
        changes["identity_hidden"] = True
    workspace.set_options(**changes)
