"""This file knows the windows of a fresh terminal: a believable screen of a trader at work."""

from .layout import MAIN, Document, Layout, Rectangle, Surface, Tab, Window, rectangle

BOOK, CHART = "orderBook", "chart"
SINGLES = ("lineNotifications", "finres", "userTrades", "listing")

Panel = tuple[str, int, str, int | None]
"""kind, connection, ticker, link number."""

TABS: tuple[tuple[str, tuple[Panel, ...]], ...] = (
    (
        "Main",
        (
            (BOOK, 1, "BTCUSDT", 1),
            (CHART, 1, "BTCUSDT", 1),
            (BOOK, 2, "ETHUSDT", 2),
            (CHART, 2, "ETHUSDT", 2),
        ),
    ),
    (
        "MEXC + spot",
        (
            (BOOK, 4, "BTC_USDT", 3),
            (CHART, 4, "BTC_USDT", 3),
            (BOOK, 9, "SOLUSDT", 7),
            (CHART, 9, "SOLUSDT", 7),
        ),
    ),
)
"""The main window's tabs before the last one, which has the active panel of every connection."""


def furnish(active: dict[int, str]) -> Layout:
    """The windows, their last main tab with an order book per connection."""
    layout = Layout()
    rest = tuple((BOOK, number, ticker, None) for number, ticker in active.items())
    tabs = [_tab(layout, name, panels) for name, panels in (*TABS, ("Desk", rest))]
    main = Window(layout.next_id("window"), MAIN, rectangle(0, 0, 1600, 900), tabs, tabs[0].id)
    layout.windows.append(main)
    second = ((BOOK, 1, "BNBUSDT", None), (CHART, 1, "BNBUSDT", None))
    light = ((BOOK, 1, "LINKUSDT", None),)
    for kind, name, panels, place in (
        ("Workspace", "Second screen", second, rectangle(0, 1920, 1280, 1024)),
        ("LightWorkspace", "LINK", light, rectangle(120, 640, 420, 760)),
    ):
        tab = _tab(layout, name, panels)
        layout.windows.append(Window(layout.next_id("window"), kind, place, [tab], tab.id))
    _alone(layout, "Regular", rectangle(80, 80, 700, 420), None)
    _alone(layout, "TradingView", rectangle(520, 80, 900, 500), 2)
    layout.watchlists.append(Surface(layout.next_id("watchlist"), rectangle(100, 200, 300, 450)))
    layout.screeners.append(Surface(layout.next_id("screener"), rectangle(140, 260, 800, 500)))
    layout.singles = {
        name: Surface(number, rectangle(60 * number, 60, 500, 300), open=number == 1)
        for number, name in enumerate(SINGLES, start=1)
    }
    return layout


def _tab(layout: Layout, name: str, panels: tuple[Panel, ...]) -> Tab:
    documents = [
        Document(layout.next_id("document"), kind, connection, ticker, link, (n // 2, n % 2, side))
        for n, (kind, connection, ticker, link) in enumerate(panels)
        for side in ("Horizontal",)
    ]
    return Tab(layout.next_id("tab"), name, documents)


def _alone(layout: Layout, engine: str, place: Rectangle, link: int | None) -> None:
    """A chart in a window of its own."""
    number = layout.next_id("document")
    one = Document(number, CHART, 2, "ETHUSDT", link, engine=engine, geometry=place)
    layout.charts.append(one)
