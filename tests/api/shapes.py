"""Whether a value is what a schema says: the words of JSON Schema that our document uses, and no others."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
WORDS = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "format",
    "minimum", "maximum", "minLength", "maxLength", "default", "description", "examples",
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "$") -> list[str]:
    """What is wrong, each with where."""
    assert set(schema) <= WORDS, f"{at}: {set(schema) - WORDS}"
    if "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return faults(value, found, document, at)
    if "anyOf" in schema:
        tried = [faults(value, each, document, at) for each in schema["anyOf"]]
        return [] if [] in tried else [f"{at}: none of {len(tried)}: {tried}"]
    wrong = []
    if "const" in schema and value != schema["const"]:
        wrong.append(f"{at}: {value!r} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        wrong.append(f"{at}: {value!r} is not among {schema['enum']}")
    kind = schema.get("type")
    if kind is not None:
        right = isinstance(value, KINDS[kind]) and not (kind in ("integer", "number") and isinstance(value, bool))
        if not right:
            return [*wrong, f"{at}: {value!r} is no {kind}"]
    return wrong + _inside(value, schema, document, at)


def _inside(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str) -> list[str]:
    if isinstance(value, dict):
        known = schema.get("properties", {})
        wrong = [f"{at}: lacks {name}" for name in schema.get("required", []) if name not in value]
        if schema.get("additionalProperties") is False:
            wrong += [f"{at}: has {name}" for name in value if name not in known]
        for name, part in value.items():
            wrong += faults(part, known[name], document, f"{at}.{name}") if name in known else []
        return wrong
    if isinstance(value, list):
        return [
            fault for n, part in enumerate(value) for fault in faults(part, schema["items"], document, f"{at}[{n}]")
        ]
    if isinstance(value, str):
        return _text(value, schema, at)
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        return [] if low <= value <= high else [f"{at}: {value} is not from {low} to {high}"]
    return []


def _text(value: str, schema: dict[str, Any], at: str) -> list[str]:
    low, high = schema.get("minLength", 0), schema.get("maxLength", len(value))
    wrong = [] if low <= len(value) <= high else [f"{at}: {len(value)} characters"]
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).tzinfo is None:
        wrong.append(f"{at}: {value} has no zone")
    if schema.get("format") == "uri" and not urlsplit(value).netloc:
        wrong.append(f"{at}: {value} is no address")
    return wrong
