"""Who answers for a community, a building or a unit."""

from datetime import date

from sqlmodel import Field, SQLModel


class Contact(SQLModel, table=True):
    """One contact; without a building of the whole community, without a unit of the building."""

    __tablename__ = "contact"

    community: str = Field(primary_key=True)
    contact: str = Field(primary_key=True)
    level: int = Field(description="1 书记 | 2 副主任, 物业经理 | 3 社区干部, 物业客服")
    body: str = Field(description="committee | property")
    title: str
    name: str
    phone: str
    building: str | None = None
    unit: str | None = None
    person_id: str | None = Field(default=None, description="who it is among the people")
    to_day: date | None = Field(default=None, description="exclusive")
