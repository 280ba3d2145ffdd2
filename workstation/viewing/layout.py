"""The grid of panes: which states are visible, kept when the grid changes (F1)."""

from __future__ import annotations

from dataclasses import dataclass

from workstation.viewing.view_state import ViewState

LARGEST = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows x columns of panes; ``maximised`` is the pane that fills the window, if any."""

    rows: int = 1
    columns: int = 1
    maximised: int | None = None

    @property
    def count(self) -> int:
        """Number of cells."""
        return self.rows * self.columns

    @property
    def name(self) -> str:
        """For example ``2x2``: rows x columns."""
        return f"{self.rows}x{self.columns}"

    def cells(self) -> tuple[tuple[int, int, int], ...]:
        """Return (pane index, row, column) of each visible pane."""
        if self.maximised is not None and self.maximised < self.count:
            return ((self.maximised, 0, 0),)
        return tuple((i, i // self.columns, i % self.columns) for i in range(self.count))


def parse_layout(text: str) -> Layout | None:
    """Return the layout named ``RxC``, or None if it is not one from 1x1 to 4x4."""
    rows, _, columns = text.lower().partition("x")
    if not (rows.isdecimal() and columns.isdecimal()):
        return None
    layout = Layout(int(rows), int(columns))
    return layout if 1 <= layout.rows <= LARGEST and 1 <= layout.columns <= LARGEST else None


def first_layout(stacks: int) -> Layout:
    """Return the grid to start with for a number of image stacks (F2)."""
    if stacks <= 1:
        return Layout(1, 1)
    return Layout(1, 2) if stacks == 2 else Layout(2, 2)


def fill_empty(states: list[ViewState], stack_ids: list[str]) -> list[ViewState]:
    """Return the states with empty panes given stacks not yet shown, in the tree's order."""
    shown = {state.stack_id for state in states}
    waiting = iter([stack_id for stack_id in stack_ids if stack_id not in shown])
    return [ViewState(stack_id=next(waiting, None)) if state.empty else state for state in states]
