from .public import bp as public

blueprints = [public]
