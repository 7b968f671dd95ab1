"""Files by the hash of their content, on the local disk below KEXIE_DATA/files.

The stored name says nothing about the person or the file; the same content is kept once.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .errors import NotFound, TooLarge

CHUNK = 1 << 20


@dataclass(frozen=True)
class Stored:
    """What was kept: hex SHA-256, size in bytes, and the first bytes for telling its type."""

    sha256: str
    size: int
    head: bytes


class Storage:
    """A folder of files named by their own hash: ``ab/cdef…``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, source: BinaryIO, *, largest: int) -> Stored:
        """Store a stream, whole or not at all. ``largest`` in bytes. Raises: TooLarge."""
        self.folder.mkdir(parents=True, exist_ok=True)
        digest, size, head = hashlib.sha256(), 0, b""
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as draft:
            path = Path(draft.name)
            try:
                while chunk := source.read(CHUNK):
                    size += len(chunk)
                    if size > largest:
                        raise TooLarge("storage.too_large", largest_megabytes=largest // CHUNK)
                    head = head or chunk[:512]
                    digest.update(chunk)
                    draft.write(chunk)
                draft.flush()
                os.fsync(draft.fileno())
            except BaseException:
                path.unlink()
                raise
        target = self.path(digest.hexdigest())
        target.parent.mkdir(exist_ok=True)
        path.replace(target)
        return Stored(digest.hexdigest(), size, head)

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:]

    def open(self, sha256: str) -> BinaryIO:
        """Raises: NotFound when the content is not here."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise NotFound("storage.missing") from None
