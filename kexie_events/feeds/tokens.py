"""The secret part of a personal calendar's address. Pure."""

import hashlib
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

RANDOM_BYTES = 20
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def new_token() -> str:
    """160 random bits and a checksum, 32 characters. The checksum keeps a flood of made-up tokens away from the
    database; it is no signature and carries nothing about the person."""
    return token_of(secrets.token_bytes(RANDOM_BYTES))


def token_of(drawn: bytes) -> str:
    """The token of random bytes, of which the first 20 count."""
    drawn = drawn[:RANDOM_BYTES]
    return urlsafe_b64encode(drawn + _checksum(drawn)).decode()


def can_be_token(text: str) -> bool:
    """Whether the text was ever made by ``new_token``; False needs no look at the database."""
    if _TOKEN.fullmatch(text) is None:
        return False
    raw = urlsafe_b64decode(text)
    return raw[RANDOM_BYTES:] == _checksum(raw[:RANDOM_BYTES])


def _checksum(drawn: bytes) -> bytes:
    return hashlib.sha256(b"kexie-events feed" + drawn).digest()[:4]
