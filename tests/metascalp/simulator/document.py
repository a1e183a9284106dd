"""What the reference lists, copied by hand: its routes and its message types.

MetaScalp API, edition 3, 2026-08; with what only the interactive page has.
"""

ROUTES = """
GET /ping
POST /api/change-ticker
POST /api/combo
POST /api/close-last-tab
GET /api/connections
GET /api/connections/{id}
GET /api/connections/{id}/tickers
GET /api/connections/{id}/orders
GET /api/connections/{id}/positions
GET /api/connections/{id}/balance
POST /api/connections/{id}/orders
POST /api/connections/{id}/orders/cancel
POST /api/connections/{id}/orders/cancel-all
GET /api/connections/{id}/leverage-limits
GET /api/connections/{id}/orderbook-snapshot
GET /api/connections/{id}/cluster-snapshot
GET /api/link-groups/{groupId}/orderbook-snapshots
GET /api/connections/{id}/signal-levels
POST /api/connections/{id}/signal-levels
DELETE /api/connections/{id}/signal-levels
PUT /api/connections/{id}/signal-levels/{slId}
DELETE /api/connections/{id}/signal-levels/{slId}
DELETE /api/signal-levels/triggered
GET /api/connections/{id}/user-levels
POST /api/connections/{id}/user-levels
DELETE /api/connections/{id}/user-levels
PUT /api/connections/{id}/user-levels/{ulId}
DELETE /api/connections/{id}/user-levels/{ulId}
GET /api/connections/{id}/annotations
DELETE /api/connections/{id}/annotations
PUT /api/connections/{id}/annotations/{type}
POST /api/connections/{id}/annotations/{type}
DELETE /api/connections/{id}/annotations/{type}/{index}
POST /api/notifications
GET /api/ui/state
GET /api/ui/windows/{windowId}
POST /api/ui/windows
POST /api/ui/windows/{windowId}/close
POST /api/ui/windows/{windowId}/activate
POST /api/ui/tabs/{tabId}/close
POST /api/ui/tabs/{tabId}/activate
PUT /api/ui/documents/{externalId}/link-number
PUT /api/ui/documents/{externalId}/ticker
GET /api/connections/{id}/orderbook-settings
PUT /api/connections/{id}/orderbook-settings
GET /api/screener/templates
POST /api/screener/templates
GET /api/screener/templates/{templateId}
PUT /api/screener/templates/{templateId}
DELETE /api/screener/templates/{templateId}
GET /api/screener/templates/{templateId}/data
"""
ROUTE_LIST = [tuple(line.split()) for line in ROUTES.split("\n") if line]

CLIENT_TYPES = set(
    [
        "subscribe",
        "unsubscribe",
        "trade_subscribe",
        "trade_unsubscribe",
        "orderbook_subscribe",
        "orderbook_unsubscribe",
        "mark_price_subscribe",
        "mark_price_unsubscribe",
        "index_price_subscribe",
        "index_price_unsubscribe",
        "funding_subscribe",
        "funding_unsubscribe",
        "annotation_subscribe",
        "annotation_unsubscribe",
        "notification_subscribe",
        "notification_unsubscribe",
        "signal_level_subscribe",
        "signal_level_unsubscribe",
        "user_level_subscribe",
        "user_level_unsubscribe",
        "ui_subscribe",
        "ui_unsubscribe",
        "density_map_subscribe",
        "density_map_unsubscribe",
        "large_trades_subscribe",
        "large_trades_unsubscribe",
        "liquidations_subscribe",
        "liquidations_unsubscribe",
        "screener_subscribe",
        "screener_unsubscribe",
    ]
)
SERVER_TYPES = {name.replace("subscribe", "subscribed") for name in CLIENT_TYPES} | set(
    [
        "error",
        "order_update",
        "position_update",
        "balance_update",
        "finres_update",
        "trade_update",
        "orderbook_snapshot",
        "orderbook_update",
        "mark_price_update",
        "index_price_update",
        "funding_update",
        "notification_snapshot",
        "notification_update",
        "signal_levels_snapshot",
        "signal_level_placed",
        "signal_level_updated",
        "signal_level_triggered",
        "signal_level_removed",
        "signal_levels_removed_all",
        "signal_levels_removed_triggered",
        "user_levels_snapshot",
        "user_level_placed",
        "user_level_updated",
        "user_level_removed",
        "user_levels_removed_all",
        "annotations_snapshot",
        "ui_snapshot",
        "ui_update",
        "density_map_snapshot",
        "density_map_update",
        "large_trades_update",
        "liquidations_snapshot",
        "liquidations_update",
        "liquidations_metadata",
        "screener_frame",
    ]
)
