"""What kinds of units there are, and when a unit or region is in force."""

import enum
from datetime import date


class UnitKind(enum.Enum):
    """What a unit is (单位类型)."""

    ASSOCIATION = "association"  # 科协: the city's or a district's
    DEPARTMENT = "department"  # 部室 of an association
    SOCIETY = "society"  # 学会
    SCHOOL = "school"
    ENTERPRISE = "enterprise"
    INSTITUTION = "institution"  # 事业单位, 科技馆 and the like


def in_force(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    """Whether a unit or region exists on a day. The first day counts, the last does not.

    Source: docs/sources.md#regions (江北区 and 渝北区 ended on 2025-11-06).
    """
    return (valid_from is None or valid_from <= day) and (valid_to is None or day < valid_to)
