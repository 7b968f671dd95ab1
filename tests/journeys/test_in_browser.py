"""The same way through the house as a person clicks it, on a phone and on a desk; every page checked with axe-core."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from kexie_events.demo import PASSWORD

from .conftest import House
from .test_whole_house import await_that, first_of_next_month, subjects
from .visitor import Visitor

pytestmark = [pytest.mark.processes, pytest.mark.browser]

AXE = Path("tests/vendor/axe/axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = [390, 1280]


def context(browser: Browser, house: House, width: int, scheme: str = "light") -> BrowserContext:
    return browser.new_context(
        base_url=house.base_url, viewport={"width": width, "height": 900}, locale="zh-CN", color_scheme=scheme
    )


def sign_in(page: Page, identifier: str) -> None:
    page.goto("/sign-in")
    page.fill("[name=identifier]", identifier)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def fill(page: Page, **values: str) -> None:
    """Fill fields by name: text, select or a box to tick."""
    for name, value in values.items():
        field = page.locator(f"main [name='{name}']").first
        kind = field.evaluate("field => field.tagName + ' ' + field.type")
        if kind.startswith("SELECT"):
            field.select_option(value)
        elif kind.endswith("checkbox"):
            field.check()
        else:
            field.fill(value)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_same_clicks_in_a_browser(house: House, browser: Browser, width: int) -> None:
    desk = context(browser, house, width)
    organizer = desk.new_page()
    sign_in(organizer, "organizer@demo")
    full, moved, cancelled = plan_and_publish(organizer, f"论坛{width}")

    hall = context(browser, house, width)
    first, second = hall.new_page(), hall.new_page()
    assert register(first, full, "甲先生", f"first-{width}@example.org") == "confirmed"
    assert register(second, full, "乙女士", f"second-{width}@example.org") == "waiting"
    first.click("text=退出报名")
    first.click("main button[type=submit]")
    assert first.locator("main").get_attribute("data-state") == "withdrawn"
    second.reload()
    assert second.locator("main").get_attribute("data-state") == "confirmed"
    await_that(lambda: subjects(house, f"second-{width}@example.org", "递补"), "the letter of who moved up")
    assert len(subjects(house, f"second-{width}@example.org", "递补")) == 1

    organizer.goto(f"/manage/occurrences/{moved}")
    fill(organizer, **{"move-starts": "15:30", "move-ends": "18:00", "move-reason": "场地检修"})
    organizer.click("button:has-text('保存时间地点')")
    organizer.goto(f"/manage/occurrences/{cancelled}")
    fill(organizer, **{"cancel-reason": "主讲人无法到场"})
    organizer.click("button:has-text('取消这一场')")
    second.goto(f"/occurrences/{cancelled}")
    assert "已取消" in second.inner_text("main")
    second.goto(f"/occurrences/{moved}")
    assert "15:30" in second.inner_text("main")
    slug = re.search(r"/series/([\w-]+)", second.content())
    assert slug is not None
    feed = Visitor(house.base_url)

    def feed_is_right() -> bool:
        calendar = feed.get(f"/feeds/series/{slug[1]}.ics")
        return "T153000\r\n" in calendar and "STATUS:CANCELLED" in calendar

    await_that(feed_is_right, "the feed with the moved and the cancelled date")
    # The page offers the address; asked again with what came back, the browser's own connection gets a 304.
    second.goto(f"/series/{slug[1]}")
    second.click("text=更多订阅方式")
    assert f"/feeds/series/{slug[1]}.ics" in second.content()
    whole = hall.request.get(f"/feeds/series/{slug[1]}.ics")
    again = hall.request.get(f"/feeds/series/{slug[1]}.ics", headers={"If-None-Match": whole.headers["etag"]})
    assert (whole.status, again.status, again.body()) == (200, 304, b"")
    hall.close()
    desk.close()


def plan_and_publish(organizer: Page, name: str) -> list[str]:
    """Six dates, previewed and saved; the first three approved and published: the ids of their occurrences."""
    organizer.goto("/manage/series/new")
    assert not organizer.is_visible("[name=nth]"), "what belongs to a repeated series waits until one is chosen"
    fill(
        organizer, name=name, kind="forum_series", style="issue", first_number="1",
        year=str(first_of_next_month().year), first_on=first_of_next_month().isoformat(), starts="14:00", ends="17:00",
        repeat="months", nth="3", weekday="4", every="2", count="6", place="重庆科学会堂", registration="y",
        capacity="1", opens_days="400", closes_days="1",
    )  # fmt: skip
    organizer.click("button[name=do][value=preview]")
    assert organizer.inner_text("main").count("（周五）") >= 6
    organizer.click("button[name=do][value=save]")
    organizer.wait_for_url(re.compile(r"/manage/series/\d+"))
    found = re.findall(r'href="(/manage/editions/\d+)"', organizer.content())
    occurrences = []
    for edition in list(dict.fromkeys(found))[::-1][:3]:
        organizer.goto(edition)
        fill(organizer, words="渝科协审〔2026〕7号")
        organizer.click("button:has-text('记录备案')")
        organizer.goto(f"{edition}/publish")
        organizer.click("main .publish button[type=submit]")
        organizer.goto(edition)
        occurrence = re.search(r"/manage/occurrences/(\d+)", organizer.content())
        assert occurrence is not None
        occurrences.append(occurrence[1])
    return occurrences


def register(page: Page, occurrence: str, name: str, address: str) -> str | None:
    page.goto(f"/occurrences/{occurrence}")
    page.locator(f"a[href$='/occurrences/{occurrence}/registration']:visible").first.click()
    fill(page, name=name, email=address)
    page.click("main form button[type=submit]")
    page.wait_for_url(re.compile("/registrations/"))
    return page.locator("main").get_attribute("data-state")


@pytest.mark.parametrize(("width", "judge"), [(390, "judge1@demo"), (1280, "judge2@demo")])
def test_a_judge_scores_three_entries_by_hand_and_the_ranking_shows_them(
    house: House, browser: Browser, width: int, judge: str
) -> None:
    desk, device = context(browser, house, width), context(browser, house, width)
    organizer, page = desk.new_page(), device.new_page()
    sign_in(organizer, "organizer@demo")
    sign_in(page, judge)
    before = sheets_ranked(organizer)
    page.goto("/judge?state=todo")
    page.locator("a[href*='/judge/assignments/']").first.click()
    scored = [score(page, without_network=nth == 0) for nth in range(3)]
    assert len(set(scored)) == 3
    after = sheets_ranked(organizer)
    assert {code: after.get(code, 0) - before.get(code, 0) for code in scored} == dict.fromkeys(scored, 1)
    assert sum(after.values()) == sum(before.values()) + 3
    device.close()
    desk.close()


def score(page: Page, *, without_network: bool) -> str:
    """Fill in the sheet that is open and submit it, which opens the next one; the code of the scored entry."""
    code = page.inner_text(".code")
    inputs = page.locator("#sheet input[data-max]")
    page.locator(".bands").first.locator("button").first.click()
    assert inputs.first.input_value() != ""
    page.wait_for_selector("#net[data-state=ok]")
    # The network goes away: the sheet says so, keeps what is typed, and sends it when the network is back.
    page.context.set_offline(without_network)
    for n in range(1, inputs.count()):
        inputs.nth(n).fill(str(int(float(inputs.nth(n).get_attribute("data-max") or "1")) - 1))
    if without_network:
        page.wait_for_selector("#net[data-state=off]")
        page.context.set_offline(False)
    page.wait_for_selector("#net[data-state=ok]", timeout=60_000)
    page.click(".bar.in button[type=submit]")
    page.wait_for_selector(f"text={code} 的评分已提交")
    return code


def sheets_ranked(organizer: Page) -> dict[str, int]:
    """Code → number of sheets on the ranking, reached by clicks from the desk; every group's page is opened."""
    organizer.goto("/manage")
    organizer.click("nav a[href='/manage/rounds']")
    organizer.locator("main a[href*='/manage/rounds/']:has-text('创新大赛')").first.click()
    organizer.click("text=看排名")
    found: dict[str, int] = {}
    groups = organizer.locator("main nav a[href*='group=']")
    for nth in range(groups.count()):
        groups.nth(nth).click()
        organizer.wait_for_load_state()
        for row in organizer.locator("tr.item").all():
            found[row.locator("th").inner_text()] = int(re.match(r"\d+", row.locator("td.hint").first.inner_text())[0])  # type: ignore[index]
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_the_next_contest_is_made_in_three_screens(house: House, browser: Browser, width: int) -> None:
    """From the series' page: copy, dates, check; the third says what differs. Then it is thrown away."""
    desk = context(browser, house, width)
    page = desk.new_page()
    sign_in(page, "organizer@demo")
    page.goto("/manage/series?q=创新大赛")
    page.locator("main a[href*='/manage/series/']:has-text('创新大赛')").first.click()
    screens: list[str] = []

    def on_screen(step: int) -> None:
        words = "".join(page.locator(".steps [aria-current=step]").inner_text().split())
        assert words == f"{step}{STEPS[step - 1]}"
        screens.append(page.url)

    page.click("main a:has-text('新建一届')")
    on_screen(1)
    latest = page.locator("input[name=source]:checked")
    assert latest.count() == 1
    number = page.input_value("[name=number]")
    assert re.fullmatch(r"第\d+届", number)
    page.click("button:has-text('复制并排日期')")
    page.wait_for_url(re.compile(r"/manage/editions/\d+/dates"))
    on_screen(2)
    assert page.locator(".date-rows > li").count() >= 4
    page.click("button:has-text('保存，下一步：核对')")
    page.wait_for_url(re.compile(r"/manage/editions/\d+/checklist"))
    on_screen(3)
    assert "星期不变" in page.inner_text("main")
    assert len(screens) == 3
    page.click("a:has-text('看会公开什么')")
    assert number in page.inner_text("main")
    # Nobody else sees it, and it goes as it came.
    edition = re.search(r"/manage/editions/(\d+)/", screens[1])
    assert edition is not None
    assert desk.request.get(f"/editions/{edition[1]}").status == 200  # its organiser looks at a draft
    assert browser.new_context(base_url=house.base_url).request.get(f"/editions/{edition[1]}").status == 404
    page.goto(f"/manage/editions/{edition[1]}/discard")
    page.click("button:has-text('丢弃草稿')")
    page.wait_for_url(re.compile(r"/manage/series/\d+$"))
    assert page.locator("main table a", has_text=number).count() == 0
    desk.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_calendar_is_chosen_copied_made_changed_and_ended(house: House, browser: Browser, width: int) -> None:
    desk = context(browser, house, width)
    desk.grant_permissions(["clipboard-read", "clipboard-write"])
    page = desk.new_page()
    sign_in(page, "coach@demo")
    page.goto("/series/innovation-contest")
    page.click("text=更多订阅方式")
    page.click("nav.tabs >> text=系列")
    page.fill("main input[type=search]", "创新大赛")
    page.click("main button:has-text('查找')")
    page.click("main .files a:has-text('创新大赛')")
    page.check("main input[value=deadlines]")
    page.click("main summary:has-text('要不要提醒')")
    page.check("main input[value=day]")
    page.click("text=更新订阅内容")
    address = f"{house.base_url}/feeds/series/innovation-contest~deadlines~alarm-day.ics"
    assert page.input_value("#feed") == address
    assert copied(page) == address
    assert "TRIGGER:-P1D" in desk.request.get(address).text()
    assert page.locator(".soonest li").count() > 0

    page.goto("/me")
    page.click("text=把这些放进手机日历")
    label = f"手机{width}"
    page.fill("[name=label]", label)
    page.click("main button:has-text('建一个个人地址')")
    own = copied(page)
    assert own.startswith(f"{house.base_url}/feeds/p/")
    first = desk.request.get(own)
    assert (first.status, first.text().count("BEGIN:VEVENT") > 0) == (200, True)
    page.reload()  # the same form again: the same address, not a second one
    assert page.input_value("#feed") == own

    page.click("text=回到我的个人日历")
    assert page.locator("ul.own li").filter(has_text=label).count() == 1
    assert own not in page.content()
    page.click(f"ul.own a:has-text('{label}')")
    page.uncheck("main input[value=entries]")
    page.click("main button:has-text('保存')")
    assert "地址没有变" in page.inner_text("[role=status]")
    await_that(lambda: "节点" not in desk.request.get(own).text(), "the calendar without the dates of works")

    page.click("aside button:has-text('停用')")
    page.wait_for_url(re.compile(r"/ended$"))
    assert f"“{label}”的地址已停用" in page.inner_text("h1")
    await_that(lambda: desk.request.get(own).status == 410, "the dead address")
    desk.close()


def copied(page: Page) -> str:
    """What the button beside an address puts into the clipboard."""
    page.click("[data-copy=feed]")
    page.wait_for_selector("text=已复制")
    return str(page.evaluate("navigator.clipboard.readText()"))


STEPS = ("复制", "日期", "核对与发布")

PUBLIC = [
    "/", "/?month=2026-03", "/?list=open", "/?list=month", "/?q=论坛", "/series/bimonthly-forum", "/subscribe",
    "/subscribe?series=bimonthly-forum&contents=deadlines&alarm=day", "/subscribe?by=unit", "/subscribe?by=region",
    "/subscribe?topic=academic", "/sign-in", "/forgotten",
]  # fmt: skip


def pages_of(house: House) -> list[tuple[str, str]]:
    """(account or "", path) of every page that is looked at, found by walking the demo as people do."""
    visitor, organizer, judge = Visitor(house.base_url), Visitor(house.base_url), Visitor(house.base_url)
    participant, coach, admin = (Visitor(house.base_url) for _ in range(3))
    for who, account in (
        (organizer, "organizer"), (judge, "judge"), (participant, "participant"), (coach, "coach"), (admin, "admin"),
    ):  # fmt: skip
        who.sign_in(f"{account}@demo", PASSWORD)

    def found(who: Visitor, page: str, pattern: str) -> str:
        match = re.search(rf'href="({pattern})"', who.get(page))
        assert match is not None, f"{page} has no link like {pattern}"
        return match[1]

    edition = found(visitor, "/series/innovation-contest", r"/editions/\d+")
    lectures = found(visitor, "/series/campus-lectures", r"/occurrences/\d+")
    round_ = found(organizer, "/manage/rounds", r"/manage/rounds/\d+")
    sheet = found(judge, "/judge", r"/judge/assignments/\d+")
    managed = found(organizer, "/manage/series", r"/manage/series/\d+")
    managed_edition = found(organizer, managed, r"/manage/editions/\d+")
    managed_occurrence = found(organizer, managed_edition, r"/manage/occurrences/\d+")
    contest = found(organizer, f"/manage/series?q={quote('创新大赛')}", r"/manage/series/\d+")
    begun = found(organizer, contest, r"/manage/editions/\d+")
    ticket = found(participant, "/me", r"/registrations/[^\"]+")
    entry = found(coach, "/me", r"/entries/\d+")
    unit = found(admin, "/manage/units", r"/manage/units/\d+")
    account = found(admin, "/manage/accounts", r"/manage/accounts/\d+")
    return [
        *(("", path) for path in PUBLIC),
        ("", edition), ("", lectures), ("", f"{lectures}/registration"), ("", "/notices/1"), ("", "/nothing-here"),
        ("participant@demo", "/me"), ("coach@demo", "/me"), ("participant@demo", "/subscribe"),
        ("judge@demo", "/subscribe/personal"),
        ("organizer@demo", "/manage"), ("organizer@demo", "/manage/series"), ("organizer@demo", "/manage/series/new"),
        ("organizer@demo", managed_edition), ("organizer@demo", managed_occurrence),
        ("organizer@demo", f"{managed_occurrence}/registrations"), ("organizer@demo", "/manage/venues"),
        ("organizer@demo", f"/manage{edition}/rules"), ("organizer@demo", f"{contest}/editions/clone"),
        ("organizer@demo", f"{contest}/editions/new"), ("organizer@demo", f"{begun}/dates"),
        ("organizer@demo", f"{begun}/checklist"), ("organizer@demo", f"{begun}/difference"),
        ("organizer@demo", f"{begun}/facts"), ("organizer@demo", f"{begun}/discard"),
        ("organizer@demo", "/manage/work-list"), ("organizer@demo", "/manage/work-list/import"),
        ("participant@demo", ticket), ("coach@demo", entry), ("coach@demo", "/me/account"),
        ("admin@demo", "/manage/units"), ("admin@demo", unit), ("admin@demo", "/manage/accounts"),
        ("admin@demo", account),
        ("organizer@demo", "/manage/rounds"), ("organizer@demo", round_), ("organizer@demo", f"{round_}/ranking"),
        ("judge@demo", "/judge"), ("judge@demo", sheet),
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_open_to_everybody(house: House, browser: Browser, width: int, scheme: str) -> None:
    contexts: dict[str, BrowserContext] = {}
    faults = []
    for account, path in pages_of(house):
        if account not in contexts:
            contexts[account] = context(browser, house, width, scheme)
            if account:
                sign_in(contexts[account].new_page(), account)
        page = contexts[account].new_page()
        # The page's own policy forbids foreign scripts, so the checker comes in as the browser's own.
        session = contexts[account].new_cdp_session(page)
        session.send("Page.setBypassCSP", {"enabled": True})
        page.goto(path)
        page.add_script_tag(path=str(AXE))
        result = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        faults += [
            f"{path} as {account}: {fault['id']} {fault['nodes'][0]['target']}" for fault in result["violations"]
        ]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"{path} as {account}: scrolls sideways")
        page.close()
    for each in contexts.values():
        each.close()
    assert faults == []
