"""The smallest Celery program: a task that beat sends every half second and that counts itself in Redis."""

import redis
from celery import Celery

import config

settings = config.read()
celery = Celery("small", broker=settings.redis_url)
celery.conf.broker_connection_retry_on_startup = True
celery.conf.beat_scheduler = "celery.beat:Scheduler"  # as the real one, it keeps nothing on disk
celery.conf.beat_schedule = {"tick": {"task": "tick", "schedule": 0.5}}


@celery.task(name="tick", ignore_result=True)
def tick() -> None:
    with redis.Redis.from_url(settings.redis_url) as client:
        client.incr("ticks")
