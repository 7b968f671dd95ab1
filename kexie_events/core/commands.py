"""For commands: a refusal in words."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app

from . import web
from .errors import DomainError


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """A refusal as one sentence on the error stream, exit code 1."""
    try:
        yield
    except DomainError as refused:
        raise click.ClickException(sentence(refused)) from None


def sentence(refused: DomainError) -> str:
    """What an error means. Sentences are written for a reader, who comes with a request: here one is made up."""
    with current_app.test_request_context():
        return web.sentence(refused)
