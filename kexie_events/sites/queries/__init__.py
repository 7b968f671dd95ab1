"""Reading campaigns: what the desk needs, what visitors see, the figures."""

from .desk import (
    Board,
    Duties,
    Known,
    campaigns,
    checkers,
    counts,
    duties,
    edition_for_desk,
    history,
    known_sites,
    last_edition,
    photos,
    place_of_site,
    reaches,
    regions_for,
    root_of,
    rows,
    seen_by,
    site,
    terms_of,
    unit_of,
    units_to_declare_for,
    venue,
    venues,
)
from .figures import Figures, RollUp, figures, official_rows
from .public import Facets, Point, Wanted, facets, listed, points, public_count, public_edition

__all__ = [
    "Board", "Duties", "Facets", "Figures", "Known", "Point", "RollUp", "Wanted", "campaigns", "checkers", "counts",
    "duties", "edition_for_desk", "facets", "figures", "history", "known_sites", "last_edition", "listed",
    "official_rows", "photos", "place_of_site", "points", "public_count", "public_edition",
    "reaches", "regions_for", "root_of", "rows", "seen_by", "site", "terms_of", "unit_of", "units_to_declare_for",
    "venue", "venues",
]  # fmt: skip
