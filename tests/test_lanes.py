"""Which subscription goes over which socket, and whom the terminal's answers concern."""

from __future__ import annotations

from typing import Any

import pytest
from hubs import BOOK, Bench, load

from relay.lanes import Lanes
from relay.subscriptions import read
from relay.topic import QUIET_MS, Effect, Topic, made


@pytest.mark.parametrize(
    "other",
    [{"zoomIndex": 5}, {"depthLevels": 10}, {"depthPercent": 0.01}, {"fetchSnapshot": False}],
    ids=str,
)
def test_another_view_goes_to_another_lane(bench: Bench, other: dict[str, Any]) -> None:
    """Asking again on one socket would replace the first reader's view."""
    first, second = bench.reader("first"), bench.reader("second")
    bench.ask(first, BOOK)
    bench.ask(second, BOOK, **other)
    first.drain()
    second.drain()
    bench.step(30)

    assert len(bench.sockets) == 2
    assert first.frames
    assert second.frames
    if "fetchSnapshot" not in other and "depthLevels" not in other:
        assert first.frames != second.frames


def test_what_is_the_default_anyway_makes_no_other_lane(bench: Bench) -> None:
    for n, more in enumerate(
        ({}, {"zoomIndex": 0}, {"fetchSnapshot": True}, {"depthLevels": None}, {"ZoomIndex": 0})
    ):
        bench.ask(bench.reader(str(n)), BOOK, **more)  # type: ignore[arg-type]

    assert len(bench.sockets) == 1
    assert bench.count(BOOK) == 1


def test_another_aggregation_of_trades_goes_to_another_lane(bench: Bench) -> None:
    bench.ask(bench.reader("first"), "trade_subscribe")
    bench.ask(bench.reader("second"), "trade_subscribe", zoomIndex=10)

    assert len(bench.sockets) == 2


def test_the_last_reader_out_unsubscribes(bench: Bench) -> None:
    first, second = bench.reader("first"), bench.reader("second")
    bench.ask(first, BOOK)
    bench.ask(second, BOOK)
    bench.ask(first, "orderbook_unsubscribe")
    assert bench.count("orderbook_unsubscribe") == 0
    first.drain()
    bench.step(10)
    assert first.frames == []

    bench.leave(second)
    assert bench.count("orderbook_unsubscribe") == 1

    bench.leave(first)
    assert bench.sockets == {}


def test_the_last_reader_out_unsubscribes_while_others_read_something_else(bench: Bench) -> None:
    first, second = bench.reader("first"), bench.reader("second")
    bench.ask(first, BOOK)
    bench.ask(second, "trade_subscribe")
    bench.leave(first)

    assert bench.count("orderbook_unsubscribe") == 1
    assert not any(socket.feed.books for socket in bench.sockets.values())


def test_a_refusal_concerns_who_asked(bench: Bench) -> None:
    """Errors do not say which subscription they are about; several are under way here."""
    readers = {number: bench.reader(str(number)) for number in (1, 99, 3, 11)}
    for number, reader in readers.items():
        data = {"connectionId": number, "ticker": "BTCUSDT"}
        bench.say(reader, {"Type": "trade_subscribe", "Data": data})
    bench.settle()

    assert {number: reader.kinds() for number, reader in readers.items()} == {
        1: ["trade_subscribed"], 99: ["error"], 3: ["trade_subscribed"], 11: ["error"],
    }  # fmt: skip
    assert "99" in load(readers[99].frames[0])["Data"]["error"]


def test_a_refusal_after_the_acknowledgement_reaches_its_reader(bench: Bench) -> None:
    reader, other = bench.reader(), bench.reader("other")
    bench.ask(other, "annotation_subscribe")
    other.drain()
    bench.ask(reader, "annotation_subscribe", ticker="NOSUCH")

    assert reader.kinds() == ["annotation_subscribed", "error"]
    assert other.frames == []


def test_what_was_said_too_early_is_said_when_the_terminal_is_there() -> None:
    bench = Bench(up=False)
    reader = bench.reader()
    bench.ask(reader, BOOK)
    bench.say(reader, {"Type": "unknown", "Data": {}})
    bench.open_wanted()

    assert sorted(reader.kinds()) == ["error", "orderbook_snapshot", "orderbook_subscribed"]


def test_of_many_that_are_quiet_a_few_are_asked_for_at_a_time() -> None:
    """Each may bring a whole snapshot: two hundred at once would be a burst again and again."""
    out: list[Effect] = []
    lanes = Lanes(out)
    lane = lanes.add()
    lane.up = True
    for n in range(200):
        text = f'{{"Type":"{BOOK}","Data":{{"connectionId":1,"ticker":"T{n}"}}}}'
        made(read(text), lane).sure = True
    for topic in lanes.topics():
        topic.heard = True
    looks: list[list[Topic]] = []
    for now_ms in range(1_000_000, 1_600_000, 500):
        lanes.doubt_the_quiet(now_ms)
        looks.append(lane.asked.copy())
        lane.asked.clear()
        for topic in looks[-1]:
            topic.doubted = False
            topic.trust_longer()

    assert max(map(len, looks)) <= 11
    assert not any(looks[:20])
    assert {topic for look in looks[20:40] for topic in look} == set(lanes.topics())
    for start in range(200, len(looks) - 140, 140):
        asked = {topic for look in looks[start : start + 140] for topic in look}
        assert len(asked) == 200, "nobody waits for more than 70 s"


def test_what_belongs_to_no_connection_is_not_doubted() -> None:
    lanes = Lanes([])
    lane = lanes.add()
    lane.up = True
    made(read('{"Type":"notification_subscribe","Data":{}}'), lane)
    lanes.doubt_the_quiet(QUIET_MS)

    assert lane.asked == []
