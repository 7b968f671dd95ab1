"""The OpenAPI document is true: every answer is what it says, every parameter is taken, and no other."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kexie_events.api import asking, description
from kexie_events.core.errors import RuleBroken
from tests.build import NOON

from .shapes import faults
from .test_agreement import SHANGHAI, World, world

__all__ = ["world"]


def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    found: dict[str, Any] = answer.json
    return found


def schema_of(whole: dict[str, Any], path: str, status: int) -> dict[str, Any]:
    [(kind, found)] = whole["paths"][path]["get"]["responses"][str(status)]["content"].items()
    assert kind == ("application/json" if status == 200 else "application/problem+json")
    schema: dict[str, Any] = found["schema"]
    return schema


@pytest.mark.parametrize(
    ("asked", "path", "status"),
    [
        ("/occurrences?limit=200", "/occurrences", 200),
        ("/occurrences?limit=2", "/occurrences", 200),
        ("/occurrences?status=cancelled", "/occurrences", 200),
        ("/occurrences?changed_since=2026-03-10&series=forum", "/occurrences", 200),
        ("/occurrences?from=2026-09-01", "/occurrences", 200),
        ("/occurrences/%(uid)s", "/occurrences/{uid}", 200),
        ("/milestones", "/milestones", 200),
        ("/milestones?limit=1", "/milestones", 200),
        ("/milestones/%(point)s", "/milestones/{uid}", 200),
        ("/occurrences?limit=x", "/occurrences", 422),
        ("/milestones?venue=1", "/milestones", 422),
        ("/occurrences?series=none", "/occurrences", 422),
        ("/occurrences/none", "/occurrences/{uid}", 404),
        ("/milestones/none", "/milestones/{uid}", 404),
    ],
)
def test_every_answer_is_what_the_document_says(
    client: FlaskClient, world: World, asked: str, path: str, status: int
) -> None:
    whole = document(client)
    points = client.get("/api/v1/milestones").json
    assert points is not None
    named = {"uid": world.single.uid, "point": points["items"][0]["uid"]}
    answer = client.get(f"/api/v1{asked}" % named)
    assert answer.status_code == status
    assert faults(answer.json, schema_of(whole, path, status), whole) == []
    assert answer.json != {}


def test_the_check_itself_finds_what_is_wrong(client: FlaskClient, world: World) -> None:
    whole = document(client)
    schema = schema_of(whole, "/occurrences/{uid}", 200)
    item = client.get(f"/api/v1/occurrences/{world.single.uid}").json
    assert item is not None
    assert faults(item, schema, whole) == []
    for wrong in (
        {"sequence": "1"}, {"sequence": -1}, {"starts_at": "2026-03-18T12:00:00"}, {"status": "moved"},
        {"geo": {"latitude": 1}}, {"more": 1}, {"url": "/x"}, {"all_day": 0}, {"categories": [1]},
    ):  # fmt: skip
        assert len(faults({**item, **wrong}, schema, whole)) == 1, wrong
    assert faults({name: value for name, value in item.items() if name != "uid"}, schema, whole) == ["$: lacks uid"]


@pytest.mark.parametrize(
    ("path", "known"), [("/occurrences", asking.OF_OCCURRENCES), ("/milestones", asking.OF_MILESTONES)]
)
def test_parameters_are_those_that_are_taken(client: FlaskClient, path: str, known: tuple[str, ...]) -> None:
    told = {each["name"]: each["schema"] for each in document(client)["paths"][path]["get"]["parameters"]}
    assert set(told) == set(known)
    for name, schema in told.items():
        for good in (*schema.get("enum", ()), *([schema["minimum"], schema["maximum"]] if "minimum" in schema else ())):
            asking.read([(name, str(good))], known, zone=SHANGHAI, now=NOON)
        for bad in [schema["minimum"] - 1, schema["maximum"] + 1] if "minimum" in schema else ["x\n"]:
            with pytest.raises(RuleBroken):
                asking.read([(name, str(bad))], known, zone=SHANGHAI, now=NOON)


def test_it_is_a_document_that_tools_read(client: FlaskClient, app: Flask) -> None:
    whole = document(client)
    assert (whole["openapi"], whole["servers"]) == ("3.1.0", [{"url": "http://kexie.test/api/v1"}])
    served = {
        re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }
    assert set(whole["paths"]) == served - {"/openapi.json"}
    references = set(re.findall(r'"#/components/schemas/(\w+)"', client.get("/api/v1/openapi.json").text))
    assert references == set(description.SCHEMAS)
    for path, operations in whole["paths"].items():
        needed = set(re.findall(r"{(\w+)}", path))
        parameters = operations["get"]["parameters"]
        assert {each["name"] for each in parameters if each["in"] == "path"} == needed
