"""Reads the Key Object Selections of a study once a pane is to show key images only, and sees to it that some are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workstation.loading.keys import ReportKey
from workstation.loading.loader import Loaded, Loader, Priority
from workstation.objects import handler_for
from workstation.ui.later import Later

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import SignalInstance

    from workstation.objects.content_item import Reference
    from workstation.ui.workspace import Workspace
    from workstation.viewing.view_state import ViewState


class KeyFilter(QObject):
    """Wants what is not read yet; a selection that says its objects are not to be used selects none."""

    def __init__(
        self,
        workspace: Workspace,
        loader: Loader,
        loaded: SignalInstance,
        say: Callable[[str, str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._loader, self._say = workspace, loader, say
        self._read: dict[str, tuple[Reference, ...]] = {}
        """What each key object names, by its UID; nothing for one that cannot be read."""
        self._of: tuple[object, dict[str, list[str]]] = (None, {})
        self._soon = Later(self.follow, self)
        loaded.connect(self._on_loaded)
        workspace.catalogue_changed.connect(self._catalogue_changed)
        workspace.stars.changed.connect(self._soon.ask)
        for viewport in workspace.viewports:
            viewport.changed.connect(self._view_changed)

    @property
    def waiting(self) -> bool:
        """Whether a pane shows key images only and a key object of its study is still to be read."""
        return bool(self._unread())

    def follow(self) -> None:
        """Ask for the key objects of the panes that show key images only; end that where there is no key image."""
        panes = self._panes()
        unread = self._unread() if panes else []
        self._loader.want("key objects", [(ReportKey(uid), Priority.VISIBLE) for uid in unread])
        for uid in unread:
            held = self._loader.peek(ReportKey(uid))
            if held is not None:
                self._take(uid, Loaded(ReportKey(uid), held))
        if unread or not self._workspace.catalogue.settled:
            return
        for pane in panes:
            state = self._workspace.state(pane)
            places = self._workspace.key_places(state)
            if places:
                self._workspace.set_state(pane, state)
            elif state.section is None:
                self._workspace.set_state(pane, replace(state, key_images=False))
                self._say("info", self.tr("No star and no key object of the study makes an image of this series key."))

    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if new.key_images:
            self._soon.ask()

    def _panes(self) -> list[int]:
        return [
            viewport.number
            for viewport in self._workspace.viewports
            if viewport.state.key_images and self._workspace.catalogue.stack(viewport.state.stack_id) is not None
        ]

    def _unread(self) -> list[str]:
        """Return the key objects still to be read, those of the studies of panes that show key images only."""
        wanted: list[str] = []
        for pane in self._panes():
            stack = self._workspace.stack(pane)
            if stack is not None and stack.frames:
                wanted += self._key_objects().get(stack.frames[0].instance.study_instance_uid, ())
        return [uid for uid in dict.fromkeys(wanted) if uid not in self._read]

    def _key_objects(self) -> dict[str, list[str]]:
        """Return the key objects that are open, by study; of a series, which is of one modality, the first is asked."""
        catalogue = self._workspace.catalogue
        if self._of[0] is not catalogue:
            found: dict[str, list[str]] = {}
            for patient in catalogue.patients:
                for series in (series for study in patient.studies for series in study.series):
                    if series.instances and not handler_for(series.instances[0]).has_pixels:
                        found.setdefault(series.study_instance_uid, []).extend(
                            one.sop_instance_uid for one in series.instances if handler_for(one).kind == "key_object"
                        )
            self._of = (catalogue, found)
        return self._of[1]

    def _on_loaded(self, loaded: Loaded) -> None:
        if isinstance(loaded.key, ReportKey) and loaded.key.sop_instance_uid in self._unread():
            self._take(loaded.key.sop_instance_uid, loaded)

    def _take(self, uid: str, loaded: Loaded) -> None:
        selection = loaded.value.selection if loaded.error is None else None
        self._read[uid] = selection.references if selection is not None and not selection.rejects else ()
        if loaded.error is not None:
            self._say("warning", self.tr("A key object of this study cannot be read; what it selects is not known."))
        self._tell()
        self._soon.ask()

    def _catalogue_changed(self, *_: object) -> None:
        there = self._workspace.catalogue.instances
        self._read = {uid: named for uid, named in self._read.items() if uid in there}
        self._tell()
        self._soon.ask()

    def _tell(self) -> None:
        self._workspace.stars.name({uid: named for uid, named in self._read.items() if named})
