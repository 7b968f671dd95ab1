"""Every table, imported in the order of the house, so that the metadata is whole."""

from .accounts import models as accounts
from .agenda import models as agenda
from .audit import models as audit
from .contests import models as contests
from .core.db import db
from .days import models as days
from .entries import models as entries
from .events import models as events
from .events.hosting import models as hosting
from .feeds import models as feeds
from .imports import models as imports
from .judging import models as judging
from .messages import models as messages
from .operations import models as operations
from .people import models as people
from .registrations import models as registrations
from .results import models as results
from .sites import models as sites
from .units import models as units
from .worklist import models as worklist

__all__ = [
    "accounts",
    "agenda",
    "audit",
    "contests",
    "days",
    "db",
    "entries",
    "events",
    "feeds",
    "hosting",
    "imports",
    "judging",
    "messages",
    "operations",
    "people",
    "registrations",
    "results",
    "sites",
    "units",
    "worklist",
]  # fmt: skip

metadata = db.metadata
