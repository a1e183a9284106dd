// This file knows the doors of the reading engine; what is behind them knows no browser, no network
// and no file.

import { makeBook } from "./book.js";
import { domRules, readFacts, readPage } from "./facts.js";
import { judgeSymbol } from "./symbol.js";
import { readText } from "./text.js";
import { judgeUrl } from "./url.js";

export { domRules, judgeUrl as explainUrl, makeBook, readFacts, readPage, readText };

/** @typedef {import("./ticker.js").Find} Find */
/** @typedef {import("./book.js").Book} Book */

/**
 * The instrument an address names, or null.
 * @param {string} url
 * @param {Book} book
 * @returns {Find|null}
 */
export function readUrl(url, book) {
  return judgeUrl(url, book).find;
}

/**
 * The instrument of `EX:SYM.P`, of a ticker pattern, or of a symbol alone (then without an
 * exchange); or null.
 * @param {string} text
 * @param {Book} book
 * @returns {Find|null}
 */
export function readSymbol(text, book) {
  return judgeSymbol(text, book).find;
}
