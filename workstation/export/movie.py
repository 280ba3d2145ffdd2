"""Movies: MP4 (H.264) and GIF from frames that come one by one, so that none but the last is in memory."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Final

from workstation import __version__
from workstation.export.picture import KEY, WARNING
from workstation.export.saving import ExportCancelled, ExportError, saved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from threading import Event

    import numpy as np
    from av.video.stream import VideoStream
    from numpy.typing import NDArray
    from PIL import Image

    Frames = Iterable[NDArray[np.uint8]]

SUFFIXES: Final = (".mp4", ".gif")
ENCODERS: Final = ("libx264", "libopenh264", "mpeg4")
"""In this order, the first that is there: MPEG-4 Part 2 is the one that FFmpeg always has."""
OPTIONS: Final = {"libx264": {"crf": "18", "preset": "medium"}, "mpeg4": {"qscale": "2"}}
LEAST_FPS, MOST_FPS = 0.1, 240.0
LONGEST_SIDE: Final = 16384
"""Pixels; H.264 has no more, nor do players."""
HUNDREDTHS: Final = 100
SHORTEST: Final = 2
"""Hundredths of a second below which viewers of GIF take a tenth instead."""


@dataclass(frozen=True, slots=True)
class Movie:
    """What was written: frames, the rate they play at, the encoder, and a sentence where that differs from the wish."""

    frames: int
    fps: float
    encoder: str
    note: str = ""


def write_movie(
    path: Path,
    frames: Frames,
    *,
    fps: float,
    note: str = "",
    aspect: tuple[float, float] = (1.0, 1.0),
    progress: Callable[[int], None] | None = None,
    cancel: Event | None = None,
    replace: bool = False,
) -> Movie:
    """Write frames as the movie its name's ending says.

    Parameters
    ----------
    path
        Ends in .mp4 or .gif.
    frames
        uint8 (rows, columns) or (rows, columns, 3), all of one size. MP4 gets a black column or row where a size is
        odd. GIF keeps greys exactly, of colours the 256 that fit a frame best.
    fps
        Frames per second. GIF counts hundredths of a second: frames are held for so many that the whole takes the
        right time, but none less than two (50 frames per second).
    note
        A sentence for the description; without anything of the patient.
    aspect
        (Height, width) of a pixel in any one unit; MP4 says it to the player, GIF cannot.
    progress
        Told after each frame how many are done.
    cancel
        Looked at before each frame; when set nothing is left behind.

    Raises
    ------
    ExportError
        If there are no frames, they differ in size, the rate is unusable, the file exists, or the system refuses.
    ExportCancelled
    """
    kind = path.suffix.lower()
    if kind not in SUFFIXES:
        raise ExportError(f"{path.name}: a movie's name ends in {' or '.join(SUFFIXES)}.")
    if not LEAST_FPS <= fps <= MOST_FPS:
        raise ExportError(f"{path.name}: {fps:g} frames per second are not between {LEAST_FPS:g} and {MOST_FPS:g}.")
    description = " ".join([f"{WARNING}. {KEY} {__version__}.", *note.split()])
    with saved(path, replace=replace) as part:
        watched = _watched(path, frames, progress, cancel)
        first = next(watched, None)
        if first is None:
            raise ExportError(f"{path.name}: there are no frames to write.")
        together = chain([first], watched)
        if kind == ".gif":
            return _write_gif(part, together, fps, description)
        return _write_mp4(part, together, fps, description, aspect)


def _watched(
    path: Path, frames: Frames, progress: Callable[[int], None] | None, cancel: Event | None
) -> Iterator[NDArray[np.uint8]]:
    size: tuple[int, ...] | None = None
    for count, frame in enumerate(frames, 1):
        if cancel is not None and cancel.is_set():
            raise ExportCancelled(f"{path.name} was not written: it was cancelled.")
        if frame.dtype.name != "uint8" or frame.size == 0 or (frame.ndim != 2 and frame.shape[2:] != (3,)):
            raise ExportError(f"{path.name}: frame {count} is no picture of 8 bits.")
        size = size or frame.shape[:2]
        if max(size) > LONGEST_SIDE:
            raise ExportError(f"{path.name}: {size[1]} × {size[0]} pixels are too many for a movie.")
        if frame.shape[:2] != size:
            raise ExportError(f"{path.name}: frame {count} is not of the size of the first.")
        yield frame
        if progress is not None:
            progress(count)


def _write_mp4(
    part: Path, frames: Iterator[NDArray[np.uint8]], fps: float, description: str, aspect: tuple[float, float]
) -> Movie:
    try:
        import av
    except ImportError as error:  # a bundle goes without: the encoder inside is under the GPL
        raise ExportError("No encoder for MP4 is there; GIF can be written.") from error
    rate = Fraction(fps).limit_denominator(1001)
    name = next((each for each in ENCODERS if each in av.codecs_available and _encodes(each)), None)
    if name is None:
        raise ExportError("No encoder for MP4 is there; GIF can be written.")
    first = next(frames)
    count = 0
    try:
        with av.open(str(part), "w", format="mp4", options={"movflags": "faststart"}) as container:
            container.metadata.update(title=KEY, comment=description)
            stream: VideoStream = container.add_stream(name, rate, options=OPTIONS.get(name, {}))
            stream.height, stream.width = (length + length % 2 for length in first.shape[:2])
            stream.pix_fmt = "yuv420p"
            _tell_colors(stream)
            if min(aspect) > 0:
                stream.codec_context.sample_aspect_ratio = Fraction(aspect[1] / aspect[0]).limit_denominator(1000)
            for count, frame in enumerate(chain([first], frames), 1):
                picture = av.VideoFrame.from_ndarray(_even_rgb(frame), format="rgb24")
                picture.pts = count - 1
                picture.time_base = 1 / rate
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
    except av.FFmpegError as error:
        if isinstance(error, OSError) and error.errno:
            raise OSError(error.errno, error.strerror) from error
        raise ExportError(f"The movie could not be encoded: {error.strerror}.") from error
    return Movie(count, float(rate), name)


def _tell_colors(stream: VideoStream) -> None:
    """Say how colours are coded (BT.601, limited range, sRGB): players guess it from the size otherwise."""
    context = stream.codec_context
    context.color_range, context.colorspace, context.color_primaries, context.color_trc = 1, 6, 1, 13


def _encodes(name: str) -> bool:
    import av

    try:
        return bool(av.Codec(name, "w").is_encoder)
    except av.codec.codec.UnknownCodecError:
        return False


def _even_rgb(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGB of even rows and columns, which halved colour needs."""
    import numpy as np

    rows, columns = frame.shape[:2]
    even = np.zeros((rows + rows % 2, columns + columns % 2, 3), np.uint8)
    even[:rows, :columns] = frame[..., np.newaxis] if frame.ndim == 2 else frame
    return even


def _write_gif(part: Path, frames: Iterator[NDArray[np.uint8]], fps: float, description: str) -> Movie:
    from PIL.GifImagePlugin import getdata, getheader

    shown, held, delays = 0, 0, set()
    with part.open("wb") as stream:
        for shown, frame in enumerate(frames, 1):
            image = _indexed(frame)
            if shown == 1:
                # Pillow's own saving of sequences keeps all frames and makes equal neighbours one.
                header = getheader(image, info={"loop": 0, "comment": description.encode(), "optimize": False})[0]
                stream.write(b"".join(header))
            delay = max(SHORTEST, round(shown * HUNDREDTHS / fps) - held)
            held += delay
            delays.add(delay)
            stream.write(b"".join(getdata(image, duration=delay * 10, include_color_table=True)))
        stream.write(b";")
    note = f"GIF times frames in hundredths of a second: each is held for {' or '.join(map(str, sorted(delays)))}."
    exact = len(delays) == 1 and abs(min(delays) - HUNDREDTHS / fps) < 1e-6
    return Movie(shown, shown * HUNDREDTHS / held, "gif", "" if exact else note)


def _indexed(frame: NDArray[np.uint8]) -> Image.Image:
    import numpy as np
    from PIL import Image

    if frame.ndim == 3:
        return Image.fromarray(np.ascontiguousarray(frame)).quantize(256, dither=Image.Dither.NONE)
    image = Image.frombytes("P", frame.shape[::-1], np.ascontiguousarray(frame).tobytes())
    image.putpalette(np.repeat(np.arange(256, dtype=np.uint8), 3).tobytes())
    return image
