from dataclasses import replace
from pathlib import Path

import pytest
from flask import request

import config
from kexie_events import create_app


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"), ("PORT", "0"), ("PORT", "70000"), ("PORT", "８０"), ("WEB_CONCURRENCY", "-1"),
        ("KEXIE_TZ", "Mars"), ("KEXIE_TZ", "America"), ("KEXIE_TZ", "../etc"), ("SECRET_KEY", "short"),
        ("DATABASE_URL", "mysql://x/y"), ("DATABASE_URL", "postgresql://[::x/y"), ("REDIS_URL", "http://x"),
        ("KEXIE_MAIL_URL", "x"), ("KEXIE_DEMO", "perhaps"), ("KEXIE_BASE_URL", "nope"), ("KEXIE_BASE_URL", "http://[x"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_with_what_it_was(tmp_path, name, value) -> None:
    with pytest.raises(config.WrongSetting) as refused:
        config.read({"KEXIE_DATA": str(tmp_path), name: value})
    assert str(refused.value).startswith(name)


def test_a_folder_that_cannot_be_written_is_named() -> None:
    with pytest.raises(config.WrongSetting, match="KEXIE_DATA must be a folder that can be written"):
        config.read({"KEXIE_DATA": "/dev/null/kexie"})


def test_a_key_is_made_once_and_kept(tmp_path) -> None:
    first = config.read({"KEXIE_DATA": str(tmp_path)})
    assert config.read({"KEXIE_DATA": str(tmp_path)}).secret_key == first.secret_key
    assert len(first.secret_key) == 64
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_an_empty_database_gets_the_demo_unless_told_otherwise(tmp_path) -> None:
    here = {"KEXIE_DATA": str(tmp_path)}
    assert [config.read({**here, "KEXIE_DEMO": text}).demo for text in ("", "yes", "No")] == [True, True, False]


def test_a_forwarded_address_is_believed_only_as_many_steps_as_there_are_proxies(tmp_path: Path) -> None:
    here = config.read({"KEXIE_DATA": str(tmp_path)})
    for proxies, seen in ((0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7")):
        app = create_app(replace(here, proxies=proxies))
        told: list[str | None] = []
        app.before_request(lambda told=told: told.append(request.remote_addr))
        app.test_client().get("/healthz", headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})
        assert told == [seen]
