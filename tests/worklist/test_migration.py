"""Lists that were there before: items keep their list, departments and editions on the way up and down."""

from collections.abc import Callable
from dataclasses import replace

from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from config import Settings
from kexie_events import create_app
from kexie_events.core.db import db

BEFORE = "0009"
FILL = (
    "INSERT INTO unit (id, slug, name, kind, path) VALUES (1, 'city', '市科协', 'association', '/1/')",
    """INSERT INTO unit (id, slug, name, kind, parent_id, path)
    VALUES (2, 'academic', '学会学术部', 'department', 1, '/1/2/')""",
    """INSERT INTO series (id, slug, name, kind, unit_id, publication, changed_at)
    VALUES (1, 'forum', '双月论坛', 'forum_series', 1, 'draft', now()),
    (2, 'fair', '年会', 'conference', 1, 'draft', now())""",
    """INSERT INTO edition (id, series_id, number, style, year, unit_id, publication, changed_at)
    VALUES (1, 1, 1, 'issue', 2020, 1, 'draft', now()), (2, 2, 2020, 'year', 2020, 1, 'draft', now())""",
    """INSERT INTO work_item (unit_id, year, section, section_position, number, name, lead, supporters,
    edition_id, changed_at)
    VALUES (1, 2020, '甲', 1, 1, '双月论坛', '学会学术部', '{宣传部,办公室}', 1, now()),
    (1, 2020, '甲', 1, 2, '年会', '办公室', '{}', 2, now()),
    (1, 2021, '甲', 1, 1, '建设', '办公室', '{}', NULL, now())""",
)


def rows(statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.session.execute(text(statement))]


def test_lists_of_before_keep_what_they_said(settings: Settings, new_database: Callable[[], str]) -> None:
    app = create_app(replace(settings, database_url=new_database()))
    with app.app_context():
        upgrade(revision=BEFORE)
        for statement in FILL:
            db.session.execute(text(statement))
        db.session.commit()
        db.session.remove()
        upgrade(revision="0010")
        assert rows("SELECT unit_id, year, period FROM work_list ORDER BY year") == [
            (1, 2020, "quarter"), (1, 2021, "quarter"),
        ]  # fmt: skip
        assert rows("SELECT words, unit_id FROM work_duty ORDER BY item_id, position") == [
            ("学会学术部", 2), ("宣传部", None), ("办公室", None), ("办公室", None), ("办公室", None),
        ]  # fmt: skip
        # A row of a series that counts its issues means all of the year.
        assert rows("SELECT series_id, edition_id, chosen FROM work_link ORDER BY item_id") == [
            (1, None, False), (2, 2, False),
        ]  # fmt: skip
        db.session.remove()
        downgrade(revision=BEFORE)
        assert rows("SELECT unit_id, year, name, lead, supporters, edition_id FROM work_item ORDER BY id") == [
            (1, 2020, "双月论坛", "学会学术部", ["宣传部", "办公室"], 1),
            (1, 2020, "年会", "办公室", [], 2),
            (1, 2021, "建设", "办公室", [], None),
        ]
        db.session.remove()
        db.engine.dispose()
