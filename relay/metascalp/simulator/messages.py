"""This file knows the messages of the terminal's WebSocket: a family a row, like the document.

MetaScalp API, edition 3, 2026-08, "WebSocket"; screener messages only on its interactive page.
"""

from dataclasses import dataclass

from .profile import Profile


@dataclass(frozen=True, slots=True)
class Family:
    """What is subscribed to with NAME_subscribe, left with NAME_unsubscribe and acknowledged with
    NAME_subscribed and NAME_unsubscribed.

    data: fields of a subscription, those that must be there with a "!". ack: fields of the two
    acknowledgements. then: what follows. since: the edition that first has it. subject: how an
    error names it.
    """

    name: str
    data: str
    ack: str
    then: str
    since: str
    subject: str = ""

    def type(self, verb: str) -> str:
        return f"{self.name}_{verb}" if self.name else verb


_PLACE, _ACKED = "connectionId! ticker!", "ConnectionId Ticker"
_COEFFICIENTS = "largeCoefficient mediumCoefficient smallCoefficient includedQuoteAssets"
_LIFETIMES = "largeLifetimeMinutes mediumLifetimeMinutes smallLifetimeMinutes"

FAMILIES = (
    Family("", "connectionId!", "ConnectionId",
           "order_update position_update balance_update finres_update", "1S"),
    Family("trade", f"{_PLACE} zoomIndex", f"{_ACKED} ZoomIndex", "trade_update", "1S", "trade"),
    Family("orderbook", f"{_PLACE} zoomIndex depthLevels depthPercent fetchSnapshot",
           f"{_ACKED} ZoomIndex DepthLevels DepthPercent FetchSnapshot",
           "orderbook_snapshot orderbook_update", "1S", "order book"),
    Family("mark_price", _PLACE, _ACKED, "mark_price_update", "2 prices", "mark price"),
    Family("funding", _PLACE, _ACKED, "funding_update", "2 prices", "funding"),
    Family("index_price", _PLACE, _ACKED, "index_price_update", "3", "index price"),
    Family("notification", "", "", "notification_snapshot notification_update", "2"),
    Family("signal_level", "", "", "signal_levels_snapshot signal_level_placed "
           "signal_level_updated signal_level_triggered signal_level_removed "
           "signal_levels_removed_all signal_levels_removed_triggered", "2"),
    Family("user_level", "", "", "user_levels_snapshot user_level_placed user_level_updated "
           "user_level_removed user_levels_removed_all", "3"),
    Family("annotation", _PLACE, _ACKED, "annotations_snapshot", "3", "annotation"),
    Family("ui", "", "", "ui_snapshot ui_update", "3"),
    Family("density_map", f"exchangeMarkets! {_LIFETIMES} {_COEFFICIENTS}", "",
           "density_map_snapshot density_map_update", "3"),
    Family("large_trades", f"exchangeMarkets! aggregationMs minAmountUsd {_COEFFICIENTS}", "",
           "large_trades_update", "3"),
    Family("liquidations", "exchanges! minNotionalUsd minImpactBps assetClass side coin window "
           "backfill", "", "liquidations_snapshot liquidations_update liquidations_metadata", "3"),
    Family("screener", "templateId!", "TemplateId", "screener_frame", "3P"),
)  # fmt: skip

ERROR = "error"
CLIENT = {
    family.type(verb): (family, verb)
    for family in FAMILIES
    for verb in ("subscribe", "unsubscribe")
}
"""Every type a client may send: its family, and "subscribe" or "unsubscribe"."""
SERVER = frozenset(
    {ERROR}
    | {family.type(verb) for family in FAMILIES for verb in ("subscribed", "unsubscribed")}
    | {name for family in FAMILIES for name in family.then.split()}
)
"""Every type a client may be sent."""


def find(kind: str, profile: Profile) -> tuple[Family, str] | None:
    """The family and the verb of a client's message; None when the profile has no such type."""
    found = CLIENT.get(kind)
    return found if found is not None and profile.has(found[0].since) else None
