"""Second-opinion decoders in a process of their own, with a memory and a time limit (A29)."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict
from queue import Empty, Queue
from struct import Struct
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from workstation import log
from workstation.imaging.pixel_format import PixelFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

TIME_LIMIT: Final = 5.0
"""Seconds one frame may take."""
START_LIMIT: Final = 20.0
"""Seconds the process may take to start and import its decoders."""
MEMORY_LIMIT: Final = 4 << 30
"""Bytes of address space of the process, where the system can limit it."""
ARGUMENT: Final = "--decoder-process"
"""Argument by which a frozen program, whose executable is no Python, becomes the decoder process."""

_LENGTHS: Final = Struct("<QQ")
_CODE: Final = "from workstation.imaging.isolation import serve; serve()"

Message = tuple[dict[str, Any], bytes]


class DecoderProcess:
    """A child that decodes with pydicom's plug-ins; started on first need, replaced when it dies.

    Header and samples cross as JSON and bytes: what a damaged codec writes is never executed.
    """

    def __init__(self, time_limit: float = TIME_LIMIT) -> None:
        self._time_limit = time_limit
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._replies: Queue[Message | None] = Queue()

    def decode(self, data: bytes, fmt: PixelFormat) -> NDArray[Any] | None:
        """Return the samples of one frame, None where no decoder could or the limits were passed."""
        with self._lock:
            try:
                return self._ask(data, fmt)
            except (OSError, ValueError, Empty):
                log.get("imaging").warning("the decoder process failed or passed its time limit and was ended")
                self._stop()
                return None

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._stop()

    def _ask(self, data: bytes, fmt: PixelFormat) -> NDArray[Any] | None:
        process = self._process or self._start()
        assert process.stdin is not None
        send(process.stdin, asdict(fmt), data)
        reply = self._replies.get(timeout=self._time_limit)
        if reply is None:
            raise OSError("the decoder process died")
        header, content = reply
        if "dtype" not in header:
            return None
        values: NDArray[Any] = np.frombuffer(content, header["dtype"]).reshape(header["shape"])
        return values

    def _start(self) -> subprocess.Popen[bytes]:
        frozen = getattr(sys, "frozen", False)
        arguments = [sys.executable, ARGUMENT] if frozen else [sys.executable, "-c", _CODE]
        process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment()
        )
        self._process, self._replies = process, Queue()
        assert process.stdout is not None
        threading.Thread(target=_collect, args=(process.stdout, self._replies), daemon=True).start()
        if self._replies.get(timeout=START_LIMIT) is None:
            raise OSError("the decoder process did not start")
        return process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait(5)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    pass


def _environment() -> Mapping[str, str]:
    """Return an environment in which a child finds this package wherever it was imported from."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _collect(stream: IO[bytes], replies: Queue[Message | None]) -> None:
    """Move a child's messages into a queue, which can be waited on with a limit on every system."""
    try:
        while (message := receive(stream)) is not None:
            replies.put(message)
    except (OSError, ValueError):
        pass
    replies.put(None)


def send(stream: IO[bytes], header: Mapping[str, Any], content: bytes) -> None:
    """Write one message: two lengths, a JSON header, bytes."""
    text = json.dumps(header).encode()
    stream.write(_LENGTHS.pack(len(text), len(content)) + text)
    stream.write(content)
    stream.flush()


def receive(stream: IO[bytes]) -> Message | None:
    """Read one message, None at the end of the stream."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header_length, length = _LENGTHS.unpack(lengths)
    header = stream.read(header_length)
    content = stream.read(length)
    return (json.loads(header), content) if len(content) == length else None


def serve() -> None:
    """Be the decoder process: answer requests on standard input until it closes."""
    _limit_memory()
    # Codecs may print; what they print must not mix with the replies.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    import pydicom.pixels  # noqa: F401  (paid for before the clock of the first frame starts)

    send(replies, {"ready": True}, b"")
    while (message := receive(sys.stdin.buffer)) is not None:
        header, data = message
        try:
            values = np.ascontiguousarray(decode_with_pydicom(data, PixelFormat(**header)))
            send(replies, {"dtype": values.dtype.str, "shape": values.shape}, values.tobytes())
        except Exception as error:  # whatever a decoder raises is its answer
            send(replies, {"error": str(error)[:200]}, b"")


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows: only the time limit holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))


def decode_with_pydicom(data: bytes, fmt: PixelFormat) -> NDArray[Any]:
    """Decode one frame with whatever plug-ins pydicom has, without any colour conversion."""
    from pydicom import pixels
    from pydicom.encaps import encapsulate

    decoder: Any = pixels.get_decoder(fmt.transfer_syntax_uid)  # type: ignore[attr-defined]
    values: NDArray[Any]
    values, _ = decoder.as_array(
        encapsulate([data]),
        raw=True,
        rows=fmt.rows,
        columns=fmt.columns,
        number_of_frames=1,
        samples_per_pixel=fmt.samples_per_pixel,
        photometric_interpretation=fmt.photometric,
        planar_configuration=fmt.planar_configuration,
        bits_allocated=fmt.bits_allocated,
        bits_stored=fmt.bits_stored,
        pixel_representation=int(fmt.signed),
        pixel_keyword="PixelData",
    )
    return values


_shared = DecoderProcess()
atexit.register(_shared.close)


def decode_isolated(data: bytes, fmt: PixelFormat) -> NDArray[Any] | None:
    """Decode in the program's one decoder process; None where it cannot."""
    return _shared.decode(data, fmt)
