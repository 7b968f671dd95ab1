"""The WSGI entry: ``gunicorn wsgi:app``; ``flask`` finds it here by itself."""

import click

import config
from kexie_events import create_app

try:
    app = create_app(config.read())
except config.WrongSetting as wrong:
    if click.get_current_context(silent=True) is None:
        raise  # a server ends, and its log shows the same words last
    raise click.ClickException(str(wrong)) from None
