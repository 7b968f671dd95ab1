"""Whose link stands first, and that each names the feed."""

import pytest

from kexie_events.feeds.ways import Device, Way, device_of, ways, webcal

FEED = "https://kexie.test/feeds/series/论坛 1.ics"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (IPHONE, Device.APPLE), (f"{IPHONE} MicroMessenger/8.0", Device.WECHAT), ("Macintosh", Device.APPLE),
        ("Mozilla/5.0 (Linux; Android 14)", Device.ANDROID), ("Mozilla/5.0 (HarmonyOS)", Device.ANDROID),
        ("Mozilla/5.0 (Windows NT 10.0)", Device.WINDOWS), ("curl/8", Device.OTHER), ("", Device.OTHER),
    ],
)  # fmt: skip
def test_a_device_is_known_by_what_its_browser_says(user_agent: str, device: Device) -> None:
    assert device_of(user_agent) is device


@pytest.mark.parametrize(
    ("device", "first"),
    [
        (Device.APPLE, Way.APPLE), (Device.ANDROID, Way.DOWNLOAD), (Device.WINDOWS, Way.OUTLOOK),
        (Device.OTHER, Way.APPLE),
    ],
)  # fmt: skip
def test_every_device_has_every_way_and_its_own_first(device: Device, first: Way) -> None:
    found = [way for way, _ in ways(device, FEED, "论坛")]
    assert found[0] is first
    assert sorted(found, key=lambda way: way.value) == sorted(Way, key=lambda way: way.value)


def test_inside_wechat_no_link_works_and_none_is_shown() -> None:
    assert ways(Device.WECHAT, FEED, "论坛") == []


def test_every_link_names_the_feed_and_those_that_can_its_name() -> None:
    encoded = "https%3A%2F%2Fkexie.test%2Ffeeds%2Fseries%2F%E8%AE%BA%E5%9D%9B%201.ics"
    name = "%E8%AE%BA%E5%9D%9B%26%3F"
    assert dict(ways(Device.OTHER, FEED, "论坛&?")) == {
        Way.APPLE: "webcal://kexie.test/feeds/series/论坛 1.ics",
        Way.GOOGLE: f"https://calendar.google.com/calendar/r?cid=webcal{encoded.removeprefix('https')}",
        Way.OUTLOOK: f"https://outlook.live.com/calendar/0/addfromweb?url={encoded}&name={name}",
        Way.OFFICE: f"https://outlook.office.com/calendar/0/addfromweb?url={encoded}&name={name}",
        Way.DOWNLOAD: f"{FEED}?download=1",
    }
    assert webcal("http://kexie.test/feeds/all.ics") == "webcal://kexie.test/feeds/all.ics"
