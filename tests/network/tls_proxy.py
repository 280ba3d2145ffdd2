"""TLS in front of a plain server on loopback: Debian's Orthanc ends at its own."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from workstation.network.nodes import Tls

LOOPBACK = "127.0.0.1"


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):  # who hung up has its reasons
        while piece := await source.read(1 << 16):
            target.write(piece)
            await target.drain()
    target.close()


@contextmanager
def tls_in_front_of(port: int, tls: Tls, *, ask_for_certificate: bool = False) -> Iterator[int]:
    """Give the port where TLS is spoken; who asks for a certificate takes those of ``tls.authorities``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.certificate, tls.key)
    if ask_for_certificate:
        context.load_verify_locations(tls.authorities)
        context.verify_mode = ssl.CERT_REQUIRED
    started, ports = threading.Event(), list[int]()
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(LOOPBACK, port)
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))
        for one in (writer, inner_writer):
            with contextlib.suppress(OSError, ssl.SSLError):
                await one.wait_closed()

    async def main() -> None:
        over = asyncio.Event()
        server = await asyncio.start_server(serve, LOOPBACK, 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        loops.append((asyncio.get_running_loop(), over))
        started.set()
        await over.wait()
        server.close()
        running = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        await asyncio.wait(running, timeout=5) if running else None

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert started.wait(10)
    try:
        yield ports[0]
    finally:
        loop, over = loops[0]
        loop.call_soon_threadsafe(over.set)
        thread.join()
