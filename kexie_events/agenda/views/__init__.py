"""The pages of an agenda: what everybody reads, and what is planned on the desk."""

from . import days, desk, forums, guests, proposals, public, releases

blueprints = [public.bp, desk.bp]

__all__ = ["blueprints", "days", "desk", "forums", "guests", "proposals", "public", "releases"]
