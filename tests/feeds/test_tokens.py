"""Tokens: random, checked without the database."""

from base64 import urlsafe_b64decode

import pytest

from kexie_events.feeds.tokens import can_be_token, new_token


def test_a_token_is_32_characters_of_which_20_bytes_are_random() -> None:
    tokens = {new_token() for _ in range(100)}
    assert {len(token) for token in tokens} == {32}
    assert len({urlsafe_b64decode(token)[:20] for token in tokens}) == 100
    assert all(can_be_token(token) for token in tokens)


def test_a_token_with_one_other_character_was_never_made() -> None:
    token = new_token()
    for place in range(32):
        other = "A" if token[place] != "A" else "B"
        assert not can_be_token(token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize("text", ["", "x", "A" * 31, "A" * 32, "A" * 33, "é" * 32, "AAAA AAAA", "A" * 31 + "\n"])
def test_what_is_no_token_is_told_by_its_looks(text: str) -> None:
    assert not can_be_token(text)
