"""A passed activity keeps what is said of its occurrence: name, time, place, and whether it takes place."""

from collections.abc import Collection

from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ..core.db import db
from ..events.keepers import Keeper
from ..events.models import Occurrence
from ..events.rules import Status
from .models import Site
from .rules import SiteState

KEY = "sites"


def _which(occurrence_ids: Collection[int]) -> dict[int, int]:
    query = select(Site.occurrence_id, Site.id).where(Site.occurrence_id.in_(occurrence_ids))
    return {occurrence_id: id for occurrence_id, id in db.session.execute(query) if occurrence_id is not None}


def disagreeing() -> list[tuple[int, int]]:
    """(activity, occurrence) of those that do not say the same, which nothing should bring about. One query."""
    same = (
        (Site.name == Occurrence.title) & (Site.place == Occurrence.place) & (Site.unit_id == Occurrence.unit_id)
        & (Site.starts_at == Occurrence.starts_at) & (Site.ends_at == Occurrence.ends_at)
        & (Site.summary == Occurrence.summary) & (Site.all_day == Occurrence.all_day)
        & ((Site.state == SiteState.WITHDRAWN) == (Occurrence.status == Status.CANCELLED))
    )  # fmt: skip
    query = select(Site.id, Occurrence.id).join(Occurrence, Occurrence.id == Site.occurrence_id).where(~same)
    return [(site_id, occurrence_id) for site_id, occurrence_id in db.session.execute(query.order_by(Site.id))]


def _address(site_id: int) -> str:
    return url_for("sites_manage.site", site_id=site_id)


KEEPER = Keeper(KEY, "site.keeps", _("活动申报"), _which, _address)
