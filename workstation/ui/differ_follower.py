"""Keeps the differences panel on the stack of the active pane and on what it is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workstation.loading.keys import ColumnsKey
from workstation.loading.loader import Priority
from workstation.ui.later import Later

if TYPE_CHECKING:
    from workstation.geometry.stack import Stack
    from workstation.loading.loader import Loaded, Loader
    from workstation.objects.header_differences import SeriesHeaders
    from workstation.ui.differ_panel import DifferPanel
    from workstation.ui.workspace import Workspace

VARYING, PREVIOUS, PANE, SERIES = "varying", "previous", "pane", "series"
WAIT = 40
"""Milliseconds after a change until the lines follow: the image comes first."""


class DifferFollower(QObject):
    """Asks for the headers of a series once, on a worker thread; every question after that is answered from memory."""

    def __init__(self, panel: DifferPanel, workspace: Workspace, loader: Loader) -> None:
        super().__init__(panel)
        self._panel, self._workspace, self._loader = panel, workspace, loader
        self._wanted: tuple[ColumnsKey, ...] = ()
        self._soon = Later(self.follow, self, WAIT)
        for signal in (panel.seen, panel.chosen, workspace.active_changed, workspace.layout_changed):
            signal.connect(self._soon.ask)
        workspace.catalogue_changed.connect(self._soon.ask)
        for viewport in workspace.viewports:
            viewport.changed.connect(self._soon.ask)
        panel.slice_requested.connect(self._go_to)

    def follow(self) -> None:
        """Show what differs now."""
        if not self._panel.isVisible():
            return
        stack = self._workspace.stack()
        if stack is None or not stack.frames:
            self._panel.clear()
            return
        self._panel.set_choices(self._choices(stack))
        kind, other = self._choice()
        beside = self._other(kind, other)
        needed = [stack] if beside is None else [stack, beside]
        found = [self._headers(each) for each in needed]
        if any(each is None for each in found):
            self._ask(needed)
            return
        mine, theirs = found[0], found[-1]
        assert mine is not None
        assert theirs is not None
        if kind == VARYING:
            self._show_varying(stack, mine)
        elif kind == PREVIOUS:
            self._show_previous(stack, mine)
        elif beside is not None:
            self._show_beside(kind, stack, mine, beside, theirs, other)

    def on_loaded(self, loaded: Loaded) -> None:
        """Show what was waited for."""
        if loaded.key not in self._wanted:
            return
        if loaded.error is not None:
            self._panel.clear(str(loaded.error))
        else:
            self._soon.ask()

    # what can be compared

    def _choices(self, stack: Stack) -> list[tuple[str, object]]:
        choices: list[tuple[str, object]] = [(self.tr("Along this series"), (VARYING, ""))]
        if len(stack.frames) > 1:
            choices.append((self.tr("From the image before"), (PREVIOUS, "")))
        for pane in self._workspace.visible():
            beside = self._workspace.stack(pane)
            if pane != self._workspace.active and beside is not None and beside.frames:
                name = self.tr("Image in pane {0}: {1}").format(pane + 1, self._title(beside))
                choices.append((name, (PANE, pane)))
        choices += [
            (self.tr("Series {0}").format(self._title(each)), (SERIES, each.id))
            for each in self._workspace.catalogue.ordered_stacks()
            if each.id != stack.id and each.frames
        ]
        return choices

    def _choice(self) -> tuple[str, object]:
        chosen = self._panel.choice()
        return (str(chosen[0]), chosen[1]) if isinstance(chosen, tuple | list) else (VARYING, "")

    def _other(self, kind: str, other: object) -> Stack | None:
        if kind == PANE and isinstance(other, int):
            return self._workspace.stack(other)
        return self._workspace.catalogue.stack(str(other)) if kind == SERIES else None

    def _headers(self, stack: Stack) -> SeriesHeaders | None:
        headers: SeriesHeaders | None = self._loader.peek(ColumnsKey(stack.id, len(stack.frames)))
        return headers

    def _ask(self, stacks: list[Stack]) -> None:
        if not self._workspace.catalogue.settled:
            return  # a series that still grows would be read again for every file
        keys = tuple(ColumnsKey(stack.id, len(stack.frames)) for stack in stacks)
        missing = [key for key in keys if not self._loader.has(key)]
        if keys != self._wanted or missing:
            self._wanted = keys
            self._loader.want("differences", [(key, Priority.THUMBNAIL) for key in missing])

    # showing

    def _show_varying(self, stack: Stack, headers: SeriesHeaders) -> None:
        from workstation.objects.header_differences import value_at

        current = self._index(stack, self._workspace.active)
        here = [value_at(headers.columns, one.path, current) for one in headers.varying]
        title = f"{self._title(stack)} · " + self.tr("{} images").format(len(stack.frames))
        if headers.columns.unread:
            title += " · " + self.tr("{} headers could not be read").format(headers.columns.unread)
        self._panel.show_varying(title, headers.varying, here, current)

    def _show_previous(self, stack: Stack, headers: SeriesHeaders) -> None:
        from workstation.objects.header_differences import changed

        index = self._index(stack, self._workspace.active)
        before = max(index - 1, 0)
        image = self.tr("Image {}")
        found = changed(headers.columns, index, before) if index else []
        title = f"{self._title(stack)} · " + self.tr("what changed at image {}").format(index + 1)
        self._panel.show_differences(title, (image.format(before + 1), image.format(index + 1)), found)

    def _show_beside(
        self, kind: str, stack: Stack, mine: SeriesHeaders, beside: Stack, theirs: SeriesHeaders, other: object
    ) -> None:
        from workstation.objects.header_differences import differences

        i: int | None = None
        j: int | None = None
        names = [self._title(stack), self._title(beside)]
        if kind == PANE and isinstance(other, int):
            i, j = self._index(stack, self._workspace.active), self._index(beside, other)
            names = [
                self.tr("Image {0}, series {1}").format(n + 1, name) for n, name in zip((i, j), names, strict=True)
            ]
        found = differences(mine.columns, i, theirs.columns, j)
        self._panel.show_differences(" ↔ ".join(names), (names[0], names[1]), found)

    def _index(self, stack: Stack, pane: int) -> int:
        return min(max(self._workspace.state(pane).index, 0), len(stack.frames) - 1)

    def _go_to(self, index: int) -> None:
        active = self._workspace.active
        if self._workspace.state(active).section is None:
            self._workspace.go_to(active, index)

    def _title(self, stack: Stack) -> str:
        values = stack.frames[0].instance.values
        number = values.get("SeriesNumber")
        named = str(values.get("SeriesDescription", "")) or stack.frames[0].instance.modality
        parts = (str(number) if number is not None else "", named, stack.label)
        return " · ".join(part for part in parts if part)
