"""The WSGI entry: ``gunicorn wsgi:app``; ``flask`` finds it here by itself."""

import config
from kexie_events import create_app

app = create_app(config.read())
