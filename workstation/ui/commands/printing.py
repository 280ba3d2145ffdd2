"""Commands that print what is shown: on film, on paper, into a PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.ui.commands.command import Command, something_open

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi

FILE, NETWORK = "&File", "&Network"


def print_paper(window: WindowApi) -> None:
    """Open the print page for a printer of the system."""
    window.prompts.print("paper")


def print_pdf(window: WindowApi) -> None:
    """Open the print page for a PDF."""
    window.prompts.print("pdf")


def print_film(window: WindowApi) -> None:
    """Open the print page for a film printer."""
    window.prompts.print("film")


PAPER = (
    Command(
        "file.print",
        "Print…",
        print_paper,
        FILE,
        ("Ctrl+P",),
        icon="print",
        hint="Images on paper, at the printer's own resolution",
        enabled=something_open,
    ),
    Command(
        "file.print_pdf",
        "Print to PDF…",
        print_pdf,
        FILE,
        hint="Images as pages of a PDF, with text that can be found in it",
        enabled=something_open,
    ),
)
FILM = (
    Command(
        "network.print_film",
        "Print on film…",
        print_film,
        NETWORK,
        ("Ctrl+Alt+P",),
        icon="print",
        hint="Images on the film of a DICOM printer",
        enabled=something_open,
    ),
)
