"""Changing something that stands: the form filled from the row, saved, or both versions when somebody was faster.

One way for the pages of every room, so that no page forgets to show what it is about to replace.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request
from flask_wtf import FlaskForm

from .errors import Conflict, DomainError, RuleBroken
from .versions import Version, both_versions

Row = TypeVar("Row")
Form = TypeVar("Form", bound=FlaskForm)


@dataclass(frozen=True)
class Edited(Generic[Row, Form]):
    """What came of a request to change something.

    ``row`` as it stands now; ``status`` of the page: 200 shown, 422 refused, 409 with ``versions``; ``saved``: answer
    with a redirect instead. ``result`` is what saving gave back.
    """

    row: Row
    form: Form
    status: int = 200
    versions: Sequence[Version] = ()
    saved: bool = False
    result: Any = None


def edited(
    read: Callable[[], Row],
    *,
    form: Callable[[Row], Form],
    filled: Callable[[Row], Form],
    save: Callable[[Row, Form], object],
    refuse: Callable[[Form, DomainError], None],
) -> Edited[Row, Form]:
    """``read`` the row, as often as it may have changed; ``form`` as it was sent; ``filled`` from what stands.

    A GET shows what stands. What ``save`` refuses stands on the form as it was typed; somebody slower sees both
    versions, and sending the form again is then a decision.
    """
    row = read()
    if request.method != "POST":
        return Edited(row, filled(row))
    sent = form(row)
    if not sent.validate_on_submit():
        return Edited(row, sent, 422)
    try:
        result = save(row, sent)
    except (RuleBroken, Conflict) as error:
        refuse(sent, error)
        row = read()
        versions = both_versions(sent, filled(row)) if isinstance(error, Conflict) else ()
        return Edited(row, sent, error.status, versions)
    return Edited(row, sent, 303, saved=True, result=result)


def pressed(form: Form, act: Callable[[Form], object], refuse: Callable[[Form, DomainError], None]) -> int:
    """One press on something that others may change meanwhile: 303 when it is done, else the status of the page that
    says why not."""
    if not form.validate_on_submit():
        return 422
    try:
        act(form)
    except (RuleBroken, Conflict) as error:
        refuse(form, error)
        return error.status
    return 303
