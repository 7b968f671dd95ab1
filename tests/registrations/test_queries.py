"""Registrations, counted."""

from flask import Flask

from kexie_events.registrations.queries import by_state
from kexie_events.registrations.rules import RegistrationState
from tests.build import make_occurrence, make_told_registration


def test_every_state_is_counted_over_all_occurrences_zeros_included(app: Flask) -> None:
    for occurrence in (make_occurrence(), make_occurrence()):
        make_told_registration(occurrence)
    make_told_registration(occurrence, state=RegistrationState.WITHDRAWN)
    assert by_state() == {
        RegistrationState.CONFIRMED: 2, RegistrationState.WAITING: 0, RegistrationState.WITHDRAWN: 1,
    }  # fmt: skip
