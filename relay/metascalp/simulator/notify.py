"""This file knows what POST /api/notifications does: a row of the caller's own in the feed.

MetaScalp API, edition 3, 2026-08, "Notifications".
"""

from .body import ApiError
from .call import OK, Call, Reply
from .notices import Notice
from .orders import iso


def inject(call: Call) -> Reply:
    body, world = call.body(), call.world
    number, time = body.integer("connectionid"), body.text("time")
    kind, ticker = body.text("eventtype"), body.text("ticker")
    price, size, tab = body.decimal("price"), body.decimal("size"), body.text("tabname")
    connection = None if number is None else world.connections.get(number)
    if number is not None and connection is None:
        raise ApiError(f"Connection {number} not found", 404)
    date = iso(world.now()) if time is None else time
    blank = "" if world.profile.blank_cells else None
    notice = Notice(kind, date, connection, ticker, price, size, tab, blank)
    world.desk.notices.add(notice, world.now())
    return Reply(OK)
