"""Units and accounts of the demo city."""

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..accounts import services as accounts
from ..accounts.models import Account
from ..accounts.queries import actor_for
from ..core.access import SYSTEM, Actor, Role
from ..units import services as units
from ..units.models import Region, Unit
from ..units.rules import UnitKind, in_force
from . import words

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class City:
    """What the other builders need of the city's units and people."""

    association: Unit
    password_hash: str  # of the one demo password
    districts: dict[str, Unit]  # 渝中区 → its 科协; only those in force
    schools: list[Unit]
    societies: list[Unit]
    museum: Unit
    organizer: Actor
    coach: Actor
    judge_accounts: list[Account]
    participant: Actor
    guardian: Actor


def build(now: datetime) -> City:
    from . import PASSWORD

    today = now.date()
    table = csv.DictReader((DATA / "regions.csv").read_text(encoding="utf-8").splitlines())
    regions = units.import_regions(table, actor=SYSTEM, now=now)
    root = units.add_unit("重庆市科学技术协会", UnitKind.ASSOCIATION, slug="cqast", actor=SYSTEM, now=now)
    for n, name in enumerate(words.DEPARTMENTS, start=1):
        units.add_unit(name, UnitKind.DEPARTMENT, slug=f"department-{n}", parent_id=root.id, actor=SYSTEM, now=now)
    societies = [
        units.add_unit(f"重庆市{name}", UnitKind.SOCIETY, slug=f"society-{n}", parent_id=root.id, actor=SYSTEM, now=now)
        for n, name in enumerate(words.SOCIETIES, start=1)
    ]
    museum = units.add_unit(
        "重庆科技馆", UnitKind.INSTITUTION, slug="science-museum", parent_id=root.id, actor=SYSTEM, now=now
    )
    associations = {region.name: _association(region, root, now) for region in regions}
    districts = {
        region.name: associations[region.name]
        for region in regions
        if in_force(region.valid_from, region.valid_to, today)
    }
    schools = _schools(regions, districts, now)
    hashed = accounts.hash_password(PASSWORD)
    people = _accounts(root, districts["渝中区"], schools, hashed, now)
    judges = _judges(hashed, societies, now)
    actors = {name: actor_for(account, today) for name, account in people.items()}
    return City(
        association=root,
        password_hash=hashed,
        districts=districts,
        schools=schools,
        societies=societies,
        museum=museum,
        organizer=actors["organizer@demo"],
        coach=actors["coach@demo"],
        judge_accounts=[people["judge@demo"], *judges],
        participant=actors["participant@demo"],
        guardian=actors["guardian@demo"],
    )


def _association(region: Region, root: Unit, now: datetime) -> Unit:
    short = region.name.split("（")[0]
    name = f"{short}科学技术协会" if region.kind != "功能区" else f"{short}科协"
    return units.add_unit(
        name,
        UnitKind.ASSOCIATION,
        slug=f"cast-{region.slug}",
        parent_id=root.id,
        region_id=region.id,
        valid_from=region.valid_from,
        valid_to=region.valid_to,
        actor=SYSTEM,
        now=now,
    )


def _schools(regions: list[Region], districts: dict[str, Unit], now: datetime) -> list[Unit]:
    """Three schools in each district and county in force, named after it."""
    found = []
    for region in regions:
        if region.name not in districts or region.kind == "功能区":
            continue
        short = region.name.rstrip("区县") if len(region.name) > 2 else region.name
        for n, kind in enumerate(words.SCHOOL_KINDS, start=1):
            found.append(
                units.add_unit(
                    f"重庆市{short}{kind}",
                    UnitKind.SCHOOL,
                    slug=f"school-{region.slug}-{n}",
                    parent_id=districts[region.name].id,
                    region_id=region.id,
                    actor=SYSTEM,
                    now=now,
                )
            )
    return found


def _accounts(root: Unit, district: Unit, schools: list[Unit], hashed: str, now: datetime) -> dict[str, Account]:
    """The eight accounts that are printed at start, with their units and their grants."""
    from . import ACCOUNTS

    own_school = next(school for school in schools if school.parent_id == district.id)
    everybody: tuple[tuple[str, Unit | None, Role | None, Unit | None], ...] = (
        ("管理员", root, Role.ADMINISTRATOR, None),
        ("周敏", root, Role.ORGANIZER, root),
        ("唐静雅", district, Role.ORGANIZER, district),
        ("沈军", own_school, Role.ORGANIZER, own_school),
        ("何伟", own_school, Role.MENTOR, own_school),
        ("蒋教授", None, None, None),
        ("罗丽", None, Role.GUARDIAN, own_school),
        ("郑强", None, None, None),
    )
    people = {}
    for (identifier, _), (name, home, role, where) in zip(ACCOUNTS, everybody, strict=True):
        account = accounts.add_account(
            identifier, hashed, name, unit_id=home.id if home else None, actor=SYSTEM, now=now
        )
        if role is not None:
            accounts.grant(account.id, role, unit_id=where.id if where else None, actor=SYSTEM, now=now)
        people[identifier] = account
    return people


def _judges(hashed: str, societies: list[Unit], now: datetime) -> list[Account]:
    """Fifty-nine more judges from the societies: with judge@demo they are sixty."""
    return [
        accounts.add_account(
            f"judge{n}@demo",
            hashed,
            words.person(n * 3 + 1),
            unit_id=societies[n % len(societies)].id,
            actor=SYSTEM,
            now=now,
        )
        for n in range(1, 60)
    ]
