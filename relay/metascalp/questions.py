"""This file knows the open questions about the terminal, by number, and which cannot be asked.

A question without a reason is settled by probes.py or observations.py whenever a terminal is
compared. The documents (editions 1 to 3, 2026-03 to 2026-08) leave all of them open.
"""

from __future__ import annotations

_CHANGES = "asking would change what the trader sees"
_TRADES = "asking would place an order"
_ABSENT = "nothing of it shows in an answer"

#: Number to the question and the reason why no probe asks it; "" when one does.
QUESTIONS: dict[int, tuple[str, str]] = {
    1: ("what OPTIONS answers", ""),
    2: ("charset, Server header, keep-alive", ""),
    3: ("bodies of another content type", ""),
    4: ("foreign Host and Origin headers", ""),
    5: ("order of checks", ""),
    6: ("exchange, market and list in texts", ""),
    7: ("both forms of change-ticker at once", ""),
    8: ("texts of a refused combo", ""),
    9: ("where a combo opens", _CHANGES),
    10: ("one active window or one for each connection", _CHANGES),
    11: ("orders: missing numbers, unknown tickers", ""),
    12: ("numbers as text, names instead of numbers", ""),
    13: ("unknown fields in bodies", ""),
    14: ("text of a wrong link group", ""),
    15: ("texts of windows that cannot be closed; outcome", _CHANGES),
    16: ("wording of the supported window types", ""),
    17: ("deleting a level that is not there", "nothing is ever deleted by a comparison"),
    18: ("a wrong TimeFrame", ""),
    19: ("an empty cluster column", ""),
    20: ("working volumes and trade window in settings", ""),
    21: ("settings: other enumerations, wrong types", ""),
    22: ("types inside templates and rows", ""),
    23: ("what the interactive page alone has", ""),
    24: ("liquidations without a login", ""),
    25: ("frames without Data, letter case, unknown fields", ""),
    26: ("a subscription without connectionId", ""),
    27: ("market data of an unknown ticker", ""),
    28: ("depth out of range", ""),
    29: ("a book subscribed to again", ""),
    30: ("subscriptions of a connection that is lost", "asking would cut a connection"),
    31: ("a socket after an error", ""),
    32: ("order_update before or after the reply", _TRADES),
    33: ("coins of balance_update", _TRADES),
    34: ("order ids where an exchange has texts", _TRADES),
    35: ("names with separators in patterns", _CHANGES),
    36: ("patterns: no exchange, .P, GATE", ""),
    37: ("connection states that count as active", ""),
    38: ("zone of annotation times", _CHANGES),
    39: ("empty cells of injected notifications", _CHANGES),
    40: ("how times are written", ""),
    41: ("two terminals at once", _ABSENT),
    42: ("every port taken; when it listens", _ABSENT),
    43: ("limits of bodies and of requests at once", "asking could hold up a trader's terminal"),
    44: ("history, candles, own trades", ""),
    45: ("Moscow: symbols, lots, quotes", ""),
}
