"""Answers for programs: public, the same bytes until something changes, and asked for again at no cost."""

import gzip
import hashlib
from datetime import datetime

from flask import Response, request

from .http import LEAST_WORTH_COMPRESSING, plain_headers


def public_answer(body: bytes, mimetype: str, *, modified_at: datetime | None, fresh_seconds: int) -> Response:
    """``body`` with a strong ETag for each of its two forms, plain and gzip, and 304 for who has it already.

    ``modified_at``: of the last change of what was read, never the time of the request; None when nothing tells.
    The same for everybody: it must not depend on who asks. Source: docs/sources.md#conditional-requests
    """
    digest = hashlib.sha256(body).hexdigest()[:32]
    squeezed = len(body) >= LEAST_WORTH_COMPRESSING and bool(request.accept_encodings.quality("gzip"))
    headers = plain_headers(
        **{"Cache-Control": f"public, max-age={fresh_seconds}, stale-if-error=86400", "Vary": "Accept-Encoding"}
    )
    response = Response(body, content_type=f"{mimetype}; charset=utf-8", headers=headers)
    response.set_etag(f"{digest}-gzip" if squeezed else digest)
    if modified_at is not None:
        response.last_modified = modified_at
    response.make_conditional(request)
    if response.status_code != 200:  # 304, or 412 for who wanted another one
        response.set_data(b"")
    elif squeezed:
        response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
