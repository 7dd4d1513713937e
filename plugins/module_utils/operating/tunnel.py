"""A port of the controller's loopback that leads to a command's standard input and output, a command a connection."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with suppress(ConnectionError, OSError):
        writer.close()


async def _serve(argv: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    process = await asyncio.create_subprocess_exec(*argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    up = asyncio.ensure_future(_pump(reader, process.stdin))
    try:
        await _pump(process.stdout, writer)
    finally:
        up.cancel()
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def tunnel(argv: list[str], port: int, announce: str) -> None:
    """Listen on 127.0.0.1 until cancelled; ``announce`` is printed once it does, ``{port}`` replaced (0: a free one).

    Raises OSError where the port is taken.
    """
    server = await asyncio.start_server(lambda r, w: _serve(argv, r, w), "127.0.0.1", port)
    print(announce.format(port=server.sockets[0].getsockname()[1]), flush=True)
    async with server:
        await server.serve_forever()
