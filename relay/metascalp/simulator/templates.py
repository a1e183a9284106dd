"""This file knows screener templates: the synthetic default, the trader's own, their routes.

MetaScalp API, edition 3, 2026-08, "Screener". A template's settings round-trip as they came.
"""

from .body import ApiError, Fields, WrongShape, path_id
from .call import OK, Call, Reply
from .desk import Template
from .screener import rows
from .wire import Json

DEFAULT = -1
DEFAULT_SETTINGS: dict[str, Json] = {
    "columnSettings": [],
    "columnFilters": [],
    "marketFilters": [],
    "coinTags": [],
    "numberOfRows": 0,
    "activeFilter": None,
}


def read_all(call: Call) -> Reply:
    default = Template(DEFAULT, "Default", DEFAULT_SETTINGS)
    found = [one.row() for one in (default, *call.world.desk.templates.values())]
    return Reply({"count": len(found), "templates": found})


def read_one(call: Call) -> Reply:
    return Reply(_template(call, _number(call)).row())


def create(call: Call) -> Reply:
    body, desk = call.body(), call.world.desk
    name, settings = body.text("name"), _settings(body)
    if not name or not name.strip():
        raise ApiError("Request body must carry a non-empty 'name'.")
    template = Template(desk.next_id("template"), name, settings or {})
    desk.templates[template.id] = template
    return Reply(template.row())


def change(call: Call) -> Reply:
    number = _number(call)
    body = call.body()
    name, settings = body.text("name"), _settings(body)
    template = _template(call, number)
    template.name = name or template.name
    template.settings = template.settings if settings is None else settings
    return Reply(template.row())


def remove(call: Call) -> Reply:
    template = _template(call, _number(call))
    del call.world.desk.templates[template.id]
    return Reply(OK)


def data(call: Call) -> Reply:
    number = _number(call)
    if number != DEFAULT:
        _template(call, number)
    found = rows(call.world)
    return Reply({"templateId": number, "count": len(found), "rows": found})


def missing(number: int) -> ApiError:
    return ApiError(f"Screener template {number} not found", 404)


def _number(call: Call) -> int:
    number = path_id(call.values["templateId"])
    if number is None:
        raise ApiError("Invalid template ID")
    return number


def _template(call: Call, number: int) -> Template:
    template = call.world.desk.templates.get(number)
    if template is None:
        raise missing(number)
    return template


def _settings(body: Fields) -> dict[str, Json] | None:
    value = body.values.get("settings")
    if value is not None and not isinstance(value, dict):
        raise WrongShape
    return value
