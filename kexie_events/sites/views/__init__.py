"""Pages of campaigns: for visitors, for declaring units, for those who check."""

from . import board, one, public, sheet, summing
from .desk import bp as desk

blueprints = [public.bp, desk]

__all__ = ["blueprints", "board", "one", "sheet", "summing"]
