"""账号留痕, 单位留痕: what was done to one unit or one account, by whom, when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...audit.models import AuditRecord
from ...audit.queries import latest_of, records_of
from ...core import access, web
from ...core.access import Action, Place, Role
from ...core.errors import NotFound
from ...core.web import Who, access_mark
from ...units.queries import unit_path
from ...units.rules import UnitKind
from .. import queries
from ..rules import Deed, LinkPurpose
from .desk import bp

LATEST = 6


@dataclass(frozen=True)
class Line:
    """One line of a history, as ``timeline.history`` shows it."""

    at: datetime
    what: str
    who: str
    note: str


@bp.get("/manage/audit/<any(unit, account):kind>/<id:thing_id>")
@access_mark(Who.ORGANIZER)
def audit(kind: str, thing_id: int) -> ResponseReturnValue:
    """Everything, page by page."""
    if kind == "unit":
        row = queries.unit(web.actor(), thing_id)
        name, path, back = row.name, row.path, url_for(".unit", unit_id=thing_id)
    else:
        found = queries.account(web.actor(), thing_id)
        home = found.person.unit_id
        name, path = found.person.name, unit_path(home) if home else ""
        back = url_for(".account", account_id=thing_id)
    if not access.allows(web.actor(), Action.SEE_AUDIT, Place(path)):
        raise NotFound()
    rows = web.page(records_of([f"{kind}:{thing_id}"]), per_page=50)
    return render_template("people/audit.html", rows=rows, lines=_lines(rows.items), name=name, back=back)


def latest(kind: str, id: int, path: str = "") -> list[Line] | None:
    """The newest lines for the page of the thing itself; None for whoever may not see them."""
    if not access.allows(web.actor(), Action.SEE_AUDIT, Place(path)):
        return None
    return _lines(latest_of(f"{kind}:{id}", LATEST))


def _lines(records: list[AuditRecord]) -> list[Line]:
    subjects = queries.names_of_subjects(records)
    units = queries.unit_names(_unit_ids(records))
    return [
        Line(done.record.at, _what(done.record), done.who or _("系统"), _note(done.record, subjects, units))
        for done in queries.with_names(records)
    ]


def _what(record: AuditRecord) -> str:
    known = {deed.value: deed for deed in Deed}
    return web.label(known[record.verb]) if record.verb in known else record.verb


def _unit_ids(records: list[AuditRecord]) -> set[int]:
    ids = {record.details.get("unit") for record in records}
    for record in records:
        parts = (record.details.get("before"), record.details.get("after"))
        ids |= {part.get("unit") for part in parts if isinstance(part, Mapping)}
    return {id for id in ids if isinstance(id, int)}


def _note(record: AuditRecord, subjects: Mapping[tuple[str, int], str], units: Mapping[int, str]) -> str:
    """What exactly, in words: the role and its place, old and new values."""
    details = record.details
    match record.verb:
        case "grant.given" | "grant.withdrawn":
            return _grant(details, subjects)
        case "account.added":
            return units.get(details.get("unit") or 0, "")
        case "account.changed" | "unit.changed":
            return _changes(details, units)
        case "unit.added":
            return str(details["after"]["name"])
        case "unit.closed":
            return str(_("从%(day)s起", day=web.day_words(date.fromisoformat(details["on"]))))
        case "link.sent":
            opening = details.get("purpose") == LinkPurpose.OPEN.value
            return str(_("开通账号") if opening else _("重设密码"))
        case _:
            ended = details.get("sessions")
            return str(_("退出 %(count)s 台设备", count=ended)) if ended else ""


def _grant(details: Mapping[str, Any], subjects: Mapping[tuple[str, int], str]) -> str:
    parts = [web.label(Role(details["role"]))]
    parts += [
        subjects.get((kind, details[column]), f"{kind} {details[column]}")
        for kind, column in queries.SCOPES.items()
        if details.get(column)
    ]
    if details.get("valid_from"):
        parts.append(_("从%(day)s起", day=web.day_words(date.fromisoformat(details["valid_from"]))))
    if details.get("valid_to"):
        parts.append(_("%(day)s失效", day=web.day_words(date.fromisoformat(details["valid_to"]))))
    return str(_("，")).join(parts)


def _changes(details: Mapping[str, Any], units: Mapping[int, str]) -> str:
    before, after = details["before"], details["after"]
    words = {
        "name": _("名称"), "kind": _("类型"), "unit": _("单位"), "region": _("区县"), "valid_from": _("从哪天起"),
        "valid_to": _("撤销日期"),
    }  # fmt: skip

    def shown(name: str, value: Any) -> str:
        if value is None:
            return str(_("（空）"))
        if name == "kind":
            return web.label(UnitKind(value))
        return units.get(value, str(value)) if name == "unit" else str(value)

    changes = [
        _(
            "%(what)s：%(before)s → %(after)s",
            what=words.get(name, name),
            before=shown(name, before.get(name)),
            after=shown(name, after[name]),
        )
        for name in after
        if before.get(name) != after[name]
    ]
    return str(_("；")).join(changes)
