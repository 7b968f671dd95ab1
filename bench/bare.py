"""The least that an answer can cost under the same server: ``gunicorn bench.bare:app``, ``GET /<bytes>``."""

from collections.abc import Iterable
from functools import cache
from wsgiref.types import StartResponse, WSGIEnvironment


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    body = _body(int(environ["PATH_INFO"].strip("/") or 0))
    start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(body)))])
    return [body]


@cache
def _body(size: int) -> bytes:
    return b"x" * size
