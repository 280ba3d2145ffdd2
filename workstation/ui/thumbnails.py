"""Asks for thumbnails of the rows on screen and hands them to the study browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workstation.loading.keys import ThumbnailKey
from workstation.loading.loader import Loaded, Loader, Priority
from workstation.ui.picture_view import to_qimage

if TYPE_CHECKING:
    from workstation.ui.study_browser import StudyBrowser
    from workstation.ui.workspace import Workspace


class Thumbnails(QObject):
    """The middle image of each stack, small; images on screen always come first."""

    def __init__(self, browser: StudyBrowser, workspace: Workspace, loader: Loader) -> None:
        super().__init__(browser)
        self._browser, self._workspace, self._loader = browser, workspace, loader
        browser.thumbnails_wanted.connect(self._want)

    def _want(self, stack_ids: list[str]) -> None:
        wishes = []
        for stack_id in stack_ids:
            stack = self._workspace.catalogue.stack(stack_id)
            if stack is None or not stack.frames:
                continue
            key = ThumbnailKey(stack_id, stack.frames[len(stack.frames) // 2].ref)
            held = self._loader.peek(key)
            if held is not None:
                self._browser.set_thumbnail(stack_id, to_qimage(held))
            else:
                wishes.append((key, Priority.THUMBNAIL))
        self._loader.want("thumbnails", wishes)

    def on_loaded(self, loaded: Loaded) -> None:
        """Show a thumbnail that has arrived; a stack that cannot be decoded keeps its icon."""
        if isinstance(loaded.key, ThumbnailKey) and loaded.error is None:
            self._browser.set_thumbnail(loaded.key.stack_id, to_qimage(loaded.value))
