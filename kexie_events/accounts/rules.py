"""Identifiers, names, phones, passwords: how they are written down, and when they are refused."""

import enum
import hashlib
import re
import unicodedata
from datetime import timedelta

from ..core.errors import RuleBroken
from ..core.text import one_line

SESSION_LASTS = timedelta(days=14)
LONGEST_PASSWORD = 200  # characters; a hash of megabytes is a way to keep us busy
SHORTEST_PASSWORD = 10  # characters; length is what makes guessing slow
FEWEST_CHARACTERS = 5  # different ones in a password
NO_PASSWORD = ""  # what stands for the hash until somebody has set a password


class AccountState(enum.Enum):
    """Whether somebody can sign in (账号状态)."""

    INVITED = "invited"  # has not set a password yet
    ACTIVE = "active"
    CLOSED = "closed"


def account_state(*, active: bool, password_hash: str) -> AccountState:
    if not active:
        return AccountState.CLOSED
    return AccountState.INVITED if password_hash == NO_PASSWORD else AccountState.ACTIVE


def email(text: str) -> str:
    """An address to which letters can go, as an identifier. Raises: RuleBroken("account.email")."""
    clean = identifier(text)
    if len(clean) > 200 or not re.fullmatch(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+", clean):
        raise RuleBroken("account.email")
    return clean


def check_password(password: str, name: str) -> None:
    """A password that somebody wants to set; ``name``: their identifier, which everybody knows.

    Raises: RuleBroken("account.password_short", …), RuleBroken("account.password_long", …),
    RuleBroken("account.password_obvious").  Source: docs/sources.md#passwords
    """
    if len(password) < SHORTEST_PASSWORD:
        raise RuleBroken("account.password_short", least=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise RuleBroken("account.password_long", most=LONGEST_PASSWORD)
    lower, local = password.lower(), name.partition("@")[0]
    rest = lower.replace(local, "") if len(local) >= 3 else lower
    if len(set(lower)) < FEWEST_CHARACTERS or len(rest) < SHORTEST_PASSWORD // 2 or _is_a_row(lower):
        raise RuleBroken("account.password_obvious")


def _is_a_row(text: str) -> bool:
    """1234567890, abcdefghij and the rows of a keyboard, in either direction."""
    rows = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
    return any(text in row or text in row[::-1] for row in rows)


def check_administrators(left: int) -> None:
    """``left``: how many administrators without an end date could still sign in afterwards.

    Raises: RuleBroken("account.last_administrator").
    """
    if left < 1:
        raise RuleBroken("account.last_administrator")


def token_hash(token: str) -> str:
    """What the database keeps of a secret token. It has 128 random bits or more, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def identifier(text: str) -> str:
    """An e-mail address as an identifier: trimmed, composed, lower case, nothing invisible. What the database would
    leave out is left out before anything is counted by it."""
    return one_line(unicodedata.normalize("NFKC", text)).lower()


def person_name(text: str) -> str:
    """A name as it is kept: composed, without control and zero-width characters, spaces folded.

    Raises: RuleBroken("person.name") when nothing is left or it is longer than 60 characters.
    """
    name = one_line(text)
    if not 1 <= len(name) <= 60:
        raise RuleBroken("person.name", most=60)
    return name


def phone(text: str) -> str:
    """A telephone number in digits: mobile 13800000000, land line 02312345678, others with +.

    Full-width digits, spaces, dashes and +86 are accepted. "" stays "".
    Raises: RuleBroken("person.phone").  Source: docs/sources.md#phones
    """
    digits = re.sub(r"[\s\-()（）]", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(\+86|0086)", "", digits)
    if not digits:
        return ""
    if re.fullmatch(r"1[3-9]\d{9}|0\d{9,11}|400\d{7}|\+(852|853)\d{8}|\+886\d{8,10}", digits):
        return digits
    raise RuleBroken("person.phone")


def contact_key(phone: str, email: str) -> str:
    """By what a person is found again: the phone, else the address. Both already normalised."""
    return phone or email


def masked_phone(phone: str) -> str:
    """138****5678; short numbers keep their last two digits."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else f"****{phone[-2:]}" if phone else ""
