"""Pages of judges and pages of organisers."""

from .judge import bp
from .manage import manage

blueprints = [bp, manage]
