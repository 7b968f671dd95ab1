"""States of a registration and the small rules around a seat."""

import enum


class RegistrationState(enum.Enum):
    """Where a registration stands (报名状态). The page shows the value as ``data-state``."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
