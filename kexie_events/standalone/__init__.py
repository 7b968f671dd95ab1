"""One machine, one command: own PostgreSQL and Redis, then web, worker and beat as children.

``python -m kexie_events.standalone`` is what ``make run`` starts; ``postgres.start`` and ``redis_server.start`` also
serve the tests. Runs on Linux: it reads /proc and ties every child's life to its parent's.
"""
