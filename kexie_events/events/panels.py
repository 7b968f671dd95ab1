"""Sections of an edition's page that higher rooms fill: what is judged and how, public notices.

Events stand below those rooms and cannot ask them: ``wiring`` names who fills these, and in which order.
"""

from collections.abc import Callable
from datetime import datetime

from markupsafe import Markup

from ..core.access import Actor
from .models import Edition

# A finished section, or None when there is nothing to show.
Panel = Callable[[Edition, Actor, datetime], Markup | None]
PANELS: list[Panel] = []
# The same for the edition's page on the desk.
DESK_PANELS: list[Panel] = []
