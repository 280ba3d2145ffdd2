"""What a pane shows as the numbers and words of a stamp, and back: a picture that comes home finds its view again."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from workstation.imaging.color_maps import COLOR_MAPS
from workstation.imaging.presets import CT
from workstation.imaging.window import VOILUTFunction, Window
from workstation.viewing.sections import PROJECTIONS
from workstation.viewing.view_state import ORIENTATIONS, Section, ViewState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workstation.dicom.identity import Vector

TURNS: Final = (0, 90, 180, 270)
PERPENDICULAR: Final = 1e-6
"""How far from unit length and from a right angle two directions may be."""


def to_view(state: ViewState) -> dict[str, Any]:
    """Return everything of a state but its stack and place, as a stamp may hold it; what is as at first is left out.

    The name of a window goes out only if it is a preset's: any other may be a data set's own text.
    """
    view: dict[str, Any] = {}
    if isinstance(state.voi, Window):
        view["voi"] = [state.voi.center, state.voi.width]
        view["voi_function"] = state.voi.function.lower()
        if _word(state.voi.name) in _preset_names():
            view["voi_name"] = _word(state.voi.name)
    elif state.voi is not None:
        view["voi"] = state.voi
    plain = {
        "inverted": state.inverted,
        "scale": state.scale,
        "centre": _list(state.centre),
        "rotation": state.rotation or None,
        "flip_horizontal": state.flip_horizontal,
        "flip_vertical": state.flip_vertical,
        "fitted": _list(state.fitted),
        "color_map": _word(state.color_map) if state.color_map in COLOR_MAPS else None,
    }
    view.update({name: value for name, value in plain.items() if value is not None and value is not False})
    if state.section is not None:
        view.update(_section_view(state.section))
    return view


def from_view(view: Mapping[str, Any], stack_id: str, index: int) -> ViewState:
    """Return the state of a stack that a view describes; what makes no sense in it is as at first."""
    rotation = _number(view.get("rotation"))
    scale = _number(view.get("scale"))
    fitted = _numbers(view.get("fitted"), 2)
    centre = _numbers(view.get("centre"), 2)
    return ViewState(
        stack_id=stack_id,
        index=index,
        section=_section(view),
        voi=_voi(view),
        inverted=view.get("inverted") is True,
        scale=scale if scale is not None and scale > 0 else None,
        centre=(centre[0], centre[1]) if centre else None,
        rotation=int(rotation) if rotation is not None and rotation in TURNS else 0,
        flip_horizontal=view.get("flip_horizontal") is True,
        flip_vertical=view.get("flip_vertical") is True,
        fitted=(fitted[0], fitted[1]) if fitted and min(fitted) > 0 else None,
        color_map={_word(name): name for name in COLOR_MAPS}.get(str(view.get("color_map"))),
    )


def _section_view(section: Section) -> dict[str, Any]:
    view: dict[str, Any] = {
        "section": section.orientation,
        "section_point": list(section.point),
        "section_projection": section.projection,
    }
    if section.slab_mm:
        view["section_slab"] = section.slab_mm
    if section.right is not None and section.down is not None:
        view.update(section_right=list(section.right), section_down=list(section.down))
    return view


def _section(view: Mapping[str, Any]) -> Section | None:
    orientation, point = view.get("section"), _vector(view.get("section_point"))
    if orientation not in ORIENTATIONS or point is None:
        return None
    right, down = _vector(view.get("section_right")), _vector(view.get("section_down"))
    if right is None or down is None or not _are_directions(right, down):
        right = down = None
    slab, projection = _number(view.get("section_slab")), view.get("section_projection")
    return Section(
        str(orientation),
        point,
        right,
        down,
        slab if slab is not None and slab > 0 else 0.0,
        projection if isinstance(projection, str) and projection in PROJECTIONS else "max",
    )


def _voi(view: Mapping[str, Any]) -> Window | int | str | None:
    voi = view.get("voi")
    if voi == "auto":
        return "auto"
    if isinstance(voi, int) and not isinstance(voi, bool):
        return voi if voi >= 0 else None
    pair, function = _numbers(voi, 2), str(view.get("voi_function", "linear")).upper()
    if not pair or pair[1] <= 0 or function not in VOILUTFunction.__members__:
        return None
    name = _preset_names().get(str(view.get("voi_name", "")), "")
    return Window(pair[0], pair[1], VOILUTFunction[function], name)


def _preset_names() -> dict[str, str]:
    return {_word(preset.window.name): preset.window.name for preset in CT if preset.window.name}


def _word(name: str | None) -> str:
    """Return a name of the program's own in the letters a stamp allows in a view."""
    name = name or ""
    return "_".join("".join(char if "a" <= char <= "z" else " " for char in name.lower()).split())


def _list(pair: tuple[float, float] | None) -> list[float] | None:
    return None if pair is None else list(pair)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        return None
    return float(value)


def _numbers(value: object, count: int) -> tuple[float, ...]:
    if not isinstance(value, (list, tuple)) or len(value) != count:
        return ()
    found = tuple(number for each in value if (number := _number(each)) is not None)
    return found if len(found) == count else ()


def _vector(value: object) -> Vector | None:
    found = _numbers(value, 3)
    return (found[0], found[1], found[2]) if found else None


def _are_directions(right: Vector, down: Vector) -> bool:
    products = (_dot(right, right) - 1, _dot(down, down) - 1, _dot(right, down))
    return all(abs(each) < PERPENDICULAR for each in products)


def _dot(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
