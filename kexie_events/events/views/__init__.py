"""Pages of visitors and of planners."""

from ..hosting import views as hosting
from ..patterns import views as patterns
from .manage import bp as manage
from .public import bp as public

__all__ = ["blueprints", "hosting", "patterns"]
blueprints = [public, manage]
