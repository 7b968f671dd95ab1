"""Alembic's entry: runs the migrations against the application's own engine and metadata."""

import sqlalchemy as sa
from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

database = current_app.extensions["migrate"].db
options = current_app.extensions["migrate"].configure_args


def drop_empty(_context, _revision, directives):
    """A migration without a change is not written."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def render_plainly(type_, value, _autogen_context):
    """Our own column types are written as the plain ones below them: a migration never changes with the code."""
    if type_ == "type" and isinstance(value, TypeDecorator):
        inner = value.impl
        return "sa.DateTime(timezone=True)" if isinstance(inner, sa.DateTime) else f"sa.{type(inner).__name__}()"
    return False


if context.is_offline_mode():
    context.configure(url=str(database.engine.url), target_metadata=database.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            process_revision_directives=drop_empty,
            render_item=render_plainly,
            compare_server_default=True,
            **options,
        )
        with context.begin_transaction():
            context.run_migrations()
