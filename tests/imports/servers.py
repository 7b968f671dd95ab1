"""A real HTTP server on loopback for the tests of fetching: it answers what it is told to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kexie_events.imports.fetching import Limits

Answer = Callable[["Handler"], None]


@dataclass
class Server:
    """Where it listens, what it answers next, what it was asked."""

    port: int
    answer: Answer
    asked: list[dict[str, str]] = field(default_factory=list)

    def says(self, content: bytes, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        def answer(handler: "Handler") -> None:
            handler.send_response(status)
            for name, value in {"Content-Type": "text/calendar", "Content-Length": str(len(content)), **named}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(content)

        self.answer = answer

    @property
    def limits(self) -> Limits:
        """What a test allows: this server under every name, and nothing else."""
        return Limits(
            reachable=lambda address: address == "127.0.0.1", resolve=lambda host, port: ["127.0.0.1"],
            ports={80: self.port}, seconds=5,
        )  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    told: Server

    def do_GET(self) -> None:
        self.told.asked.append({"path": self.path, **dict(self.headers.items())})
        try:
            self.told.answer(self)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Server]:
    handler = type("Told", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    told = Server(server.server_address[1], lambda handler: None)
    handler.told = told
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
