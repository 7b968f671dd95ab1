"""Pages of hosts on the organiser's desk; they stand in its blueprint."""

from . import hosted, rotation

__all__ = ["hosted", "rotation"]
