"""Pages of visitors and of planners. Loading them also says what of events a role can be given for."""

from .. import subjects
from .manage import bp as manage
from .public import bp as public

__all__ = ["blueprints", "subjects"]
blueprints = [public, manage]
