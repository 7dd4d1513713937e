"""Says back what it hears on a websocket, and which version it is on any page; ASGI without a framework."""

import os


async def application(scope, receive, send):
    """Answer one connection."""
    if scope["type"] == "websocket":
        await echo(receive, send)
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": os.environ["VERSION"].encode()})


async def echo(receive, send):
    """Begin with the version, then repeat each text until the client goes."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": os.environ["VERSION"]})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})
