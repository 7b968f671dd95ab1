"""The legs: Celery around the services. Decides nothing, imported by nothing."""
