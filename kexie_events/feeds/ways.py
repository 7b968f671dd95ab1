"""How a visitor gets a calendar into the device in hand. Pure."""

import enum
from urllib.parse import quote


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


class Way(enum.Enum):
    """A way to get a feed into a calendar (订阅方式)."""

    APPLE = "apple"
    GOOGLE = "google"
    OUTLOOK = "outlook"
    OFFICE = "office"
    DOWNLOAD = "download"


_FIRST: dict[Device, tuple[Way, ...]] = {
    Device.APPLE: (Way.APPLE, Way.GOOGLE, Way.OUTLOOK, Way.OFFICE, Way.DOWNLOAD),
    Device.ANDROID: (Way.DOWNLOAD, Way.GOOGLE, Way.OUTLOOK, Way.OFFICE, Way.APPLE),
    Device.WINDOWS: (Way.OUTLOOK, Way.OFFICE, Way.GOOGLE, Way.DOWNLOAD, Way.APPLE),
    Device.OTHER: (Way.APPLE, Way.GOOGLE, Way.OUTLOOK, Way.OFFICE, Way.DOWNLOAD),
    Device.WECHAT: (),
}


def webcal(url: str) -> str:
    return f"webcal://{url.partition('://')[2]}"


def ways(device: Device, url: str, name: str) -> list[tuple[Way, str]]:
    """The links to subscribe with, the device's own first. ``url`` is the absolute address of the feed."""
    encoded, title = quote(url, safe=""), quote(name, safe="")
    address = {
        Way.APPLE: webcal(url),
        Way.GOOGLE: f"https://calendar.google.com/calendar/r?cid={quote(webcal(url), safe='')}",
        Way.OUTLOOK: f"https://outlook.live.com/calendar/0/addfromweb?url={encoded}&name={title}",
        Way.OFFICE: f"https://outlook.office.com/calendar/0/addfromweb?url={encoded}&name={title}",
        Way.DOWNLOAD: f"{url}?download=1",
    }
    return [(way, address[way]) for way in _FIRST[device]]
