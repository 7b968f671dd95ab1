"""The score sheet, stepping back, and setting up a round."""

import uuid
from collections.abc import Mapping
from functools import partial

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    Field,
    HiddenField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ..contests.rules import Rubric
from ..core.fields import MomentField, PickField, PickManyField, WholeField
from ..core.forms import refuse as core_refuse
from . import rules


class Sheet(FlaskForm):
    """A score sheet; ``sheet_form`` adds one field per criterion."""

    base = HiddenField(default="0")
    operation = HiddenField()  # one per page: a double tap is one submission
    note = TextAreaField(_("评语"), render_kw={"rows": 3, "maxlength": rules.LONGEST_NOTE})

    def field_of(self, code: str) -> Field:
        return self[f"c_{code}"]

    def points(self, rubric: Rubric) -> dict[str, str]:
        return {c.code: self.field_of(c.code).data or "" for c in rubric.criteria}

    def base_revision(self) -> int:
        text = self.base.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0

    def renew(self) -> None:
        """The next press is another submission."""
        self.operation.data = str(uuid.uuid4())

    def key(self) -> uuid.UUID:
        return operation_key(self.operation.data or "")


def sheet_form(rubric: Rubric, points: Mapping[str, str], note: str, revision: int) -> Sheet:
    """The form of a rubric: one field per criterion, named ``c-<code>``, with what is stored in it."""
    fields = {
        f"c_{c.code}": StringField(c.name, name=f"c-{c.code}", default=points.get(c.code, "")) for c in rubric.criteria
    }
    form: Sheet = type("SheetForm", (Sheet,), fields)(note=note, base=str(revision))
    if not form.operation.data:
        form.renew()
    return form


def operation_key(text: str) -> uuid.UUID:
    """The key of a change. Browsers without a secure context make keys of their own kind: those are hashed."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_OID, text)


class RecuseForm(FlaskForm):
    reason = TextAreaField(
        _("回避的原因"),
        [
            InputRequired(_("请写明回避的原因，例如“认识作者”")),
            Length(max=rules.LONGEST_NOTE, message=_("原因最多 %(max)d 个字")),
        ],
        render_kw={"rows": 3},
    )


class RoundForm(FlaskForm):
    """A new round of an edition."""

    edition_id = PickField(_("届次"), [InputRequired(_("请选择届次"))])
    name = StringField(
        _("名称"),
        [
            InputRequired(_("请填写名称，例如“初评”")),
            Length(max=rules.LONGEST_ROUND_NAME, message=_("名称最多 %(max)d 个字")),
        ],
    )
    opens_at = MomentField(_("评审开始"), [InputRequired(_("请填写评审开始的时间"))])
    closes_at = MomentField(_("评审截止"), [InputRequired(_("请填写评审截止的时间"))])
    judges_per_entry = WholeField(
        _("每件评委数"),
        [
            InputRequired(_("请填写每件评委数，例如 5")),
            NumberRange(1, rules.MOST_JUDGES, _("每件评委数要在 %(min)s 到 %(max)s 之间")),
        ],
        render_kw={"inputmode": "numeric"},
    )


class JudgeForm(FlaskForm):
    """A judge of a round, by the account's e-mail address."""

    identifier = StringField(
        _("账号邮箱"),
        [InputRequired(_("请填写账号邮箱")), Length(max=200, message=_("邮箱最多 %(max)d 个字"))],
        render_kw={"inputmode": "email", "autocomplete": "off"},
    )
    disciplines = PickManyField(_("熟悉的学科"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False))
    least_load = WholeField(
        _("最少件数"), [Optional(), NumberRange(0, 2000, _("最少件数要在 %(min)s 到 %(max)s 之间"))],
        default=0, render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    most_load = WholeField(
        _("最多件数"),
        [InputRequired(_("请填写最多件数")), NumberRange(1, 2000, _("最多件数要在 %(min)s 到 %(max)s 之间"))],
        default=40, render_kw={"inputmode": "numeric"},
    )  # fmt: skip


# Which field a refusal blames; what is not here stands at the head of the form.
refuse = partial(
    core_refuse,
    fields={
        "judging.round_name": "name",
        "judging.round_name_taken": "name",
        "judging.window": "closes_at",
        "judging.judges_per_entry": "judges_per_entry",
        "judging.no_rule_pack": "edition_id",
        "judging.unknown_account": "identifier",
        "judging.judge_twice": "identifier",
        "judging.load": "most_load",
        "judging.reason_missing": "reason",
        "judging.note_length": "reason note",
    },
)
