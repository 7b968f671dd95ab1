"""States of exchanges and of asking for approval, what a sound request is, whom an issue can be given to."""

import enum
from dataclasses import dataclass

from ...core.errors import RuleBroken
from ..rules import LONGEST_NAME


class SwapState(enum.Enum):
    """What became of an exchange of issues between two hosts (对调状态)."""

    ASKED = "asked"
    DONE = "done"
    DECLINED = "declined"
    TAKEN_BACK = "taken_back"


class RequestState(enum.Enum):
    """What became of asking for approval (备案申请状态)."""

    ASKED = "asked"
    APPROVED = "approved"
    RETURNED = "returned"


LONGEST_GUESTS = 2000  # characters, of who is expected


def check_request(theme: str, guests: str) -> None:
    """Raises: RuleBroken when nobody could decide on it: without a theme, or without saying who comes."""
    if not 1 <= len(theme) <= LONGEST_NAME:
        raise RuleBroken("event.theme", most=LONGEST_NAME)
    if not 1 <= len(guests) <= LONGEST_GUESTS:
        raise RuleBroken("event.guests", most=LONGEST_GUESTS)


@dataclass(frozen=True)
class Exchange:
    """Two issues and who ran each when the page was made."""

    first_edition_id: int
    second_edition_id: int
    first_unit_id: int
    second_unit_id: int
