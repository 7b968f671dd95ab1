"""Pages of judges and pages of organisers."""

from .judge import bp
from .manage import manage

__all__ = ["blueprints"]
blueprints = [bp, manage]
