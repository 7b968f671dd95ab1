"""Answers for programs: public, the same bytes until something changes, and asked for again at no cost."""

import gzip
import hashlib
import json
from http import HTTPStatus
from typing import Any

from flask import Response, request

from .http import LEAST_WORTH_COMPRESSING, plain_headers

API = "/api/v1/"  # below it everything is said to programs, errors too
_ASKED_BY_SCRIPTS = "If-None-Match"


def public_answer(body: bytes, mimetype: str, *, fresh_seconds: int) -> Response:
    """``body`` with a strong ETag for each of its two forms, plain and gzip, and 304 for who has it already.

    Without Last-Modified: what is put together from many rows has no one date that rises whenever its bytes change. The
    same for everybody: it must not depend on who asks. Source: docs/sources.md#conditional-requests
    """
    digest = hashlib.sha256(body).hexdigest()[:32]
    squeezed = len(body) >= LEAST_WORTH_COMPRESSING and bool(request.accept_encodings.quality("gzip"))
    headers = plain_headers(
        **{"Cache-Control": f"public, max-age={fresh_seconds}, stale-if-error=86400", "Vary": "Accept-Encoding"}
    )
    response = Response(body, content_type=f"{mimetype}; charset=utf-8", headers=headers)
    response.set_etag(f"{digest}-gzip" if squeezed else digest)
    response.make_conditional(request)
    if response.status_code != 200:  # 304, or 412 for who wanted another one
        response.set_data(b"")
    elif squeezed:
        response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def problem(status: int, detail: str, code: str, parameter: str = "") -> Response:
    """A refusal as a program reads it: ``code`` and, where one is to blame, ``parameter`` besides words for people.

    Source: docs/sources.md#problem-details
    """
    known = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    named = {name: value for name, value in (("code", code), ("parameter", parameter)) if value}
    response = Response(
        json_bytes({name: value for name, value in known.items() if value} | named),
        status=status,
        mimetype="application/problem+json",
        headers=plain_headers(**{"Cache-Control": "no-store", "Vary": "Accept-Language"}),
    )
    return open_to_all(response)


def open_to_all(response: Response) -> Response:
    """Readable by scripts of every site: it is public, and no cookie is looked at. Source: docs/sources.md#cors"""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = _ASKED_BY_SCRIPTS
        response.headers["Access-Control-Max-Age"] = "86400"
        response.headers["Cache-Control"] = "public, max-age=86400"
    return response
