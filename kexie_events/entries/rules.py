"""States of an entry, what may be uploaded, and who may be in a team."""

import enum
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..contests.rules import Pack
from ..core.errors import RuleBroken


class EntryState(enum.Enum):
    """Where an entry stands (申报状态)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"


@dataclass(frozen=True)
class FileKind:
    """A kind of file that is taken (文件类型): how its content begins, and what its name may end with."""

    media_type: str
    signature: bytes
    endings: tuple[str, ...]  # the first one is given to a file that has none of them


# Content decides the kind; the ending only names it. Source: docs/sources.md#file-types
FILE_KINDS = (
    FileKind("application/pdf", b"%PDF-", (".pdf",)),
    FileKind("image/jpeg", b"\xff\xd8\xff", (".jpg", ".jpeg")),
    FileKind("image/png", b"\x89PNG\r\n\x1a\n", (".png",)),
)


def media_type(head: bytes) -> str:
    """The type that the first bytes say. Raises: RuleBroken("entry.file_type") for anything not on the list."""
    for kind in FILE_KINDS:
        if head.startswith(kind.signature):
            return kind.media_type
    raise RuleBroken("entry.file_type", taken=[kind.endings[0][1:].upper() for kind in FILE_KINDS])


def endings(media_type: str) -> tuple[str, ...]:
    """What a name of this type may end with. Raises: KeyError for a type that is not taken."""
    return {kind.media_type: kind.endings for kind in FILE_KINDS}[media_type]


MOST_FILES = 10
LONGEST_TITLE = 80
LONGEST_ABSTRACT = 2000


class FilingWindow(enum.Enum):
    """Where the application period stands (申报期)."""

    NONE = "none"  # the edition takes no entries, or its period is not set
    LATER = "later"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Period:
    """When entries may be filed; aware instants, half open. ``None``: not set."""

    opens_at: datetime | None
    closes_at: datetime | None

    def window(self, now: datetime) -> FilingWindow:
        """Opening counts, closing does not: what arrives at the closing second is late."""
        if self.closes_at is None:
            return FilingWindow.NONE
        if self.opens_at is not None and now < self.opens_at:
            return FilingWindow.LATER
        return FilingWindow.OPEN if now < self.closes_at else FilingWindow.CLOSED


def check_period(period: Period, now: datetime) -> None:
    """Raises: RuleBroken when entries cannot be filed or changed now, with the date that decides."""
    window = period.window(now)
    if window is FilingWindow.NONE:
        raise RuleBroken("entry.no_period")
    if window is FilingWindow.LATER:
        raise RuleBroken("entry.not_open", opens_at=period.opens_at)
    if window is FilingWindow.CLOSED:
        raise RuleBroken("entry.closed", closes_at=period.closes_at)


def check_title(title: str) -> None:
    """Raises: RuleBroken when a work has no name that can be seen, or one that fits no page."""
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise RuleBroken("entry.title", most=LONGEST_TITLE)


def check_team(names: Sequence[str], pack: Pack) -> None:
    """Raises: RuleBroken quoting the pack's clause when the team is empty or too large."""
    if not names:
        raise RuleBroken("entry.no_member")
    if len(names) > pack.most_members:
        raise RuleBroken("entry.team_size", most=pack.most_members, clause=clause(pack, "team_size"))
    if len(set(names)) != len(names):
        raise RuleBroken("entry.member_twice")


def check_codes(pack: Pack, *, category: str, group: str, discipline: str) -> None:
    """Raises: RuleBroken when a code is not one of this edition's."""
    for list_name, code in (("categories", category), ("groups", group), ("disciplines", discipline)):
        if code not in {choice.code for choice in getattr(pack, list_name)}:
            raise RuleBroken("entry.unknown_code", code=code)


def clause(pack: Pack, refusal: str) -> str:
    """The clause that a refusal quotes; "" when the pack names none."""
    return pack.clauses.get(refusal, "")


class Part(enum.Enum):
    """What an entry is made of (申报材料), in the order of the form."""

    TITLE = "title"
    ABSTRACT = "abstract"
    MEMBERS = "members"
    FILES = "files"


def missing(*, title: str, abstract: str, members: int, files: int) -> list[Part]:
    """What still lacks before an entry can be submitted."""
    there = {Part.TITLE: title, Part.ABSTRACT: abstract, Part.MEMBERS: members, Part.FILES: files}
    return [part for part, value in there.items() if not value]


def file_name(text: str) -> str:
    """The name that a person's device gave, made harmless: no path, no control characters, at most 120 characters."""
    name = unicodedata.normalize("NFC", text).replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp")).strip(" .")
    return visible[-120:] or "file"


def named_as(name: str, media_type: str) -> str:
    """The name with the ending of what the content is: a PDF that calls itself a.exe becomes a.exe.pdf."""
    own = endings(media_type)
    return name if name.lower().endswith(own) else f"{name}{own[0]}"


def code(number: int) -> str:
    """The printed code of an entry within its edition: 0087."""
    return f"{number:04d}"
