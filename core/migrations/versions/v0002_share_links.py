"""Links that only show, and can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The table of share links."""
    op.create_table(
        "share",
        sa.Column("token", sa.String(40), primary_key=True),
        sa.Column("workspace", sa.String(40), sa.ForeignKey("workspace.id"), nullable=False),
        sa.Column("made", sa.String(32), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("revoked", sa.String(32), nullable=False),
    )
    op.create_index("share_of_workspace", "share", ["workspace"])
