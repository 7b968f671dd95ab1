"""The pages of the work list."""

from . import board, importing, items, reporting, settings
from .desk import bp

__all__ = ["board", "importing", "items", "reporting", "settings"]

blueprints = [bp]
