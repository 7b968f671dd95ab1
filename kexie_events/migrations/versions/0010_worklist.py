"""the work list: lists, departments, targets, events, reports

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    """CREATE TRIGGER work_report_append_only BEFORE UPDATE OR DELETE ON work_report
    FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER work_report_no_truncate BEFORE TRUNCATE ON work_report
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)
# What the items said of their list, departments and edition moves to where it now stands.
UP = (
    """INSERT INTO work_list (unit_id, year, changed_at)
    SELECT unit_id, year, max(changed_at) FROM work_item GROUP BY unit_id, year""",
    """UPDATE work_item SET list_id = work_list.id FROM work_list
    WHERE work_list.unit_id = work_item.unit_id AND work_list.year = work_item.year""",
    """INSERT INTO work_duty (item_id, position, words, unit_id)
    SELECT work_item.id, named.position - 1, named.words,
        (SELECT min(unit.id) FROM unit WHERE unit.parent_id = work_item.unit_id AND unit.name = named.words
            AND unit.kind = 'department')
    FROM work_item,
        unnest(array_prepend(work_item.lead, work_item.supporters)) WITH ORDINALITY AS named (words, position)""",
    """INSERT INTO work_link (item_id, series_id, edition_id)
    SELECT work_item.id, edition.series_id, CASE WHEN edition.style <> 'issue' THEN edition.id END
    FROM work_item JOIN edition ON edition.id = work_item.edition_id""",
)
DOWN = (
    "DELETE FROM work_target",
    """DELETE FROM work_duty USING work_item WHERE work_item.id = work_duty.item_id AND removed_at IS NOT NULL""",
    """DELETE FROM work_link USING work_item WHERE work_item.id = work_link.item_id AND removed_at IS NOT NULL""",
    "DELETE FROM work_item WHERE removed_at IS NOT NULL",
    """UPDATE work_item SET unit_id = work_list.unit_id, year = work_list.year FROM work_list
    WHERE work_list.id = work_item.list_id""",
    """UPDATE work_item SET
        lead = coalesce((SELECT words FROM work_duty WHERE item_id = work_item.id AND position = 0), ''),
        supporters = ARRAY(SELECT words FROM work_duty WHERE item_id = work_item.id AND position > 0 ORDER BY position),
        edition_id = (SELECT coalesce(work_link.edition_id, min(edition.id)) FROM work_link
            LEFT JOIN edition ON edition.series_id = work_link.series_id AND edition.year = work_item.year
            WHERE work_link.item_id = work_item.id
            GROUP BY work_link.id, work_link.edition_id ORDER BY work_link.id LIMIT 1)""",
)


def upgrade() -> None:
    op.create_table(
        "department_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("year_from", sa.Integer(), nullable=True),
        sa.Column("year_to", sa.Integer(), nullable=True),
        sa.CheckConstraint("year_to >= year_from", name=op.f("ck_department_alias_years")),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_department_alias_department_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_department_alias_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_alias")),
    )
    with op.batch_alter_table("department_alias", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_department_alias_department_id"), ["department_id"], unique=False)
        batch_op.create_index(
            "uq_department_alias_words", ["unit_id", "words", sa.literal_column("coalesce(year_from, 0)")], unique=True
        )

    op.create_table(
        "work_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "period",
            sa.Enum("month", "quarter", name="period", native_enum=False, create_constraint=True, length=40),
            server_default="quarter",
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_work_list_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_list")),
        sa.UniqueConstraint("unit_id", "year", name=op.f("uq_work_list_unit_id_year")),
    )
    op.create_table(
        "work_duty",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("everybody", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("unit_id IS NULL OR NOT everybody", name=op.f("ck_work_duty_one_meaning")),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name=op.f("fk_work_duty_item_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_work_duty_unit_id")),
        sa.PrimaryKeyConstraint("item_id", "position", name=op.f("pk_work_duty")),
    )
    with op.batch_alter_table("work_duty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_duty_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "work_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("chosen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_work_link_edition_id")),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name=op.f("fk_work_link_item_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_work_link_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_link")),
        sa.UniqueConstraint("item_id", "edition_id", name=op.f("uq_work_link_item_id_edition_id")),
    )
    with op.batch_alter_table("work_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_link_edition_id"), ["edition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_link_series_id"), ["series_id"], unique=False)
        batch_op.create_index(
            "uq_work_link_series", ["item_id", "series_id"], unique=True, postgresql_where=sa.text("edition_id IS NULL")
        )

    op.create_table(
        "work_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("actuals", postgresql.JSONB(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_work_report_account_id")),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name=op.f("fk_work_report_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_report")),
        sa.UniqueConstraint("item_id", "last_on", "n", name=op.f("uq_work_report_item_id_last_on_n")),
    )
    op.create_table(
        "work_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("actual", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["work_item.id"], name=op.f("fk_work_target_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_target")),
    )
    with op.batch_alter_table("work_target", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_work_target_item_id"), ["item_id"], unique=False)

    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("list_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("decided", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.Enum(
                    "conference",
                    "forum",
                    "forum_series",
                    "meeting",
                    "contest_project",
                    "contest_quiz",
                    "contest_exam",
                    "contest_match",
                    "contest_debate",
                    "contest_showcase",
                    "award",
                    "paper_selection",
                    "training",
                    "camp",
                    "campaign",
                    "exhibition",
                    "lecture_tour",
                    "matchmaking",
                    "survey",
                    "designation",
                    "grant",
                    "programme",
                    "volunteer",
                    "worklist",
                    "report_duty",
                    "approval",
                    name="kind",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column(
                "override",
                sa.Enum(
                    "planned",
                    "doing",
                    "done",
                    "late",
                    name="state",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("override_reason", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("override_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("override_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("key", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="0", nullable=False))

    for statement in UP:
        op.execute(statement)
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.alter_column("list_id", nullable=False)
        batch_op.drop_index(batch_op.f("ix_work_item_edition_id"))
        batch_op.drop_constraint(batch_op.f("uq_work_item_unit_id_year_section_number"), type_="unique")
        batch_op.create_index("ix_work_item_list_id", ["list_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_work_item_list_id_key"), ["list_id", "key"])
        batch_op.drop_constraint(batch_op.f("fk_work_item_edition_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_work_item_unit_id"), type_="foreignkey")
        batch_op.create_foreign_key(batch_op.f("fk_work_item_list_id"), "work_list", ["list_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_work_item_override_by_id"), "account", ["override_by_id"], ["id"])
        batch_op.drop_column("supporters")
        batch_op.drop_column("edition_id")
        batch_op.drop_column("year")
        batch_op.drop_column("lead")
        batch_op.drop_column("unit_id")
        batch_op.create_check_constraint(
            batch_op.f("ck_work_item_override_reason"), "override IS NULL OR override_reason <> ''"
        )
    op.create_exclude_constraint(
        "ex_work_item_place", "work_item", ("list_id", "="), ("section", "="), ("number", "="),
        where=sa.text("removed_at IS NULL"), using="btree", deferrable=True, initially="DEFERRED",
    )  # fmt: skip
    for statement in APPEND_ONLY:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("work_report")
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unit_id", sa.INTEGER(), autoincrement=False, nullable=True))
        batch_op.add_column(sa.Column("lead", sa.TEXT(), autoincrement=False, nullable=True))
        batch_op.add_column(sa.Column("year", sa.INTEGER(), autoincrement=False, nullable=True))
        batch_op.add_column(sa.Column("edition_id", sa.INTEGER(), autoincrement=False, nullable=True))
        batch_op.add_column(sa.Column("supporters", postgresql.ARRAY(sa.TEXT()), autoincrement=False, nullable=True))
    for statement in DOWN:
        op.execute(statement)
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        for name in ("unit_id", "lead", "year", "supporters"):
            batch_op.alter_column(name, nullable=False)
        op.execute("ALTER TABLE work_item DROP CONSTRAINT ex_work_item_place")
        batch_op.drop_constraint(batch_op.f("ck_work_item_override_reason"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_work_item_override_by_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_work_item_list_id"), type_="foreignkey")
        batch_op.create_foreign_key(batch_op.f("fk_work_item_unit_id"), "unit", ["unit_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_work_item_edition_id"), "edition", ["edition_id"], ["id"])
        batch_op.drop_constraint(batch_op.f("uq_work_item_list_id_key"), type_="unique")
        batch_op.drop_index("ix_work_item_list_id")
        batch_op.create_unique_constraint(
            batch_op.f("uq_work_item_unit_id_year_section_number"),
            ["unit_id", "year", "section", "number"],
            postgresql_nulls_not_distinct=False,
        )
        batch_op.create_index(batch_op.f("ix_work_item_edition_id"), ["edition_id"], unique=False)
        batch_op.drop_column("revision")
        batch_op.drop_column("removed_at")
        batch_op.drop_column("key")
        batch_op.drop_column("override_by_id")
        batch_op.drop_column("override_at")
        batch_op.drop_column("override_reason")
        batch_op.drop_column("override")
        batch_op.drop_column("kind")
        batch_op.drop_column("decided")
        batch_op.drop_column("due_on")
        batch_op.drop_column("list_id")

    with op.batch_alter_table("work_target", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_target_item_id"))

    op.drop_table("work_target")
    with op.batch_alter_table("work_link", schema=None) as batch_op:
        batch_op.drop_index("uq_work_link_series", postgresql_where=sa.text("edition_id IS NULL"))
        batch_op.drop_index(batch_op.f("ix_work_link_series_id"))
        batch_op.drop_index(batch_op.f("ix_work_link_edition_id"))

    op.drop_table("work_link")
    with op.batch_alter_table("work_duty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_work_duty_unit_id"))

    op.drop_table("work_duty")
    op.drop_table("work_list")
    with op.batch_alter_table("department_alias", schema=None) as batch_op:
        batch_op.drop_index("uq_department_alias_words")
        batch_op.drop_index(batch_op.f("ix_department_alias_department_id"))

    op.drop_table("department_alias")
