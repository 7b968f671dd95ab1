"""Reading campaigns: what the desk needs, what visitors see, the figures."""

from .desk import (
    Board,
    Known,
    campaigns,
    checkers,
    counts,
    edition_for_desk,
    history,
    known_sites,
    last_edition,
    photos,
    reaches,
    regions_for,
    rows,
    site,
    terms_of,
    units_to_declare_for,
)
from .figures import Figures, figures, official_rows
from .public import Facets, Point, facets, list_rows, points, public_count, public_edition

__all__ = [
    "Board", "Facets", "Figures", "Known", "Point", "campaigns", "checkers", "counts", "edition_for_desk", "facets",
    "figures", "history", "known_sites", "last_edition", "list_rows", "official_rows", "photos", "points",
    "public_count", "public_edition", "reaches", "regions_for", "rows", "site", "terms_of", "units_to_declare_for",
]  # fmt: skip
