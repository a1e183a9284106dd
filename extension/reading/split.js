// This file knows where a glued symbol parts: BTCUSDT into BTC and USDT.

/**
 * Base and quote of a glued symbol, or null when it ends in no quote of the list.
 *
 * The longest quote wins, unless another one leaves a base we know: ETHUSD is ETH/USD and not
 * ET/HUSD. Of two known bases the longer one wins; a quote of one letter (Binance's U) needs one.
 * Measured on 4,834 ids of five venues, 2026-11-20.
 * @param {string} symbol upper case
 * @param {readonly string[]} quotes longest first
 * @param {ReadonlySet<string>} known
 * @returns {{base: string, quote: string}|null}
 */
export function splitGlued(symbol, quotes, known) {
  let best = null;
  let sure = false;
  for (const quote of quotes) {
    if (symbol.length <= quote.length || !symbol.endsWith(quote)) continue;
    const base = symbol.slice(0, -quote.length);
    const knows = isKnown(base, known);
    if (quote.length === 1 && !knows) continue;
    if (best && !(knows && (!sure || base.length > best.base.length))) continue;
    best = { base, quote };
    sure = knows;
  }
  return best;
}

/**
 * Whether a base is known, with its multiplier (1000PEPE) or without.
 * @param {string} base
 * @param {ReadonlySet<string>} known
 * @returns {boolean}
 */
export function isKnown(base, known) {
  if (known.has(base)) return true;
  return base.startsWith("10") && known.has(base.replace(/^10+/, ""));
}
