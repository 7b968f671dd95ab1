"""The OpenAPI document: parameters and answers as they are, made from the same tables that read and write them. Pure.

Source: docs/sources.md#openapi
"""

from typing import Any

from ..core.version import VERSION
from ..events.kinds import Kind, Topic
from ..feeds.rules import kebab
from .asking import (
    LARGEST_ID,
    LEAST_ITEMS,
    LONGEST_NAME,
    MOST_ITEMS,
    OF_MILESTONES,
    OF_OCCURRENCES,
    REMEMBERED,
    STATUSES,
    USUAL_ITEMS,
)

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
NUMBER: Schema = {"type": "integer"}
DAY_OR_MOMENT: Schema = {"type": "string", "examples": ["2026-03-12", "2026-03-12T14:00:00+08:00"]}
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
ID: Schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}

# Of every parameter: what it may be, and what it means.
PARAMETERS: dict[str, tuple[Schema, str]] = {
    "kind": ({"type": "string", "enum": [kebab(kind) for kind in Kind]}, "活动类型"),
    "topic": ({"type": "string", "enum": [kebab(topic) for topic in Topic]}, "类别"),
    "series": (NAME, "系列，网址 /series/ 后面的部分"),
    "edition": (ID, "届次，网址 /editions/ 后面的数字"),
    "unit": (NAME, "单位及其下级主办、承办的"),
    "region": (NAME, "区县"),
    "venue": (ID, "场馆"),
    "status": ({"type": "string", "enum": list(STATUSES)}, "照常，或已取消"),
    "from": (DAY_OR_MOMENT, "此刻还没有结束的；只写日期，从当天零点算起"),
    "to": (DAY_OR_MOMENT, "在此之前开始的；只写日期，当天算在内"),
    "changed_since": (
        DAY_OR_MOMENT,
        f"自上次的 as_of 以来变过的和不再符合条件的（gone），最多往前 {REMEMBERED.days} 天；会重复给出少量已知的",
    ),
    "limit": (
        {"type": "integer", "minimum": LEAST_ITEMS, "maximum": MOST_ITEMS, "default": USUAL_ITEMS},
        "每页最多几条",
    ),
    "cursor": (TEXT, "上一页 next 里的值"),
}


def _object(properties: dict[str, Schema], description: str = "") -> Schema:
    """Everything in it is always there, and nothing else."""
    found = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {**found, "description": description} if description else found


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_COMMON: dict[str, Schema] = {
    "uid": {**TEXT, "description": "永不改变，和日历里的 UID 相同"},
    "sequence": {
        **NUMBER,
        "minimum": 0,
        "description": "和日历里的 SEQUENCE 相同，变动写进日历时增加；刚变动、还没写进的（几秒内）是预告，以后给的为准",
    },
    "changed_at": {**MOMENT, "description": "最近一次变动，和日历里的 LAST-MODIFIED 相同"},
    "status": {"type": "string", "enum": list(STATUSES)},
    "title": TEXT,
    "starts_at": MOMENT,
    "ends_at": MOMENT,
    "url": {"type": "string", "format": "uri"},
    "categories": {"type": "array", "items": TEXT},
    "kind": PARAMETERS["kind"][0],
    "topic": PARAMETERS["topic"][0],
    "series": _object({"slug": TEXT, "name": TEXT}),
    "edition": _object({"id": NUMBER, "name": TEXT}),
    "organizer": TEXT,
}
SCHEMAS: dict[str, Schema] = {
    "Occurrence": _object(
        {
            **_COMMON,
            "all_day": {"type": "boolean", "description": "全天：从零点到零点，不写时刻"},
            "moved_from": {**_or_null(MOMENT), "description": "改期前公布的开始时间"},
            "reason": {**TEXT, "description": "改期或取消的原因"},
            "place": TEXT,
            "geo": _or_null(_object({"latitude": {"type": "number"}, "longitude": {"type": "number"}}, "WGS-84，度")),
            "description": TEXT,
            "rule": {
                **_or_null(_object({"uid": TEXT, "planned_at": MOMENT})),
                "description": "日历里属于哪一条重复规则（规则的 UID 和原定档期）",
            },
        },
        "场次",
    ),
    "Milestone": _object({**_COMMON, "deadline": {"type": "boolean"}}, "节点：开放、截止、公示等"),
    "Gone": _object({"uid": TEXT, "gone": {"const": True}}, "不再符合条件：已撤下、已过去，或不在所问的范围"),
    "Problem": {
        "type": "object",
        "properties": {
            "type": TEXT, "title": TEXT, "status": NUMBER, "detail": TEXT, "code": TEXT,
            "parameter": {**TEXT, "description": "出错的参数"},
        },
        "required": ["type", "title", "status"],
        "additionalProperties": False,
    },
}  # fmt: skip


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _page(name: str) -> Schema:
    return _object(
        {
            "items": {"type": "array", "items": {"anyOf": [_reference(name), _reference("Gone")]}},
            "next": {**_or_null({"type": "string", "format": "uri"}), "description": "下一页的网址"},
            "as_of": {**_or_null(MOMENT), "description": "下次用作 changed_since；各页相同"},
        }
    )


def _answer(description: str, schema: Schema, kind: str = "application/json") -> Schema:
    return {"description": description, "content": {kind: {"schema": schema}}}


def _operation(name: str, summary: str, parameters: list[Schema], found: Schema, refused: dict[str, str]) -> Schema:
    problem = _reference("Problem")
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "parameters": parameters,
            "responses": {
                "200": _answer("内容", found),
                "304": {"description": "没有变化"},
                **{status: _answer(words, problem, "application/problem+json") for status, words in refused.items()},
            },
        }
    }


def _list(name: str, summary: str, known: tuple[str, ...], schema: str) -> Schema:
    parameters = [
        {
            "name": each,
            "in": "query",
            "required": False,
            "schema": PARAMETERS[each][0],
            "description": PARAMETERS[each][1],
        }
        for each in known
    ]
    return _operation(name, summary, parameters, _page(schema), {"422": "参数有误"})


def _single(name: str, summary: str, schema: str) -> Schema:
    uid = {"name": "uid", "in": "path", "required": True, "schema": TEXT}
    return _operation(name, summary, [uid], _reference(schema), {"404": "没有，或没有公开"})


def document(base_url: str, organization: str) -> dict[str, Any]:
    """The whole document; ``base_url`` without a slash at its end."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{organization}活动日程",
            "version": VERSION,
            "description": f"公开的场次和节点，内容、版本号和日历订阅相同。只读，不用登录。说明：{base_url}/api",
        },
        "servers": [{"url": f"{base_url}/api/v1"}],
        "paths": {
            "/occurrences": _list("occurrences", "场次，按开始时间排列", OF_OCCURRENCES, "Occurrence"),
            "/occurrences/{uid}": _single("occurrence", "一个场次", "Occurrence"),
            "/milestones": _list("milestones", "节点，按开始时间排列", OF_MILESTONES, "Milestone"),
            "/milestones/{uid}": _single("milestone", "一个节点", "Milestone"),
        },
        "components": {"schemas": SCHEMAS},
    }
