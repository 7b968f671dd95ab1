"""A passed activity keeps what is said of its occurrence: name, time, place, and whether it takes place."""

from collections.abc import Collection

from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ..core.db import db
from ..events.keepers import Keeper
from .models import Site

KEY = "sites"


def _which(occurrence_ids: Collection[int]) -> dict[int, int]:
    query = select(Site.occurrence_id, Site.id).where(Site.occurrence_id.in_(occurrence_ids))
    return {occurrence_id: id for occurrence_id, id in db.session.execute(query) if occurrence_id is not None}


def _address(site_id: int) -> str:
    return url_for("sites_manage.site", site_id=site_id)


KEEPER = Keeper(KEY, "site.keeps", _("活动申报"), _which, _address)
