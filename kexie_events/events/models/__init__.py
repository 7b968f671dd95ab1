"""Rows of what is planned, of venues, and of who has which room."""

from .bookings import RoomBooking, keep_booked
from .things import Dated, Edition, Milestone, Occurrence, Placed, Series, ways_in
from .venues import Room, Venue

__all__ = [
    "Dated", "Edition", "Milestone", "Occurrence", "Placed", "Room", "RoomBooking", "Series", "Venue", "keep_booked",
    "ways_in",
]  # fmt: skip
