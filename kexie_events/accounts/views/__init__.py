"""Signing in and out; one's own account."""

from . import own
from .sign import bp

__all__ = ["blueprints", "own"]
blueprints = [bp]
