"""The token of a one-time link: computed when its letter is written, so that no table and no queue ever holds it.

A token is 43 characters: HMAC-SHA-256, under a key that follows from SECRET_KEY, of what the row says. Time and
account are part of it: after a restored backup an id may come again, and an old letter must not open the new row.
"""

import base64
from datetime import datetime

from ..core import installation
from ..core.db import one
from ..core.seal import seal
from .models import PasswordLink


def token_of(link_id: int, account_id: int, created_at: datetime) -> str:
    proof = seal("password-link", f"{link_id}:{account_id}:{created_at.timestamp():.6f}")
    return base64.urlsafe_b64encode(proof).decode().rstrip("=")


def address(link_id: int) -> str:
    """The absolute address of a link, for its letter."""
    row = one(PasswordLink, link_id)
    return installation.external(f"/set-password/{token_of(row.id, row.account_id, row.created_at)}")
