"""The application form of an entry and its upload."""

from functools import partial

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from ..contests.rules import Pack
from ..core.fields import PickField
from ..core.forms import refuse as core_refuse
from . import rules
from .services import Application


class EntryForm(FlaskForm):
    """One page: the work, the school, the authors. Choices come from the edition's rule pack."""

    title = StringField(
        _("作品名称"),
        [
            InputRequired(_("请填写作品名称")),
            Length(max=rules.LONGEST_TITLE, message=_("作品名称最多 %(max)d 个字")),
        ],
    )
    category = PickField(_("类别"), [InputRequired(_("请选择类别"))])
    group = PickField(_("组别"), [InputRequired(_("请选择组别"))])
    discipline = PickField(_("学科"), [InputRequired(_("请选择学科"))])
    unit_id = PickField(_("学校"), [InputRequired(_("请选择学校"))])
    members = TextAreaField(
        _("作者"),
        [InputRequired(_("请至少填写一位作者")), Length(max=1000, message=_("作者最多 %(max)d 个字"))],
        render_kw={"rows": 3},
    )
    abstract = TextAreaField(
        _("摘要"),
        [Length(max=rules.LONGEST_ABSTRACT, message=_("摘要最多 %(max)d 个字"))],
        render_kw={"rows": 6},
    )

    def offer(self, pack: Pack, schools: list[tuple[int, str]]) -> None:
        """Fill the lists to choose from; the first line asks."""
        ask = [("", _("请选择"))]
        for field, choices in (
            (self.category, pack.categories),
            (self.group, pack.groups),
            (self.discipline, pack.disciplines),
        ):
            field.choices = ask + [(choice.code, choice.name) for choice in choices]
        self.unit_id.choices = ask + [(str(id), name) for id, name in schools]

    def application(self) -> Application:
        names = tuple(line.strip() for line in self.members.data.splitlines() if line.strip())
        return Application(
            title=self.title.data,
            abstract=self.abstract.data or "",
            category=self.category.data,
            group=self.group.data,
            discipline=self.discipline.data,
            unit_id=int(self.unit_id.data),
            members=names,
        )


class FileForm(FlaskForm):
    file = FileField(_("文件"), [FileRequired(_("请选择文件"))])


# Which field a refusal blames; what is not here stands at the head of the form.
refuse = partial(
    core_refuse,
    fields={
        "entry.title": "title",
        "entry.no_member": "members",
        "entry.team_size": "members",
        "entry.member_twice": "members",
        "person.name": "members",
        "entry.school": "unit_id",
        "entry.file_type": "file",
        "entry.empty_file": "file",
        "entry.too_many_files": "file",
        "storage.too_large": "file",
    },
)
