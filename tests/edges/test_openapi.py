"""The description says what the tables say."""

import json
import re
from pathlib import Path

import pytest

from relay import actions
from relay.edges import openapi, operations, panel_operations
from relay.metascalp.routes import ROUTES


def test_every_route_and_every_operation_is_described():
    paths = openapi.document()["paths"]
    described = {(method.upper(), path) for path, one in paths.items() for method in one}
    ours = {
        ("POST", f"/relay/{name}") for name in set(operations.TABLE) - {*operations.FOR_SOCKETS}
    }
    reads = {("GET", f"/relay/{name}") for name in openapi.OWN_READS}

    assert described == {(route.method, route.path) for route in ROUTES} | ours | reads


def test_it_is_json_and_every_reference_leads_somewhere():
    text = json.dumps(openapi.document())

    for reference in re.findall(r'"\$ref": "#/([^"]+)"', text):
        found = openapi.document()
        for part in reference.split("/"):
            found = found[part]
        assert found["name"]


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
    assert schema["additionalProperties"] is False
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
