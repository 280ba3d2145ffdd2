"""Pictures that come home: one with a stamp leads to the view it was made from, others are opened like any file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workstation.dicom.identity import FrameRef, Instance
    from workstation.export.stamp import Stamp
    from workstation.loading.collection import Catalogue
    from workstation.ui.window_api import WindowApi
    from workstation.viewing.view_state import ViewState

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")


@dataclass(slots=True)
class Read:
    """What pictures were found to be: a path and its stamp, paths without one, sentences on damaged stamps."""

    stamped: list[tuple[str, Stamp]]
    plain: list[str]
    faults: list[str]


def open_paths(window: WindowApi, paths: list[str]) -> None:
    """Open paths; what may be a stamped picture is looked at first, in the background."""
    pictures = [path for path in paths if path.lower().endswith(SUFFIXES)]
    others = [path for path in paths if path not in pictures]
    window.desk.open_paths(others)
    if pictures:
        window.exports.ask(lambda: read_stamps(pictures), lambda read: _open_read(window, read))


def read_stamps(paths: Sequence[str]) -> Read:
    """Read the stamps of pictures; folders and whatever only bears such a name have none."""
    from workstation.errors import WorkstationError
    from workstation.export.picture import NotAPicture, read_stamp

    read = Read([], [], [])
    for path in paths:
        try:
            stamp = read_stamp(Path(path))
        except NotAPicture:
            stamp = None
        except WorkstationError as error:
            read.faults.append(f"{Path(path).name}: {error}")
            continue
        if stamp is None:
            read.plain.append(path)
        else:
            read.stamped.append((path, stamp))
    return read


def _open_read(window: WindowApi, read: Read) -> None:
    for fault in read.faults:
        window.say("warning", fault)
    window.desk.open_paths(read.plain)
    if read.stamped:
        path, stamp = read.stamped[-1]  # of several only the last could be seen
        window.desk.when_opened(lambda: _find(window, Path(path).name, stamp))


def _find(window: WindowApi, name: str, stamp: Stamp) -> None:
    catalogue = window.workspace.catalogue
    window.exports.ask(lambda: found_in(catalogue, stamp), lambda found: _show(window, name, stamp, *found))


def found_in(catalogue: Catalogue, stamp: Stamp) -> tuple[FrameRef | None, bool]:
    """Return the open frame of which a stamp speaks, None where it is not open, and whether its values are others."""
    from workstation.dicom.identity import FrameRef
    from workstation.export.stamp import matches

    uid = next((uid for uid in catalogue.instances if matches(stamp, uid)), None)
    if uid is None:
        return None, False
    ref = FrameRef(uid, stamp.frame - 1, stamp.tile - 1 if stamp.tile else None)
    if catalogue.stack_with(ref) is None:
        return None, False
    return ref, _has_changed(catalogue.instances[uid], ref, stamp)


def _has_changed(instance: Instance, ref: FrameRef, stamp: Stamp) -> bool:
    from workstation.errors import WorkstationError
    from workstation.export.reading import picture_reader
    from workstation.export.stamp import pixel_hash

    if not stamp.pixel_sha256:
        return False
    try:
        with picture_reader() as read:
            return pixel_hash(read(instance, ref).values) != stamp.pixel_sha256
    except WorkstationError:
        return False  # the pane says what is wrong with it


def _show(window: WindowApi, name: str, stamp: Stamp, ref: FrameRef | None, changed: bool) -> None:
    workspace = window.workspace
    found = workspace.catalogue.stack_with(ref) if ref is not None else None
    if found is None:
        window.say("warning", _not_open(window, name, stamp))
        return
    stack, index = found
    state = state_of(stamp, stack.id, index)
    if state.section is not None and not stack.is_volume:
        state = replace(state, section=None)
    workspace.change(workspace.active, state, window.tr("View of a picture"))
    if changed:
        text = window.tr("{0}: its view is shown, but the image holds other values than the picture was made from.")
        window.say("warning", text.format(name))
    else:
        window.say("info", window.tr("{0}: its view is shown in the active pane.").format(name))


def state_of(stamp: Stamp, stack_id: str, index: int) -> ViewState:
    """Return the state a stamp describes; one made without a pane has no view but may have a window."""
    from workstation.imaging.color_maps import COLOR_MAPS
    from workstation.imaging.window import VOILUTFunction, Window
    from workstation.viewing.view_stamp import from_view

    state = from_view(stamp.view, stack_id, index)
    if "voi" not in stamp.view and stamp.window is not None and stamp.window_source == "chosen":
        function = VOILUTFunction.__members__.get(stamp.voi_function, VOILUTFunction.LINEAR)
        center, width = stamp.window
        if width > 0:
            state = replace(state, voi=Window(center, width, function))
    return replace(
        state.taking_over(state.voi, "picture"),
        inverted=state.inverted or stamp.inverted,
        color_map=state.color_map or (stamp.color_map if stamp.color_map in COLOR_MAPS else None),
    )


def _not_open(window: WindowApi, name: str, stamp: Stamp) -> str:
    kinds = {
        "stored": window.tr("stored values of 16 bits"),
        "modality": window.tr("modality values of 16 bits"),
        "display": window.tr("a section through a volume")
        if "section" in stamp.view
        else window.tr("an image as it was shown"),
    }
    text = window.tr("{0} is a stamped picture ({1}), but its study is not open.").format(name, kinds[stamp.pixels])
    if stamp.study_uid.startswith("sha256:"):
        more = window.tr("Its UIDs are hashed: they name no study, but the picture finds it once it is open.")
    else:
        more = window.tr("It is of Study Instance UID {0}.").format(stamp.study_uid)
    return f"{text} {more}"
