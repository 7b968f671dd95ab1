from flask import Flask
from flask.testing import FlaskClient

from kexie_events.accounts import limits, services
from kexie_events.core import clock
from kexie_events.core.access import SYSTEM
from tests.build import make_account

PASSWORD = "correct horse"


def add() -> None:
    hashed = services.hash_password(PASSWORD)
    services.add_account("li@example.org", hashed, "李明", actor=SYSTEM, now=clock.now())


def test_signing_in_leads_to_where_one_wanted_to_go(app: Flask, client: FlaskClient) -> None:
    add()
    gate = client.get("/entries/5")
    assert gate.status_code == 303
    assert gate.headers["Location"] == "/sign-in?next=/entries/5"
    answer = client.post("/sign-in", data={"identifier": "li@example.org", "password": PASSWORD, "next": "/entries/5"})
    assert answer.headers["Location"] == "/entries/5"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/entries/5").status_code == 404


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(app: Flask, client: FlaskClient) -> None:
    add()
    answer = client.post("/sign-in", data={"identifier": "li@example.org", "password": "wrong"})
    assert answer.status_code == 422
    assert "邮箱或密码不对" in answer.text
    assert 'value="li@example.org"' in answer.text
    assert "wrong" not in answer.text


def test_too_many_tries_are_slowed(app: Flask, client: FlaskClient, monkeypatch) -> None:
    monkeypatch.setattr(limits, "PER_IDENTIFIER", limits.RateLimitItemPerMinute(2, 5))
    attempt = {"identifier": "flood@example.org", "password": "wrong"}
    codes = [client.post("/sign-in", data=attempt).status_code for _ in range(3)]
    assert codes == [422, 422, 429]


def test_signing_out_ends_the_session_on_the_server(app: Flask, as_user) -> None:
    visitor = as_user(make_account().id)
    token = visitor.get_cookie("sign-in").value
    assert visitor.post("/sign-out").status_code == 303
    visitor.set_cookie("sign-in", token)
    assert visitor.get("/entries/5").headers["Location"].startswith("/sign-in")


def test_behind_tls_the_session_belongs_to_this_host_alone(app: Flask, client: FlaskClient, monkeypatch) -> None:
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)
    add()
    form, there = {"identifier": "li@example.org", "password": PASSWORD}, "https://kexie.test"
    given = client.post("/sign-in", data=form, base_url=there).headers["Set-Cookie"]
    assert given.startswith("__Host-sign-in=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(given.split("; "))
    assert "Domain" not in given
    assert client.get("/me", base_url=there).status_code == 200
    taken = client.post("/sign-out", base_url=there).headers["Set-Cookie"]
    assert taken.startswith("__Host-sign-in=;")
    assert "Secure" in taken
    # A name that a neighbour's page could set is not looked at.
    client.set_cookie("sign-in", given.split("=")[1].split(";")[0], domain="kexie.test")
    assert client.get("/me", base_url=there).headers["Location"].startswith("/sign-in")


def test_a_removed_role_is_gone_at_the_next_request(app: Flask, as_user) -> None:
    from kexie_events.accounts.models import Grant
    from kexie_events.core.access import Role
    from kexie_events.core.db import db
    from tests.build import make_grant

    account = make_account()
    grant = make_grant(account, Role.ADMINISTRATOR)
    visitor = as_user(account.id)
    assert visitor.get("/manage/work-list").status_code == 200
    db.session.delete(db.session.get(Grant, grant.id))
    db.session.commit()
    assert visitor.get("/manage/work-list").status_code == 404


def test_signing_in_rightly_is_never_too_often(app: Flask, monkeypatch) -> None:
    monkeypatch.setattr(limits, "PER_IDENTIFIER", limits.RateLimitItemPerMinute(2, 5))
    add()
    right = {"identifier": "li@example.org", "password": PASSWORD}
    assert [app.test_client().post("/sign-in", data=right).status_code for _ in range(4)] == [303] * 4
