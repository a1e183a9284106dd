import pytest

BASE = "/api/ui/windows"
SUPPORTED = (
    " Supported: workspace, lightWorkspace, chart, tradingViewChart, watchlist, screener, "
    "lineNotifications, finres, userTrades, listing"
)


async def ids(terminal, key):
    return [one["id"] for one in (await terminal.get("/api/ui/state")).json[key]]


async def test_a_rectangle_is_clamped_to_its_monitor(terminal):
    answer = await terminal.post(
        BASE, windowType="WatchList", top=100, left=200, height=450, width=300, monitor=0
    )
    assert answer.text == (
        '{"windowId":2,"windowType":"watchlist","top":100.0,"left":200.0,"height":450.0,'
        '"width":300.0}'
    )
    far = (await terminal.post(BASE, windowType="chart", left=9999, width=99999)).json
    assert (far["left"], far["width"]) == (0, 1920)


@pytest.mark.parametrize(
    ("family", "key"),
    [("workspace", "windows"), ("lightWorkspace", "windows"), ("chart", "standaloneCharts"),
     ("tradingViewChart", "standaloneCharts"), ("watchlist", "watchlists"),
     ("screener", "screeners")],
)  # fmt: skip
async def test_a_window_is_opened_activated_and_closed(terminal, family, key):
    before = await ids(terminal, key)
    number = (await terminal.post(BASE, windowType=family)).json["windowId"]
    assert await ids(terminal, key) == [*before, number]
    active = await terminal.post(f"{BASE}/{number}/activate", windowType=family)
    closed = await terminal.post(f"{BASE}/{number}/close", windowType=family)

    assert active.text == (
        f'{{"windowType":"{family}","windowId":{number},"activated":true,"outcome":"activated"}}'
    )
    assert closed.text == (
        f'{{"windowType":"{family}","windowId":{number},"closed":true,"outcome":"closed"}}'
    )
    assert await ids(terminal, key) == before
    again = await terminal.post(f"{BASE}/{number}/close", windowType=family)
    assert again.error == (404, f"Window {number} not found")


@pytest.mark.parametrize("single", ["lineNotifications", "finres", "userTrades", "listing"])
async def test_what_there_is_one_of_has_no_id(terminal, single):
    assert (await terminal.post(BASE, windowType=single)).json["windowId"] is None
    assert (await terminal.get("/api/ui/state")).json[single]["isOpen"] is True
    await terminal.post(f"{BASE}/77/close", windowType=single)

    assert (await terminal.get("/api/ui/state")).json[single]["isOpen"] is False


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("", {}, (400, "POST /api/ui/windows requires 'windowType' in the body to know which "
                       "window to open." + SUPPORTED)),
        ("", {"windowType": "settings"}, (400, "Unsupported windowType 'settings'." + SUPPORTED)),
        ("", {"windowType": "screener", "templateId": 9},
         (404, "Screener template 9 not found")),
        ("/x/close", {"windowType": "chart"}, (400, "Invalid window ID")),
        ("/1/close", {}, (400, "POST /api/ui/windows/{windowId}/close|activate requires "
                               "'windowType' in the body: window ids are per-surface, so the type "
                               "is what routes the id to the right window." + SUPPORTED)),
        ("/1/close", {"windowType": "workspace"},
         (400, "The main workspace cannot be closed through the API.")),
        ("/1/activate", {"windowType": "workspace"},
         (400, "The main workspace cannot be activated through the API.")),
        ("/2/close", {"windowType": "lightWorkspace"}, (404, "Window 2 not found")),
    ],
)  # fmt: skip
async def test_what_is_refused(terminal, path, body, error):
    assert (await terminal.post(BASE + path, **body)).error == error


async def test_reading_one(terminal):
    state = (await terminal.get("/api/ui/state")).json
    assert (await terminal.get(f"{BASE}/2")).json == state["windows"][1]
    assert (await terminal.get(f"{BASE}/1?windowType=Watchlist")).json == {
        "id": 1, "type": "watchlist", "watchlist": state["watchlists"][0],
    }  # fmt: skip
    chart = state["standaloneCharts"][0]
    assert (await terminal.get(f"{BASE}/{chart['id']}?windowType=chart")).json["document"] == chart
    assert (await terminal.get(f"{BASE}/x")).error == (400, "Invalid window ID")
    for path in ("/9", "/1?windowType=nope", "/9?windowType=screener", "/1?windowType=chart"):
        number = path[1]
        assert (await terminal.get(BASE + path)).error == (404, f"Window {number} not found")


async def test_windows_are_bounded(terminal):
    answers = [await terminal.post(BASE, windowType="watchlist") for _ in range(110)]

    assert answers[-1].status == 400
