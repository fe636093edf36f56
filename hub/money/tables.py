"""Who ordered what moved out; the amounts stand in the ledger's own tables."""

from sqlmodel import Field

from hub.db import big_int
from hub.rewards.office_tables import Said


class MoneyOrder(Said, table=True):
    """One order. Append-only and linked like every word of the office."""

    __tablename__ = "money_order"

    community: str = Field(primary_key=True)
    sequence: int = Field(sa_column=big_int(primary_key=True))
    what: str = Field(description="open | payout | reserve | redemption | grant")
    subject: str = Field(description="month, payout's number, redemption's key, or entry")
    result: str = Field(description="opened | posted | void | accepted | …")
