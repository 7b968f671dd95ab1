"""How a visitor gets a calendar into the device in hand. Pure."""

import enum

from ..core.calendar_links import Way, calendar_links


class Device(enum.Enum):
    """What a visitor holds in the hand (设备)."""

    APPLE = "apple"
    ANDROID = "android"
    WINDOWS = "windows"
    OTHER = "other"
    WECHAT = "wechat"  # its browser opens neither webcal: nor a calendar file


def device_of(user_agent: str) -> Device:
    """The device that a browser names. WeChat first: it runs on all of them."""
    for word, device in (
        ("MicroMessenger", Device.WECHAT),
        ("Windows", Device.WINDOWS),
        ("Android", Device.ANDROID),
        ("HarmonyOS", Device.ANDROID),
        ("iPhone", Device.APPLE),
        ("iPad", Device.APPLE),
        ("Macintosh", Device.APPLE),
    ):
        if word in user_agent:
            return device
    return Device.OTHER


_FIRST: dict[Device, tuple[Way, ...]] = {
    Device.APPLE: (Way.APPLE, Way.GOOGLE, Way.OUTLOOK, Way.OFFICE, Way.DOWNLOAD),
    Device.ANDROID: (Way.DOWNLOAD, Way.GOOGLE, Way.OUTLOOK, Way.OFFICE, Way.APPLE),
    Device.WINDOWS: (Way.OUTLOOK, Way.OFFICE, Way.GOOGLE, Way.DOWNLOAD, Way.APPLE),
    Device.OTHER: (Way.APPLE, Way.GOOGLE, Way.OUTLOOK, Way.OFFICE, Way.DOWNLOAD),
    Device.WECHAT: (),
}


def ways(device: Device, feed: str, name: str) -> list[tuple[Way, str]]:
    """The links to subscribe with, the device's own first. ``feed`` is the absolute address of the feed."""
    links = calendar_links(feed, name)
    return [(way, links[way]) for way in _FIRST[device]]
