"""How often somebody may fail to sign in, or ask for a link by letter.

Counted in Redis: it may slow a crowd, it never decides who is right.
"""

import contextlib

from flask import current_app
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from ..core.errors import TooMany
from ..core.installation import settings

PER_IDENTIFIER = RateLimitItemPerMinute(10, 5)  # one account: 10 tries in 5 minutes
PER_ADDRESS = RateLimitItemPerMinute(300, 5)  # a whole school shares one address

LINKS_PER_IDENTIFIER = RateLimitItemPerMinute(3, 15)  # letters to one address
LINKS_PER_ADDRESS = RateLimitItemPerMinute(60, 15)


def slow_down(identifier: str, address: str) -> None:
    """Raises: TooMany when this name or this address failed too often. Without Redis nobody is slowed."""
    limiter = _limiter()
    try:
        allowed = limiter.test(PER_IDENTIFIER, "sign-in", identifier) and limiter.test(PER_ADDRESS, "address", address)
    except RedisError:
        current_app.logger.warning("sign-in limits are off: Redis does not answer")
        return
    if not allowed:
        raise TooMany("account.too_many", retry_after_seconds=300)


def count_failure(identifier: str, address: str) -> None:
    """Only failures are counted: who signs in rightly, however often, is no guesser."""
    limiter = _limiter()
    with contextlib.suppress(RedisError):
        limiter.hit(PER_IDENTIFIER, "sign-in", identifier)
        limiter.hit(PER_ADDRESS, "address", address)


def count_link(identifier: str, address: str) -> None:
    """Count somebody's wish for a link, whether or not there is such an account.

    Raises: TooMany. Without Redis nobody is slowed; the pause between two letters to one account holds all the same.
    """
    limiter = _limiter()
    try:
        allowed = limiter.hit(LINKS_PER_IDENTIFIER, "link", identifier) and limiter.hit(
            LINKS_PER_ADDRESS, "link-address", address
        )
    except RedisError:
        current_app.logger.warning("limits of one-time links are off: Redis does not answer")
        return
    if not allowed:
        raise TooMany("account.too_many_links", retry_after_seconds=900)


def _limiter() -> FixedWindowRateLimiter:
    extensions = current_app.extensions
    if "sign_in_limiter" not in extensions:
        url = settings().redis_url
        extensions["sign_in_limiter"] = FixedWindowRateLimiter(storage_from_string(url or "memory://"))
    limiter: FixedWindowRateLimiter = extensions["sign_in_limiter"]
    return limiter
