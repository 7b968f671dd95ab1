"""What is read of hosts: the list and its issues, exchanges, what a unit runs for another."""

from .hosted import Hosted, hosted_by, latest_request
from .rotation import Circle, Issue, Listed, check_not_over, circle, issues, next_host, turns, turns_due, units_to_list
from .swaps import Swap, asked_of, checked_swap, pair_of, plans, swap, swaps, to_exchange

__all__ = [
    "Circle", "Hosted", "Issue", "Listed", "Swap", "asked_of", "check_not_over", "checked_swap", "circle", "hosted_by",
    "issues", "latest_request", "next_host", "pair_of", "plans", "swap", "swaps", "to_exchange", "turns", "turns_due",
    "units_to_list",
]  # fmt: skip
