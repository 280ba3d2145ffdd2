"""Keeps the header inspector on the frame of the active pane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from workstation.dicom.display_names import plain
from workstation.loading.keys import CheckKey, HeaderKey
from workstation.loading.loader import Loaded, Loader, Priority
from workstation.ui.header_model import Block

if TYPE_CHECKING:
    from workstation.loading.check_view import CheckView
    from workstation.loading.header_view import HeaderView
    from workstation.ui.header_panel import HeaderPanel
    from workstation.ui.workspace import Workspace

DELAY = 120
"""Milliseconds of rest before a header is read: scrolling must not queue one per slice."""


class HeaderFollower(QObject):
    """Asks the loader for header rows while the panel is open."""

    def __init__(self, panel: HeaderPanel, workspace: Workspace, loader: Loader) -> None:
        super().__init__(panel)
        self._panel, self._workspace, self._loader = panel, workspace, loader
        self._wanted: HeaderKey | None = None
        self._shown: HeaderKey | None = None
        self._hidden = False
        self._pinned = ""
        self._pinned_beside: tuple[object, ...] = ()
        self._later = QTimer(self, singleShot=True, interval=DELAY)
        self._later.timeout.connect(self._request)
        panel.check.wanted.connect(self._want_check)

    def follow(self) -> None:
        """Show the header of the frame on screen, soon."""
        if self._panel.isVisible():
            self._later.start()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Leave identity out of the rows, or show it again."""
        if hidden != self._hidden:
            self._hidden = hidden
            self._shown = None
            self._request()

    def show_instance(self, sop_instance_uid: str) -> None:
        """Show the header of an object that has no pane, until the active pane shows something else."""
        self._pinned, self._pinned_beside = sop_instance_uid, self._on_screen()
        self._want(HeaderKey(sop_instance_uid, 0))

    @property
    def pinned(self) -> bool:
        """Whether the header shown is that of an object without a pane."""
        return bool(self._pinned)

    def _on_screen(self) -> tuple[object, ...]:
        state = self._workspace.state()
        return self._workspace.active, state.stack_id, state.index, state.section

    def _request(self) -> None:
        there = self._pinned in self._workspace.catalogue.instances
        if there and self._pinned_beside == self._on_screen():
            self._want(HeaderKey(self._pinned, 0))
            return
        self._pinned = ""
        stack = self._workspace.stack()
        if stack is None or not stack.frames:
            self._wanted = self._shown = None
            self._panel.clear()
            return
        state = self._workspace.state()
        place = stack.frames[min(state.index, len(stack.frames) - 1)]
        key = HeaderKey(place.instance.sop_instance_uid, place.ref.frame_index)
        self._want(key)

    def _want(self, key: HeaderKey) -> None:
        if key == self._shown:
            return
        self._wanted = key
        held = self._loader.peek(key)
        if held is not None:
            self._show(key, held)
        else:
            self._loader.want("header", [(key, Priority.VISIBLE)])

    def on_loaded(self, loaded: Loaded) -> None:
        """Show the rows if they are still wanted."""
        if isinstance(loaded.key, CheckKey):
            self._on_checked(loaded)
            return
        if loaded.key != self._wanted or self._wanted is None:
            return
        if loaded.error is not None:
            self._panel.clear()
        else:
            self._show(self._wanted, loaded.value)

    def _show(self, key: HeaderKey, rows: HeaderView) -> None:
        self._shown = key
        rows = rows.without_identity() if self._hidden else rows
        clinical = [Block(title, lines) for title, lines in rows.clinical]
        everything = [Block(title, lines) for title, lines in rows.everything]
        full = None if self._hidden else rows.full_value
        title = self.tr("file name hidden") if self._hidden else plain(rows.title)
        dump = None if self._hidden else rows.dump
        self._panel.show_rows(title, clinical, everything, rows.children, full, dump)
        self._want_check()

    def _want_check(self) -> None:
        """Ask for a check of what is shown, after its values and only while its page is in view."""
        page = self._panel.check
        if self._shown is None:
            return
        key = CheckKey(self._shown.sop_instance_uid)
        held = self._loader.peek(key)
        if held is not None:
            self._show_check(held)
        elif page.isVisible():
            page.say(self.tr("Checking…"))
            self._loader.want("check", [(key, Priority.VISIBLE)])
        else:
            page.show_check(None)

    def _on_checked(self, loaded: Loaded) -> None:
        if self._shown is None or loaded.key != CheckKey(self._shown.sop_instance_uid):
            return
        if loaded.error is not None:
            self._panel.check.show_check(None, self.tr("The header cannot be checked."))
        else:
            self._show_check(loaded.value)

    def _show_check(self, view: CheckView) -> None:
        self._panel.check.show_check(view.without_identity() if self._hidden else view)
