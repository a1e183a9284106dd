"""This file knows what the routes about tabs and documents answer, and the last tab.

MetaScalp API, edition 3, 2026-08, "UI". Sentences the documents do not give are ours.
"""

from uuid import UUID

from .body import ApiError, Ours, path_id
from .call import OK, Call, Reply
from .layout import CANCEL, Document, Tab, Window
from .panels import state


def read_state(call: Call) -> Reply:
    return Reply(state(call.world))


def link_number(call: Call) -> Reply:
    document = _document(call)
    number = call.body().integer("linknumber")
    if number is None:
        raise ApiError("Request body must set 'linkNumber'.")
    if number <= 0 or CANCEL > number > 500 or number > CANCEL:
        text = "linkNumber must be a positive binding-group id (1-500, or 9999 to cancel)."
        raise ApiError(text) if number <= 0 else Ours(text)
    document.link = None if number == CANCEL else number
    return Reply(OK)


def document_ticker(call: Call) -> Reply:
    """Only dispatched: the panel changes once the reply is out."""
    document, body = _document(call), call.body()
    name, number = body.text("ticker"), body.integer("connectionid")
    if not name:
        raise ApiError("Request body must set 'ticker'.")
    target = document.connection if number is None else number
    if target is None:
        text = "connectionId is required: the document has no current connection to inherit."
        raise ApiError(text)

    def point() -> None:
        row = call.world.active(target)
        if row is not None and name in row.tickers():
            call.world.screen.show(document, target, name)

    return Reply(OK, after=point)


def close_tab(call: Call) -> Reply:
    window, tab = _tab(call)
    if len(window.tabs) == 1:
        raise Ours(f"Tab {tab.id} is the only tab of its window and cannot be closed.")
    call.world.screen.layout.close(window, tab)
    return Reply({"tabId": tab.id, "closed": True, "outcome": call.outcome("closed")})


def activate_tab(call: Call) -> Reply:
    window, tab = _tab(call)
    window.selected = tab.id
    return Reply({"tabId": tab.id, "activated": True, "outcome": call.outcome("activated")})


def close_last_tab(call: Call) -> Reply:
    call.body()
    layout = call.world.screen.layout
    if len(layout.main.tabs) == 1:
        return Reply({"status": "skipped"})
    layout.close(layout.main, layout.main.tabs[-1])
    return Reply(OK)


def _tab(call: Call) -> tuple[Window, Tab]:
    number = path_id(call.values["tabId"])
    if number is None:
        raise ApiError("Invalid tab ID")
    call.body()
    found = call.world.screen.layout.tab(number)
    if found is None:
        raise ApiError(f"Tab {number} not found.", 404)
    return found


def _document(call: Call) -> Document:
    text = call.values["externalId"]
    try:
        wanted = str(UUID(text))
    except ValueError:
        raise ApiError("Invalid document ID") from None
    document = call.world.screen.layout.document(wanted)
    if document is None:
        raise ApiError(f"Document {text} not found", 404)
    return document
