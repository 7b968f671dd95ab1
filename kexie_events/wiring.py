"""What higher rooms tell lower ones: who tells what, in which order. ``create_app`` calls ``connect``.

A lower room cannot ask a higher one (decision 0002); it keeps a list, says there what belongs into it, and asks
whoever stands in it. The lists are filled here and nowhere else.
"""

from .agenda.views import desk as agenda_desk
from .agenda.views import public as agenda
from .contests import bounds
from .contests import carrying as rules
from .contests import views as contests
from .days import queries as days
from .entries import views as entries
from .entries.queries import bound_by_entries
from .events import carrying, holders, keepers, panels
from .events import subjects as events
from .feeds import services as feeds
from .imports import views as imports
from .judging import carrying as rounds
from .judging import subjects as judging
from .judging.queries.sheets import bound_by_scores
from .messages import services as messages
from .people import queries as people
from .people import subjects
from .registrations.queries import people_to_tell
from .registrations.services import seats_added
from .reminders import services as reminders
from .results import views as results
from .sites import keeping as declared
from .sites.views import board as sites_desk
from .sites.views import public as sites


def connect() -> None:
    """The same however often it is called: a process may make several applications."""
    subjects.KINDS.update(unit=people.UNIT, series=events.SERIES, edition=events.EDITION, round=judging.ROUND)
    days.NAMES[:] = [people.account_names]
    # Sections stand on an edition's page in this order.
    panels.PANELS[:] = [agenda.edition_section, sites.edition_panel, entries.edition_panel, results.edition_panel]
    panels.DESK_PANELS[:] = [sites_desk.desk_panel, contests.desk_panel, agenda_desk.edition_panel, imports.desk_panel]
    panels.WAITING[:] = [sites_desk.waiting, agenda_desk.waiting, imports.waiting]
    # What comes along to a new edition, in the order in which it is offered and copied: rounds need rules.
    carrying.CARRIERS[:] = [rules.CARRIER, rounds.CARRIER]
    holders.COUNTS[:], holders.SEATS_ADDED[:] = [people_to_tell], [seats_added]
    keepers.KEEPERS[:] = [declared.KEEPER]
    bounds.BOUNDS[:] = [bound_by_entries, bound_by_scores]
    messages.OUTDATED[:] = [reminders.is_outdated]
    messages.ENCLOSING[:] = [feeds.enclose]
