"""Every GET page renders whole, for whoever may see it, in both languages: one h1, labelled fields, nothing inline."""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask

from kexie_events.core import clock
from tests.build import NOON
from tests.queries import counted

from .test_routes import EVERYBODY, JUDGE, ONLY_ADMIN, OWN_ENTRY, OWN_SUBSCRIPTION, ROLES, SET_BY_ADMIN, TABLE, path_of
from .world import World, build, grow

NOT_PAGES = {
    "contests_manage.download", "entries.download", "events.robots", "judging.file", "judging_manage.export",
    "agenda_manage.guests_export",
    "agenda_manage.proposals_export",
    "operations.alive", "operations.metrics", "operations.ready", "registrations_manage.export", "worklist.export",
    "worklist.export_official",
    "sites_manage.photo", "sites_manage.table", "sites_manage.template",
    "results.all_notices", "results.series_notices", "results.edition_notices",
    "api.occurrences", "api.occurrence", "api.milestones", "api.milestone", "api.openapi",
}  # fmt: skip
PAGES = sorted(route for route in TABLE if route.startswith("GET ") and route.split()[1] not in NOT_PAGES)


@pytest.fixture
def world(app: Flask, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return build(app)


class Page(HTMLParser):
    """What the house looks at in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.unlabelled: list[str] = []
        self.inline: list[str] = []
        self.language = ""
        self._inside_label = 0
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", "")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "label":
            self._inside_label += 1
            self.labelled.add(given.get("for", ""))
        if tag in ("input", "select", "textarea") and given.get("type") not in ("hidden", "submit"):
            named = self._inside_label or "aria-label" in given or "aria-labelledby" in given
            if not named:
                self.unlabelled.append(given.get("id", str(given)))
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style":
            self.inline.append("style")
        if tag == "script" and given.get("type") != "application/ld+json" and "src" not in given:
            self.inline.append("script")

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._inside_label -= 1


def role_for(route: str) -> str:
    """Who shows a page best: its owner."""
    letters = TABLE[route]
    if letters == EVERYBODY:
        return "visitor"
    if letters in (OWN_ENTRY, JUDGE, OWN_SUBSCRIPTION):
        return ROLES[letters.index("I")]
    if letters in (ONLY_ADMIN, SET_BY_ADMIN):
        return "admin"
    return "own" if letters[ROLES.index("own")] == "I" else "participant"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("route", PAGES)
def test_a_page_is_whole(app: Flask, as_user, world: World, route: str, language: str) -> None:
    account = world.accounts[role_for(route)]
    client = as_user(account.id) if account else app.test_client()
    answer = client.get(path_of(app, route, world, other=False), query_string={"lang": language}, follow_redirects=True)
    assert answer.status_code == 200
    page = Page(answer.text)
    assert page.headings.count(1) == 1
    assert all(below - above <= 1 for above, below in zip(page.headings, page.headings[1:], strict=False))
    assert [name for name in page.unlabelled if name not in page.labelled] == []
    assert len(page.ids) == len(set(page.ids))
    assert page.inline == []
    assert page.language == {"zh": "zh-CN", "en": "en"}[language]
    if language == "zh":  # in English it is also a word
        assert "None" not in re.sub(r"<[^>]*>", " ", answer.text)


MANY = 30
# List pages and how to make their list longer: the number of queries must not notice.
LISTS = [
    "GET events.home", "GET events.series", "GET events.edition", "GET mine.home", "GET manage.home",
    "GET manage.series_list", "GET manage.series", "GET manage.series_dates", "GET manage.hosts", "GET manage.edition",
    "GET manage.edition_clone", "GET manage.edition_dates", "GET manage.edition_checklist",
    "GET entries_manage.of_edition",
    "GET judging.queue", "GET judging_manage.rounds", "GET judging_manage.show", "GET judging_manage.ranking",
    "GET registrations_manage.of_occurrence", "GET worklist.board", "GET manage.venues", "GET feeds.subscribe_page",
    "GET feeds.personal",
    "GET people.units", "GET people.unit", "GET people.accounts", "GET people.account",
    "GET people.roles", "GET people.audit", "GET contests_manage.rules_of", "GET worklist.export",
    "GET agenda.show", "GET agenda.booklet", "GET agenda.changes", "GET agenda_manage.board", "GET agenda_manage.forum",
    "GET agenda_manage.checks", "GET agenda_manage.shift", "GET agenda_manage.releases", "GET agenda_manage.release",
    "GET agenda_manage.sheets", "GET agenda_manage.speakers", "GET agenda_manage.speaker",
    "GET agenda_manage.proposals", "GET agenda_manage.own_proposals", "GET agenda_manage.guests",
    "GET agenda_manage.letters", "GET agenda_manage.seats",
    "GET agenda_manage.proposals_export", "GET agenda_manage.guests_export",
    "GET worklist.export_official", "GET worklist.report", "GET worklist.settings", "GET worklist.item",
    "GET sites.of_edition", "GET sites.map_of_edition", "GET sites_manage.campaigns", "GET sites_manage.board",
    "GET sites_manage.figures", "GET sites_manage.table", "GET sites_manage.copy", "GET sites_manage.site",
    "GET days.year", "GET imports.start", "GET imports.show", "GET imports.source",
    "GET results.all_notices", "GET results.edition_notices",
    "GET api.occurrences", "GET api.milestones",
]  # fmt: skip


def test_lists_ask_as_many_questions_for_one_row_as_for_thirty(app: Flask, as_user, world: World) -> None:
    """All in one: growing a world thirty times takes longer than asking for all of its lists."""

    def asked(route: str) -> int:
        account = world.accounts[role_for(route)]
        path = path_of(app, route, world, other=False)
        client = as_user(account.id) if account else app.test_client()
        client.get(path)  # what a process learns once is not counted
        with counted() as statements:
            assert client.get(path).status_code == 200, route
        return len(statements)

    few = {route: asked(route) for route in LISTS}
    grow(world, MANY)
    assert {route: asked(route) for route in LISTS} == few
