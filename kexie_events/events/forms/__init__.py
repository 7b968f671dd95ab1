"""What organisers fill in: shape and wording only. Choices that come from the database are set by the view."""

from .editions import (
    ApprovalForm,
    CloneForm,
    DatesForm,
    EditionForm,
    FactsForm,
    MilestoneForm,
    ReasonForm,
    StartForm,
    dates_form,
)
from .occurrences import CancelForm, MoveForm, OccurrenceForm, SkipForm, WindowForm, WordsForm
from .refusing import refuse
from .series import SeriesForm, SeriesWordsForm, new_series_key
from .venues import RoomForm, VenueForm

__all__ = [
    "ApprovalForm", "CancelForm", "CloneForm", "DatesForm", "EditionForm", "FactsForm", "MilestoneForm", "MoveForm",
    "OccurrenceForm", "ReasonForm", "RoomForm", "SeriesForm", "SeriesWordsForm", "SkipForm", "StartForm", "VenueForm",
    "WindowForm", "WordsForm", "dates_form", "new_series_key", "refuse",
]  # fmt: skip
