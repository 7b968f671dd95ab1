"""Errors are codes, not sentences. The words for people live in ``sentences/``."""


class DomainError(Exception):
    """Something that a person asked for and that cannot be done.

    ``code`` is ``feature.reason``; ``details`` are the values that its sentence names.
    ``status`` is the HTTP status that says the same thing to a program.
    """

    status = 400

    def __init__(self, code: str, /, **details: object) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details


class RuleBroken(DomainError):
    """A rule of the field or of an edition refuses; the person can mend it. 422."""

    status = 422


class SentBefore(RuleBroken):
    """A form that was sent before, under the same key, with other content; ``name``: of what it made. 422."""

    def __init__(self, *, name: str) -> None:
        super().__init__("core.sent_before", name=name)


class Forbidden(DomainError):
    """The actor may see the thing but not do this to it. 403."""

    status = 403


class NotFound(DomainError):
    """There is no such thing, or the actor may not know of it: both answer the same. 404."""

    status = 404

    def __init__(self, code: str = "core.not_found", /, **details: object) -> None:
        super().__init__(code, **details)


class Conflict(DomainError):
    """Somebody changed it in between; the details carry both versions. 409."""

    status = 409


class TooLarge(DomainError):
    """More was sent than is taken. 413."""

    status = 413


class TooMany(DomainError):
    """Too many attempts; details carry ``retry_after_seconds``. 429."""

    status = 429


class Busy(DomainError):
    """A lock was not had in time; the same request, sent again, is safe. 503."""

    status = 503

    def __init__(self, code: str = "core.busy", /, *, retry_after_seconds: int = 2) -> None:
        super().__init__(code, retry_after_seconds=retry_after_seconds)


class DatabaseBehind(DomainError):
    """The database lacks a table or column that this program needs: it is not migrated yet. 503."""

    status = 503

    def __init__(self, lacks: str) -> None:
        super().__init__("core.database_behind", retry_after_seconds=60)
        self.lacks = lacks

    def __str__(self) -> str:
        return f"the database is older than this program ({self.lacks}): run `flask db upgrade`"
