"""Lines of the table of ``make bench``, over a few rows. No figure is asserted: machines differ."""

from pathlib import Path

import pytest

from bench import registration, seed, sites, table
from bench.__main__ import asked_scale
from bench.ground import Ground
from bench.table import Row


def test_a_line_says_whether_its_floor_is_met() -> None:
    assert " ".join(table.line(Row("event page", "7 ms", "1", "15 ms", True)).split()) == "event page 7 ms 1 15 ms yes"
    assert table.line(Row("event page", "70.0 ms", "1", "15 ms", False)).endswith("  NO")
    assert table.line(Row("bare answer", "0.5 ms")).split() == ["bare", "answer", "0.5", "ms"]


@pytest.mark.parametrize(("text", "scale"), [("", 1.0), ("10", 10.0), ("0.01", 0.01)])
def test_the_scale_is_a_number(text: str, scale: float) -> None:
    assert asked_scale(text) == scale


@pytest.mark.parametrize("text", ["ten", "0", "-1", "nan", "inf", "1000"])
def test_another_scale_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"SCALE must be a number from 0\.001 to 100"):
        asked_scale(text)


@pytest.mark.processes
def test_a_small_crowd_leaves_lines_of_the_table(server_url: str, redis_url: str, tmp_path: Path) -> None:
    here = Ground(tmp_path, server_url.replace("postgresql://", "postgresql+psycopg://"), redis_url, effort=0.01)
    try:
        house = here.house("city")
        with house.app.app_context():
            city = seed.found(seed.now())
            seed.add_events(city, 10)
        rows = list(registration.rows(house, city, 0.001))
    finally:
        here.leave()
    assert [row.work for row in rows] == [
        "register: GET form + POST",
        "rush: 20 visitors, 16 clients, 8 places, 2 workers",
        "  the same rows by plain SQL, fsync on, 16 connections",
    ]
    assert rows[1].figure.endswith("visitors/s, 8 accepted")


@pytest.mark.processes
def test_a_small_campaign_leaves_lines_of_the_table(server_url: str, redis_url: str, tmp_path: Path) -> None:
    here = Ground(tmp_path, server_url.replace("postgresql://", "postgresql+psycopg://"), redis_url, effort=0.01)
    try:
        house = here.house("city")
        with house.app.app_context():
            city = seed.found(seed.now())
        rows = list(sites.rows(house, city, 0.01))
    finally:
        here.leave()
    assert [row.work for row in rows] == [
        f"campaign of 20 sites: {work}" for work in ("list", "map", "roll-up by district", "board of those who check")
    ]
    assert all(int(row.sql) <= sites.MOST_SQL for row in rows)
