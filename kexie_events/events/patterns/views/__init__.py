"""The pages of a rule on the organiser's desk; they stand in its blueprint."""

from . import rule

__all__ = ["rule"]
