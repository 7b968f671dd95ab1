from flask import Flask
from sqlalchemy import select

from kexie_events.accounts.models import Account, Grant
from kexie_events.accounts.services import sign_in
from kexie_events.core import clock
from kexie_events.core.access import Role
from kexie_events.core.db import db
from kexie_events.messages.models import Message
from kexie_events.units.models import Unit
from tests.build import make_account, make_administrator, make_series, make_unit

GOOD = "我家阳台能看见嘉陵江"
SETUP = ["setup", "--unit", "某市科学技术协会", "--name", "张华", "--email", "Zhang@example.org"]


def run(app: Flask, *arguments: str, given: str = ""):
    return app.test_cli_runner().invoke(args=list(arguments), input=given)


def test_setting_up_reads_the_password_from_a_pipe_and_happens_once(app: Flask) -> None:
    first = run(app, *SETUP, given=f"{GOOD}\n")
    assert (first.exit_code, "zhang@example.org signs in at http://kexie.test/sign-in" in first.output) == (0, True)
    account, _token = sign_in("zhang@example.org", GOOD, now=clock.now())
    assert db.session.scalar(select(Grant.role).where(Grant.account_id == account.id)) is Role.ADMINISTRATOR
    assert db.session.scalar(select(Unit.name)) == "某市科学技术协会"
    again = run(app, *SETUP, given=f"{GOOD}\n")
    assert (again.exit_code, "这里已有单位或账号" in again.output) == (1, True)


def test_a_weak_first_password_sets_up_nothing(app: Flask) -> None:
    answer = run(app, *SETUP, given="short\n")
    assert (answer.exit_code, "密码至少 10 个字" in answer.output) == (1, True)
    assert db.session.scalar(select(Unit.id)) is None


def test_accounts_are_added_granted_withdrawn_and_listed(app: Flask) -> None:
    make_unit(slug="city", name="市科协")
    series = make_series(slug="forum")
    added = run(app, "accounts", "add", "li@example.org", "--name", "李明", "--unit", "city", "--role", "organizer")
    assert added.output == "li@example.org: a letter with the link is on its way\n"
    assert db.session.scalar(select(Message.kind)) == "account_opened"
    given = run(
        app, "accounts", "grant", "li@example.org", "organizer", "--series", "forum", "--until", "2027-03-31"
    )  # fmt: skip
    assert given.output == f"li@example.org: organizer {series.name}\n"
    rows = db.session.scalars(select(Grant).order_by(Grant.id)).all()
    assert [(row.unit_id is not None, row.series_id, str(row.valid_to)) for row in rows] == [
        (True, None, "None"),
        (False, series.id, "2027-04-01"),
    ]
    withdrawn = run(app, "accounts", "withdraw", "li@example.org", "organizer", "--unit", "city")
    assert withdrawn.output == "li@example.org: no longer organizer 市科协\n"
    listed = run(app, "accounts", "list", "--search", "李明")
    assert listed.output == "li@example.org\t李明\t市科协\tinvited\torganizer\n"


def test_what_cannot_be_is_said_and_changes_nothing(app: Flask) -> None:
    make_unit(slug="city", name="市科协")
    make_account("李明", identifier="li@example.org")
    for arguments, words in (
        (("add", "li@example.org", "--name", "李明", "--unit", "city"), "已有账号"),
        (("add", "new@example.org", "--name", "李明", "--unit", "nowhere"), "there is no unit 'nowhere'"),
        (("grant", "nobody@example.org", "administrator"), "没有 nobody@example.org 这个能登录的账号"),
        (("grant", "li@example.org", "organizer"), "不能在这里授权"),
        (("grant", "li@example.org", "mentor", "--unit", "city", "--edition", "5"), "name one of"),
        (("grant", "li@example.org", "organizer", "--edition", "5"), "there is no edition 5"),
        (("withdraw", "li@example.org", "mentor", "--unit", "city"), "is not mentor there"),
    ):
        answer = run(app, "accounts", *arguments)
        assert (answer.exit_code, words in answer.output) == (1, True), answer.output
    assert db.session.scalar(select(Grant.id)) is None
    assert len(list(db.session.scalars(select(Account.id)))) == 1


def test_the_last_administrator_stays_on_the_command_line_too(app: Flask) -> None:
    boss = make_administrator()
    answer = run(app, "accounts", "withdraw", boss.identifier, "administrator")
    assert (answer.exit_code, "最后一位" in answer.output) == (1, True)


def test_units_come_in_once_or_not_at_all(app: Flask, tmp_path) -> None:
    make_unit(slug="city", name="市科协")
    table = tmp_path / "units.csv"
    head = "slug,name,kind,parent,region,valid_from,valid_to\n"
    rows = "north,北区科协,科协,city,,,\nnorth-school,北区中学,school,north,,2020-09-01,\n"
    table.write_text(head + rows, "utf-8-sig")
    first, second = run(app, "import", "units", str(table)), run(app, "import", "units", str(table))
    assert first.output == "units: 2 added, 0 changed, 0 as before\n"
    assert second.output == "units: 0 added, 0 changed, 2 as before\n"
    school = db.session.scalar(select(Unit).where(Unit.slug == "north-school"))
    assert school.path.count("/") == 4
    table.write_text(f"{head}south,南区科协,科协,city,,,\nlost,某校,学校,nowhere,,,\n")
    bad = run(app, "import", "units", str(table))
    assert (bad.exit_code, "第 3 行的 parent 列“nowhere”查不到" in bad.output) == (1, True)
    assert db.session.scalar(select(Unit.id).where(Unit.slug == "south")) is None


def test_regions_of_chongqing_come_in(app: Flask) -> None:
    answer = run(app, "import", "regions", "kexie_events/demo/data/regions.csv")
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("regions: 4")
