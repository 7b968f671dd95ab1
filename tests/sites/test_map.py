import math
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kexie_events.sites import map as drawing


@dataclass(frozen=True)
class Spot:
    latitude: float
    longitude: float
    region_name: str = "渝中区"


DEGREES = st.floats(28, 32), st.floats(105, 110)


def test_nothing_is_no_map() -> None:
    assert drawing.draw([]) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(Spot, *DEGREES), min_size=1, max_size=300))
def test_every_point_stands_in_exactly_one_circle_within_the_frame(spots: list[Spot]) -> None:
    drawn = drawing.draw(spots)
    assert drawn is not None
    assert sorted(n for circle in drawn.circles for n in circle.members) == list(range(len(spots)))
    assert len(drawn.circles) <= drawing.MOST_CIRCLES
    for circle in drawn.circles:
        assert circle.radius <= circle.x <= drawn.width - circle.radius
        assert circle.radius <= circle.y <= drawn.height - circle.radius
        south, west, north, east = circle.box
        assert all(south <= spots[n].latitude <= north and west <= spots[n].longitude <= east for n in circle.members)
    assert drawing.draw(spots) == drawn


def test_north_is_up_east_is_right_and_a_kilometre_is_as_long_either_way() -> None:
    middle = 29.5
    east = 1 / math.cos(math.radians(middle + 0.5))
    drawn = drawing.draw([Spot(middle, 106), Spot(middle + 1, 106), Spot(middle, 106 + east)])
    assert drawn is not None
    by = {circle.members[0]: (circle.x, circle.y) for circle in drawn.circles}
    up, right = by[0][1] - by[1][1], by[2][0] - by[0][0]
    assert up > 0
    assert right == pytest.approx(up, rel=0.001)
    assert up / drawn.kilometre == pytest.approx(111.32, rel=0.001)


def test_one_point_alone_has_a_map_and_a_scale() -> None:
    drawn = drawing.draw([Spot(29.5, 106.5)])
    assert drawn is not None
    kilometres, length = drawn.scale
    assert kilometres >= 1
    assert 0 < length <= drawn.width
    assert drawn.circles[0].is_one_place


def test_names_of_districts_do_not_lie_on_each_other() -> None:
    spots = [Spot(29.5 + n / 5000, 106.5, f"第{n}区") for n in range(40)] + [Spot(31, 109, "远县")]
    drawn = drawing.draw(spots)
    assert drawn is not None
    assert "远县" in {label.text for label in drawn.labels}
    for one in drawn.labels:
        for other in drawn.labels:
            if one != other:
                assert abs(one.y - other.y) > 20 or abs(one.x - other.x) > 15


def test_a_circles_area_grows_with_what_it_holds() -> None:
    spots = [Spot(29.5, 106.5)] * 100 + [Spot(30.5, 107.5)] * 25 + [Spot(30.5, 105.5)]
    drawn = drawing.draw(spots)
    assert drawn is not None
    radii = {circle.count: circle.radius for circle in drawn.circles}
    assert radii[1] < radii[25] < radii[100] == drawing.LARGEST


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("29,106,30,107", (29.0, 106.0, 30.0, 107.0)),
        ("29,106,29,106", (29.0, 106.0, 29.0, 106.0)),
        ("30,106,29,107", None),
        ("nan,106,30,107", None),
        ("29,106,inf,107", None),
        ("29,106,30", None),
        ("", None),
        ("9" * 80, None),
    ],
)
def test_a_box_in_an_address(text: str, box: drawing.Box | None) -> None:
    assert drawing.read_box(text) == box
