import hashlib
import io

import pytest

from kexie_events.core.errors import NotFound, TooLarge
from kexie_events.core.storage import Storage


def test_the_same_content_is_kept_once_under_its_hash(tmp_path) -> None:
    storage = Storage(tmp_path)
    first = storage.keep(io.BytesIO(b"content"), largest=100)
    second = storage.keep(io.BytesIO(b"content"), largest=100)
    assert first == second
    assert first.sha256 == hashlib.sha256(b"content").hexdigest()
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"content"]
    with storage.open(first.sha256) as file:
        assert file.read() == b"content"


def test_too_much_is_refused_and_leaves_nothing(tmp_path) -> None:
    with pytest.raises(TooLarge):
        Storage(tmp_path).keep(io.BytesIO(b"12345"), largest=4)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_missing_content_is_not_found(tmp_path) -> None:
    with pytest.raises(NotFound):
        Storage(tmp_path).open("ab" * 32)
