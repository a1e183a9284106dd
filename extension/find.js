/** This file knows the shape of a Find that does not come from a page. */

/**
 * The Find of an instrument that a connection has.
 * @param {string} exchange @param {string} market @param {string} symbol
 * @param {string | null} pattern
 */
export function findOf(exchange, market, symbol, pattern = null) {
  return { exchange, market, base: null, quote: null, native: symbol, expiry: null, bare: symbol,
    pattern, rule: "symbol", via: "symbol" };
}
