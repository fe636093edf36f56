"""Contacts of an import, against the people that are registered."""

from hub.contacts.tables import Contact
from hub.registry import tables
from hub.registry.changes import Row
from hub.registry.planned import Ground, twice
from hub.registry.reading import Line


def plan_contacts(ground: Ground) -> None:
    """A person that is named has to be one."""
    lines, made = ground.read.lines["contacts"], ground.made
    made.problems += twice(lines, "contact", lambda row: row.contact)
    known = {row["person_id"] for row in ground.registered(tables.Person)}
    known |= {line.row.person for line in ground.read.lines["people"]}
    made.problems += [
        line.problem("person", f"no person {line.row.person} is registered")
        for line in lines
        if line.row.person is not None and line.row.person not in known
    ]
    made.rows.append((Contact, [_contact(line) for line in lines]))


def _contact(line: Line) -> Row:
    given: Row = line.row.model_dump(include=line.given)
    if "person" in given:
        given["person_id"] = given.pop("person")
    return given
