"""The desk's pages of units, accounts and roles; the pages behind a letter."""

from . import accounts, audit, links, roles, units
from .desk import bp

__all__ = ["accounts", "audit", "blueprints", "links", "roles", "units"]
blueprints = [bp]
