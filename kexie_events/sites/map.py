"""A map drawn from stored coordinates: no tiles, no other server. Pure: points in, circles and labels out.

Equirectangular with the longitudes shortened by the cosine of the middle latitude: over a city that is true to a
few metres in a hundred kilometres, and straight lines stay straight. Source: docs/sources.md#map
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

WIDTH = 1000.0  # units of the drawing
LEAST_HEIGHT, MOST_HEIGHT = 420.0, 1000.0
PADDING = 60.0
CELL = 44.0  # points within one cell are one circle
MOST_CIRCLES = 160
SMALLEST, LARGEST = 9.0, 30.0  # radii
LEAST_SPAN = 0.01  # degrees: a kilometre; one point alone would otherwise have no scale
_LABEL = (26.0, 30.0)  # room that a character takes on a phone, where the same drawing is a third as wide


class Spot(Protocol):
    """What is drawn of an activity; degrees, WGS-84."""

    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...
    @property
    def region_name(self) -> str: ...


Box = tuple[float, float, float, float]  # south, west, north, east


@dataclass(frozen=True)
class Circle:
    """What lies within one cell. ``members``: places in the list that was given."""

    x: float
    y: float
    radius: float
    members: tuple[int, ...]
    region: str  # of most of them
    box: Box

    @property
    def count(self) -> int:
        return len(self.members)

    @property
    def box_words(self) -> str:
        """The box as it stands in an address."""
        return ",".join(f"{value:g}" for value in self.box)

    @property
    def is_one_place(self) -> bool:
        """Whether looking closer would show no more."""
        south, west, north, east = self.box
        return north - south < 0.0005 and east - west < 0.0005


@dataclass(frozen=True)
class Label:
    """A district's name at the middle of its points."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Drawing:
    """A map. ``kilometre``: how long one is, for the scale."""

    width: float
    height: float
    circles: tuple[Circle, ...]
    labels: tuple[Label, ...]
    kilometre: float

    @property
    def scale(self) -> tuple[int, float]:
        """A round number of kilometres that takes at most a fifth of the width, and its length."""
        most = self.width / 5 / self.kilometre
        power = 10 ** math.floor(math.log10(max(most, 1)))
        km = next((n * power for n in (5, 2, 1) if n * power <= most), 1)
        return km, round(km * self.kilometre, 1)


def box_of(spots: Iterable[Spot]) -> Box:
    """The least box around them, as it stands in an address: rounded outward."""
    rows = [(spot.latitude, spot.longitude) for spot in spots]
    latitudes, longitudes = [row[0] for row in rows], [row[1] for row in rows]
    return (
        math.floor(min(latitudes) * 1e4) / 1e4,
        math.floor(min(longitudes) * 1e4) / 1e4,
        math.ceil(max(latitudes) * 1e4) / 1e4,
        math.ceil(max(longitudes) * 1e4) / 1e4,
    )


def read_box(text: str) -> Box | None:
    """south,west,north,east; None for what is no box."""
    parts = text.split(",")
    if len(parts) != 4 or len(text) > 60:
        return None
    try:
        south, west, north, east = (float(part) for part in parts)
    except ValueError:
        return None
    sound = -90 <= south <= north <= 90 and -180 <= west <= east <= 180
    return (south, west, north, east) if sound else None


def draw(spots: Sequence[Spot]) -> Drawing | None:
    """The map of these; None without any. The same points give the same drawing."""
    if not spots:
        return None
    south, west, north, east = _roomy(box_of(spots))
    shorter = math.cos(math.radians((south + north) / 2))
    across, down = (east - west) * shorter, north - south
    unit = min((WIDTH - 2 * PADDING) / across, (MOST_HEIGHT - 2 * PADDING) / down)
    height = max(LEAST_HEIGHT, down * unit + 2 * PADDING)
    left, top = (WIDTH - across * unit) / 2, (height - down * unit) / 2
    places = [(left + (spot.longitude - west) * shorter * unit, top + (north - spot.latitude) * unit) for spot in spots]
    return Drawing(
        WIDTH, round(height, 1), _circles(spots, places), _labels(spots, places, height), unit / 111.32
    )  # a degree of latitude is 111.32 km


def _roomy(box: Box) -> Box:
    south, west, north, east = box
    more_down, more_across = max(0.0, LEAST_SPAN - (north - south)) / 2, max(0.0, LEAST_SPAN - (east - west)) / 2
    return south - more_down, west - more_across, north + more_down, east + more_across


def _circles(spots: Sequence[Spot], places: Sequence[tuple[float, float]]) -> tuple[Circle, ...]:
    """One for each cell; cells grow until there are few enough."""
    size = CELL
    while True:
        cells: dict[tuple[int, int], list[int]] = {}
        for n, (x, y) in enumerate(places):
            cells.setdefault((int(x // size), int(y // size)), []).append(n)
        if len(cells) <= MOST_CIRCLES:
            break
        size *= 1.25
    most = max(len(members) for members in cells.values())
    return tuple(_circle(spots, places, members, most) for _, members in sorted(cells.items()))


def _circle(spots: Sequence[Spot], places: Sequence[tuple[float, float]], members: Sequence[int], most: int) -> Circle:
    """Its area grows with what it holds; it stands where its points are, not in the middle of the cell."""
    x = sum(places[n][0] for n in members) / len(members)
    y = sum(places[n][1] for n in members) / len(members)
    radius = SMALLEST if len(members) == 1 else 13 + (LARGEST - 13) * math.sqrt(len(members) / most)
    region = Counter(spots[n].region_name for n in members).most_common(1)[0][0]
    return Circle(round(x, 1), round(y, 1), round(radius, 1), tuple(members), region, box_of(spots[n] for n in members))


def _labels(spots: Sequence[Spot], places: Sequence[tuple[float, float]], height: float) -> tuple[Label, ...]:
    """Names at the middle of each district's points; one that would lie on another is left to the table."""
    by_name: dict[str, list[tuple[float, float]]] = {}
    for spot, place in zip(spots, places, strict=True):
        if spot.region_name:
            by_name.setdefault(spot.region_name, []).append(place)
    taken: list[tuple[float, float, float]] = []
    labels = []
    for name, own in sorted(by_name.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        text = name.split("（")[0]
        half = len(text) * _LABEL[0] / 2
        x = min(max(sum(place[0] for place in own) / len(own), half + 4), WIDTH - half - 4)
        y = min(sum(place[1] for place in own) / len(own) + LARGEST + 16, height - 6)
        if all(abs(x - ox) > half + other or abs(y - oy) > _LABEL[1] for ox, oy, other in taken):
            taken.append((x, y, half))
            labels.append(Label(round(x, 1), round(y, 1), text))
    return tuple(labels)
