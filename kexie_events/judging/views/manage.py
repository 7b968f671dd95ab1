"""What an organiser sees: rounds, judges and their progress, recusals, the ranking."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...contests.queries import find_pack, pack_of
from ...contests.rules import Pack
from ...contests.wording import METHODS
from ...core import spreadsheet, web
from ...core.access import Action, allows
from ...core.errors import RuleBroken
from ...core.forms import PlainForm, blame
from ...core.http import csv_answer
from ...core.web import Who, access_mark
from ...entries.queries import submitted_count
from ...events.queries.places import edition_places
from .. import queries, services
from ..assignment import Infeasible
from ..forms import JudgeForm, RoundForm, refuse
from ..models import Round
from ..pictures import Marks, marks
from ..queries import GroupRanking, Ranked
from ..rules import RecusalSource, RoundState
from ..wording import TIES, infeasible_words

manage = Blueprint("judging_manage", __name__)

DECLARED = (RecusalSource.DECLARED, RecusalSource.ORGANIZER)


@manage.get("/manage/rounds")
@access_mark(Who.ORGANIZER)
def rounds() -> ResponseReturnValue:
    """All rounds that one may set up, with their progress."""
    page = web.page(queries.rounds(web.actor()), scalars=False)
    return render_template("judging/rounds.html", page=page)


@manage.route("/manage/rounds/new", methods=["GET", "POST"])
@access_mark(Who.ORGANIZER)
def new() -> ResponseReturnValue:
    """Set up the next round of an edition that has a rule pack."""
    editions = queries.editions_with_rules(web.actor())
    places = edition_places([edition.id for edition in editions])
    editions = [each for each in editions if allows(web.actor(), Action.SET_UP_JUDGING, places[each.id])]
    form = RoundForm(edition_id=request.args.get("edition", ""))
    form.edition_id.choices = [("", _("请选择"))] + [(str(edition.id), edition.whole_name) for edition in editions]
    if form.validate_on_submit():
        zone = web.zone()
        try:
            round_ = services.set_up_round(
                int(form.edition_id.data), name=form.name.data, opens_at=form.opens_at.data.replace(tzinfo=zone),
                closes_at=form.closes_at.data.replace(tzinfo=zone), judges_per_entry=form.judges_per_entry.data or 0,
                actor=web.actor(), now=web.arrived_at(),
            )  # fmt: skip
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            flash(_("已建好。接下来添加评委，再分派。"))
            return redirect(url_for(".show", round_id=round_.id), 303)
    return render_template("judging/new.html", form=form, editions=editions), 422 if form.errors else 200


@manage.get("/manage/rounds/<id:round_id>")
@access_mark(Who.ORGANIZER)
def show(round_id: int) -> ResponseReturnValue:
    """Judges with loads and progress, recusals, and what can be done next."""
    return _page(queries.visible_round(round_id, web.actor()))


@manage.post("/manage/rounds/<id:round_id>/judges")
@access_mark(Who.ORGANIZER)
def add_judge(round_id: int) -> ResponseReturnValue:
    round_ = queries.visible_round(round_id, web.actor())
    form = _judge_form(find_pack(round_.edition_id))
    if form.validate_on_submit():
        try:
            services.add_judge(
                round_id, form.identifier.data,
                most_load=form.most_load.data or 0, least_load=form.least_load.data or 0,
                disciplines=form.disciplines.data or [], actor=web.actor(), now=web.arrived_at(),
            )  # fmt: skip
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            flash(_("评委已添加。"))
            return redirect(url_for(".show", round_id=round_id) + "#judges", 303)
    return _page(round_, form), 422


@manage.post("/manage/rounds/<id:round_id>/assign")
@access_mark(Who.ORGANIZER)
def assign(round_id: int) -> ResponseReturnValue:
    """Run the assignment; a pair that has been scored stays."""
    round_ = queries.visible_round(round_id, web.actor())
    try:
        done = services.assign(round_id, actor=web.actor(), now=web.arrived_at())
    except Infeasible as infeasible:
        return _refused(round_, infeasible_words(infeasible))
    except RuleBroken as broken:
        return _refused(round_, web.sentence(broken))
    flash(
        _(
            "%(entries)s 件作品分给 %(judges)s 位评委，共 %(seats)s 份："
            "新增 %(added)s 份，移走 %(removed)s 份，已评的没有动。",
            entries=done.entries, judges=done.judges, seats=done.seats, added=done.added, removed=done.removed,
        )
    )  # fmt: skip
    if done.parts > 1:
        words = _("评委分成了 %(parts)s 个互不相交的部分，各部分的分数不能互相比较。", parts=done.parts)
        flash(words, "wait")
    return redirect(url_for(".show", round_id=round_id), 303)


@manage.post("/manage/rounds/<id:round_id>/open")
@access_mark(Who.ORGANIZER)
def open_(round_id: int) -> ResponseReturnValue:
    return _turn(round_id, services.open_round, _("评审已开放。"))


@manage.post("/manage/rounds/<id:round_id>/close")
@access_mark(Who.ORGANIZER)
def close(round_id: int) -> ResponseReturnValue:
    return _turn(round_id, services.close_round, _("评审已结束，分数不再改动。"))


def _turn(round_id: int, service: Callable[..., Round], words: str) -> ResponseReturnValue:
    round_ = queries.visible_round(round_id, web.actor())
    try:
        service(round_id, actor=web.actor(), now=web.arrived_at())
    except RuleBroken as broken:
        return _refused(round_, web.sentence(broken))
    flash(words)
    return redirect(url_for(".show", round_id=round_id), 303)


def _refused(round_: Round, words: str) -> ResponseReturnValue:
    # The service has undone its work and with it what was loaded.
    form = _judge_form(find_pack(round_.edition_id), submitted=False)
    blame(form, words)
    return _page(queries.visible_round(round_.id, web.actor()), form), 422


def _judge_form(pack: Pack | None, *, submitted: bool = True) -> JudgeForm:
    form = JudgeForm() if submitted else JudgeForm(formdata=None)
    form.disciplines.choices = [(choice.code, choice.name) for choice in pack.disciplines] if pack else []
    return form


def _page(round_: Round, form: JudgeForm | None = None) -> str:
    pack = find_pack(round_.edition_id)
    judges = queries.judges_of(round_.id, web.today())
    seats, done = sum(judge.seats for judge in judges), sum(judge.done for judge in judges)
    works = submitted_count(round_.edition_id)
    return render_template(
        "judging/round.html",
        round=round_,
        pack=pack,
        judges=judges,
        seats=seats,
        done=done,
        works=works,
        room=sum(judge.most for judge in judges if judge.granted),
        recusals=queries.recusals_of(round_.id, DECLARED),
        form=form or _judge_form(pack, submitted=False),
        action=PlainForm(formdata=None),
        confirm=request.args.get("confirm", ""),
        can=_can(round_, seats),
    )


def _can(round_: Round, seats: int) -> set[str]:
    """Which of the three buttons make sense now; the services decide again."""
    can = set()
    if round_.state is not RoundState.CLOSED:
        can.add("assign")
    if round_.state is RoundState.SETTING_UP and seats:
        can.add("open")
    if round_.state is RoundState.OPEN:
        can.add("close")
    return can


@manage.get("/manage/rounds/<id:round_id>/ranking")
@access_mark(Who.ORGANIZER)
def ranking(round_id: int) -> ResponseReturnValue:
    """Places per group, by which method, and which rule parted what was equal."""
    round_ = queries.visible_round(round_id, web.actor())
    pack = pack_of(round_.edition_id)
    groups = queries.rankings(round_id, pack)
    asked = request.args.get("group", "")
    group = next((row for row in groups if row.code == asked), groups[0] if groups else None)
    return render_template(
        "judging/ranking.html",
        round=round_,
        pack=pack,
        groups=groups,
        group=group,
        rows=_picture(group, float(pack.rubric.most)) if group else [],
        method=METHODS[pack.method],
        ties=TIES,
        main=next(c.name for c in pack.rubric.criteria if c.code == pack.rubric.main),
    )


def _picture(group: GroupRanking, most: float) -> list[tuple[Ranked, Marks]]:
    return list(zip(group.rows, marks([row.standing for row in group.rows], most), strict=True))


@manage.get("/manage/rounds/<id:round_id>/ranking.csv")
@access_mark(Who.ORGANIZER)
def export(round_id: int) -> ResponseReturnValue:
    """All groups as one table for a spreadsheet."""
    round_ = queries.visible_round(round_id, web.actor())
    head = [
        _("组别"), _("名次"), _("代码"), _("作品名称"), _("得分"), _("原始均分"), _("份数"), _("极差"), _("同分判定"),
    ]  # fmt: skip
    rows = [
        (group.name, s.place, row.code, row.title, s.score, s.mean, s.n, s.spread, TIES.get(s.decided_by, ""))
        for group in queries.ranking_of(round_)
        for row in group.rows
        for s in (row.standing,)
    ]
    return csv_answer(f"ranking-{round_id}.csv", spreadsheet.lines(head, rows))
