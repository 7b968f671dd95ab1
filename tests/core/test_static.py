"""Static files travel compressed to whoever takes it, and whole to everybody else."""

import gzip

from flask.testing import FlaskClient

import kexie_events

SHEET = "/static/css/app.css"
CONTENT = (kexie_events.ROOT / "static" / "css" / "app.css").read_bytes()


def test_a_browser_gets_a_style_sheet_compressed(client: FlaskClient) -> None:
    answer = client.get(SHEET, headers={"Accept-Encoding": "gzip, br"})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(answer.data) == CONTENT
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_who_does_not_ask_for_gzip_gets_the_file_as_it_is(client: FlaskClient) -> None:
    with client.get(SHEET) as answer:
        assert (answer.status_code, answer.data) == (200, CONTENT)
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_a_range_is_of_the_file_itself(client: FlaskClient) -> None:
    with client.get(SHEET, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"}) as answer:
        assert (answer.status_code, answer.data) == (206, CONTENT[:10])
    assert "Content-Encoding" not in answer.headers


def test_a_file_that_one_has_is_not_sent_again(client: FlaskClient) -> None:
    etag = client.get(SHEET, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    answer = client.get(SHEET, headers={"Accept-Encoding": "gzip", "If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")


def test_asking_for_the_head_tells_the_compressed_length(client: FlaskClient) -> None:
    whole = client.get(SHEET, headers={"Accept-Encoding": "gzip"})
    head = client.head(SHEET, headers={"Accept-Encoding": "gzip"})
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]
