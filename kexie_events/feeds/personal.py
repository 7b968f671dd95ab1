"""What a person can have in a calendar of their own. Pure."""

from collections.abc import Collection

from ..core.errors import RuleBroken
from .rules import PersonalPart

EVERY_PART = frozenset(PersonalPart)


def offered_parts(*, judges: bool) -> tuple[PersonalPart, ...]:
    """What there is to choose from, in its order: everybody may register and file works, not everybody judges."""
    return tuple(part for part in PersonalPart if judges or part is not PersonalPart.JUDGING)


def chosen_parts(
    ticked: Collection[PersonalPart], offered: Collection[PersonalPart], stands: Collection[PersonalPart] = ()
) -> frozenset[PersonalPart]:
    """What a form means: what was ticked, and what stands but was not on offer, which nobody could untick."""
    return frozenset(ticked) & frozenset(offered) | (frozenset(stands) - frozenset(offered))


def checked_parts(parts: Collection[PersonalPart]) -> frozenset[PersonalPart]:
    """Raises: RuleBroken("feed.parts") for a calendar of nothing."""
    if not parts:
        raise RuleBroken("feed.parts")
    return frozenset(parts)
