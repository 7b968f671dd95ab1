"""The Atom feed of notices against readable text, and against what RFC 4287 requires of any."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kexie_events.results import atom
from kexie_events.results.atom import Entry, Feed

EXPECTED = Path(__file__).parent / "expected"
NOW = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
A = f"{{{atom.NAMESPACE}}}"


def entry(**changed: Any) -> Entry:
    values = {
        "uid": "0f8e3c52-6f0f-4b0e-9b57-5f6f6f9c2a11", "title": "第41届创新大赛获奖作品公示",
        "body": "经评审委员会评定，现予公示。\n\n名单以网上为准。", "url": "https://kexie.test/notices/7",
        "unit": "重庆市科学技术协会", "activity": "第41届重庆市青少年科技创新大赛", "first": date(2026, 3, 11),
        "last": date(2026, 3, 17), "days": 5, "starts_at": NOW, "changed_at": NOW,
    }  # fmt: skip
    return Entry(**{**values, **changed})


def whole(**changed: Any) -> Feed:
    values = {
        "name": "重庆市科学技术协会 公示", "organization": "重庆市科学技术协会", "holds": "notices",
        "url": "https://kexie.test/notices.atom", "page": "https://kexie.test/", "changed_at": NOW,
    }  # fmt: skip
    return Feed(**{**values, **changed})


DOCUMENTS = {
    "notices": (
        whole(),
        [
            entry(),
            entry(
                uid="5d0c1b52-9c0e-4d53-8f30-3a2c6d1f7b10", title="命名与试点公示", url="https://kexie.test/notices/6",
                starts_at=NOW + timedelta(days=2), first=date(2026, 3, 13), last=date(2026, 3, 19),
            ),
        ],
    ),
    "empty": (whole(changed_at=None), []),
    "nasty": (
        whole(name="名<b>&\"'\x00]]>"),
        [
            entry(
                title="一行\r二行\x00\x0b三\ufffe\u202e四 </title><script>alert(1)</script> &amp; ]]> 👩\u200d🔬",
                body="<script>alert(1)</script>\r\n\x1b[31m五\u2028六" + "长" * 100_000, unit="A&B",
            )
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_feed_as_readable_text(name: str) -> None:
    written = atom.feed(*DOCUMENTS[name])
    shown = re.sub("长{20,}", lambda found: f"（{len(found[0])} 个“长”）", written.decode())
    assert shown == (EXPECTED / f"{name}.atom").read_text()
    assert_true(written)


def assert_true(written: bytes) -> ElementTree.Element:
    """What RFC 4287 requires: 4.1.1 of the feed, 4.1.2 of each entry."""
    root = ElementTree.fromstring(written)
    assert root.tag == f"{A}feed"
    ids = []
    for element in (root, *root.findall(f"{A}entry")):
        for name in ("id", "title", "updated"):
            [found] = element.findall(f"{A}{name}")
            assert found.text is not None
            assert found.text.strip()
        ids.append(element.findtext(f"{A}id"))
        assert uuid.UUID(ids[-1])
        for name in ("updated", "published"):
            for stamp in element.findall(f"{A}{name}"):
                assert datetime.fromisoformat(stamp.text or "").tzinfo is not None
        assert element.findtext(f"{A}author/{A}name")
        alternates = [link for link in element.findall(f"{A}link") if link.get("rel") == "alternate"]
        assert len(alternates) == 1
    assert len(ids) == len(set(ids))
    selves = [link.get("href") for link in root.findall(f"{A}link") if link.get("rel") == "self"]
    assert len(selves) == 1
    return root


def test_nobodys_text_becomes_markup() -> None:
    root = assert_true(atom.feed(*DOCUMENTS["nasty"]))
    assert {element.tag.removeprefix(A) for element in root.iter()} == {
        "feed", "id", "title", "updated", "link", "author", "name", "entry", "published", "category", "summary",
    }  # fmt: skip
    [summary] = root.findall(f"{A}entry/{A}summary")
    assert summary.get("type") == "text"
    assert summary.text is not None
    assert "<script>alert(1)</script>\n[31m五\u2028六" in summary.text
    assert len(summary.text) < atom.LONGEST_SUMMARY + 100


@given(st.text(), st.text())
def test_whatever_people_type_can_be_read_again(title: str, body: str) -> None:
    root = ElementTree.fromstring(atom.feed(whole(), [entry(title=title, body=body)]))
    assert root.findtext(f"{A}entry/{A}title") == " ".join(atom.fit(title).split())
    assert (root.findtext(f"{A}entry/{A}summary") or "").endswith(atom.fit(body).strip()[-10:])


def test_names_do_not_depend_on_the_host() -> None:
    def ids(host: str) -> list[str | None]:
        root = ElementTree.fromstring(
            atom.feed(whole(url=f"{host}/notices.atom", page=f"{host}/"), [entry(url=f"{host}/notices/7")])
        )
        return [root.findtext(f"{A}id"), root.findtext(f"{A}entry/{A}id")]

    assert ids("https://kexie.test") == ids("http://other.test:8000")
    other = ElementTree.fromstring(atom.feed(whole(holds="series/forum/notices"), []))
    assert other.findtext(f"{A}id") != ids("https://kexie.test")[0]


def test_no_more_than_the_most_and_none_before_it_was_news() -> None:
    many = [entry(uid=str(uuid.UUID(int=n)), starts_at=NOW + timedelta(days=n)) for n in range(300)]
    root = assert_true(atom.feed(whole(), many))
    entries = root.findall(f"{A}entry")
    assert len(entries) == atom.MOST_ENTRIES
    assert {each.findtext(f"{A}published") for each in entries} == {"2026-03-11T04:00:00Z"}
