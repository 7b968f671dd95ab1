"""activities at many sites

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('campaign',
    sa.Column('edition_id', sa.Integer(), nullable=False),
    sa.Column('categories', postgresql.JSONB(), nullable=False),
    sa.Column('declares_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reports_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revision', sa.Integer(), server_default='0', nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['edition_id'], ['edition.id'], name=op.f('fk_campaign_edition_id')),
    sa.PrimaryKeyConstraint('edition_id', name=op.f('pk_campaign'))
    )
    op.create_table('site',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('edition_id', sa.Integer(), nullable=False),
    sa.Column('series_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Text(), server_default='', nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('all_day', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), server_default='', nullable=False),
    sa.Column('region_id', sa.Integer(), nullable=True),
    sa.Column('latitude', sa.Double(), nullable=True),
    sa.Column('longitude', sa.Double(), nullable=True),
    sa.Column('located', sa.Enum('exact', 'district', 'nowhere', name='located', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('audience', sa.Text(), server_default='', nullable=False),
    sa.Column('summary', sa.Text(), server_default='', nullable=False),
    sa.Column('contact_name', sa.Text(), server_default='', nullable=False),
    sa.Column('contact_phone', sa.Text(), server_default='', nullable=False),
    sa.Column('contact_public', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('link', sa.Text(), server_default='', nullable=False),
    sa.Column('state', sa.Enum('draft', 'declared', 'returned', 'passed', 'withdrawn', name='sitestate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('waits_unit_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('proposal', postgresql.JSONB(), server_default='{}', nullable=False),
    sa.Column('occurrence_id', sa.Integer(), nullable=True),
    sa.Column('on_site', sa.Integer(), server_default='0', nullable=False),
    sa.Column('online', sa.Integer(), server_default='0', nullable=False),
    sa.Column('volunteers', sa.Integer(), server_default='0', nullable=False),
    sa.Column('outcome', sa.Text(), server_default='', nullable=False),
    sa.Column('reported_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revision', sa.Integer(), server_default='0', nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(waits_unit_id IS NOT NULL) = (state = 'declared' OR proposal <> '{}')", name=op.f('ck_site_waits')),
    sa.CheckConstraint("state = 'passed' OR proposal = '{}'", name=op.f('ck_site_proposal')),
    sa.CheckConstraint("state <> 'passed' OR occurrence_id IS NOT NULL", name=op.f('ck_site_passed')),
    sa.CheckConstraint('(latitude IS NULL) = (longitude IS NULL)', name=op.f('ck_site_point')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_site_order')),
    sa.CheckConstraint('on_site >= 0 AND online >= 0 AND volunteers >= 0', name=op.f('ck_site_people')),
    sa.ForeignKeyConstraint(['edition_id'], ['edition.id'], name=op.f('fk_site_edition_id')),
    sa.ForeignKeyConstraint(['occurrence_id'], ['occurrence.id'], name=op.f('fk_site_occurrence_id')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_site_region_id')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_site_series_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_site_unit_id')),
    sa.ForeignKeyConstraint(['waits_unit_id'], ['unit.id'], name=op.f('fk_site_waits_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site')),
    sa.UniqueConstraint('key', name=op.f('uq_site_key')),
    sa.UniqueConstraint('occurrence_id', name=op.f('uq_site_occurrence_id'))
    )
    with op.batch_alter_table('site', schema=None) as batch_op:
        batch_op.create_index('ix_site_edition_id_starts_on', ['edition_id', 'starts_on', 'starts_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_site_region_id'), ['region_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_site_series_id'), ['series_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_site_unit_id'), ['unit_id'], unique=False)
        batch_op.create_index('ix_site_waits_unit_id', ['waits_unit_id'], unique=False, postgresql_where=sa.text('waits_unit_id IS NOT NULL'))
        batch_op.create_index('uq_site_name', ['edition_id', 'unit_id', 'name', 'starts_on'], unique=True, postgresql_where=sa.text("state <> 'withdrawn'"))
        batch_op.create_index('uq_site_number', ['edition_id', 'unit_id', 'number'], unique=True, postgresql_where=sa.text("state <> 'withdrawn' AND number <> ''"))

    op.create_table('site_photo',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_site_photo_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_photo')),
    sa.UniqueConstraint('site_id', 'sha256', name=op.f('uq_site_photo_site_id_sha256'))
    )
    op.create_table('site_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('step', sa.Enum('added', 'declared', 'taken_back', 'passed_up', 'passed', 'returned', 'corrected', 'change_declared', 'changed', 'withdrawn', 'reopened', 'reported', name='step', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('details', postgresql.JSONB(), server_default='{}', nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_site_step_account_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_site_step_site_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_site_step_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site_step'))
    )
    with op.batch_alter_table('site_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_site_step_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_site_step_site_id', ['site_id', 'id'], unique=False)

    with op.batch_alter_table('region', schema=None) as batch_op:
        batch_op.add_column(sa.Column('latitude', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('longitude', sa.Double(), nullable=True))

    op.execute(
        """CREATE TRIGGER site_step_append_only BEFORE UPDATE OR DELETE ON site_step
    FOR EACH ROW EXECUTE FUNCTION refuse_change()"""
    )
    op.execute(
        """CREATE TRIGGER site_step_no_truncate BEFORE TRUNCATE ON site_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
    )


def downgrade() -> None:
    with op.batch_alter_table('region', schema=None) as batch_op:
        batch_op.drop_column('longitude')
        batch_op.drop_column('latitude')

    with op.batch_alter_table('site_step', schema=None) as batch_op:
        batch_op.drop_index('ix_site_step_site_id')
        batch_op.drop_index(batch_op.f('ix_site_step_account_id'))

    op.drop_table('site_step')
    op.drop_table('site_photo')
    with op.batch_alter_table('site', schema=None) as batch_op:
        batch_op.drop_index('uq_site_number', postgresql_where=sa.text("state <> 'withdrawn' AND number <> ''"))
        batch_op.drop_index('uq_site_name', postgresql_where=sa.text("state <> 'withdrawn'"))
        batch_op.drop_index('ix_site_waits_unit_id', postgresql_where=sa.text('waits_unit_id IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_site_unit_id'))
        batch_op.drop_index(batch_op.f('ix_site_series_id'))
        batch_op.drop_index(batch_op.f('ix_site_region_id'))
        batch_op.drop_index('ix_site_edition_id_starts_on')

    op.drop_table('site')
    op.drop_table('campaign')
