"""This file knows how windows, tabs and documents are written in ui/state and ui_update.

Every field is always present, null when unknown. MetaScalp API, edition 3, 2026-08, "UI".
"""

from decimal import Decimal

from .layout import Document, Layout, Surface, Tab, Window, geometry_row
from .wire import Json
from .world import World

ZERO = Decimal("0.0")


def state(world: World) -> dict[str, Json]:
    """The whole screen; builds that follow the interactive page name more kinds of windows."""
    layout = world.screen.layout
    row: dict[str, Json] = {
        "windows": [window_row(world, one) for one in layout.windows],
        "standaloneCharts": [document_row(world, one) for one in layout.charts],
    }
    return row | _extras(layout) if world.profile.has("3P") else row


def window_row(world: World, window: Window) -> dict[str, Json]:
    return {
        "id": window.id,
        "type": window.type,
        "geometry": geometry_row(window.geometry),
        "monitor": None,
        "tabs": [_tab_row(world, window, n, tab) for n, tab in enumerate(window.tabs)],
    }


def document_row(world: World, one: Document) -> dict[str, Json]:
    return {
        "id": one.id,
        "externalId": one.external_id,
        "kind": one.kind,
        "connectionId": one.connection,
        "ticker": one.ticker,
        "linkNumber": one.link,
        "layoutPosition": _place(one),
        "orderBook": _book(world, one) if one.kind == "orderBook" else None,
        "chart": _chart(one) if one.kind == "chart" else None,
    }


def watchlist_row(one: Surface) -> dict[str, Json]:
    return {"id": one.id, "externalId": one.external_id, "geometry": geometry_row(one.geometry)}


def screener_row(one: Surface) -> dict[str, Json]:
    return {
        "id": one.id,
        "externalId": one.external_id,
        "name": "Default" if one.template == -1 else f"Screener {one.template}",
        "templateId": one.template,
        "geometry": geometry_row(one.geometry),
    }


def tab_added(world: World, window: Window) -> dict[str, Json]:
    """The Data of ui_update for a new tab: its whole window."""
    return {"kind": "tabAdded", "windowId": window.id, "window": window_row(world, window)}


def document_opened(world: World, one: Document) -> dict[str, Json]:
    """The Data of ui_update for a new chart."""
    return {
        "kind": "documentOpened",
        "documentId": one.id,
        "externalId": one.external_id,
        "connectionId": one.connection,
        "ticker": one.ticker,
        "document": document_row(world, one),
    }


def _extras(layout: Layout) -> dict[str, Json]:
    row: dict[str, Json] = {
        "watchlists": [watchlist_row(one) for one in layout.watchlists],
        "screeners": [screener_row(one) for one in layout.screeners],
    }
    for name, one in layout.singles.items():
        row[name] = {"id": one.id, "isOpen": one.open, "geometry": geometry_row(one.geometry)}
    return row


def _tab_row(world: World, window: Window, order: int, tab: Tab) -> dict[str, Json]:
    return {
        "id": tab.id,
        "name": tab.name,
        "orderId": order,
        "isSelected": tab.id == window.selected,
        "color": None,
        "documents": [document_row(world, one) for one in tab.documents],
    }


def _place(one: Document) -> Json:
    if one.place is None:
        return None
    group, index, side = one.place
    return {"paneGroupIndex": group, "documentIndex": index, "orientation": side}


def _book(world: World, one: Document) -> dict[str, Json]:
    row = world.connections.get(one.connection or 0)
    ticker = None if row is None else row.tickers().get(one.ticker or "")
    return {
        "baseAsset": ticker and ticker.base,
        "quoteAsset": ticker and ticker.quote,
        "priceIncrement": ticker.price_increment if ticker else ZERO,
        "sizeIncrement": ticker.size_increment if ticker else ZERO,
        "minSize": ticker.min_size if ticker else ZERO,
        "maxSize": ticker and ticker.max_size,
        "stepPrice": None,
        "state": "Open",
        "isTradingAllowed": ticker is not None and ticker.trading,
        "pinMarketType": False,
        "zoomIndex": 1,
    }


def _chart(one: Document) -> dict[str, Json]:
    return {
        "timeFrame": "M1",
        "engine": one.engine,
        "xVisibleRangeDiff": 100,
        "pinMarketType": False,
        "geometry": None if one.geometry is None else geometry_row(one.geometry),
    }
