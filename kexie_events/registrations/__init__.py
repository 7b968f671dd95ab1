"""报名: seats, the waiting list, withdrawal."""
