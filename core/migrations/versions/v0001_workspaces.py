"""Workspaces, their revisions, and the sheets they share."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """The first tables."""
    op.create_table(
        "workspace",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("made", sa.String(32), nullable=False),
        sa.Column("head", sa.Integer, nullable=False),
    )
    op.create_table(
        "revision",
        sa.Column("workspace", sa.String(40), sa.ForeignKey("workspace.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("made", sa.String(32), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("shown", sa.Integer, nullable=False),
        sa.Column("before", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "sheet",
        sa.Column("digest", sa.String(40), primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
