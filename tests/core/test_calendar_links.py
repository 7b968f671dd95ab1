"""Every way into a calendar names the feed."""

from kexie_events.core.calendar_links import Way, calendar_links, webcal

FEED = "https://kexie.test/feeds/series/论坛 1.ics"
ENCODED = "https%3A%2F%2Fkexie.test%2Ffeeds%2Fseries%2F%E8%AE%BA%E5%9D%9B%201.ics"


def test_every_link_names_the_feed_and_those_that_can_its_name() -> None:
    name = "%E8%AE%BA%E5%9D%9B%26%3F"
    assert calendar_links(FEED, "论坛&?") == {
        Way.APPLE: "webcal://kexie.test/feeds/series/论坛 1.ics",
        Way.GOOGLE: f"https://calendar.google.com/calendar/r?cid=webcal{ENCODED.removeprefix('https')}",
        Way.OUTLOOK: f"https://outlook.live.com/calendar/0/addfromweb?url={ENCODED}&name={name}",
        Way.OFFICE: f"https://outlook.office.com/calendar/0/addfromweb?url={ENCODED}&name={name}",
        Way.DOWNLOAD: f"{FEED}?download=1",
    }
    assert webcal("http://kexie.test/feeds/all.ics") == "webcal://kexie.test/feeds/all.ics"


def test_a_calendar_without_a_name_is_called_as_it_calls_itself() -> None:
    links = calendar_links(FEED)
    assert links[Way.OUTLOOK] == f"https://outlook.live.com/calendar/0/addfromweb?url={ENCODED}"
    assert links[Way.OFFICE] == f"https://outlook.office.com/calendar/0/addfromweb?url={ENCODED}"
