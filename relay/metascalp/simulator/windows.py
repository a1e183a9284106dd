"""This file knows what opens, closes and activates a window of each family.

MetaScalp API, edition 3, 2026-08, "UI". Sentences the documents do not give are ours: they are
marked so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from .body import ApiError, Fields, Ours, path_id
from .call import Call, Reply
from .layout import MAIN, Document, Layout, Rectangle, Surface, Tab, Window
from .panels import document_opened, document_row, screener_row, watchlist_row, window_row
from .templates import DEFAULT, missing
from .wire import Json

WORKSPACES = {"workspace": "Workspace", "lightWorkspace": "LightWorkspace"}
CHARTS = {"chart": "Regular", "tradingViewChart": "TradingView"}
SINGLES = ("lineNotifications", "finres", "userTrades", "listing")
TYPES = (*WORKSPACES, *CHARTS, "watchlist", "screener", *SINGLES)
READABLE = ("chart", "tradingViewChart", "watchlist", "screener")
MONITORS = ((0, 0, 1920, 1080), (0, 1920, 1920, 1080))
"""top, left, width, height of each."""
USUAL = {"top": 100, "left": 200, "height": 450, "width": 300}
LEAST = Decimal(100)
MAX_WINDOWS = 100
"""One more of a family is a 400 with a sentence of ours."""

OPEN_NEEDS = "POST /api/ui/windows requires 'windowType' in the body to know which window to open."
ROUTE_NEEDS = (
    "POST /api/ui/windows/{windowId}/close|activate requires 'windowType' in the body: window ids "
    "are per-surface, so the type is what routes the id to the right window."
)


@dataclass(frozen=True, slots=True)
class Target:
    """A window that a request means. close: takes it away."""

    id: int | None
    type: str
    close: Callable[[], None]


def read(call: Call) -> Reply:
    number = _window_id(call)
    layout, family = call.world.screen.layout, call.query.get("windowtype", "")
    missing_window = ApiError(f"Window {number} not found", 404)
    if not family or not call.world.profile.has("3P"):
        window = next((one for one in layout.windows if one.id == number), None)
        if window is None:
            raise missing_window
        return Reply(window_row(call.world, window))
    kind = _named(family, READABLE)
    if kind is None:
        raise missing_window
    if kind in CHARTS:
        chart = _chart(layout, kind, number)
        if chart is not None:
            row = document_row(call.world, chart)
            return Reply({"id": number, "type": kind, "document": row})
        raise missing_window
    surface = _surface(layout, kind, number)
    if surface is None:
        raise missing_window
    row = watchlist_row(surface) if kind == "watchlist" else screener_row(surface)
    return Reply({"id": number, "type": kind, kind: row})


def open_window(call: Call) -> Reply:
    body = call.body()
    kind = _type(body, OPEN_NEEDS)
    place, template = _clamped(body), body.integer("templateid")
    if kind == "screener" and template not in (None, DEFAULT, *call.world.desk.templates):
        assert template is not None, "None is among the known ones"
        raise missing(template)
    layout = call.world.screen.layout
    families = (layout.windows, layout.charts, layout.watchlists, layout.screeners)
    if sum(len(family) for family in families) >= MAX_WINDOWS:
        raise Ours("Too many windows are open.")
    number = _opened(call, layout, kind, place, DEFAULT if template is None else template)
    row = {name: place[name] for name in ("top", "left", "height", "width")}
    return Reply({"windowId": number, "windowType": kind, **row})


def close(call: Call) -> Reply:
    target = _target(call, "closed")
    target.close()
    head = {"windowType": target.type, "windowId": target.id}
    return Reply({**head, "closed": True, "outcome": call.outcome("closed")})


def activate(call: Call) -> Reply:
    target = _target(call, "activated")
    head = {"windowType": target.type, "windowId": target.id}
    return Reply({**head, "activated": True, "outcome": call.outcome("activated")})


def _opened(call: Call, layout: Layout, kind: str, place: Rectangle, template: int) -> int | None:
    """Puts a window on the screen; gives its id, None for one of those there is one of."""
    if kind in SINGLES:
        layout.singles[kind].open, layout.singles[kind].geometry = True, place
        return None
    if kind in WORKSPACES:
        tab = Tab(layout.next_id("tab"), "Tab 1")
        number = layout.next_id("window")
        layout.windows.append(Window(number, WORKSPACES[kind], place, [tab], tab.id))
        return number
    if kind in CHARTS:
        number = layout.next_id("document")
        screen = call.world.screen
        at = screen.active_connection
        chart = Document(
            number, "chart", at, screen.active.get(at), engine=CHARTS[kind], geometry=place
        )
        layout.charts.append(chart)
        call.world.publish("ui", "ui_update", document_opened(call.world, chart))
        return number
    number = layout.next_id(kind)
    family = layout.watchlists if kind == "watchlist" else layout.screeners
    family.append(Surface(number, place, template))
    return number


def _target(call: Call, done: str) -> Target:
    number = _window_id(call)
    kind = _type(call.body(), ROUTE_NEEDS)
    layout = call.world.screen.layout
    if kind in SINGLES:
        single = layout.singles[kind]
        return Target(None, kind, lambda: setattr(single, "open", False))
    if kind in WORKSPACES:
        if layout.main.id == number:
            assert layout.main.type == MAIN, "the first window is the main one"
            text = f"The main workspace cannot be {done} through the API."
            raise ApiError(text) if done == "closed" else Ours(text)
        types = WORKSPACES[kind]
        window = next((w for w in layout.windows if (w.id, w.type) == (number, types)), None)
        if window is not None:
            return Target(number, kind, lambda: layout.windows.remove(window))
    elif kind in CHARTS:
        chart = _chart(layout, kind, number)
        if chart is not None:
            return Target(number, kind, lambda: layout.charts.remove(chart))
    else:
        surface = _surface(layout, kind, number)
        family = layout.watchlists if kind == "watchlist" else layout.screeners
        if surface is not None:
            return Target(number, kind, lambda: family.remove(surface))
    raise Ours(f"Window {number} not found", 404)


def _chart(layout: Layout, kind: str, number: int) -> Document | None:
    found = (one for one in layout.charts if (one.id, one.engine) == (number, CHARTS[kind]))
    return next(found, None)


def _surface(layout: Layout, kind: str, number: int) -> Surface | None:
    family = layout.watchlists if kind == "watchlist" else layout.screeners
    return next((one for one in family if one.id == number), None)


def _window_id(call: Call) -> int:
    number = path_id(call.values["windowId"])
    if number is None:
        raise ApiError("Invalid window ID")
    return number


def _type(body: Fields, needed: str) -> str:
    supported = f" Supported: {', '.join(TYPES)}"
    sent = body.text("windowtype")
    if not sent:
        raise Ours(needed + supported)
    kind = _named(sent, TYPES)
    if kind is None:
        raise Ours(f"Unsupported windowType '{sent}'.{supported}")
    return kind


def _named(sent: str, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name.lower() == sent.lower()), None)


def _clamped(body: Fields) -> Rectangle:
    """The rectangle asked for, moved and cut so that it lies on its monitor."""
    number = body.integer("monitor") or 0
    top, left, width, height = MONITORS[min(max(number, 0), len(MONITORS) - 1)]
    sent: dict[str, Json] = {
        name: body.decimal(name) if body.decimal(name) is not None else Decimal(usual)
        for name, usual in USUAL.items()
    }
    wide = min(max(sent["width"], LEAST), Decimal(width))
    high = min(max(sent["height"], LEAST), Decimal(height))
    return {
        "top": min(max(sent["top"], Decimal(top)), top + height - high),
        "left": min(max(sent["left"], Decimal(left)), left + width - wide),
        "width": wide,
        "height": high,
    }
