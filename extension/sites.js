// This file knows the doors of the reading engine; what is behind them knows no browser, no network
// and no file.

import { makeBook } from "./reading/book.js";
import { domRules, readFacts, readPage } from "./reading/facts.js";
import { judgeSymbol } from "./reading/symbol.js";
import { readText } from "./reading/text.js";
import { judgeUrl } from "./reading/url.js";

export { domRules, judgeUrl as explainUrl, makeBook, readFacts, readPage, readText };

/** @typedef {import("./ticker.js").Find} Find */
/** @typedef {import("./reading/book.js").Book} Book */

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
