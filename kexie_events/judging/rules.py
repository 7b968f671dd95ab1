"""States of rounds, sheets and recusals; what a sound score sheet is."""

import enum


class RoundState(enum.Enum):
    """Where a round stands (评审轮状态)."""

    SETTING_UP = "setting_up"
    OPEN = "open"
    CLOSED = "closed"


class SheetState(enum.Enum):
    """Where a score sheet stands (评分表状态)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


class RecusalSource(enum.Enum):
    """Who says that a judge must not score an entry (回避来源)."""

    DECLARED = "declared"  # the judge
    OWN_UNIT = "own_unit"  # derived: the judge's own school or unit
    OWN_DISTRICT = "own_district"  # derived, where the rules forbid it
    ORGANIZER = "organizer"
