"""What a page weighs on the wire: itself, and everything that it asks for, as a browser without a cache gets it."""

import re
from collections.abc import Iterator

from . import seed
from .ground import House, Visitor
from .table import Row

PUBLIC_KB, ORGANIZER_KB = 30, 60
_ASKED = re.compile(r'<(?:link|script|img)\b[^>]*?\b(?:href|src)="([^"]+)"')
_NOT_FETCHED = re.compile(r'<link\b[^>]*\brel="(?:alternate|canonical|next|prev|search)"[^>]*>')


def rows(house: House, city: seed.City) -> Iterator[Row]:
    with house.app.app_context():
        organizer = seed.organizer(city)
    event = f"/occurrences/{city.occurrences[len(city.occurrences) * 3 // 4]}"
    with house.web() as web:
        web.await_page()
        for name, path, cookies, most in (
            ("front page", "/", {}, PUBLIC_KB),
            ("event page", event, {}, PUBLIC_KB),
            ("page of subscriptions", "/subscribe?by=unit", {}, PUBLIC_KB),
            ("organiser's home", "/manage", organizer, ORGANIZER_KB),
        ):
            page, parts = _weigh(Visitor(web.port, cookies), path)
            whole = (page + parts) / 1000
            figure = f"{whole:.1f} kB, HTML {page / 1000:.1f} kB"
            yield Row(f"weight of the {name}, all in, compressed", figure, "", f"{most} kB", whole <= most)


def _weigh(visitor: Visitor, path: str) -> tuple[int, int]:
    """Bytes of the page and bytes of its parts, without headers."""
    page = visitor.get(path)
    assert page.status == 200, f"{path} answered {page.status}"
    wanted = sorted(set(_ASKED.findall(_NOT_FETCHED.sub("", page.text))))
    parts = {part: visitor.get(part) for part in wanted if part.startswith("/")}
    visitor.leave()
    missing = [part for part, answer in parts.items() if answer.status != 200]
    assert not missing, f"{path} asks for what is not there: {missing}"
    return len(page.body), sum(len(answer.body) for answer in parts.values())
