"""Choosing the rules of an edition, and pressing the button that saves them."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField

from ..core.fields import PickField
from ..core.forms import RevisionMixin


class SourceForm(FlaskForm):
    """From another edition, or from a file; the file goes before."""

    edition_id = PickField(_("沿用哪一届"), default="")
    file = FileField(_("规则包文件"), render_kw={"accept": ".json,application/json"})


class SaveForm(RevisionMixin, FlaskForm):
    body = HiddenField()
