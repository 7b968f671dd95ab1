"""What the forms of every room share: a refusal at its field, one press, the revision that stood on the page."""

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField

from . import web
from .errors import DomainError


class PlainForm(FlaskForm):
    """Nothing but its token: one press."""


class RevisionMixin:
    """A change of something that others may change meanwhile."""

    revision = HiddenField()

    @property
    def expected_revision(self) -> int:
        """The revision that stood on the page; what is no number matches none."""
        field: Any = self.revision
        return web.whole_number(field.data, -1)


def refuse(form: FlaskForm, error: DomainError, *, fields: Mapping[str, str]) -> None:
    """Put a refusal where the person can mend it.

    ``fields`` says which field a code blames; of several names, parted by spaces, the first that the form has. A code
    that is not in it blames no field: its sentence stands at the head of the form.
    """
    blame(form, web.sentence(error), *fields.get(error.code, "").split())


def blame(form: FlaskForm, words: str, *names: str) -> None:
    """Put words at the first of the named fields that the form has, else at its head."""
    for name in names:
        if name in form:
            form[name].errors = [*form[name].errors, words]
            return
    form.form_errors.append(words)
