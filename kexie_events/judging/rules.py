"""States of rounds, sheets and recusals; what a sound score sheet is; the chain of its versions; blind codes."""

import enum
import hashlib
import json
import random
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from ..contests.rules import Criterion, Rubric
from ..core.errors import RuleBroken

FIRST = "0" * 64  # what stands before the first version of a sheet
LONGEST_NOTE = 2000  # characters
LONGEST_ROUND_NAME = 40  # characters
MOST_JUDGES = 15  # per entry


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


# ---- points


def read_points(text: str, criterion: Criterion, step: Decimal) -> Decimal:
    """Points as people type them: full-width digits and the Chinese point are taken.

    Raises: RuleBroken("judging.points_range", criterion, most, step) for what is no mark of this criterion.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("。", ".").replace("、", ".").replace(",", ".")
    try:
        # Decimal would also read "1e1", "1_0" and Arabic digits; a mark is written with digits and a point.
        value = Decimal(plain) if plain.isascii() and plain.replace(".", "", 1).isdigit() else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= criterion.most or value % step:
        raise RuleBroken("judging.points_range", criterion=criterion.name, most=plain_number(criterion.most), step=step)
    return value


def points_faults(
    rubric: Rubric, points: Mapping[str, str], *, complete: bool
) -> tuple[dict[str, Decimal], dict[str, RuleBroken]]:
    """What can be read of a sheet, and what is wrong with each other criterion, by code.

    ``complete``: a missing criterion is a fault. What is no criterion of the rubric is dropped.
    """
    sound: dict[str, Decimal] = {}
    faults: dict[str, RuleBroken] = {}
    for criterion in rubric.criteria:
        text = points.get(criterion.code, "").strip()
        if not text:
            if complete:
                faults[criterion.code] = RuleBroken("judging.points_missing", criterion=criterion.name)
            continue
        try:
            sound[criterion.code] = read_points(text, criterion, rubric.step)
        except RuleBroken as broken:
            faults[criterion.code] = broken
    return sound, faults


@dataclass(frozen=True)
class Checked:
    """A sheet without faults: points by criterion, and their sum when all are there."""

    points: dict[str, Decimal]
    total: Decimal | None

    def as_text(self) -> dict[str, str]:
        """For JSON: exact decimals as text, written one way only (``12``, ``12.5``)."""
        return {code: plain_number(value) for code, value in self.points.items()}


def check_points(rubric: Rubric, points: Mapping[str, str], *, complete: bool = True) -> Checked:
    """The points of a sheet, each from 0 to its full mark in steps of the rubric, and the total in points.

    Raises: RuleBroken("judging.points_range") or, when ``complete``, RuleBroken("judging.points_missing").
    """
    sound, faults = points_faults(rubric, points, complete=complete)
    for fault in faults.values():
        raise fault
    whole = len(sound) == len(rubric.criteria)
    return Checked(sound, sum(sound.values(), Decimal(0)) if whole else None)


def check_note(text: str) -> str:
    """The remark without spaces around it. Raises: RuleBroken("judging.note_length")."""
    note = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\x00", "").strip()
    if len(note) > LONGEST_NOTE:
        raise RuleBroken("judging.note_length", most=LONGEST_NOTE)
    return note


def plain_number(value: Decimal) -> str:
    """12.50 → 12.5, 30.00 → 30: one way of writing each number."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def check_open(state: RoundState, opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """Whether scores are taken now. The opening instant counts, the closing one does not.

    Raises: RuleBroken("judging.not_open", opens_at) or RuleBroken("judging.closed", closes_at).
    """
    if state is RoundState.CLOSED or now >= closes_at:
        raise RuleBroken("judging.closed", closes_at=closes_at)
    if state is RoundState.SETTING_UP or now < opens_at:
        raise RuleBroken("judging.not_open", opens_at=opens_at)


# ---- the chain of versions


@dataclass(frozen=True)
class Version:
    """One saved version of a sheet, as its digest reads it."""

    revision: int
    state: SheetState
    points: Mapping[str, str]
    note: str
    saved_at: datetime
    digest: str = ""


def canonical(value: object) -> str:
    """JSON with one way of writing: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sheet_digest(before: str, assignment_id: int, version: Version) -> str:
    """SHA-256(previous digest ‖ canonical JSON), hex; ``FIRST`` stands before revision 1. Instants are said in UTC."""
    body = canonical(
        [
            assignment_id, version.revision, version.state.value, dict(version.points), version.note,
            version.saved_at.astimezone(UTC).isoformat(),
        ]
    )  # fmt: skip
    return hashlib.sha256(f"{before}{body}".encode()).hexdigest()


def first_broken(assignment_id: int, versions: Sequence[Version]) -> int | None:
    """The place (from 0) of the first version that was changed, or before which one is missing; None when sound."""
    before = FIRST
    for n, version in enumerate(versions):
        if version.revision != n + 1 or version.digest != sheet_digest(before, assignment_id, version):
            return n
        before = version.digest
    return None


def round_digest(heads: Mapping[int, str]) -> str:
    """One value over the last digest of every sheet of a round: what is printed when it closes.

    It also shows what a single chain cannot: that the newest version of a sheet, or a whole sheet, is gone.
    """
    return hashlib.sha256(canonical(sorted(heads.items())).encode()).hexdigest()


def operation_digest(points: Mapping[str, str], note: str, state: SheetState) -> str:
    """What one change of a device says; the same key with another body is refused."""
    return hashlib.sha256(canonical([dict(points), note, state.value]).encode()).hexdigest()


# ---- blind codes, recusals


def blind_codes(letter: str, entries: Iterable[int], taken: Mapping[int, str], seed: str) -> dict[int, str]:
    """``A-017`` for every entry: codes given before stay, new ones are dealt by a permutation of the seed.

    The seed is a secret of the round, because with it one could read the entry's number back.
    """
    codes = dict(taken)
    new = sorted(set(entries) - set(codes))
    used = {int(code.rpartition("-")[2]) for code in codes.values()}
    start = max(used, default=0) + 1
    numbers = list(range(start, start + len(new)))
    random.Random(f"{seed}:{start}").shuffle(numbers)  # noqa: S311 -- a draw that must be repeatable
    codes.update((entry, f"{letter}-{number:03d}") for entry, number in zip(new, numbers, strict=True))
    return codes


def round_letter(position: int) -> str:
    """A for the first round, B for the second …, so that codes of two rounds are not taken for each other."""
    return chr(ord("A") + (position - 1) % 26)


@dataclass(frozen=True)
class Belongs:
    """Where a judge or an entry belongs: the path of the unit in the tree, and the district."""

    unit_path: str = ""
    region_id: int | None = None


def derived_recusal(judge: Belongs, entry: Belongs, own_district: str) -> RecusalSource | None:
    """Why this judge must not score this entry, as far as the tree of units tells.

    The own unit is the entry's school or a part of it. An association above the school is no reason by
    itself, or nobody of the city's association could judge; the district's is, where the rules forbid it.
    """
    if judge.unit_path and entry.unit_path and judge.unit_path.startswith(entry.unit_path):
        return RecusalSource.OWN_UNIT
    if own_district == "forbid" and judge.region_id is not None and judge.region_id == entry.region_id:
        return RecusalSource.OWN_DISTRICT
    return None
