"""A judge's score sheet, in a round with 2,000 entries at SCALE=1."""

import statistics
import time
from collections.abc import Iterator

from . import seed
from .ground import BROWSER, Answer, House, Visitor, page_ms
from .table import Row

POST_MS, POST_SQL = 15, 8
ENTRIES = 2_000


def rows(house: House, city: seed.City, scale: float) -> Iterator[Row]:
    size = max(5, int(ENTRIES * scale))
    with house.app.app_context():
        contest = seed.add_contest(city, size)
    house.settle()
    sheet = _path(contest.assignments[0])
    with house.web() as web:
        web.await_page()
        shown = page_ms(web.port, sheet, times=house.times(60), cookies=contest.judge)
        yield Row(
            f"judge's sheet, shown, {size:,} entries", f"{shown:.1f} ms",
            str(house.statements_of(sheet, cookies=contest.judge)),
        )  # fmt: skip
        took, sql = _saved(house, web.port, contest), _statements(house, contest)
        met = took <= POST_MS and sql <= POST_SQL
        yield Row(
            f"judge's sheet, submitted, {size:,} entries", f"{took:.1f} ms", str(sql), f"{POST_MS} ms, {POST_SQL} SQL",
            met,
        )  # fmt: skip


def _path(assignment: int) -> str:
    return f"/judge/assignments/{assignment}"


def _filled(page: Answer) -> dict[str, str]:
    assert page.status == 200, f"the sheet answered {page.status}"
    hidden = {name: page.field(name) for name in ("csrf_token", "base", "operation")}
    return {**hidden, **{f"c-{code}": points for code, points in seed.POINTS.items()}, "note": "思路清楚，数据可靠。"}


def _saved(house: House, port: int, contest: seed.Contest) -> float:
    """Median milliseconds of the POST alone; the page before it is fetched unmeasured."""
    judge = Visitor(port, contest.judge)
    took = []
    for n in range(house.times(60)):
        path = _path(contest.assignments[n % len(contest.assignments)])
        form = _filled(judge.get(path))
        start = time.perf_counter()
        answer = judge.post(path, form)
        took.append(time.perf_counter() - start)
        assert answer.status == 303, f"the sheet answered {answer.status}"
    judge.leave()
    return statistics.median(took[len(took) // 4 :]) * 1000


def _statements(house: House, contest: seed.Contest) -> int:
    browser, path = house.app.test_client(), _path(contest.assignments[0])
    for name, value in contest.judge.items():
        browser.set_cookie(name, value)
    page = browser.get(path, headers={**BROWSER, "Accept-Encoding": "identity"})
    form = _filled(Answer(page.status_code, {}, page.data))
    with house.counting() as sent:
        answer = browser.post(path, data=form)
    assert answer.status_code == 303, f"the sheet answered {answer.status}"
    return len(sent)
