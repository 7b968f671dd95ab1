"""Whose link stands first."""

import pytest

from kexie_events.core.calendar_links import Way, calendar_links
from kexie_events.feeds.ways import Device, device_of, ways

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


def test_a_way_is_told_with_its_address() -> None:
    assert ways(Device.OTHER, FEED, "论坛") == list(calendar_links(FEED, "论坛").items())
