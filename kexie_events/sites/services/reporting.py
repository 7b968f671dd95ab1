"""The after-report, on the record of the declaration: people, photographs, a summary."""

from datetime import datetime

from sqlalchemy import delete, func, select

from ...audit import services as audit
from ...core.access import Actor
from ...core.db import lock, transaction
from ...core.storage import Stored
from .. import queries, rules
from ..models import Site, SitePhoto
from ..rules import Report, SiteState, Step
from .declaring import own
from .writing import step, touch


def report(site_id: int, given: Report, *, expected_revision: int, actor: Actor, now: datetime) -> Site:
    """Locks the declaration. Say what came of it; later reports correct earlier ones.

    Raises: Conflict, RuleBroken("site.state" | "site.not_over" | "site.people").
    """
    with transaction() as session:
        row = own(session, site_id, expected_revision, actor)
        rules.check_state(row.state, SiteState.PASSED)
        kept = rules.check_report(given, row.ends_at, now)
        if row.reported_at is not None and kept == _report_of(row):
            return row
        row.on_site, row.online, row.volunteers, row.outcome = kept.on_site, kept.online, kept.volunteers, kept.summary
        row.reported_at = row.reported_at or now
        step(session, row, Step.REPORTED, actor, now)
        touch(row, now)
        audit.record(
            f"site:{row.id}", "site.reported", actor=actor, now=now, on_site=kept.on_site, online=kept.online,
            volunteers=kept.volunteers,
        )  # fmt: skip
    return row


def _report_of(row: Site) -> Report:
    return Report(row.on_site, row.online, row.volunteers, row.outcome)


def add_photo(site_id: int, stored: Stored, media_type: str, *, actor: Actor, now: datetime) -> SitePhoto:
    """Locks the declaration. Add a cleaned photograph; the same one twice is one.

    Raises: RuleBroken("site.state" | "site.not_over" | "site.photos").
    """
    with transaction() as session:
        row = _locked(site_id, actor)
        rules.check_state(row.state, SiteState.PASSED)
        rules.check_over(row.ends_at, now)
        same = select(SitePhoto).where(SitePhoto.site_id == site_id, SitePhoto.sha256 == stored.sha256)
        if (there := session.scalar(same)) is not None:
            return there
        count = session.scalar(select(func.count()).select_from(SitePhoto).where(SitePhoto.site_id == site_id)) or 0
        rules.check_photos(count)
        photo = SitePhoto(
            site_id=site_id, sha256=stored.sha256, media_type=media_type, size=stored.size, added_at=now
        )  # fmt: skip
        session.add(photo)
        audit.record(f"site:{site_id}", "site.photo_added", actor=actor, now=now, sha256=stored.sha256)
    return photo


def remove_photo(site_id: int, photo_id: int, *, actor: Actor, now: datetime) -> None:
    """Locks the declaration. One that is gone stays gone: a second press is harmless."""
    with transaction() as session:
        _locked(site_id, actor)
        gone = session.scalar(
            delete(SitePhoto)
            .where(SitePhoto.site_id == site_id, SitePhoto.id == photo_id)
            .returning(SitePhoto.sha256)
            .execution_options(synchronize_session="fetch")
        )
        if gone is not None:
            audit.record(f"site:{site_id}", "site.photo_removed", actor=actor, now=now, sha256=gone)


def _locked(site_id: int, actor: Actor) -> Site:
    queries.site(actor, site_id)
    return lock(Site, site_id)
