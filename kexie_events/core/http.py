"""What every answer carries: security headers, a request id, compression, static files with a content hash."""

import gzip
import hashlib
import io
import logging
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, request, url_for
from whitenoise import WhiteNoise
from whitenoise.responders import Response as Served
from whitenoise.responders import StaticFile

LEAST_WORTH_COMPRESSING = 600  # bytes
log = logging.getLogger("kexie.request")

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)


def equip(app: Flask, static: Path, *, secure: bool) -> None:
    """Hook the answers of an app."""

    @app.before_request
    def begin() -> None:
        g.request_id = uuid.uuid4().hex[:12]
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("X-Request-Id", g.get("request_id", "-"))
        # A page may name a person; only the feeds and static files say otherwise themselves.
        headers.setdefault("Cache-Control", "private, no-cache")
        if secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        _log(response)
        return _compressed(response)

    app.wsgi_app = StaticFiles(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(static),
        prefix="static/",
        max_age=3600,
        immutable_file_test=lambda _path, url: False,
        add_headers_function=lambda headers, _path, url: headers.add_header("Vary", "Accept-Encoding"),
    )
    app.add_url_rule("/static/<path:filename>", endpoint="static", build_only=True)
    app.jinja_env.globals["static_url"] = lambda name: static_address(static, name)


class StaticFiles(WhiteNoise):
    """The static files; each is compressed once at the start, in memory: no copy on disk can be out of date."""

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> "Squeezed":
        return Squeezed(
            super().get_static_file(path, url, stat_cache), gzip.compress(Path(path).read_bytes(), 9, mtime=0)
        )


@dataclass(frozen=True)
class Squeezed:
    """A static file, and its bytes as gzip for those who take it."""

    plain: StaticFile
    squeezed: bytes

    def get_response(self, method: str, environ: Any) -> Any:
        response = self.plain.get_response(method, environ)
        # A range or a 304 stays what it is.
        if response.status is not HTTPStatus.OK or "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", ""):
            return response
        headers = [(name, value) for name, value in response.headers if name != "Content-Length"]
        headers += [("Content-Encoding", "gzip"), ("Content-Length", str(len(self.squeezed)))]
        if response.file is None:  # HEAD
            return Served(response.status, headers, None)
        response.file.close()
        return Served(response.status, headers, io.BytesIO(self.squeezed))


def static_address(folder: Path, name: str) -> str:
    """The address of a static file, with a hash of its content, so that a new version is a new address."""
    return url_for("static", filename=name, v=_digest(folder / name))


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def _log(response: Response) -> None:
    # The path of a personal feed or a registration is a secret: only its first part is written down.
    shown = request.path if len(request.path) < 40 else request.path[:24] + "…"
    took = (time.perf_counter() - g.started) * 1000 if "started" in g else 0.0
    log.info("%s %s %s %.0f ms", request.method, shown, response.status_code, took)


def _compressed(response: Response) -> Response:
    if (
        not request.accept_encodings.quality("gzip")
        or response.direct_passthrough
        or response.is_streamed
        or "Content-Encoding" in response.headers
        or not (
            (response.mimetype or "").startswith("text/") or response.mimetype in ("application/json", "image/svg+xml")
        )
    ):
        return response
    body = response.get_data()
    if len(body) < LEAST_WORTH_COMPRESSING:
        return response
    response.set_data(gzip.compress(body, compresslevel=5, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def plain_headers(**more: Any) -> dict[str, str]:
    """Headers for an answer that is no page: nothing inside it may load or run."""
    return {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        **more,
    }


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_answer(name: str, pieces: Iterable[bytes]) -> Response:
    """A list of records to be saved, as ``name``: for whoever counts or passes it on; any length, in pieces."""
    return _saved(name, pieces, "text/csv")


def sheet_answer(name: str, content: bytes) -> Response:
    """A workbook to be saved, as ``name``: what is printed, filled in, or mended and sent back."""
    return _saved(name, content, XLSX)


def _saved(name: str, content: bytes | Iterable[bytes], mimetype: str) -> Response:
    """A file of ours, whose ``name`` may be Chinese; what stands in it is nobody else's business."""
    plain = f'filename="{name}"' if name.isascii() else f"filename*=UTF-8''{quote(name, safe='')}"
    headers = {
        "Content-Disposition": f"attachment; {plain}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, mimetype=mimetype, headers=headers)
