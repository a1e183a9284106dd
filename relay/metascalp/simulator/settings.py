"""This file knows an order book's settings: the 39 keys of a reply and what each takes.

MetaScalp API, edition 3, 2026-08, "Order-book settings"; edition 2 has 37 of them.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from .wire import Json

ENUMS = {
    "ShowRuler": ("None", "Points", "Percent", "PercentVolume"),
    "ZoomType": ("Absolute", "Percentage"),
    "ZoomStepMode": ("Linear", "Logarithmic"),
    "SizeType": ("Coin", "Usd"),
    "ClusterTimeFrame": ("M1", "M5", "M15", "M30", "H1", "H4", "D1"),
}
NEWER = frozenset({"ZoomStepMode", "ShowExecutedOrders"})
"""Keys that edition 2 does not have."""

DEFAULTS: dict[str, Json] = {
    "NotificationTradeHasBeenMade": True, "OrderTypeDefault": 0,
    "DefaultOrderCoin": Decimal("0.001"), "DefaultOrderUsd": Decimal("100.0"),
    "OrderSlippageCoin": Decimal("0.0"), "OrderSlippageUsd": Decimal("0.0"),
    "CloseByMarket": False, "AmountBarFilledAt": Decimal("10000.0"),
    "LargeAmount": Decimal("10000.0"), "LargeAmount2": Decimal("20000.0"),
    "AmountBarFilter": Decimal("0.0"), "AmountBarFilledAtUsd": Decimal("30000.0"),
    "LargeAmountUsd": Decimal("20000.0"), "LargeAmountUsd2": Decimal("30000.0"),
    "AmountBarFilterUsd": Decimal("0.0"), "NotificationLargeAmountDetected": False,
    "NotificationLargeAmount2Detected": False, "UseLargeAmountDetectionArea": False,
    "LargeAmountDetectionMinValue": Decimal("0.0"), "LargeAmountDetectionMaxValue": Decimal("0.0"),
    "ShowRuler": "Percent", "ZoomType": "Absolute", "ZoomStepMode": "Logarithmic",
    "AutoZoom": False, "ZoomPercent": Decimal("2.0"), "RowHeight": Decimal("12.0"),
    "SlimLevelsFactor": Decimal("10.0"), "BasicLevelsFactor": Decimal("50.0"),
    "NotificationSignalLevelTriggered": True, "Autoscroll": False, "FullDepth": True,
    "TicksLargeAmount": Decimal("0.0"), "TicksLargeAmountUsd": Decimal("0.0"),
    "SizeType": "Coin", "NotificationTradeHasBeenMadeTicks": False, "ShowExecutedOrders": True,
    "ShowClusters": False, "ClusterTimeFrame": "M1", "SoundNotification": True,
}  # fmt: skip

WINDOW = "AddingTicksForAPeriod"
DEFAULT_WINDOW_MS = 200
LONGEST_WINDOW_MS = 60000
COINS = tuple(f"tradeAmount{n}" for n in range(1, 6))
DOLLARS = tuple(f"tradeAmountUsd{n}" for n in range(1, 6))
NAMES = " ".join([*DEFAULTS, WINDOW, *COINS, *DOLLARS])
"""Every name a body may have."""


@dataclass(slots=True)
class Settings:
    """One ticker's settings. working: what is described but not among the 39 keys."""

    values: dict[str, Json] = field(default_factory=lambda: dict(DEFAULTS))
    working: dict[str, Json] = field(default_factory=dict)
