"""报名: seats, the waiting list, withdrawal. Forms, parties, consent and the door stand here next."""
