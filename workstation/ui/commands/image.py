"""Commands on the picture of the active pane: window, zoom, turn, scroll, cine, measurements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from workstation.dicom.display_names import plain
from workstation.imaging.color_maps import COLOR_MAPS
from workstation.imaging.presets import presets_for
from workstation.imaging.window import Window
from workstation.ui.commands.command import Command, something_shown
from workstation.viewing.display_transform import panned, zoomed_at

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi

IMAGE = "&Image"


@dataclass(frozen=True, slots=True)
class Choice:
    """A window on offer: what a state takes for it, and what the menu says."""

    voi: Window | int | str
    text: str


STEP = 1.25
PAN = 40


def _change(window: WindowApi, text: str, **changes: object) -> None:
    workspace = window.workspace
    workspace.change(workspace.active, replace(workspace.state(), **changes), window.tr(text))  # type: ignore[arg-type]


def preset_choice(window: WindowApi, number: int) -> Choice | None:
    """Return window number 0 (auto), 1-2 (the header's) or 3-9 (presets of the modality), None where there is none."""
    pane = window.active_pane()
    if pane.picture is None or not pane.picture.rendering.has_window:
        return None
    rendering = pane.picture.rendering
    if number == 0:
        return Choice("auto", window.tr("Auto"))
    if number <= 2:
        return header_choice(window, number - 1)
    chosen = next((p for p in presets_for(window.active_modality(), rendering.unit) if p.key == number), None)
    return Choice(chosen.window, f"{window.tr(chosen.name)}  {window_numbers(chosen.window)}") if chosen else None


def header_choice(window: WindowApi, index: int) -> Choice | None:
    """Return one of the header's windows or VOI LUTs with its explanation, None where there are fewer."""
    picture = window.active_pane().picture
    if picture is None or index >= len(picture.rendering.voi):
        return None
    voi = picture.rendering.voi[index]
    name = voi.name or window.tr("Header {0}").format(index + 1)
    return Choice(index, plain(f"{name}  {window_numbers(voi)}" if isinstance(voi, Window) else name, 48))


def window_numbers(voi: Window) -> str:
    """Return ``W 400 L 40``."""
    return f"W {voi.width:.6g} L {voi.center:.6g}"


def preset(window: WindowApi, number: int) -> None:
    """Apply window number 0 (auto), 1-2 (the header's) or 3-9 (presets of the modality)."""
    chosen = preset_choice(window, number)
    if chosen is not None:
        _change(window, "Window", voi=chosen.voi)


def preset_label(window: WindowApi, number: int) -> str:
    """Return the name of the window on a number key, as it stands in the menu."""
    chosen = preset_choice(window, number)
    if chosen is not None:
        return chosen.text
    return window.tr("No window from the header") if 0 < number <= 2 else window.tr("No preset for these values")


def header_window(window: WindowApi, index: int) -> None:
    """Apply one of the header's windows, 0 for the first."""
    if header_choice(window, index) is not None:
        _change(window, "Header window", voi=index)


def set_window(window: WindowApi, center: float, width: float, name: str = "") -> None:
    """Set the exact window."""
    _change(window, "Window", voi=Window(center, max(width, 1e-6), name=name))


def invert(window: WindowApi) -> None:
    """Turn the grey scale over."""
    _change(window, "Invert", inverted=not window.workspace.state().inverted)


def color_map(window: WindowApi, color_map: str | None) -> None:
    """Show greys in the colours of a map, None for grey; windows and values stay what they are (B37)."""
    _change(window, "Colour map", color_map=color_map)


def has_grey(window: WindowApi) -> bool:
    """Whether the picture of the active pane has greys a colour map could take the place of."""
    picture = window.active_pane().picture
    return picture is not None and picture.rendering.has_window


def rotate(window: WindowApi, degrees: int) -> None:
    """Turn the picture clockwise."""
    workspace = window.workspace
    workspace.change(workspace.active, workspace.state().rotated(degrees), window.tr("Rotate"))


def flip(window: WindowApi, axis: str) -> None:
    """Mirror the picture left-right or top-bottom as seen."""
    state = window.workspace.state()
    if axis == "horizontal":
        _change(window, "Flip", flip_horizontal=not state.flip_horizontal)
    else:
        _change(window, "Flip", flip_vertical=not state.flip_vertical)


def zoom(window: WindowApi, factor: float) -> None:
    """Enlarge about the middle of the pane."""
    pane = window.active_pane()
    width, height = pane.width(), pane.height()
    state = zoomed_at(pane.viewport.state, pane.transform(), factor, width / 2, height / 2, width, height)
    window.workspace.set_state(pane.number, state)


def pan(window: WindowApi, dx: float, dy: float) -> None:
    """Move the picture."""
    pane = window.active_pane()
    state = panned(pane.viewport.state, pane.transform(), dx, dy, pane.width(), pane.height())
    window.workspace.set_state(pane.number, state)


def fit(window: WindowApi) -> None:
    """Fit the picture into its pane."""
    _change(window, "Fit", scale=None, centre=None, fitted=None)


def one_to_one(window: WindowApi) -> None:
    """Show one image pixel per screen pixel."""
    _change(window, "1:1", scale=1.0 / window.active_pane().devicePixelRatioF(), centre=None)


def reset(window: WindowApi) -> None:
    """Show the picture as at first; first stop what is under way."""
    pane = window.active_pane()
    if pane.gestures.running:
        pane.gestures.cancel()
        return
    if window.cine.running:
        window.cine.stop()
        return
    workspace = window.workspace
    if workspace.selected_measurement is not None:
        workspace.select_measurement(None)
        return
    workspace.change(workspace.active, workspace.state().view_reset(), window.tr("Reset"))


def scroll(window: WindowApi, steps: int) -> None:
    """Scroll the active pane."""
    window.workspace.scroll(window.workspace.active, steps)


def scroll_to(window: WindowApi, place: str) -> None:
    """Go to the first or the last slice."""
    workspace = window.workspace
    workspace.go_to(workspace.active, 0 if place == "first" else workspace.length(workspace.active) - 1)


def go_to(window: WindowApi, index: int) -> None:
    """Go to a slice, counted from 1."""
    window.workspace.go_to(window.workspace.active, index - 1)


def phase(window: WindowApi, steps: int) -> None:
    """Go to another phase of a 4-D series."""
    window.workspace.step_phase(window.workspace.active, steps)


def cine(window: WindowApi) -> None:
    """Play or stop the stack."""
    window.cine.toggle()


def delete_measurement(window: WindowApi) -> None:
    """Delete the selected measurement."""
    workspace = window.workspace
    doomed = workspace.selected_measurement
    if doomed is None:
        window.say("info", window.tr("Click a measurement first; Delete then removes that one."))
        return
    kept = tuple(m for m in workspace.measurements if m.number != doomed)
    workspace.set_measurements(kept, window.tr("Delete measurement"))


def has_preset(window: WindowApi, number: int) -> bool:
    """Whether a number key has a window for what is on screen."""
    return preset_choice(window, number) is not None


def _preset_commands() -> tuple[Command, ...]:
    titles = {0: "Auto window", 1: "Header window 1", 2: "Header window 2"}
    return tuple(
        Command(
            f"image.preset.{number}",
            titles.get(number, f"Window preset {number}"),
            partial(preset, number=number),
            "&Window",
            (str(number),),
            "Window of the modality on this key" if number > 2 else "",
            enabled=partial(has_preset, number=number),
            label=partial(preset_label, number=number),
        )
        for number in range(10)
    )


def _on_picture(id: str, title: str, run, keys: tuple[str, ...], *, menu: str = IMAGE, **more) -> Command:  # type: ignore[no-untyped-def]
    return Command(id, title, run, menu, keys, enabled=something_shown, **more)


def _color_map_commands() -> tuple[Command, ...]:
    """Return one command per map; the menu of colour maps and the palette list them."""
    maps: tuple[tuple[str | None, str], ...] = ((None, "Grey"), *COLOR_MAPS.items())
    return tuple(
        Command(
            f"image.color_map.{id or 'grey'}",
            f"Colour map: {name}",
            partial(color_map, color_map=id),
            enabled=has_grey,
            checked=partial(_is_map, id=id),
        )
        for id, name in maps
    )


def _is_map(window: WindowApi, id: str | None) -> bool:
    return window.workspace.state().color_map == id


COMMANDS = (
    *_preset_commands(),
    *_color_map_commands(),
    _on_picture("image.window.exact", "Exact window…", lambda w: w.prompts.window(), ("Ctrl+Shift+W",), menu="&Window"),
    Command("image.window.header", "Header window", header_window, enabled=something_shown),
    Command("image.window.set", "Set window", set_window, enabled=something_shown),
    _on_picture(
        "image.invert",
        "Invert (negative)",
        invert,
        ("N",),
        menu="&Window",
        icon="invert",
        toolbar=True,
        separator_before=True,
        checked=lambda w: w.workspace.state().inverted,
    ),
    _on_picture("image.fit", "Fit to pane", fit, ("=",), icon="fit", toolbar=True),
    _on_picture("image.one_to_one", "One to one", one_to_one, ("\\",), icon="one-to-one"),
    _on_picture("image.zoom_in", "Zoom in", lambda w: zoom(w, STEP), ("+", "Ctrl++")),
    _on_picture("image.zoom_out", "Zoom out", lambda w: zoom(w, 1 / STEP), ("-", "Ctrl+-")),
    _on_picture("image.pan_left", "Move left", lambda w: pan(w, -PAN, 0), ("Alt+Left",)),
    _on_picture("image.pan_right", "Move right", lambda w: pan(w, PAN, 0), ("Alt+Right",)),
    _on_picture("image.pan_up", "Move up", lambda w: pan(w, 0, -PAN), ("Alt+Up",)),
    _on_picture("image.pan_down", "Move down", lambda w: pan(w, 0, PAN), ("Alt+Down",)),
    _on_picture(
        "image.rotate_right",
        "Rotate right",
        lambda w: rotate(w, 90),
        ("R",),
        icon="rotate-right",
        separator_before=True,
    ),
    _on_picture("image.rotate_left", "Rotate left", lambda w: rotate(w, 270), ("L",), icon="rotate-left"),
    _on_picture("image.flip_horizontal", "Flip left-right", lambda w: flip(w, "horizontal"), ("H",), icon="flip-h"),
    _on_picture("image.flip_vertical", "Flip top-bottom", lambda w: flip(w, "vertical"), ("V",), icon="flip-v"),
    _on_picture(
        "image.reset",
        "Reset pane",
        reset,
        ("Escape",),
        icon="reset",
        toolbar=True,
        hint="Esc first ends a drag, cine or selection",
    ),
    _on_picture("image.next", "Next slice", lambda w: scroll(w, 1), ("Down",), separator_before=True),
    _on_picture("image.previous", "Previous slice", lambda w: scroll(w, -1), ("Up",)),
    _on_picture("image.forward", "Ten slices on", lambda w: scroll(w, 10), ("PgDown", "Shift+Down")),
    _on_picture("image.back", "Ten slices back", lambda w: scroll(w, -10), ("PgUp", "Shift+Up")),
    _on_picture("image.first", "First slice", lambda w: scroll_to(w, "first"), ("Home",)),
    _on_picture("image.last", "Last slice", lambda w: scroll_to(w, "last"), ("End",)),
    _on_picture("image.go_to", "Go to slice…", lambda w: w.prompts.slice(), ("Ctrl+G",)),
    Command("image.go_to.index", "Go to slice number", go_to, enabled=something_shown),
    _on_picture("image.next_phase", "Next phase", lambda w: phase(w, 1), ("Alt+PgDown",)),
    _on_picture("image.previous_phase", "Previous phase", lambda w: phase(w, -1), ("Alt+PgUp",)),
    _on_picture(
        "image.cine",
        "Play or stop",
        cine,
        ("Space", "C"),
        icon="cine-play",
        toolbar=True,
        checked=lambda w: w.cine.running,
    ),
    Command(
        "image.delete_measurement",
        "Delete measurement",
        delete_measurement,
        IMAGE,
        ("Delete", "Backspace"),
        enabled=lambda w: bool(w.workspace.measurements),
    ),
)
