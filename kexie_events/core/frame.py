"""The frame of every request: words for templates, language, doors, error pages. Used by ``create_app`` alone."""

from typing import Any

from flask import (
    Flask,
    Response,
    abort,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, get_translations
from flask_wtf.csrf import CSRFError
from jinja2 import StrictUndefined, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from sqlalchemy.exc import OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import IntegerConverter

from . import answers, dates, drawing, web
from .access import Actor, Role
from .calendar_links import calendar_links
from .db import db
from .errors import DatabaseBehind, DomainError, Forbidden
from .installation import settings
from .web import LARGEST_ID, Who, actor, sentence


class Ids(IntegerConverter):
    """``<id:…>`` in a route: a whole number that can be a key. Longer ones are no address of ours (404), nor are
    those in other digits than ours.
    """

    regex = "[0-9]+"

    def __init__(self, url_map: Any) -> None:
        super().__init__(url_map, min=1, max=LARGEST_ID)


def dress(app: Flask) -> None:
    """Give templates their words and pictures."""
    app.url_map.converters["id"] = Ids
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.undefined = StrictUndefined  # a word that a view forgot stops the page instead of leaving a hole
    app.jinja_env.globals.update(
        rings=drawing.rings,
        qr=drawing.qr,
        calendar_addresses=calendar_links,
        actor=actor,
        who_is=lambda role: actor().has(Role(role)),
        english=web.english,
        now=web.arrived_at,
        today=web.today,
        label=web.label,
        external=web.external,
        page_url=web.page_url,
        json_ld=web.json_ld,
        span_tag=web.span_tag,
        hours_tag=web.hours_tag,
        month_words=web.month_words,
        month_name=web.month_name,
        soon_days=dates.SOON_DAYS,
        organization=lambda: settings().organization,
    )
    app.jinja_env.filters.update(
        day=web.day_words,
        moment=web.moment_words,
        when=web.when_words,
        days_left=web.days_left,
        label=web.label,
        local=web.local,
        plain=web.plain,
    )
    app.context_processor(lambda: {"wechat": "MicroMessenger" in request.user_agent.string})


def speak(app: Flask) -> None:
    """Give templates a quicker ``_()`` than the two libraries make together: a page says a hundred words, and theirs
    looks the reader's catalogue up for each through five calls. The same words and the same escaping."""
    catalogues: dict[Any, Any] = {}

    @pass_eval_context
    def gettext(around: EvalContext, text: str, /, **values: Any) -> str:
        locale = get_locale()
        catalogue = catalogues.get(locale.language) if locale is not None else None
        if catalogue is None:
            catalogue = get_translations()
            if locale is not None:
                catalogues[locale.language] = catalogue
        said: str = catalogue.ugettext(text)
        if around.autoescape:
            said = Markup(said)  # noqa: S704 -- our own words; what is put into them is escaped
        return said % values if values or "%" in said else said

    app.jinja_env.globals.update(_=gettext, gettext=gettext)


def chosen_language() -> str:
    """zh_Hans or en: what ``?lang=`` asks, what the cookie remembers, what the browser prefers; Chinese first."""
    asked = request.args.get("lang") or request.cookies.get("lang")
    if asked in ("zh", "en"):
        return {"zh": "zh_Hans", "en": "en"}[asked]
    best = request.accept_languages.best_match(["zh-CN", "zh", "en"])
    return "en" if best == "en" else "zh_Hans"


def remember_language(response: Response) -> Response:
    """Of a page: what programs fetch is the same for everybody and leaves nothing behind."""
    asked = request.args.get("lang")
    if asked in ("zh", "en") and response.mimetype == "text/html":
        response.set_cookie("lang", asked, max_age=31_536_000, httponly=True, samesite="Lax")
    return response


def guard(app: Flask) -> None:
    """Stand at the doors: every route has a mark, and nobody comes in without what it asks."""

    @app.before_request
    def check_door() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        who: Who = vars(app.view_functions[request.endpoint])["access"]
        if who is Who.PUBLIC or (actor().signed_in and _may_enter(who, actor())):
            return None
        if not actor().signed_in:
            if request.method not in ("GET", "HEAD") or request.is_json:
                raise Forbidden("access.signed_out")
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)
        abort(404)


def _may_enter(who: Who, visitor: Actor) -> bool:
    return {
        Who.SIGNED_IN: True,
        Who.ORGANIZER: visitor.organizes,
        Who.JUDGE: visitor.has(Role.JUDGE),
    }[who]


def check_marks(app: Flask) -> None:
    """Raises: AssertionError naming the routes that have no access mark."""
    bare = sorted(name for name, view in app.view_functions.items() if name != "static" and not hasattr(view, "access"))
    if bare:
        raise AssertionError(f"routes without an access mark: {', '.join(bare)}")


def answer_errors(app: Flask) -> None:
    """Every refusal becomes a page (or JSON for a program) with its sentence and its status."""

    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> ResponseReturnValue:
        db.session.rollback()
        if isinstance(error, DatabaseBehind):  # nobody at a browser can mend it; whoever reads the log can
            app.logger.error("%s", error)
        headers = {}
        if seconds := error.details.get("retry_after_seconds"):
            headers["Retry-After"] = str(seconds)
        parameter = str(error.details.get("parameter", ""))
        return _error_page(error.status, sentence(error), error.code, parameter=parameter), error.status, headers

    @app.errorhandler(OperationalError)
    @app.errorhandler(TimeoutError)
    def away(_error: OperationalError | TimeoutError) -> ResponseReturnValue:
        """The database does not answer, took too long, or had no connection free in time: nothing was changed, and the
        same request may come again.
        """
        app.logger.exception("the database does not answer")
        return _error_page(503, "", "core.busy"), 503, {"Retry-After": "2"}

    @app.errorhandler(CSRFError)
    def expired(error: CSRFError) -> ResponseReturnValue:
        return _error_page(422, "", "core.form_expired", page="expired"), 422

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if status < 400:
            return error
        response = make_response(_error_page(status, "", ""), status)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(error.valid_methods)
        return response


def wants_json() -> bool:
    """Whether a program asks: it sent JSON, or takes JSON rather than a page."""
    return (
        request.is_json or request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


_PAGES = (400, 403, 404, 405, 409, 413, 422, 429, 503)


def _error_page(status: int, reason: str, code: str, *, page: str = "", parameter: str = "") -> Any:
    if request.path.startswith(answers.API):
        return answers.problem(status, reason, code, parameter)
    if wants_json():
        return jsonify(error=code or str(status), message=reason)
    name = page or str(status if status in _PAGES else 400 if status < 500 else 500)
    return render_template(f"errors/{name}.html", reason=reason, request_id=g.get("request_id", "-"))
