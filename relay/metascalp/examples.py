"""This file knows one example of every reply that can be read without changing anything.

MetaScalp API, edition 3, 2026-08; examples as the documents print them.
"""

from __future__ import annotations

PING = '{"app":"MetaScalp","version":"1.0.2860"}'
CONNECTIONS = (
    '{"connections":[{"Id":1,"Name":"Binance Futures","Exchange":"Binance","ExchangeId":2,"Ma'
    'rket":"USDT Futures","MarketType":2,"State":2,"ViewMode":false,"DemoMode":false},{"Id":3'
    ',"Name":"Bybit Spot","Exchange":"Bybit","ExchangeId":6,"Market":"Spot","MarketType":0,"S'
    'tate":2,"ViewMode":false,"DemoMode":false}]}'
)
CONNECTION = (
    '{"Id":1,"Name":"Binance Futures","Exchange":"Binance","ExchangeId":2,"Market":"USDT Futu'
    'res","MarketType":2,"State":2,"ViewMode":false,"DemoMode":false}'
)
TICKERS = (
    '{"connectionId":1,"count":354,"tickers":[{"Name":"BTCUSDT","BaseAsset":"BTC","QuoteAsset'
    '":"USDT","IsTradingAllowed":true,"PriceIncrement":0.01,"SizeIncrement":0.001,"MinSize":0'
    '.001,"MaxSize":1000.0}]}'
)
ORDERS = (
    '{"connectionId":1,"ticker":"BTCUSDT","count":1,"orders":[{"Id":123456789,"Ticker":"BTCUS'
    'DT","ClientId":"ms_limit_1234","Side":1,"Price":65000.00,"Size":0.01,"FilledSize":0.0,"F'
    'illedPrice":0.0,"RemainingSize":0.01,"Status":1,"Type":0,"TriggerPrice":null,"CreateDate'
    '":"2026-03-13T10:30:00+00:00"}]}'
)
POSITIONS = (
    '{"connectionId":1,"count":1,"positions":[{"Id":1,"Ticker":"BTCUSDT","Side":1,"Size":0.05'
    ',"AvgPrice":64500.00,"MarginMode":0}]}'
)
BALANCE = (
    '{"connectionId":1,"count":1,"balances":[{"Coin":"USDT","Total":10000.00,"Free":8500.00,"'
    'Locked":1500.00}]}'
)
LEVERAGE = (
    '{"connectionId":1,"ticker":"BTCUSDT","leverage":10.0,"maxLeverage":125.0,"maxPosition":null}'
)
BOOK = (
    '{"connectionId":1,"ticker":"BTCUSDT","updateId":12345678,"asks":[{"price":65010.0,"size"'
    ':0.5,"type":"Ask"}],"bids":[{"price":65000.0,"size":0.3,"type":"Bid"}],"bestAsk":{"price'
    '":65010.0,"size":0.5,"type":"BestAsk"},"bestBid":{"price":65000.0,"size":0.3,"type":"Bes'
    'tBid"}}'
)
CLUSTERS = (
    '{"Ticker":"BTCUSDT","TimeFrame":"M5","ZoomIndex":1,"PriceIncrement":0.01,"Columns":[{"St'
    'artTime":"2026-04-13T10:00:00+00:00","AsksSum":123.45,"BidsSum":678.90,"Items":[{"Price"'
    ':65000.02,"AskSize":0.8,"BidSize":1.1}]}]}'
)
GROUP = (
    '{"groupId":3,"members":[{"externalId":"3fa85f64-5717-4562-b3fc-2c963f66afa6","kind":"ord'
    'erBook","connectionId":1,"ticker":"BTCUSDT","ok":true,"book":{"updateId":12345678,"asks"'
    ':[],"bids":[],"bestAsk":null,"bestBid":null}},{"externalId":"5fa85f64-5717-4562-b3fc-2c9'
    '63f66afa6","kind":"chart","connectionId":1,"ticker":"BTCUSDT","ok":false,"reason":"not_a'
    'n_order_book"}]}'
)
SIGNALS = (
    '{"connectionId":1,"ticker":"BTCUSDT","count":1,"signalLevels":[{"Id":1,"ConnectionId":1,'
    '"Ticker":"BTCUSDT","Price":95000.00,"IsTriggered":false,"TriggerTime":null,"TriggerRule"'
    ':"GreaterThanEqual","Note":null,"LineThickness":null,"LineStyle":null,"LineColor":null,"'
    'TextSize":null,"TextColor":null,"TextAlignment":null,"TextStyle":null}]}'
)
USERS = (
    '{"connectionId":1,"ticker":"BTCUSDT","count":1,"userLevels":[{"Id":1,"ConnectionId":1,"T'
    'icker":"BTCUSDT","Price":95000.00,"Name":"13.04.2026","Note":"watch this one","Date":nul'
    'l,"LineThickness":2.0,"LineStyle":"Dashed","LineColor":"#FFAA00","TextSize":null,"TextCo'
    'lor":null,"TextAlignment":null,"TextStyle":null}]}'
)
DRAWINGS = (
    '{"connectionId":1,"ticker":"BTCUSDT","lineAnnotations":[{"index":0,"x1":"2026-04-13T10:0'
    '0:00","x2":"2026-04-13T12:00:00","y1":95000.0,"y2":96500.0}],"horizontalLineAnnotations"'
    ':[{"index":0,"y":94000.0}],"horizontalRayAnnotations":[{"index":0,"y":97000.0,"x1":"2026'
    '-04-13T11:30:00"}]}'
)
SETTINGS = (
    '{"connectionId":1,"ticker":"BTCUSDT","settings":{"NotificationTradeHasBeenMade":true,"Or'
    'derTypeDefault":0,"DefaultOrderCoin":0.001,"DefaultOrderUsd":100.0,"OrderSlippageCoin":0'
    '.0,"OrderSlippageUsd":0.0,"CloseByMarket":false,"AmountBarFilledAt":10000.0,"LargeAmount'
    '":10000.0,"LargeAmount2":20000.0,"AmountBarFilter":0.0,"AmountBarFilledAtUsd":30000.0,"L'
    'argeAmountUsd":20000.0,"LargeAmountUsd2":30000.0,"AmountBarFilterUsd":0.0,"NotificationL'
    'argeAmountDetected":false,"NotificationLargeAmount2Detected":false,"UseLargeAmountDetect'
    'ionArea":false,"LargeAmountDetectionMinValue":0.0,"LargeAmountDetectionMaxValue":0.0,"Sh'
    'owRuler":"Percent","ZoomType":"Absolute","ZoomStepMode":"Logarithmic","AutoZoom":false,"'
    'ZoomPercent":2.0,"RowHeight":12.0,"SlimLevelsFactor":10.0,"BasicLevelsFactor":50.0,"Noti'
    'ficationSignalLevelTriggered":true,"Autoscroll":false,"FullDepth":true,"TicksLargeAmount'
    '":0.0,"TicksLargeAmountUsd":0.0,"SizeType":"Coin","NotificationTradeHasBeenMadeTicks":fa'
    'lse,"ShowExecutedOrders":true,"ShowClusters":false,"ClusterTimeFrame":"M1","SoundNotific'
    'ation":true}}'
)
STATE = (
    '{"windows":[{"id":3,"type":"Workspace","geometry":{"top":0.0,"left":0.0,"width":1600.0,"'
    'height":900.0,"isFullScreen":false,"pinOnTop":null,"isTopBarHidden":false},"monitor":nul'
    'l,"tabs":[{"id":42,"name":"Tab 1","orderId":0,"isSelected":true,"color":null,"documents"'
    ':[{"id":7,"externalId":"3fa85f64-5717-4562-b3fc-2c963f66afa6","kind":"orderBook","connec'
    'tionId":1,"ticker":"BTCUSDT","linkNumber":3,"layoutPosition":{"paneGroupIndex":0,"docume'
    'ntIndex":0,"orientation":"Horizontal"},"orderBook":{"baseAsset":"BTC","quoteAsset":"USDT'
    '","priceIncrement":0.1,"sizeIncrement":0.001,"minSize":0.001,"maxSize":1000.0,"stepPrice'
    '":null,"state":"Open","isTradingAllowed":true,"pinMarketType":false,"zoomIndex":1},"char'
    't":null},{"id":8,"externalId":"5fa85f64-5717-4562-b3fc-2c963f66afa6","kind":"chart","con'
    'nectionId":1,"ticker":"BTCUSDT","linkNumber":3,"layoutPosition":null,"orderBook":null,"c'
    'hart":{"timeFrame":"M1","engine":"Regular","xVisibleRangeDiff":100,"pinMarketType":false'
    ',"geometry":null}}]}]}],"standaloneCharts":[]}'
)
TEMPLATES = (
    '{"count":1,"templates":[{"id":-1,"name":"Default","settings":{"columnSettings":[],"colum'
    'nFilters":[],"marketFilters":[],"coinTags":[],"numberOfRows":0,"activeFilter":null}}]}'
)
DATA = (
    '{"templateId":-1,"count":1,"rows":[{"ticker":"BTCUSDT","wireTicker":"BTCUSDT","isNewCoin'
    '":false,"exchange":"binance_f","listedExchanges":["binance_s","bybit_f"],"columns":[{"ty'
    'pe":"…","timeFrame":"…","time":0,"metric":"…","value":1.0}]}]}'
)

#: What a GET of which path answers.
OF_ROUTES = {
    "/ping": PING,
    "/api/connections": CONNECTIONS,
    "/api/connections/{id}": CONNECTION,
    "/api/connections/{id}/tickers": TICKERS,
    "/api/connections/{id}/orders": ORDERS,
    "/api/connections/{id}/positions": POSITIONS,
    "/api/connections/{id}/balance": BALANCE,
    "/api/connections/{id}/leverage-limits": LEVERAGE,
    "/api/connections/{id}/orderbook-snapshot": BOOK,
    "/api/connections/{id}/cluster-snapshot": CLUSTERS,
    "/api/link-groups/{groupId}/orderbook-snapshots": GROUP,
    "/api/connections/{id}/signal-levels": SIGNALS,
    "/api/connections/{id}/user-levels": USERS,
    "/api/connections/{id}/annotations": DRAWINGS,
    "/api/connections/{id}/orderbook-settings": SETTINGS,
    "/api/ui/state": STATE,
    "/api/screener/templates": TEMPLATES,
    "/api/screener/templates/{templateId}/data": DATA,
}
