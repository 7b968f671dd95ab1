"""Message authentication under keys that follow from SECRET_KEY, one for each purpose."""

import hashlib
import hmac

from .installation import settings


def seal(purpose: str, text: str) -> bytes:
    """HMAC-SHA-256 of ``text``, 32 bytes. Who knows the seals of one purpose knows none of another."""
    key = hashlib.sha256(f"{purpose}:{settings().secret_key}".encode()).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
