"""Pages of registrations: for everybody, and at the organiser's desk."""

from .manage import bp as manage
from .public import bp as public

blueprints = [public, manage]
