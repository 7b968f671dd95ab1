from dataclasses import replace

import pytest
from flask import Flask

from kexie_events import create_app
from kexie_events.core import web


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/me?x=1", "/me?x=1"),
        ("//evil.example", "/home"),
        ("/\\evil.example", "/home"),
        ("https://evil.example", "/home"),
        ("javascript:alert(1)", "/home"),
        ("/me\r\nSet-Cookie: a=b", "/home"),
        ("", "/home"),
        (None, "/home"),
    ],
)
def test_after_signing_in_nobody_leaves_the_site(target, leads_to) -> None:
    assert web.safe_next(target, "/home") == leads_to


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("-1", 1), ("٣", 1), ("9" * 12, 1), (None, 1), ("1e3", 1)])
def test_a_page_number_is_a_plain_small_number(text, number) -> None:
    assert web.whole_number(text, 1) == number


def test_text_of_strangers_is_escaped_in_paragraphs() -> None:
    assert web.plain("<b>一</b>\r\n二\n\n三") == "<p>&lt;b&gt;一&lt;/b&gt;<br>二</p><p>三</p>"


def test_json_for_machines_cannot_end_its_element() -> None:
    assert "</script><script>" not in web.json_ld({"name": "</script><script>alert(1)</script>"})


def test_a_filter_goes_back_to_the_first_page_and_an_empty_one_disappears(app: Flask) -> None:
    with app.test_request_context("/list?page=3&kind=a&q=x"):
        assert web.page_url(kind="b") == "/list?kind=b&q=x"
        assert web.page_url(kind=None) == "/list?q=x"
        assert web.page_url(page=4) == "/list?page=4&kind=a&q=x"


def test_an_id_too_long_for_a_key_is_no_address(client) -> None:
    assert client.get("/entries/99999999999999999999").status_code == 404


@pytest.mark.parametrize("digits", ["%D9%A3", "%EF%BC%93", "-1", "0"])
def test_an_id_is_written_in_plain_digits(client, digits) -> None:
    assert client.get(f"/occurrences/{digits}").status_code == 404
    assert client.get(f"/entries/{digits}").status_code == 404


def test_who_has_signed_out_is_led_to_the_door_and_told_when_something_was_sent(client) -> None:
    assert client.head("/me").headers["Location"] == client.get("/me").headers["Location"] == "/sign-in?next=/me"
    sent = client.post("/subscribe/personal", data={"label": "手机"})
    assert (sent.status_code, "什么也没有保存。请另开一个标签页登录" in sent.text) == (403, True)


def test_every_answer_carries_the_headers_that_keep_a_page_to_itself(client) -> None:
    answer = client.get("/sign-in")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_a_form_without_its_token_is_refused_and_says_what_to_do(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = app.test_client().post("/sign-in", data={"identifier": "a", "password": "b"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 422
    assert "页面已过期" in answer.text


def test_a_language_asked_for_is_remembered(client) -> None:
    assert '<html lang="en"' in client.get("/sign-in?lang=en").text
    assert '<html lang="en"' in client.get("/sign-in").text
    assert '<html lang="zh-CN"' in client.get("/sign-in?lang=zh").text


def test_while_the_database_is_away_the_answer_is_503_and_says_when_to_come_again(settings) -> None:
    nowhere = create_app(replace(settings, database_url="postgresql+psycopg://nobody@127.0.0.1:9/kexie"))
    answer = nowhere.test_client().get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("body", ['{"note": "\\ud800"}', "[" * 100_000, "{", ""])
def test_json_that_is_none_is_nothing_rather_than_a_fault(app: Flask, body: str) -> None:
    with app.test_request_context("/", method="PUT", data=body, content_type="application/json"):
        assert web.sent_json() is None
