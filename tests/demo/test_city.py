from datetime import UTC, datetime

import pytest
from flask import Flask

from kexie_events import demo
from kexie_events.demo import activities

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_half_a_city_is_no_city(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_: object) -> None:
        raise RuntimeError("the machine went down")

    monkeypatch.setattr(activities, "build", fall)
    with pytest.raises(RuntimeError, match="went down"):
        demo.load(NOW)
    assert demo.is_empty()
