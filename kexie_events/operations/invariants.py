"""What must always be true in the live data, recounted. Names what is wrong, repairs nothing: somebody must look."""

from collections.abc import Iterator

from ..audit.queries import broken_records
from ..judging import queries as judging
from ..registrations import queries as registrations
from ..sites import keeping


def broken() -> Iterator[str]:
    """One line for each thing that is not as it must be."""
    for seats in registrations.broken_counters():
        yield f"occurrence {seats.occurrence_id}: {seats.taken} seats are kept as taken, {seats.confirmed} are"
    for assignment_id, revision in judging.broken_sheets():
        yield f"score sheet of assignment {assignment_id}: version {revision} was changed or stands behind a gap"
    for site_id, occurrence_id in keeping.disagreeing():
        yield f"site {site_id}: its occurrence {occurrence_id} says otherwise"
    yield from broken_chains()


def broken_chains() -> Iterator[str]:
    for record in broken_records():
        yield f"audit chain {record.chain}: record {record.n} of {record.at.isoformat()} ({record.verb}) is broken"
