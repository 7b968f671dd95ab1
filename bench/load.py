"""A client that asks for one address as fast as the server answers: kept connections, nothing parsed twice."""

import re
import selectors
import socket
import time
from dataclasses import dataclass

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass
class _Line:
    """One kept connection: what is still to come of the answer that it waits for."""

    door: socket.socket
    missing: int = 0


def per_second(
    port: int, path: str, *, status: int, seconds: float = 1.0, connections: int = 16, **headers: str
) -> float:
    """Answers per second. Every answer is as long as the first one, so only its bytes are counted.

    Raises: AssertionError when the first answer has another status, RuntimeError when the server hangs up.
    """
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: kexie.bench",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    request = "\r\n".join([*lines, "", ""]).encode()
    size = _first(port, request, status)
    with selectors.DefaultSelector() as waiting:
        for _ in range(connections):
            line = _Line(socket.create_connection(("127.0.0.1", port)), size)
            line.door.setblocking(False)
            waiting.register(line.door, selectors.EVENT_READ, line)
            line.door.sendall(request)
        try:
            _count(waiting, request, size, 0.3)  # threads and caches get warm
            return _count(waiting, request, size, seconds)
        finally:
            for key in list(waiting.get_map().values()):
                key.data.door.close()


def _first(port: int, request: bytes, status: int) -> int:
    """The whole length of an answer."""
    with socket.create_connection(("127.0.0.1", port)) as door:
        door.sendall(request)
        came = b""
        while b"\r\n\r\n" not in came:
            came += door.recv(65536)
        head, _, _ = came.partition(b"\r\n\r\n")
        assert head.startswith(f"HTTP/1.1 {status} ".encode()), head
        found = LENGTH.search(head)
        return len(head) + 4 + (int(found[1]) if found else 0)


def _count(waiting: selectors.BaseSelector, request: bytes, size: int, seconds: float) -> float:
    answered, begin = 0, time.perf_counter()
    while (now := time.perf_counter()) - begin < seconds:
        for key, _ in waiting.select(1.0):
            line: _Line = key.data
            came = len(line.door.recv(1 << 20))
            if not came:
                raise RuntimeError("the server hung up")
            line.missing -= came
            if line.missing <= 0:
                answered += 1
                line.missing = size
                line.door.sendall(request)
    return answered / (now - begin)
