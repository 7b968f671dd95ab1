import gzip
import json

import pytest
from flask import Flask, Response

from kexie_events.core.answers import json_bytes, open_to_all, problem, public_answer
from kexie_events.core.http import LEAST_WORTH_COMPRESSING

LONG = b"x" * LEAST_WORTH_COMPRESSING


def answer(app: Flask, body: bytes = LONG, **headers: str) -> Response:
    with app.test_request_context(headers={name.replace("_", "-"): value for name, value in headers.items()}):
        return public_answer(body, "text/plain", fresh_seconds=60)


def test_equal_bytes_have_equal_tags_and_other_bytes_others(app: Flask) -> None:
    first, again, other = answer(app), answer(app), answer(app, LONG + b"x")
    assert first.headers["ETag"] == again.headers["ETag"] != other.headers["ETag"]
    assert "Last-Modified" not in first.headers


def test_gzip_is_given_to_who_takes_it_and_only_where_it_pays(app: Flask) -> None:
    squeezed = answer(app, Accept_Encoding="gzip")
    assert gzip.decompress(squeezed.data) == LONG
    assert squeezed.headers["ETag"] != answer(app).headers["ETag"]
    assert answer(app, Accept_Encoding="gzip").data == squeezed.data
    short = answer(app, b"x", Accept_Encoding="gzip")
    assert (short.data, "Content-Encoding" in short.headers) == (b"x", False)
    for refused in ("", "identity", "gzip;q=0", "br"):
        assert answer(app, Accept_Encoding=refused).data == LONG


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_Modified_Since": "Fri, 11 Mar 2050 04:00:00 GMT"}, 200),  # no date says whether the bytes are the same
        ({"If_Match": '"other"'}, 412),
    ],
)
def test_what_somebody_has_is_not_sent_again(app: Flask, headers: dict[str, str], status: int) -> None:
    found = answer(app, Accept_Encoding="gzip", **headers)
    assert found.status_code == status
    assert (found.data == b"") == (status != 200)


def test_a_problem_says_what_is_known_and_no_more(app: Flask) -> None:
    with app.test_request_context():
        bare, full = problem(404, "", ""), problem(422, "原因", "api.number", "limit")
    assert json.loads(bare.data) == {"type": "about:blank", "title": "Not Found", "status": 404}
    assert json.loads(full.data) == {
        "type": "about:blank", "title": json.loads(full.data)["title"], "status": 422, "detail": "原因",
        "code": "api.number", "parameter": "limit",
    }  # fmt: skip
    assert full.headers["Content-Type"] == "application/problem+json"


def test_other_sites_are_told_what_they_may_ask_only_when_they_ask(app: Flask) -> None:
    with app.test_request_context(method="OPTIONS"):
        asked = open_to_all(Response())
    with app.test_request_context():
        plain = open_to_all(Response())
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "Access-Control-Allow-Methods" not in plain.headers
    assert json_bytes({"中": [1]}) == '{"中":[1]}'.encode()
