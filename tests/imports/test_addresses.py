import pytest

from kexie_events.core.errors import RuleBroken
from kexie_events.imports.addresses import checked, is_public, masked


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("https://calendar.example.org/a.ics", "https://calendar.example.org/a.ics"),
        ("webcal://Calendar.Example.org/a.ics?key=1#x", "https://calendar.example.org/a.ics?key=1"),
        ("http://example.org:80", "http://example.org/"),
        ("https://科技馆.中国/日程 表.ics", "https://xn--2qux23c1nw.xn--fiqs8s/%E6%97%A5%E7%A8%8B%20%E8%A1%A8.ics"),
        (" https://example.org./x\n", "https://example.org/x"),
        ("https://[2606:4700::1111]/x", "https://[2606:4700::1111]/x"),
    ],
)
def test_an_address_is_asked_as_it_was_typed_in_a_form_that_can_be_sent(typed: str, asked: str) -> None:
    assert checked(typed).whole == asked


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "import.address"),
        ("calendar.example.org/a.ics", "import.address"),
        ("file:///etc/passwd", "import.address"),
        ("gopher://example.org/", "import.address"),
        ("javascript:alert(1)", "import.address"),
        ("https://", "import.address"),
        ("https://[::1", "import.address"),
        ("https://example.org:99999/", "import.address"),
        (f"https://{'a' * 64}.org/", "import.address"),
        (f"https://example.org/{'a' * 2000}", "import.address"),
        ("https://example.org:8443/", "import.address_port"),
        ("http://example.org:443/", "import.address_port"),
        ("http://example.org:6379/", "import.address_port"),
        ("https://user:word@example.org/", "import.address_secret"),
        ("https://example.org@10.0.0.1/", "import.address_secret"),
    ],
)
def test_what_is_no_address_of_a_calendar_is_refused(typed: str, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        checked(typed)
    assert refused.value.code == code


def test_a_line_break_in_an_address_adds_no_header() -> None:
    assert checked("https://example.org/a\r\nHost: x").target == "/a%20Host:%20x"


def test_a_list_shows_the_host_alone() -> None:
    assert masked("https://calendar.example.org/private-0123/basic.ics?token=1") == "https://calendar.example.org/…"
    assert masked("hello") == "…"


@pytest.mark.parametrize("address", ["8.8.8.8", "114.114.114.114", "2606:4700:4700::1111", "240e::1"])
def test_the_public_internet_may_be_reached(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.9",
        "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8",
        "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:1::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
        "ff02::1", "2001:db8::1", "fec0::1", "", "localhost", "1.2.3", "0x7f.1",
    ],
)  # fmt: skip
def test_nothing_else_may(address: str) -> None:
    assert not is_public(address)
