"""The secret link of a registration: who was not signed in comes back by it. Computed, never stored.

A code is 34 characters: 130 bits of HMAC-SHA-256 over the id, then the id, masked so that codes do not count how
many registrations there are. Whoever changes SECRET_KEY ends all links.
"""

import base64
import hmac
import re

from ..core.seal import seal

_PROOF = 26  # characters of base32, 5 bits each
_MASKED = 8  # characters: 40 bits for the id
_SHAPE = re.compile(rf"[a-z2-7]{{{_PROOF + _MASKED}}}")


def code_of(registration_id: int) -> str:
    proof = _base32(seal("registration", f"registration:{registration_id}"))[:_PROOF]
    masked = (registration_id ^ _mask(proof)).to_bytes(5, "big")
    return proof + _base32(masked)


def id_of(code: str) -> int | None:
    """The registration that a code names; None when we made no such code. Compared in constant time."""
    if not _SHAPE.fullmatch(code):
        return None
    proof, masked = code[:_PROOF], code[_PROOF:]
    found = int.from_bytes(base64.b32decode(masked.upper()), "big") ^ _mask(proof)
    return found if hmac.compare_digest(code_of(found), code) and found < 2**31 else None


def address(registration_id: int) -> str:
    """The path of a registration's page."""
    return f"/registrations/{code_of(registration_id)}"


def _mask(proof: str) -> int:
    return int.from_bytes(seal("registration", f"mask:{proof}")[:5], "big")


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
