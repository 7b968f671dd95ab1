"""What names mean in a unit's lists: laying it down, taking it back, making a department of a name."""

from datetime import datetime

from sqlalchemy.orm import Session

from ...audit import services as audit
from ...core.access import Actor
from ...core.db import refused, transaction
from ...core.errors import RuleBroken
from ...units import services as units
from ...units.models import Unit
from ...units.rules import UnitKind
from .. import queries
from ..departments import Alias, check_alias, meaning, name_key
from ..models import DepartmentAlias
from .writing import unit_of


def _chain(unit_id: int) -> str:
    return f"worklist-departments:{unit_id}"


def add_alias(unit_id: int, alias: Alias, *, actor: Actor, now: datetime) -> int:
    """Say what a name means, in some years or in all; every row that has it follows. Locks the unit.

    The number of rows that now mean something else. The same again changes nothing.
    Raises: RuleBroken("worklist.alias" | "worklist.alias_years" | "worklist.alias_taken" | "worklist.alias_unit"),
    Forbidden, NotFound.
    """
    with transaction() as session:
        unit_of(unit_id, actor)
        known = [each.alias for each in queries.aliases_of(unit_id)]
        if any(_same(alias, each) for each in known):
            return 0
        kept = check_alias(alias, known)
        if kept.unit_id is not None:
            below = session.get(Unit, kept.unit_id)
            if below is None or below.parent_id != unit_id:
                raise RuleBroken("worklist.alias_unit")
        with refused(session, {"uq_department_alias_words": "worklist.alias_taken"}, words=kept.words):
            session.add(
                DepartmentAlias(
                    unit_id=unit_id, words=kept.words, department_id=kept.unit_id, year_from=kept.year_from,
                    year_to=kept.year_to,
                )
            )  # fmt: skip
        changed = _resolve(session, unit_id)
        audit.record(
            _chain(unit_id), "worklist.alias_added", actor=actor, now=now, words=kept.words, department=kept.unit_id,
            year_from=kept.year_from, year_to=kept.year_to, rows=changed,
        )  # fmt: skip
    return changed


def _same(one: Alias, other: Alias) -> bool:
    return name_key(one.words) == name_key(other.words) and (one.unit_id, one.year_from, one.year_to) == (
        other.unit_id, other.year_from, other.year_to,
    )  # fmt: skip


def drop_alias(alias_id: int, *, actor: Actor, now: datetime) -> int:
    """Take back what a name means; every row that has it follows. Locks the unit. What is gone already is gone."""
    with transaction() as session:
        found = session.get(DepartmentAlias, alias_id)
        if found is None:
            return 0
        unit_of(found.unit_id, actor)
        session.delete(found)
        session.flush()
        changed = _resolve(session, found.unit_id)
        audit.record(
            _chain(found.unit_id), "worklist.alias_dropped", actor=actor, now=now, words=found.words,
            department=found.department_id, rows=changed,
        )  # fmt: skip
    return changed


def add_department(list_id: int, words: str, *, actor: Actor, now: datetime) -> int:
    """Make a department of a name that stands in a list; every row that has it follows. Locks the unit.

    Raises: RuleBroken("worklist.no_such_name") for one that is in no row or means a unit by now, RuleBroken("unit.…"),
    Forbidden for who may not add units there, NotFound.
    """
    chosen = queries.list_of(actor, list_id, own=True)
    with transaction() as session:
        unit_of(chosen.unit_id, actor)
        if words not in {name.words for name in queries.unknown_names(chosen)}:
            raise RuleBroken("worklist.no_such_name")
        units.add_unit(words, UnitKind.DEPARTMENT, parent_id=chosen.unit_id, actor=actor, now=now)
        return _resolve(session, chosen.unit_id)


def _resolve(session: Session, unit_id: int) -> int:
    """Every row of every list of the unit says anew what its names mean; how many changed."""
    aliases = [known.alias for known in queries.aliases_of(unit_id)]
    units_of: dict[int, dict[str, int]] = {}
    changed = 0
    for duty, year in queries.duties_of(unit_id):
        if year not in units_of:
            units_of[year] = queries.names_of(queries.units_below(unit_id, year))
        found = meaning(duty.words, year, units_of[year], aliases)
        if (duty.unit_id, duty.everybody) != (found.unit_id, found.everybody):
            duty.unit_id, duty.everybody = found.unit_id, found.everybody
            changed += 1
    session.flush()
    return changed
