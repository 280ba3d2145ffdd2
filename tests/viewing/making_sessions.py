"""Sessions of every kind, for hypothesis and by hand."""

from __future__ import annotations

from hypothesis import strategies as st

from workstation.dicom.identity import FrameRef
from workstation.geometry.image_plane import ImagePlane
from workstation.imaging.window import VOILUTFunction, Window
from workstation.measurements.measurement import Measurement
from workstation.viewing.layout import Layout
from workstation.viewing.session import InstanceRecord, KeptPath, PaneView, Session
from workstation.viewing.view_state import ORIENTATIONS, Section, ViewState

numbers = st.floats(-1e6, 1e6, allow_nan=False)
sizes = st.floats(1e-3, 1e6)
vectors = st.tuples(numbers, numbers, numbers)
texts = st.text(max_size=12)
uids = st.from_regex(r"[0-9.]{1,20}", fullmatch=True)
planes = st.builds(
    ImagePlane, vectors, vectors, vectors, st.tuples(sizes, sizes), st.integers(1, 4096), st.integers(1, 4096), uids
)
directions = st.sampled_from([(None, None), ((1.0, 0.0, 0.0), (0.0, 0.6, 0.8)), ((0.0, -1.0, 0.0), (0.0, 0.0, -1.0))])


@st.composite
def sections(draw: st.DrawFn) -> Section:
    right, down = draw(directions)
    orientation, projection = draw(st.sampled_from(ORIENTATIONS)), draw(st.sampled_from(("max", "min", "mean")))
    return Section(orientation, draw(vectors), right, down, draw(st.floats(0, 900)), projection)


windows = st.builds(Window, numbers, sizes, st.sampled_from(VOILUTFunction), texts)
views = st.builds(
    ViewState,
    stack_id=st.none() | texts,
    index=st.integers(0, 10_000),
    section=st.none() | sections(),
    voi=st.none() | st.just("auto") | st.integers(0, 9) | windows,
    inverted=st.booleans(),
    scale=st.none() | sizes,
    centre=st.none() | st.tuples(numbers, numbers),
    rotation=st.sampled_from((0, 90, 180, 270)),
    flip_horizontal=st.booleans(),
    flip_vertical=st.booleans(),
    fitted=st.none() | st.tuples(sizes, sizes),
    color_map=st.none() | st.sampled_from(("pet", "viridis")),
)
refs = st.builds(FrameRef, uids, st.integers(0, 99), st.none() | st.integers(0, 63))


@st.composite
def measurements(draw: st.DrawFn) -> Measurement:
    placed = draw(st.booleans())
    return Measurement(
        draw(st.integers(1, 99)),
        draw(st.sampled_from(("length", "ellipse", "rectangle"))),
        draw(st.tuples(st.tuples(numbers, numbers), st.tuples(numbers, numbers))),
        draw(st.none() | refs),
        draw(planes) if placed else None,
        draw(st.tuples(vectors, vectors)) if placed else (),
        draw(texts),
    )


paths = st.builds(KeptPath, texts, texts, texts)
digests = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)


@st.composite
def panes(draw: st.DrawFn) -> tuple[PaneView, ...]:
    numbers_ = draw(st.lists(st.integers(0, 15), unique=True, max_size=4))
    return tuple(
        PaneView(
            number,
            draw(views),
            draw(uids),
            draw(st.integers(1, 99)),
            draw(st.none() | st.integers(0, 63)),
            draw(uids),
            draw(uids),
            draw(st.booleans()),
            draw(st.none() | windows),
            draw(st.just("") | digests),
        )
        for number in numbers_
    )


sessions = st.builds(
    Session,
    layout=st.builds(Layout, st.integers(1, 4), st.integers(1, 4), st.none() | st.integers(0, 15)),
    active=st.integers(0, 15),
    point=st.none() | vectors,
    panes=panes(),
    measurements=st.lists(measurements(), max_size=3).map(tuple),
    paths=st.lists(paths, max_size=3).map(tuple),
    instances=st.lists(st.builds(InstanceRecord, uids, paths, st.integers(0, 1 << 40), digests), max_size=3).map(tuple),
    saved_at=texts,
    program=texts,
)


def example(index: int = 0) -> Session:
    """A session that differs with its number."""
    view = ViewState("1.2.3", index, voi=Window(40.0 + index, 400.0))
    pane = PaneView(0, view, f"1.2.3.{index}", 1, None, "1.2.3", "1.2")
    return Session(Layout(1, 2), panes=(pane,), paths=(KeptPath("", "/data/study"),))
