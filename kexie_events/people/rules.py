"""One-time links: what they are for and how long they hold; what the audit of units and accounts tells."""

import enum
from datetime import datetime, timedelta

from ..core.access import Role


class LinkPurpose(enum.Enum):
    """What a one-time link is for (一次性链接). Either way it sets a password."""

    OPEN = "open"  # a new account
    RESET = "reset"  # a forgotten password


# Somebody opens their account when they have time; who has forgotten a password sits in front of the page.
LASTS = {LinkPurpose.OPEN: timedelta(days=7), LinkPurpose.RESET: timedelta(hours=2)}

LEAST_LEFT = timedelta(minutes=30)

# Roles that can be given in a unit. Judges are named in their round, administrators have no place.
UNIT_ROLES = (Role.ORGANIZER, Role.MENTOR, Role.GUARDIAN)


class Deed(enum.Enum):
    """What was done to a unit or an account, as the audit calls it (留痕动作)."""

    ACCOUNT_ADDED = "account.added"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_CLOSED = "account.closed"
    ACCOUNT_REOPENED = "account.reopened"
    GRANT_GIVEN = "grant.given"
    GRANT_WITHDRAWN = "grant.withdrawn"
    PASSWORD_SET = "password.set"  # noqa: S105 -- a verb, no password
    SESSIONS_ENDED = "sessions.ended"
    LINK_SENT = "link.sent"
    SUBSCRIPTION_ADDED = "subscription.added"
    SUBSCRIPTION_CHANGED = "subscription.changed"
    SUBSCRIPTION_ROTATED = "subscription.rotated"
    SUBSCRIPTION_REVOKED = "subscription.revoked"
    UNIT_ADDED = "unit.added"
    UNIT_CHANGED = "unit.changed"
    UNIT_CLOSED = "unit.closed"
    UNIT_REOPENED = "unit.reopened"


def expires_at(purpose: LinkPurpose, now: datetime) -> datetime:
    return now + LASTS[purpose]


def worth_another_letter(expires_at: datetime, now: datetime) -> bool:
    """Whether a link lasts long enough for somebody who asks again: a letter takes a while, and so does reading it."""
    return expires_at - now >= LEAST_LEFT


def usable(*, used_at: datetime | None, expires_at: datetime, now: datetime) -> bool:
    """Whether a link still opens: once, and before it expires. Source: docs/sources.md#half-open"""
    return used_at is None and now < expires_at
