"""One declaration: adding, changing, handing in, taking back, withdrawing; its report and photographs."""

import io
import re
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from ...core import access, images, web
from ...core.access import Action
from ...core.errors import Conflict, NotFound, RuleBroken, TooLarge
from ...core.fields import half_width
from ...core.forms import PlainForm
from ...core.http import plain_headers
from ...core.installation import installation
from ...core.versions import Version, both_versions
from ...core.web import Who, access_mark
from ...events.offering import fill_span
from ...units.models import Unit
from .. import queries, rules, services
from ..forms import PhotoForm, ReasonForm, ReportForm, SiteForm, StepForm, refuse
from ..models import Site
from ..rules import CampaignTerms, Checker, Declaration, Report, SiteState
from .desk import board_of, bp, common, field_words, said, unit_choices

LARGEST_PHOTO = 12 << 20


@bp.route("/editions/<id:campaign_id>/sites/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def site_new(campaign_id: int) -> ResponseReturnValue:
    """Declare one activity."""
    edition, terms = board_of(campaign_id)
    units = queries.units_to_declare_for(web.actor(), edition, web.today())
    form = SiteForm()
    _offer(form, terms, units)
    del form.reason
    if form.validate_on_submit():
        try:
            row = services.add(
                campaign_id, int(form.unit_id.data), _declared(form), key=form.sound_key.hex,
                declare=request.form.get("do") == "declare", actor=web.actor(), now=web.arrived_at(), zone=web.zone(),
            )  # fmt: skip
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            flash(_("已申报。") if row.state is not SiteState.DRAFT else _("草稿已保存，还没有申报。"))
            return redirect(url_for(".site", site_id=row.id), 303)
    edition, terms = board_of(campaign_id)
    page = render_template("sites/form.html", form=form, site=None, versions=[], **common(edition, terms, "new"))
    return page, 422 if form.errors else 200


def _offer(form: SiteForm, terms: CampaignTerms, units: list[Unit]) -> None:
    form.unit_id.choices = unit_choices(units)
    form.category.choices = [SelectChoice(each.code, each.name) for each in terms.categories]
    regions = queries.regions_for(web.today())
    form.region_id.choices = [
        SelectChoice("", _("和申报单位相同")),
        *(SelectChoice(str(r.id), r.name) for r in regions),
    ]
    venues = [SelectChoice(str(venue.id), venue.name) for venue in queries.venues()]
    form.venue_id.choices = [SelectChoice("", _("不在列表里，自己填")), *venues]


def _declared(form: SiteForm) -> Declaration:
    """What the form says; a chosen venue fills what was left empty. Raises: RuleBroken."""
    starts_at, ends_at, all_day = rules.span_of(
        form.starts_on.data, form.ends_on.data, form.starts.data, form.ends.data, web.zone()
    )
    latitude, longitude = _degrees(form.latitude.data), _degrees(form.longitude.data)
    place, address = form.place.data, form.address.data
    region_id = int(form.region_id.data) if form.region_id.data else None
    venue = queries.venue(int(form.venue_id.data)) if form.venue_id.data else None
    if venue is not None:
        place, address = place or venue.name, address or venue.address
        region_id = region_id or venue.region_id
        if latitude is None and longitude is None:
            latitude, longitude = venue.latitude, venue.longitude
    return Declaration(
        name=form.name.data, starts_at=starts_at, ends_at=ends_at, all_day=all_day, category=form.category.data,
        place=place, region_id=region_id, address=address, latitude=latitude, longitude=longitude,
        audience=form.audience.data, summary=form.summary.data, contact_name=form.contact_name.data,
        contact_phone=half_width(form.contact_phone.data), contact_public=form.contact_public.data,
        link=form.link.data,
    )  # fmt: skip


def _degrees(text: str) -> float | None:
    text = half_width(text).rstrip("°")
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,12})?", text):
        raise RuleBroken("site.coordinates")
    return float(text)


@bp.get("/sites/<id:site_id>")
@access_mark(Who.ORGANIZER)
def site(site_id: int) -> ResponseReturnValue:
    """A declaration: what it says, where it stands, what happened to it, what can be done."""
    return _page(site_id, ReasonForm(formdata=None))


def _page(site_id: int, form: Any, status: int = 200) -> ResponseReturnValue:
    row = queries.site(web.actor(), site_id)
    terms = queries.terms_of(row.edition)
    reaches = queries.reaches(web.actor(), row.edition)
    waits, top = row.waits_unit, queries.root_of(row.edition)
    decides = waits is not None and (reaches(top) or reaches(Checker(waits.id, waits.path, waits.name, True)))
    page = render_template(
        "sites/site.html", site=row, form=form, step=StepForm(formdata=None), photo_form=PhotoForm(formdata=None),
        plain=PlainForm(formdata=None), history=said(queries.history(site_id)), photos=queries.photos(site_id),
        own=access.allows(web.actor(), Action.PLAN, queries.place_of_site(row)),
        decides=decides, over=row.ends_at <= web.arrived_at(), due=rules.report_due(row.ends_at, terms),
        now=web.arrived_at(), proposal=_proposed(row, terms), **common(row.edition, terms, "site"),
    )  # fmt: skip
    return page, status


def _proposed(row: Site, terms: CampaignTerms) -> list[tuple[str, Any, Any]]:
    """What of a passed activity is to be otherwise: word, now, then."""
    regions = {region.id: region.name for region in queries.regions_for(web.today())} if row.proposal else {}

    def shown(name: str, value: Any) -> Any:
        if value in (None, ""):
            return _("没有填")
        match name:
            case "category":
                return terms.name_of(value)
            case "region_id":
                return regions.get(value, value)
            case "starts_at" | "ends_at":
                return web.moment_words(value)
            case "all_day":
                return _("是") if value else _("否")
            case _:
                return value

    return [
        (field_words(name), shown(name, getattr(row, name)), shown(name, value))
        for name, value in rules.restored(row.proposal).items()
    ]


@bp.route("/sites/<id:site_id>/change", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def site_change(site_id: int) -> ResponseReturnValue:
    """Change a draft or a returned one; of one that was passed, correct small things or propose others."""
    row = queries.site(web.actor(), site_id)
    form, status = SiteForm(), 422
    terms = queries.terms_of(row.edition)
    _offer(form, terms, [row.unit])
    del form.unit_id
    if row.category not in [choice.value for choice in form.category.choices]:
        form.category.choices.append(SelectChoice(row.category, terms.name_of(row.category)))
    if row.state is not SiteState.PASSED:
        del form.reason
    if request.method == "GET":
        _fill(form, row)
    elif form.validate_on_submit():
        try:
            changed = services.change(
                site_id, _declared(form), reason=form.reason.data if form.reason else "",
                expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at(), zone=web.zone(),
            )  # fmt: skip
            if request.form.get("do") == "declare" and changed.state is not SiteState.PASSED:
                services.declare(site_id, expected_revision=changed.revision, actor=web.actor(), now=web.arrived_at())
        except RuleBroken as broken:
            refuse(form, broken)
        except Conflict as conflict:
            refuse(form, conflict)
            status = 409
        else:
            flash(_("已保存。"))
            return redirect(url_for(".site", site_id=site_id), 303)
    row = queries.site(web.actor(), site_id)
    versions: list[Version] = []
    if status == 409:
        now = SiteForm(formdata=None)
        _offer(now, terms, [row.unit])
        _fill(now, row)
        versions = both_versions(form, now)
    page = render_template(
        "sites/form.html", form=form, site=row, versions=versions, **common(row.edition, terms, "change")
    )
    return page, status if form.errors else 200


def _fill(form: SiteForm, row: Site) -> None:
    declared = row.declared
    for name in (
        "name",
        "category",
        "place",
        "address",
        "audience",
        "summary",
        "contact_name",
        "contact_phone",
        "link",
    ):
        form[name].data = getattr(declared, name)
    form.region_id.data = str(declared.region_id or "")
    form.latitude.data = "" if declared.latitude is None else str(declared.latitude)
    form.longitude.data = "" if declared.longitude is None else str(declared.longitude)
    fill_span(form, row.starts_at, row.ends_at, all_day=row.all_day)
    form.revision.data = str(row.revision)


def _pressed(site_id: int, form: Any, service: Callable[..., object], words: str, **values: Any) -> ResponseReturnValue:
    """One press on a declaration's page."""
    queries.site(web.actor(), site_id)
    status = 422
    if form.validate_on_submit():
        try:
            service(
                site_id, expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at(),
                **{name: value() for name, value in values.items()},
            )  # fmt: skip
        except RuleBroken as broken:
            refuse(form, broken)
        except Conflict as conflict:
            refuse(form, conflict)
            status = 409
        else:
            flash(words)
            return redirect(url_for(".site", site_id=site_id), 303)
    return _page(site_id, form, status)


@bp.post("/sites/<id:site_id>/declare")
@access_mark(Who.ORGANIZER)
def declare(site_id: int) -> ResponseReturnValue:
    return _pressed(site_id, StepForm(), services.declare, _("已申报。"))


@bp.post("/sites/<id:site_id>/take-back")
@access_mark(Who.ORGANIZER)
def take_back(site_id: int) -> ResponseReturnValue:
    return _pressed(site_id, StepForm(), services.take_back, _("已撤回，可以修改了。"))


@bp.post("/sites/<id:site_id>/withdraw")
@access_mark(Who.ORGANIZER)
def withdraw(site_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    return _pressed(site_id, form, services.withdraw, _("已撤销。"), reason=lambda: form.reason.data)


@bp.post("/sites/<id:site_id>/reopen")
@access_mark(Who.ORGANIZER)
def reopen(site_id: int) -> ResponseReturnValue:
    return _pressed(site_id, StepForm(), services.reopen, _("已恢复。"))


@bp.route("/sites/<id:site_id>/report", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def report(site_id: int) -> ResponseReturnValue:
    """The after-report, on the same record."""
    row = queries.site(web.actor(), site_id)
    form, status = ReportForm(), 422
    if request.method == "GET":
        _fill_report(form, row)
    elif form.validate_on_submit():
        given = Report(form.on_site.data or 0, form.online.data or 0, form.volunteers.data or 0, form.summary.data)
        try:
            services.report(
                site_id, given, expected_revision=form.expected_revision, actor=web.actor(), now=web.arrived_at()
            )
        except RuleBroken as broken:
            refuse(form, broken)
        except Conflict as conflict:
            refuse(form, conflict)
            status = 409
        else:
            flash(_("总结已保存。"))
            return redirect(url_for(".site", site_id=site_id), 303)
    row = queries.site(web.actor(), site_id)
    versions: list[Version] = []
    if status == 409:
        now = ReportForm(formdata=None)
        _fill_report(now, row)
        versions = both_versions(form, now)
    terms = queries.terms_of(row.edition)
    page = render_template(
        "sites/report.html", form=form, site=row, versions=versions, due=rules.report_due(row.ends_at, terms),
        **common(row.edition, terms, "report"),
    )  # fmt: skip
    return page, status if form.errors else 200


def _fill_report(form: ReportForm, row: Site) -> None:
    if row.reported_at is not None:
        form.on_site.data, form.online.data, form.volunteers.data = row.on_site, row.online, row.volunteers
        form.summary.data = row.outcome
    form.revision.data = str(row.revision)


@bp.post("/sites/<id:site_id>/photos")
@access_mark(Who.ORGANIZER)
def photo_add(site_id: int) -> ResponseReturnValue:
    """Take photographs: cleaned before they are kept."""
    queries.site(web.actor(), site_id)
    form = PhotoForm()
    if form.validate_on_submit():
        try:
            count = 0
            for upload in [each for each in form.photos.data or [] if each and each.filename][: rules.MOST_PHOTOS + 1]:
                content = upload.read(LARGEST_PHOTO + 1)
                if len(content) > LARGEST_PHOTO:
                    raise TooLarge("storage.too_large", largest_megabytes=LARGEST_PHOTO >> 20)
                picture = images.cleaned(content)
                stored = installation().storage.keep(io.BytesIO(picture.content), largest=LARGEST_PHOTO + 100)
                services.add_photo(site_id, stored, picture.media_type, actor=web.actor(), now=web.arrived_at())
                count += 1
        except (RuleBroken, TooLarge) as broken:
            flash(web.sentence(broken), "bad")
        else:
            flash(_("已收到 %(count)s 张照片，拍摄地点和设备信息已去掉。", count=count) if count else _("没有选照片。"))
    return redirect(url_for(".site", site_id=site_id), 303)


@bp.get("/sites/<id:site_id>/photos/<id:photo_id>")
@access_mark(Who.ORGANIZER)
def photo(site_id: int, photo_id: int) -> ResponseReturnValue:
    """A photograph, for those who see the declaration on the desk."""
    queries.site(web.actor(), site_id)
    found = next((each for each in queries.photos(site_id) if each.id == photo_id), None)
    if found is None:
        raise NotFound()
    response = send_file(installation().storage.open(found.sha256), mimetype=found.media_type)
    response.headers.update(plain_headers())
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@bp.post("/sites/<id:site_id>/photos/<id:photo_id>/remove")
@access_mark(Who.ORGANIZER)
def photo_remove(site_id: int, photo_id: int) -> ResponseReturnValue:
    queries.site(web.actor(), site_id)
    if PlainForm().validate_on_submit():
        services.remove_photo(site_id, photo_id, actor=web.actor(), now=web.arrived_at())
        flash(_("照片已删除。"))
    return redirect(url_for(".site", site_id=site_id), 303)
