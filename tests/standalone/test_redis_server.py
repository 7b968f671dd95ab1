import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from kexie_events.standalone import redis_server
from kexie_events.standalone.server import Server, ports


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("数据 'a\"b" + "很长" * 20)


@pytest.fixture
def server(data: Path) -> Iterator[Server]:
    server = redis_server.start(data)
    yield server
    server.stop()


def _ping(url: str) -> bool:
    with redis.Redis.from_url(url) as client:
        return bool(client.ping())


def test_it_answers_to_the_password_and_to_nobody_else(server: Server) -> None:
    assert _ping(server.url)
    with pytest.raises(redis.AuthenticationError):
        _ping(f"redis://127.0.0.1:{server.port}/0")


def test_it_is_gone_after_a_stop_and_comes_back_at_the_same_address(data: Path) -> None:
    first = redis_server.start(data)
    first.stop()
    with pytest.raises(redis.ConnectionError):
        _ping(first.url)
    second = redis_server.start(data)
    try:
        assert (second.url, _ping(second.url)) == (first.url, True)
    finally:
        second.stop()


def test_one_that_still_runs_on_the_same_folder_is_stopped_first(data: Path) -> None:
    first = redis_server.start(data)
    second = redis_server.start(data)
    try:
        assert (first.process.wait(5), _ping(second.url)) == (0, True)
    finally:
        second.stop()


def test_after_a_kill_it_starts_again(data: Path) -> None:
    first = redis_server.start(data)
    os.kill(first.pid, signal.SIGKILL)
    first.process.wait()
    second = redis_server.start(data, port=first.port)
    try:
        assert (second.url, _ping(second.url)) == (first.url, True)
    finally:
        second.stop()


def test_a_port_that_is_taken_is_passed_over(data: Path) -> None:
    wanted = next(ports(data / "redis"))
    with socket.create_server(("127.0.0.1", wanted)):
        server = redis_server.start(data)
        try:
            assert (server.port != wanted, _ping(server.url)) == (True, True)
        finally:
            server.stop()
