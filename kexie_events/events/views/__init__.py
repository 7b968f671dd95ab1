"""Pages of visitors and of planners."""

from .manage import bp as manage
from .public import bp as public

__all__ = ["blueprints"]
blueprints = [public, manage]
