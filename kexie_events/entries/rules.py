"""States of an entry, what may be uploaded, and who may be in a team."""

import enum

from ..core.errors import RuleBroken


class EntryState(enum.Enum):
    """Where an entry stands (申报状态)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


# Content decides the type; the ending only names it. Source: docs/sources.md#file-types
SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "application/pdf", "PDF"),
    (b"\xff\xd8\xff", "image/jpeg", "JPG"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "PNG"),
)


def media_type(head: bytes) -> str:
    """The type that the first bytes say. Raises: RuleBroken("entry.file_type") for anything not on the list."""
    for signature, kind, _ in SIGNATURES:
        if head.startswith(signature):
            return kind
    raise RuleBroken("entry.file_type", taken="、".join(name for _, _, name in SIGNATURES))
