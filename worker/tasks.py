"""One task per service call. No query, no decision; each is safe to run twice, together with itself, and to kill.

They carry no arguments: what is due stands in the database, and nothing personal ever goes through the broker.
"""

import platform

from celery import shared_task
from flask import current_app

from kexie_events.core import clock
from kexie_events.feeds import services as feeds
from kexie_events.imports import services as imports
from kexie_events.messages import services as messages
from kexie_events.operations import services as operations
from kexie_events.reminders import services as reminders

from .channels import mail


@shared_task
def send_due_messages() -> None:
    settings = current_app.extensions["kexie"].settings
    with mail.channel(settings.mail_url, base_url=settings.base_url, organization=settings.organization) as send:
        messages.send_due(send, now=clock.now())


@shared_task
def plan_reminders() -> None:
    reminders.plan(clock.now())


@shared_task
def publish_feeds() -> None:
    feeds.publish_stale(now=clock.now())


@shared_task
def read_calendars() -> None:
    imports.work(now=clock.now())


@shared_task
def beat() -> None:
    operations.beat(platform.node(), now=clock.now())


@shared_task
def tidy() -> None:
    operations.tidy(now=clock.now())
