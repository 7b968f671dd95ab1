"""the first tables

Revision: 0001, after
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# Rows of these tables are only added, whoever asks.
APPEND_ONLY = ("audit_record", "scoresheet")


def _refuse_changes() -> None:
    op.execute(
        """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the table % is append-only', TG_TABLE_NAME; END $$"""
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("made_from", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("body_gzip", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("etag_gzip", sa.Text(), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_feed")),
    )
    op.create_table(
        "feed_block",
        sa.Column(
            "source",
            sa.Enum("occurrence", "milestone", name="source", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("source_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_from", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sort_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("feeds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("source", "source_id", name=op.f("pk_feed_block")),
    )
    with op.batch_alter_table("feed_block", schema=None) as batch_op:
        batch_op.create_index("ix_feed_block_feeds", ["feeds"], unique=False, postgresql_using="gin")

    op.create_table(
        "feed_due",
        sa.Column("path", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_feed_due")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("beaten_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "region",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_region_validity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("slug", name=op.f("uq_region_slug")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "association",
                "department",
                "society",
                "school",
                "enterprise",
                "institution",
                name="unitkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_unit_validity")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_unit_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("path", name=op.f("uq_unit_path")),
        sa.UniqueConstraint("slug", name=op.f("uq_unit_slug")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index("ix_unit_path", ["path"], unique=False, postgresql_ops={"path": "text_pattern_ops"})
        batch_op.create_index(batch_op.f("ix_unit_region_id"), ["region_id"], unique=False)

    op.create_table(
        "venue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_venue_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint("name", name=op.f("uq_venue_name")),
    )
    with op.batch_alter_table("venue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_venue_region_id"), ["region_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("contact_key", sa.Text(), server_default="", nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "uq_person_contact_name",
            ["contact_key", "name"],
            unique=True,
            postgresql_where=sa.text("contact_key <> ''"),
        )

    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_room_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("venue_id", "name", name=op.f("uq_room_venue_id_name")),
    )
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_room_venue_id"), ["venue_id"], unique=False)

    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
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
            nullable=False,
        ),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("duration_minutes", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "publication",
            sa.Enum(
                "draft",
                "published",
                "withdrawn",
                name="publication",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_series_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("slug", name=op.f("uq_series_slug")),
    )
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_series_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "work_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("section_position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("supporters", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_work_item_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
        sa.UniqueConstraint(
            "unit_id", "year", "section", "number", name=op.f("uq_work_item_unit_id_year_section_number")
        ),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("language", sa.Text(), server_default="zh", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("identifier", name=op.f("uq_account_identifier")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_person_id"), ["person_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedupe", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("context", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "due",
                "sending",
                "sent",
                "dead",
                "cancelled",
                "unreachable",
                name="messagestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_message_dedupe")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_message_about", ["about"], unique=False, postgresql_where=sa.text("state IN ('due', 'sending')")
        )
        batch_op.create_index(
            "ix_message_due", ["next_try_at"], unique=False, postgresql_where=sa.text("state IN ('due', 'sending')")
        )
        batch_op.create_index(batch_op.f("ix_message_person_id"), ["person_id"], unique=False)

    op.create_table(
        "audit_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_audit_record_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_record")),
        sa.UniqueConstraint("chain", "n", name=op.f("uq_audit_record_chain_n")),
    )
    with op.batch_alter_table("audit_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_record_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_audit_record_at", ["at"], unique=False)

    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "style",
            sa.Enum(
                "ordinal",
                "ordinal_chinese",
                "year",
                "issue",
                name="style",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("approval", sa.Text(), server_default="", nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "publication",
            sa.Enum(
                "draft",
                "published",
                "withdrawn",
                name="publication",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["account.id"], name=op.f("fk_edition_approved_by_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_edition_series_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_edition_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
    )
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edition_series_id"), ["series_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_edition_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "uq_edition_number",
            ["series_id", "style", sa.literal_column("coalesce(year, 0)"), "number"],
            unique=True,
            postgresql_where=sa.text("style IN ('issue', 'year')"),
        )
        batch_op.create_index(
            "uq_edition_ordinal",
            ["series_id", "number"],
            unique=True,
            postgresql_where=sa.text("style IN ('ordinal', 'ordinal_chinese')"),
        )

    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_account_id"), ["account_id"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_subscription_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_subscription_token_hash")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscription_account_id"), ["account_id"], unique=False)

    op.create_table(
        "entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), server_default="", nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("group_code", sa.Text(), nullable=False),
        sa.Column("discipline", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "submitted", name="entrystate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_entry_account_id")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_entry_edition_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_entry_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("edition_id", "number", name=op.f("uq_entry_edition_id_number")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_entry_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_deadline", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "publication",
            sa.Enum(
                "draft",
                "published",
                "withdrawn",
                name="publication",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_milestone_order")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_milestone_edition_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_milestone_series_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_milestone_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("edition_id", "code", name=op.f("uq_milestone_edition_id_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_milestone_uid")),
    )
    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_milestone_edition_id"), ["edition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_milestone_series_id"), ["series_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_milestone_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "publication",
            sa.Enum(
                "draft",
                "published",
                "withdrawn",
                name="publication",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_notice_order")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_notice_edition_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_notice_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_edition_id"), ["edition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "occurrence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_from_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("all_day", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "status",
            sa.Enum("scheduled", "cancelled", name="status", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("arrivals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "publication",
            sa.Enum(
                "draft",
                "published",
                "withdrawn",
                name="publication",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(room_id::bigint, room_id::bigint, '[]')"), "&&"),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("room_id IS NOT NULL AND status = 'scheduled' AND publication <> 'withdrawn'"),
            using="gist",
            name="ex_occurrence_room",
        ),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_occurrence_window")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_occurrence_order")),
        sa.CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name=op.f("ck_occurrence_seats")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_occurrence_edition_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_occurrence_room_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_occurrence_series_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_occurrence_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint("uid", name=op.f("uq_occurrence_uid")),
    )
    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.create_index("ix_occurrence_closes_at", ["closes_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_occurrence_edition_id"), ["edition_id"], unique=False)
        batch_op.create_index("ix_occurrence_ends_at", ["ends_at"], unique=False)
        batch_op.create_index("ix_occurrence_opens_at", ["opens_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_occurrence_room_id"), ["room_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_occurrence_series_id"), ["series_id"], unique=False)
        batch_op.create_index("ix_occurrence_starts_at", ["starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_occurrence_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "setting_up", "open", "closed", name="roundstate", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("judges_per_entry", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_round_window")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_round_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("edition_id", "position", name=op.f("uq_round_edition_id_position")),
    )
    op.create_table(
        "rule_pack",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_rule_pack_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_pack")),
        sa.UniqueConstraint("edition_id", name=op.f("uq_rule_pack_edition_id")),
    )
    op.create_table(
        "entry_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_entry_file_size")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_entry_file_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_file")),
    )
    with op.batch_alter_table("entry_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_file_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "entry_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_entry_member_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_entry_member_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_member")),
        sa.UniqueConstraint("entry_id", "person_id", name=op.f("uq_entry_member_entry_id_person_id")),
        sa.UniqueConstraint("entry_id", "position", name=op.f("uq_entry_member_entry_id_position")),
    )
    with op.batch_alter_table("entry_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entry_member_person_id"), ["person_id"], unique=False)

    op.create_table(
        "judge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("disciplines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("least_load", sa.Integer(), server_default="0", nullable=False),
        sa.Column("most_load", sa.Integer(), nullable=False),
        sa.CheckConstraint("0 <= least_load AND least_load <= most_load", name=op.f("ck_judge_load")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_judge_account_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_judge_round_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_judge_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judge")),
        sa.UniqueConstraint("round_id", "account_id", name=op.f("uq_judge_round_id_account_id")),
    )
    with op.batch_alter_table("judge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_judge_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_judge_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "confirmed",
                "waiting",
                "withdrawn",
                name="registrationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("submit_key", sa.Text(), nullable=False),
        sa.Column("submit_digest", sa.Text(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("told_revision", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_registration_account_id")),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name=op.f("fk_registration_occurrence_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_registration_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("occurrence_id", "line", name=op.f("uq_registration_occurrence_id_line")),
        sa.UniqueConstraint("occurrence_id", "submit_key", name=op.f("uq_registration_occurrence_id_submit_key")),
    )
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registration_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_registration_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "ix_registration_queue",
            ["occurrence_id", "line"],
            unique=False,
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "uq_registration_person",
            ["occurrence_id", "person_id"],
            unique=True,
            postgresql_where=sa.text("state <> 'withdrawn'"),
        )

    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "administrator",
                "organizer",
                "judge",
                "mentor",
                "guardian",
                "participant",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(unit_id, series_id, edition_id, round_id) = CASE role WHEN 'administrator' THEN 0 ELSE 1 END",
            name=op.f("ck_role_grant_one_scope"),
        ),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_role_grant_validity")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_role_grant_edition_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_role_grant_round_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_role_grant_series_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_grant_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_edition_id"), ["edition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_round_id"), ["round_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_series_id"), ["series_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_assignment_entry_id")),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_assignment_judge_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_assignment_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("judge_id", "entry_id", name=op.f("uq_assignment_judge_id_entry_id")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index("ix_assignment_entry_id", ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_round_id"), ["round_id"], unique=False)

    op.create_table(
        "recusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "declared",
                "own_unit",
                "own_district",
                "organizer",
                name="recusalsource",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_recusal_entry_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_recusal_judge_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
        sa.UniqueConstraint("judge_id", "entry_id", name=op.f("uq_recusal_judge_id_entry_id")),
    )
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recusal_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "scoresheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("operation", sa.Uuid(), nullable=True),
        sa.Column("operation_digest", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "submitted", name="sheetstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("points", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total", sa.Numeric(precision=7, scale=2), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_scoresheet_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoresheet")),
        sa.UniqueConstraint("assignment_id", "revision", name=op.f("uq_scoresheet_assignment_id_revision")),
    )
    with op.batch_alter_table("scoresheet", schema=None) as batch_op:
        batch_op.create_index(
            "uq_scoresheet_operation",
            ["assignment_id", "operation"],
            unique=True,
            postgresql_where=sa.text("operation IS NOT NULL"),
        )
    _refuse_changes()


def downgrade() -> None:
    with op.batch_alter_table("scoresheet", schema=None) as batch_op:
        batch_op.drop_index("uq_scoresheet_operation", postgresql_where=sa.text("operation IS NOT NULL"))

    op.drop_table("scoresheet")
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recusal_entry_id"))

    op.drop_table("recusal")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_round_id"))
        batch_op.drop_index("ix_assignment_entry_id")

    op.drop_table("assignment")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_grant_unit_id"))
        batch_op.drop_index(batch_op.f("ix_role_grant_series_id"))
        batch_op.drop_index(batch_op.f("ix_role_grant_round_id"))
        batch_op.drop_index(batch_op.f("ix_role_grant_edition_id"))
        batch_op.drop_index(batch_op.f("ix_role_grant_account_id"))

    op.drop_table("role_grant")
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_index("uq_registration_person", postgresql_where=sa.text("state <> 'withdrawn'"))
        batch_op.drop_index("ix_registration_queue", postgresql_where=sa.text("state = 'waiting'"))
        batch_op.drop_index(batch_op.f("ix_registration_person_id"))
        batch_op.drop_index(batch_op.f("ix_registration_account_id"))

    op.drop_table("registration")
    with op.batch_alter_table("judge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_judge_unit_id"))
        batch_op.drop_index(batch_op.f("ix_judge_account_id"))

    op.drop_table("judge")
    with op.batch_alter_table("entry_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_member_person_id"))

    op.drop_table("entry_member")
    with op.batch_alter_table("entry_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_file_entry_id"))

    op.drop_table("entry_file")
    op.drop_table("rule_pack")
    op.drop_table("round")
    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_occurrence_unit_id"))
        batch_op.drop_index("ix_occurrence_starts_at")
        batch_op.drop_index(batch_op.f("ix_occurrence_series_id"))
        batch_op.drop_index(batch_op.f("ix_occurrence_room_id"))
        batch_op.drop_index("ix_occurrence_opens_at")
        batch_op.drop_index("ix_occurrence_ends_at")
        batch_op.drop_index(batch_op.f("ix_occurrence_edition_id"))
        batch_op.drop_index("ix_occurrence_closes_at")

    op.drop_table("occurrence")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_unit_id"))
        batch_op.drop_index(batch_op.f("ix_notice_edition_id"))

    op.drop_table("notice")
    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestone_unit_id"))
        batch_op.drop_index(batch_op.f("ix_milestone_series_id"))
        batch_op.drop_index(batch_op.f("ix_milestone_edition_id"))

    op.drop_table("milestone")
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_unit_id"))
        batch_op.drop_index(batch_op.f("ix_entry_account_id"))

    op.drop_table("entry")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscription_account_id"))

    op.drop_table("subscription")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_account_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.drop_index("uq_edition_ordinal", postgresql_where=sa.text("style IN ('ordinal', 'ordinal_chinese')"))
        batch_op.drop_index("uq_edition_number", postgresql_where=sa.text("style IN ('issue', 'year')"))
        batch_op.drop_index(batch_op.f("ix_edition_unit_id"))
        batch_op.drop_index(batch_op.f("ix_edition_series_id"))

    op.drop_table("edition")
    with op.batch_alter_table("audit_record", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_record_at")
        batch_op.drop_index(batch_op.f("ix_audit_record_account_id"))

    op.drop_table("audit_record")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_person_id"))
        batch_op.drop_index("ix_message_due", postgresql_where=sa.text("state IN ('due', 'sending')"))
        batch_op.drop_index("ix_message_about", postgresql_where=sa.text("state IN ('due', 'sending')"))

    op.drop_table("message")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_person_id"))

    op.drop_table("account")
    op.drop_table("work_item")
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_series_unit_id"))

    op.drop_table("series")
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_room_venue_id"))

    op.drop_table("room")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index("uq_person_contact_name", postgresql_where=sa.text("contact_key <> ''"))
        batch_op.drop_index(batch_op.f("ix_person_unit_id"))

    op.drop_table("person")
    with op.batch_alter_table("venue", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_venue_region_id"))

    op.drop_table("venue")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_region_id"))
        batch_op.drop_index("ix_unit_path", postgresql_ops={"path": "text_pattern_ops"})
        batch_op.drop_index(batch_op.f("ix_unit_parent_id"))

    op.drop_table("unit")
    op.drop_table("region")
    op.drop_table("heartbeat")
    op.drop_table("feed_due")
    with op.batch_alter_table("feed_block", schema=None) as batch_op:
        batch_op.drop_index("ix_feed_block_feeds", postgresql_using="gin")

    op.drop_table("feed_block")
    op.drop_table("feed")
    op.execute("DROP FUNCTION refuse_change()")
