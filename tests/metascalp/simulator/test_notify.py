async def rows(terminal):
    return list(terminal.sim.world.desk.notices.rows)


async def test_a_row_of_ones_own(terminal):
    answer = await terminal.post(
        "/api/notifications",
        ConnectionId=1, Ticker="BTCUSDT", EventType="My bot signal", Price=95000.0, Size=0.5,
        Time="2026-04-13T10:05:00+00:00", TabName="Mine",
    )  # fmt: skip
    [row] = await rows(terminal)

    assert answer.text == '{"status":"ok"}'
    assert (row["type"], row["exchange"], row["tabName"]) == ("My bot signal", "Binance", "Mine")
    assert row["date"] == "2026-04-13T10:05:00+00:00"


async def test_everything_is_optional(terminal):
    await terminal.request("POST", "/api/notifications")
    [row] = await rows(terminal)

    assert {name for name, cell in row.items() if cell is not None} == {"date"}


async def test_an_unknown_connection_is_refused(terminal):
    assert (await terminal.post("/api/notifications", connectionId=99)).error == (
        404, "Connection 99 not found",
    )  # fmt: skip
    assert await rows(terminal) == []
