// This file knows what is a share or a contract of the Moscow exchange, and what only looks like one.

import { lettersOf } from "./letters.js";

/** @typedef {import("../ticker.js").Market} Market */
/** @typedef {import("./symbol.js").Reading} Reading */

/** 274 shares and funds of 2020 to 2026 have at most five letters; longer codes are indices, bonds and money. */
const SHARE = /^[A-Z0-9]{1,5}$/i;
/** With a suffix also the perpetuals: USDRUBF. SIZ2026 is a name of TradingView alone. */
const FUTURES = /^(?!.*20\d\d$)[A-Z0-9]{2,7}$/i;
const FUTURE = /^[A-Z0-9]{2}[FGHJKMNQUVXZ]\d$/i;

/**
 * A share, or with a suffix a future, of the Moscow exchange: no quote. TradingView has its own
 * names of the perpetuals: RUS:GLDRUB.P is GLDRUBF (seen 2026-09).
 * @param {string} symbol
 * @param {Market|null} said null: the relay knows whether it is a Stock connection
 * @param {import("./book.js").Exchange} exchange
 * @returns {Reading|string}
 */
export function readShare(symbol, said, exchange) {
  const { indices = [], perpetuals = [] } = exchange;
  const name = lettersOf(symbol, exchange);
  const bare = said === "futures" && perpetuals.includes(`${name}F`) ? `${name}F` : name;
  if (indices.includes(bare)) return "index";
  const future = FUTURE.test(symbol) || perpetuals.includes(bare);
  const market = said ?? (future ? "futures" : null);
  if (!(market === "futures" ? FUTURES : SHARE).test(symbol)) return "no-such-share";
  return { base: bare, market, native: bare, bare };
}
