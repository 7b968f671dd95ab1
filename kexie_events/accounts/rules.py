"""Identifiers, names, phones: how they are written down, and when they are refused."""

import re
import unicodedata
from datetime import timedelta

from ..core.errors import RuleBroken

SESSION_LASTS = timedelta(days=14)
LONGEST_PASSWORD = 200  # characters; a hash of megabytes is a way to keep us busy
_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


def identifier(text: str) -> str:
    """An e-mail address as an identifier: trimmed, composed, lower case."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def person_name(text: str) -> str:
    """A name as it is kept: composed, without control and zero-width characters, spaces folded.

    Raises: RuleBroken("person.name") when nothing is left or it is longer than 60 characters.
    """
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(
        " " if c.isspace() else c for c in composed if c.isspace() or unicodedata.category(c) not in _INVISIBLE
    )
    name = " ".join(visible.split())
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


def masked_name(name: str) -> str:
    """李*轩, 张*: what a public list shows of a minor."""
    return f"{name[0]}*{name[-1]}" if len(name) > 2 else f"{name[:1]}*"
