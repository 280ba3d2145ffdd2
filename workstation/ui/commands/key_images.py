"""Commands that give images a star and write down which have one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workstation.ui.commands.command import Command, something_shown
from workstation.ui.stars import frame_shown, still_open
from workstation.viewing.key_images import stored

if TYPE_CHECKING:
    from workstation.dicom.identity import FrameRef
    from workstation.ui.window_api import WindowApi

FILE, IMAGE = "&File", "&Image"


def _shown(window: WindowApi) -> FrameRef | None:
    workspace = window.workspace
    return frame_shown(workspace.state(), workspace.stack())


def toggle(window: WindowApi) -> None:
    """Give the image on screen a star, or take it away."""
    ref = _shown(window)
    if ref is None:
        window.say("info", window.tr("A section is computed: only stored images can be key images."))
    else:
        window.workspace.stars.toggle(ref)


def step(window: WindowApi, steps: int) -> None:
    """Go to the next key image of the stack, around its end."""
    workspace = window.workspace
    stack, stars = workspace.stack(), set(workspace.stars.refs)
    if stack is None or _shown(window) is None:
        return
    starred = [index for index, frame in enumerate(stack.frames) if stored(frame.ref) in stars]
    here = workspace.state().index
    if not starred:
        window.say("info", window.tr("This series has no key image yet; K gives the image on screen a star."))
    elif steps > 0:
        workspace.go_to(workspace.active, next((index for index in starred if index > here), starred[0]))
    else:
        workspace.go_to(workspace.active, next((n for n in reversed(starred) if n < here), starred[-1]))


def starred(window: WindowApi) -> bool:
    """Whether the image on screen has a star."""
    return _shown(window) in window.workspace.stars.refs


def some_starred(window: WindowApi) -> bool:
    """Whether an image that is open has a star."""
    return bool(still_open(window.workspace.stars.refs, window.workspace.catalogue))


def only(window: WindowApi) -> None:
    """Show key images only of the series in the active pane, or all of it again."""
    workspace = window.workspace
    state = workspace.state()
    workspace.set_state(workspace.active, replace(state, key_images=not state.key_images))


def only_shown(window: WindowApi) -> bool:
    """Whether the active pane shows key images only."""
    return window.workspace.state().key_images


COMMANDS = (
    Command(
        "key_image.toggle",
        "Key image (star)",
        toggle,
        IMAGE,
        ("K",),
        hint="Gives the image a star; Save key images writes down which have one",
        icon="star",
        enabled=something_shown,
        checked=starred,
        separator_before=True,
    ),
    Command("key_image.next", "Next key image", lambda w: step(w, 1), IMAGE, ("Shift+K",), enabled=some_starred),
    Command("key_image.previous", "Previous key image", lambda w: step(w, -1), IMAGE, enabled=some_starred),
    Command(
        "key_image.only",
        "Key images only",
        only,
        IMAGE,
        ("Ctrl+Shift+K",),
        hint="Of the series, only the images with a star and those a Key Object Selection of the study names",
        icon="filter",
        enabled=lambda w: _shown(w) is not None,
        checked=only_shown,
    ),
)
SAVING = (
    Command(
        "key_image.save",
        "Save key images…",
        lambda w: w.prompts.key_images(),
        FILE,
        hint="A Key Object Selection: a DICOM document that names the images with a star",
        enabled=some_starred,
    ),
)
