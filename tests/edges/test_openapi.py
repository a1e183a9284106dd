"""The description says what the tables say."""

import json
import re
from pathlib import Path

import pytest

from relay import actions, errors
from relay.bodies import Body, Field, rebuild
from relay.edges import (
    answering,
    front,
    gate,
    openapi,
    operations,
    panel_operations,
    passing,
    serving,
    splice,
    web,
    web_own,
    web_pass,
)
from relay.metascalp.routes import ROUTES


def test_every_route_and_every_operation_is_described():
    paths = openapi.document()["paths"]
    described = {(method.upper(), path) for path, one in paths.items() for method in one}
    ours = {
        ("POST", f"/relay/{name}") for name in set(operations.TABLE) - {*operations.FOR_SOCKETS}
    }
    reads = {("GET", f"/relay/{name}") for name in openapi.OWN_READS}

    routes = {(route.method, route.path) for route in ROUTES}

    assert described == routes | ours | reads | {("GET", "/")}


#: The components that a place may refer to; elsewhere a reference is to a schema.
PLACES = {"parameters": "parameters", "responses": "responses", "headers": "headers"}
METHODS = {"get", "post", "put", "delete"}
TYPES = {"integer", "number", "string", "boolean", "array", "object", "null"}


def objects(value, place=""):
    """Every object of the document, and the name of what it stands in."""
    if isinstance(value, dict):
        yield place, value
        for name, one in value.items():
            yield from objects(one, name if name in PLACES or name == "schema" else place)
    elif isinstance(value, list):
        for one in value:
            yield from objects(one, place)


def test_it_is_json_and_every_reference_leads_to_what_may_stand_there():
    document = json.loads(json.dumps(openapi.document()))

    for place, one in objects(document):
        if (reference := one.get("$ref")) is not None:
            assert list(one) == ["$ref"]
            _, _, kind, name = reference.split("/")
            assert kind == PLACES.get(place, "schemas")
            assert name in document["components"][kind]


def test_it_keeps_the_rules_that_clients_are_made_by():
    """OpenAPI 3.1.1, 2024-10; the document passed openapi-spec-validator 0.9.0 in 2026-12, which
    stands on twenty packages."""
    document = openapi.document()
    assert set(document) == {"openapi", "info", "servers", "security", "paths", "components"}

    shared = document["components"]["parameters"]
    for path, item in document["paths"].items():
        assert set(item) <= METHODS
        for told in item.values():
            params = [shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
                      for one in told["parameters"]]  # fmt: skip
            keys = [(one["in"], one["name"]) for one in params]
            assert len(keys) == len(set(keys))
            paths = {one["name"] for one in params if one["in"] == "path" and one["required"]}
            assert paths == set(re.findall(r"\{(\w+)\}", path))
            assert told["responses"]
            for status, response in told["responses"].items():
                assert re.fullmatch(r"[1-5]\d\d|default", status)
                assert "$ref" in response or response["description"]
    for place, one in objects(document):
        if place == "schema" and "example" not in one and isinstance(one.get("type"), str | list):
            types = one["type"] if isinstance(one["type"], list) else [one["type"]]
            assert set(types) <= TYPES
            assert ("array" in types) <= ("items" in one) or one == {"type": "array"}


def test_it_is_good_at_whichever_port_it_was_read():
    assert openapi.document()["servers"] == [{"url": "/"}]


def test_the_socket_is_described_as_far_as_there_are_words():
    told = openapi.document()["paths"]["/"]["get"]

    assert "101" in told["responses"]
    assert {"$ref": "#/components/parameters/lane"} in told["parameters"]


def test_every_status_that_the_door_says_is_told():
    files = (front, gate, passing, serving, splice, web, web_own, web_pass, answering)
    texts = "".join(Path(one.__file__).read_text("utf-8") for one in files)
    said = set(re.findall(r"(?:Refused|_refuse|error|_end_with)\(\s*([345]\d\d)\b", texts))
    said |= {str(one.status) for one in vars(errors).values() if hasattr(one, "status")}
    said |= {"405", "408"}  # These have words of their own.

    for path, item in openapi.document()["paths"].items():
        for told in item.values():
            assert said <= set(told["responses"]), path


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("int", [1, "1", None]),
        ("number", [1, 1.5, "1.5", None]),
        ("bool", [True, 1, "true", None]),
        ("text", ["a", None]),
        ("texts", [["a"], None]),
        ("word", [1, "Gate", None]),
        ("binding", [1, "001", None]),
    ],
)
def test_a_field_is_told_to_take_what_the_door_takes(kind, values):
    names = {int: "integer", float: "number", bool: "boolean", str: "string", list: "array",
             type(None): "null"}  # fmt: skip
    told = openapi._type(Field("x", kind), is_needed=False)["type"]

    for value in values:
        assert rebuild(json.dumps({"x": value}).encode(), Body((Field("x", kind),))).body
    assert {names[type(value)] for value in values} <= {
        *told,
        "integer" if "number" in told else "",
    }
    assert "null" not in openapi._type(Field("x", kind), is_needed=True)["type"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda one: f"{one.method} {one.path}")
def test_a_route_tells_its_scope_its_parameters_and_its_fields(route):
    told = openapi.document()["paths"][route.path][route.method.lower()]
    named = {one["name"] for one in told["parameters"] if "name" in one}

    assert told["x-scope"] == route.scope
    assert named == set(re.findall(r"\{(\w+)\}", route.path)) | {
        one.strip("!") for one in route.query.split()
    }
    assert ("requestBody" in told) == (route.body is not None)


def test_what_must_be_in_a_body_and_what_may():
    order = openapi.document()["paths"]["/api/connections/{id}/orders"]["post"]
    schema = order["requestBody"]["content"]["application/json"]["schema"]

    assert schema["required"] == ["ticker", "side", "size"]
    assert "additionalProperties" not in schema  # An inert field is taken: see X-Relay-Dropped.
    assert "X-Relay-Dropped" in order["responses"]["200"]["headers"]
    assert "1 buy, 2 sell" in schema["properties"]["side"]["description"]


def test_what_is_described_of_operations_are_operations():
    assert set(openapi.OPERATIONS) <= set(operations.TABLE)


def test_what_an_operation_is_said_to_take_is_read_and_the_reverse():
    texts = [
        Path(one.__file__).read_text("utf-8") for one in (actions, operations, panel_operations)
    ]
    read = set(re.findall(r'params(?:\.get\(|\[)"(\w+)"', "".join(texts))) - {"topics"}
    told = {name for one in openapi.OPERATIONS for name in openapi.parameters(one)}

    assert read == told - {"exchanges", "markets", "aliases"}


def test_examples_belong_to_routes_that_are_read():
    for path in {route.path for route in ROUTES}:
        if text := openapi.example(path):
            assert ("GET", path) in {(route.method, route.path) for route in ROUTES}
            assert json.loads(text)
