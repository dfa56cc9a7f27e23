"""Python's websockets as a server that sends back what it gets: at /fragments in fragments of 1000 bytes or characters.

Prints its port."""

import asyncio

import websockets

FRAGMENT = 1000


def fragments(message):
    """The parts are characters or bytes, as the message is; at least one, for an empty message is one, too."""
    return [message[at : at + FRAGMENT] for at in range(0, len(message), FRAGMENT)] or [message]


async def echo(socket):
    request = getattr(socket, "request", None)
    path = request.path if request else socket.path
    async for message in socket:
        await socket.send(fragments(message) if path == "/fragments" else message)


async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, compression=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
