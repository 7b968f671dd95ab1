"""What the forms of every room share: a refusal at its field, one press, its key, the revision and the preview that
stood on the page."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from flask_wtf import FlaskForm
from wtforms import HiddenField

from . import web
from .errors import DomainError, SentBefore
from .previews import digest_of


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


class KeyMixin:
    """One key for each form that was shown, so that the same form sent twice is one thing.

    The service keeps it with what it makes. The same key with the same content is answered with what is there; with
    other content it is refused (``SentBefore``), and the form gets another key: sent again, it makes a second thing.
    """

    key = HiddenField(default=lambda: str(uuid4()))

    @property
    def sound_key(self) -> UUID:
        """The form's key; a new one when somebody sends none of ours."""
        field: Any = self.key
        try:
            return UUID(field.data or "")
        except ValueError:
            return uuid4()

    def renew_key(self) -> None:
        field: Any = self.key
        field.data = str(uuid4())


class SeenMixin:
    """A form whose outcome is shown before it is done.

    ``not_previewed``: names of fields that may be typed after the preview, because it does not depend on them.
    """

    seen = HiddenField()
    not_previewed: frozenset[str] = frozenset()

    def _typed(self: Any) -> str:
        hidden = {"seen", "revision", "key", "csrf_token"} | self.not_previewed
        return digest_of(*((field.short_name, str(field.data)) for field in self if field.short_name not in hidden))

    @property
    def is_seen(self) -> bool:
        """Whether the form is as it was when its outcome was shown."""
        form: Any = self
        return str(form.seen.data or "").partition(":")[0] == self._typed()

    @property
    def seen_outcome(self) -> str:
        """The digest of the outcome that was shown; "" when none was, or of another form."""
        form: Any = self
        return str(form.seen.data or "").partition(":")[2] if self.is_seen else ""

    def remember(self, outcome: str) -> None:
        """Take note of what is shown now."""
        form: Any = self
        form.seen.data = f"{self._typed()}:{outcome}"


def refuse(form: FlaskForm, error: DomainError, *, fields: Mapping[str, str]) -> None:
    """Put a refusal where the person can mend it.

    ``fields`` says which field a code blames; of several names, parted by spaces, the first that the form has. A code
    that is not in it blames no field: its sentence stands at the head of the form.
    """
    if isinstance(error, SentBefore) and isinstance(form, KeyMixin):
        form.renew_key()
    blame(form, web.sentence(error), *fields.get(error.code, "").split())


def blame(form: FlaskForm, words: str, *names: str) -> None:
    """Put words at the first of the named fields that the form has, else at its head."""
    for name in names:
        if name in form:
            form[name].errors = [*form[name].errors, words]
            return
    form.form_errors.append(words)
