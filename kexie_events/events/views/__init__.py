from .manage import bp as manage
from .public import bp as public

blueprints = [public, manage]
