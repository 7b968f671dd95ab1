"""Pages of importing: what is brought, the preview, the addresses that are kept."""

from . import preview, sources, start
from .desk import bp, desk_panel, waiting

blueprints = [bp]

__all__ = ["blueprints", "desk_panel", "preview", "sources", "start", "waiting"]
