"""Every setting of the user, once: key, type, default, sentence, choices. Page, file and checks come from here.

The file is JSON in :func:`workstation.paths.config_folder`. Keys this version does not know are kept, a value
that does not fit is replaced by the default, and a broken file is reported and set aside, never fatal.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workstation.whole_file import NewestWriter

FILE_NAME = "settings.json"
RECENT_LIMIT = 12


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing a user may choose.

    ``kind`` is bool, int, float, str or list (of str). ``choices`` are (value, label) pairs for a fixed set of
    values; ``low`` and ``high`` bound a number, both allowed. ``caution`` is a sentence shown while the value is
    not the default: what the user takes upon themselves. A hidden setting is remembered but not on the page.
    """

    key: str
    kind: type
    default: Any
    title: str
    sentence: str = ""
    group: str = "General"
    choices: tuple[tuple[Any, str], ...] = ()
    low: float | None = None
    high: float | None = None
    unit: str = ""
    zero: str = ""
    caution: str = ""
    hidden: bool = False

    def accepts(self, value: object) -> bool:
        """Tell whether ``value`` may be stored under this key."""
        if self.kind is bool or isinstance(value, bool):
            return self.kind is bool and isinstance(value, bool)
        if self.kind is list:
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        if self.kind is float and isinstance(value, int):
            value = float(value)
        if not isinstance(value, self.kind):
            return False
        if self.choices:
            return value in {choice for choice, _label in self.choices}
        if isinstance(value, (int, float)):
            low = self.low if self.low is not None else value
            high = self.high if self.high is not None else value
            return low <= value <= high
        return True


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "theme",
        str,
        "dark",
        "Theme",
        "Images stay on black in both themes.",
        "Look",
        (("dark", "Dark"), ("light", "Light")),
    ),
    Setting(
        "language",
        str,
        "",
        "Language",
        "Takes effect at the next start.",
        "Look",
        (("", "As the system"), ("en", "English")),
    ),
    Setting(
        "corner_text",
        int,
        2,
        "Corner text",
        "How much text stands in the corners of a pane. Key I steps through the levels.",
        "Look",
        ((2, "Full"), (1, "Short"), (0, "None")),
    ),
    Setting(
        "interpolation",
        str,
        "smooth",
        "Enlarged pixels",
        "Smooth is easier on the eye, nearest shows each stored pixel as a square.",
        "Look",
        (("smooth", "Smooth"), ("nearest", "Nearest")),
    ),
    Setting(
        "ideographic_names",
        bool,
        False,
        "Ideographic names first",
        "Show a name in its own characters before the alphabetic form.",
        "Look",
    ),
    Setting(
        "window_drag",
        str,
        "normal",
        "Window drag",
        "Normal: right is wider, up is brighter. Swapped: up is wider, right is brighter.",
        "Mouse",
        (("normal", "Normal"), ("swapped", "Swapped"), ("inverted", "Inverted")),
    ),
    Setting(
        "invert_level",
        bool,
        False,
        "Invert the level direction",
        "Dragging up makes the image darker.",
        "Mouse",
    ),
    Setting(
        "open_at",
        str,
        "first",
        "Open a series at",
        "The slice of a volume that is shown first.",
        "Look",
        (("first", "First slice"), ("middle", "Middle slice")),
    ),
    Setting(
        "wheel",
        str,
        "normal",
        "Wheel direction",
        "Normal: turning towards you goes to the next image.",
        "Mouse",
        (("normal", "Normal"), ("inverted", "Inverted")),
    ),
    Setting(
        "reference_lines",
        bool,
        True,
        "Reference lines",
        "Draw where the images of other panes cut this one.",
        "Reading",
    ),
    Setting(
        "linked_scroll",
        bool,
        True,
        "Linked scrolling",
        "Panes of one Frame of Reference and nearly the same direction scroll together by position.",
        "Reading",
    ),
    Setting(
        "cine_fps",
        float,
        15.0,
        "Cine rate",
        "Used where the header gives no rate.",
        "Reading",
        low=1,
        high=120,
        unit="frames/s",
    ),
    Setting(
        "open_last_layout",
        bool,
        False,
        "Start with the last layout",
        "Window size, panels and grid as they were left.",
        "Start",
    ),
    Setting(
        "reopen_at_start",
        bool,
        False,
        "Start with the last session",
        "Open at start what was open at the end.",
        "Start",
    ),
    Setting(
        "hide_identity",
        bool,
        False,
        "Hide identity at start",
        "Names, numbers and birth dates are hidden until Ctrl+Shift+H shows them.",
        "Privacy",
    ),
    Setting(
        "cache_mb",
        int,
        0,
        "Memory for images",
        "Decoded images kept in memory.",
        "Memory",
        low=0,
        high=1_000_000,
        unit="MB",
        zero="Automatic",
    ),
    Setting(
        "copy_discs",
        str,
        "ask",
        "Copy discs into the library",
        "Discs, sticks and archives that were opened and are not there yet.",
        "Library",
        (("ask", "Ask"), ("always", "Always"), ("never", "Never")),
    ),
    Setting(
        "receive_title",
        str,
        "WORKSTATION",
        "Our AE title",
        "Other applications send to this title. What is set here takes effect when receiving is switched on.",
        "Receiving",
    ),
    Setting(
        "receive_port",
        int,
        11112,
        "Port",
        "104 is the one of DICOM, 11112 needs no rights of an administrator.",
        "Receiving",
        low=1,
        high=65535,
    ),
    Setting(
        "receive_address",
        str,
        "127.0.0.1",
        "Reached from",
        "Where senders may be.",
        "Receiving",
        (("127.0.0.1", "This computer alone"), ("0.0.0.0", "The network")),
        caution="Every computer of the network can connect: name who may send, and use TLS where others listen.",
    ),
    Setting(
        "receive_from",
        str,
        "",
        "Who may send",
        "AE titles, parted by commas. Titles are no passwords: they keep out what is set up wrongly, not who wants in.",
        "Receiving",
    ),
    Setting(
        "receive_anyone",
        bool,
        False,
        "Let every application send",
        "Then nobody need be named above.",
        "Receiving",
        caution="Whatever reaches the port may put objects into the library, whoever it says it is.",
    ),
    Setting(
        "receive_certificate", str, "", "TLS certificate", "A PEM file; with it connections are encrypted.", "Receiving"
    ),
    Setting("receive_key", str, "", "TLS key", "A PEM file, without a password.", "Receiving"),
    Setting(
        "receive_authorities",
        str,
        "",
        "TLS authorities",
        "A PEM file; with it only senders may connect whose certificate one of these has signed.",
        "Receiving",
    ),
    Setting(
        "receive_largest_mb",
        int,
        4096,
        "Largest object",
        "A larger one is refused.",
        "Receiving",
        low=1,
        high=1_000_000,
        unit="MB",
    ),
    Setting(
        "receive_total_mb",
        int,
        65536,
        "Room for what waits",
        "What has arrived and is not in the library yet; more is refused.",
        "Receiving",
        low=1,
        high=100_000_000,
        unit="MB",
    ),
    Setting(
        "receive_at_start",
        bool,
        False,
        "Receive when the program starts",
        "Without this, nothing listens until Network › Receive studies.",
        "Receiving",
    ),
    Setting("worklist_at_once", bool, False, "Ask the worklist on opening", hidden=True),
    Setting("worklist_node", str, "", "Worklist that was asked last", hidden=True),
    Setting("send_node", str, "", "Node that was sent to last", hidden=True),
    Setting("film_node", str, "", "Printer that was used last for films", hidden=True),
    Setting("recent_paths", list, [], "Recently opened", hidden=True),
    Setting("watched_folders", list, [], "Folders that are watched", hidden=True),
    Setting("study_columns", str, "", "Columns of the study list", hidden=True),
    Setting("saved_searches", list, [], "Saved searches", hidden=True),
    Setting("window_geometry", str, "", "Window geometry", hidden=True),
    Setting("window_state", str, "", "Window layout", hidden=True),
)

_BY_KEY = {setting.key: setting for setting in SETTINGS}


@dataclass(slots=True)
class Settings:
    """The values in force. ``problem`` is a sentence when the file could not be used as it is."""

    path: Path
    problem: str = ""
    _values: dict[str, Any] = field(default_factory=dict)
    _listeners: list[Callable[[str, Any], None]] = field(default_factory=list)
    _background: NewestWriter | None = None

    def __getitem__(self, key: str) -> Any:
        setting = _BY_KEY[key]
        value = self._values.get(key, setting.default)
        if not setting.accepts(value):
            value = setting.default
        if setting.kind is float:
            return float(value)
        return list(value) if setting.kind is list else value

    def set(self, key: str, value: Any) -> None:
        """Store and save a value and tell the listeners; raises ValueError where it does not fit."""
        setting = _BY_KEY[key]
        if not setting.accepts(value):
            raise ValueError(f"{setting.title}: {value!r} is not allowed")
        if self[key] == value:
            return
        self._values[key] = value
        self.save()
        for listener in tuple(self._listeners):
            listener(key, value)

    def reset(self) -> None:
        """Return every visible setting to its default."""
        for setting in SETTINGS:
            if not setting.hidden:
                self.set(setting.key, setting.default)

    def listen(self, listener: Callable[[str, Any], None]) -> Callable[[], None]:
        """Call ``listener(key, value)`` after each change; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def add_recent(self, path: str) -> None:
        """Put ``path`` first among the recently opened."""
        others = [other for other in self["recent_paths"] if other != path]
        self.set("recent_paths", [path, *others][:RECENT_LIMIT])

    def save_in_background(self) -> None:
        """Write the file on a thread from now on: a disk may take longer than a window may stand still."""
        self._background = NewestWriter(self._write)

    def save(self) -> None:
        """Write the file whole or not at all; a refusal of the system becomes :attr:`problem`."""
        text = json.dumps(self._values, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        if self._background is None:
            self._write(text)
        else:
            self._background.write(text)

    def flush(self) -> None:
        """Wait until what was changed is in the file."""
        if self._background is not None:
            self._background.wait()

    def _write(self, text: str) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(self.path, text)
        except OSError as error:
            self.problem = f"The settings could not be saved: {error.strerror or error}"


def load(path: Path) -> Settings:
    """Read the settings; whatever the file holds, the result can be used."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings(path)
    except OSError as error:
        return Settings(path, f"The settings could not be read: {error.strerror or error}; defaults are used")
    except (ValueError, RecursionError):
        return Settings(path, _set_aside(path))
    if not isinstance(values, dict):
        return Settings(path, _set_aside(path))
    settings = Settings(path, "", values)
    if unfit := [s.title for s in SETTINGS if s.key in values and not s.accepts(values[s.key])]:
        settings.problem = f"{path.name}: defaults are used for {', '.join(unfit)}"
    return settings


def _set_aside(path: Path) -> str:
    """Keep a broken file under another name, so that saving does not destroy what may be mended by hand."""
    kept = path.with_suffix(".broken")
    try:
        os.replace(path, kept)
    except OSError:
        return f"{path.name} is not readable; defaults are used"
    return f"{path.name} is not readable; defaults are used and the file is kept as {kept.name}"


def _write_whole(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        # names that are not UTF-8 (A40) become what JSON reads back as the same name
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
