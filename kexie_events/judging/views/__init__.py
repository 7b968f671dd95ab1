"""Pages of judges and pages of organisers. Loading them also says that a role can be given for a round."""

from .. import subjects
from .judge import bp
from .manage import manage

__all__ = ["blueprints", "subjects"]
blueprints = [bp, manage]
