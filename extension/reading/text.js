// This file knows how to find instruments in running text: a post, a chat message, a news page.
//
// One pass over the text. Every maximal run of letters, digits and single separators is a word; a
// word is judged alone, in bounded time (mentions.js). Of several mentions of one asset the most
// trusted is reported.

import { AGAIN, hitsOf } from "./mentions.js";
import { makeFind } from "../ticker.js";
import { MARKET_WORDS, NEVER } from "./words.js";

/** @typedef {import("../ticker.js").Find} Find */
/** @typedef {import("./book.js").Book} Book */
/** @typedef {import("./mentions.js").Hit} Hit */
/** @typedef {Find & {start: number, end: number}} Placed a Find and where it stands in the text */

const MAX_TEXT = 1_000_000;
const MAX_FOUND = 1000;
const NEAR = 24;
/** So much more is seen, to tell a market word from a name. */
const TAIL = 4;
/** A market's name beside a pair is one word, no longer than this. */
const MAX_BADGE = 16;

const OTHERS = "\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7af";
const ADDRESS = /https?:\/\/[^\s<>"'`“”‘’«»（）【】，。、！？]+/;
/** A slash with spaces joins a pair, but not two names that each say their exchange. */
const SLASH = /\/|(?: \/ ?|\/ )(?![A-Za-z0-9.]{2,16}:)/;
const RUN = new RegExp(`[A-Za-z0-9]+(?:(?:[._:@\\\\-]|${SLASH.source})[A-Za-z0-9]+)*`);
const WORD = new RegExp(`${ADDRESS.source}|${RUN.source}`, "g");

/** How a name goes on that is no run of letters: `:龙虾USDT.p`, `(XAUT)_USDT.p`. */
const ON = new RegExp(
  `(?::[${OTHERS}]{1,20}|\\([A-Z0-9]{1,20}\\))[-_/]?[A-Z][A-Z0-9]{2,5}(?:\\.[A-Za-z]{1,4})?(?![A-Za-z0-9])`,
  "y",
);

/** Most words of a page: nothing to look at, unless a tag mark stands before them. */
const PLAIN = /^(?:[A-Z]?[a-z]{1,40}(?:[-_/][a-z]{1,40}){0,4}|[^A-Za-z]+|[A-Z])$/;

const FREE = /^[\s,]?$/;

const marketOf = new Map(
  MARKET_WORDS.flatMap(({ market, words }) => words.map((word) => [word, market])),
);
const spelled = [...marketOf.keys()].sort((a, b) => b.length - a.length);
const MARKET = new RegExp(spelled.map(wholeWord).join("|"), "i");
const MARKETS = new RegExp(MARKET.source, "gi");

/** Where the neighbourhood of a word ends: market words beyond it belong to something else. */
const BREAK = /[\n,;。，；]|[.!?] /;

/**
 * Instruments mentioned in a text, by their place; each asset once.
 * @param {string} text
 * @param {Book} book
 * @param {{known?: ReadonlySet<string>}} [options] `known`: base assets of the terminal; then
 *   nothing else counts
 * @returns {Placed[]}
 */
export function readText(text, book, { known } = {}) {
  if (typeof text !== "string") return [];
  const page = text.slice(0, MAX_TEXT);
  const found = /** @type {Map<string, Hit>} */ (new Map());
  const done = new Set();
  const context = { book, known: known ?? null, found };
  for (const { 0: run, index: start } of page.matchAll(WORD)) {
    const before = page[start - 1] ?? "";
    if (isPlain(run, before)) continue;
    const word = run + goingOn(run, start + run.length, page);
    const key = before === " " ? word : placeOf(page, start, before) + word;
    if (done.has(key)) continue;
    const hits = hitsOf({ text: word, start, before, page }, context);
    for (const hit of hits) if (hit !== AGAIN) keep(hit, found);
    if (hits.length === 1 || (!hits.length && isLasting(word, before, page, { known, start }))) done.add(key);
    if (found.size >= MAX_FOUND) break;
  }
  return [...found.values()]
    .sort((a, b) => a.start - b.start)
    .map(({ find, start, end }) =>
      Object.assign(withMarket(find, page, start, end), { start, end }),
    );
}

/**
 * The market that a word right beside a pair names, as lists of both markets have it: in the same
 * piece of text or in the one before or after. None where the row names two markets or a second
 * instrument: nobody knows then which belongs to which.
 * @param {string} row its pieces, a line each
 * @param {string} word the pair
 * @param {Book} book
 * @returns {import("../ticker.js").Market|null}
 */
export function marketBeside(row, word, book) {
  const pieces = row.split("\n").map((piece) => piece.trim()).filter(Boolean);
  const at = pieces.findIndex((piece) => piece.includes(word));
  const pairsIn = (/** @type {string} */ piece) => readText(piece, book).filter(({ bare }) => bare);
  if (at < 0 || pieces.some((piece, n) => pairsIn(piece).length > (n === at ? 1 : 0))) return null;
  const named = pieces.map((piece, n) => (n === at ? marketsIn(piece.replace(word, " "))
    : marketsOf(piece)));
  const [market, another] = new Set(named.flat());
  const near = named.slice(Math.max(0, at - 1), at + 2).flat();
  return !another && near.includes(market) ? market : null;
}

/** The markets of a piece of text that is nothing but a name of one. @param {string} piece */
const marketsOf = (piece) =>
  (piece.length > MAX_BADGE || /\s/.test(piece) ? [] : marketsIn(piece));

/**
 * Margin says in a list of spot pairs that they may be had on margin too, and a swap is something
 * that one does.
 * @param {string} text
 */
function marketsIn(text) {
  const words = [...text.matchAll(MARKETS)].map(([word]) => word.toLowerCase());
  const markets = words.filter((word) => word !== "swap").map((word) => marketOf.get(word) ?? null);
  return markets.filter((market) => market && market !== "margin");
}

/**
 * The rest of a name behind its exchange that has other letters or MetaScalp's brackets in it.
 * @param {string} run
 * @param {number} end
 * @param {string} page
 * @returns {string}
 */
function goingOn(run, end, page) {
  if (page[end] !== ":" && (page[end] !== "(" || !run.includes(":"))) return "";
  ON.lastIndex = end;
  return ON.exec(page)?.[0] ?? "";
}

/**
 * What stands before a word and may change what it says: one character, or the Chinese, Japanese or
 * Korean name that it ends.
 * @param {string} page
 * @param {number} start
 * @param {string} before
 * @returns {string}
 */
function placeOf(page, start, before) {
  return before > "\u3000" ? page.slice(Math.max(0, start - 10), start) : before;
}

/**
 * @param {string} word
 * @param {string} before
 * @returns {boolean}
 */
function isPlain(word, before) {
  return before !== "$" && before !== "#" && PLAIN.test(word) && !/usd/.test(word);
}

/**
 * Whether a word that said nothing here says nothing anywhere: a usual word, or one that stands
 * free; of a bare asset of the terminal the neighbours decide each time.
 * @param {string} word
 * @param {string} before
 * @param {string} page
 * @param {{known: ReadonlySet<string>|undefined, start: number}} place
 * @returns {boolean}
 */
function isLasting(word, before, page, { known, start }) {
  if (NEVER.has(word)) return true;
  const free = FREE.test(before) && FREE.test(page[start + word.length] ?? "");
  return free && (!known || /[a-z./:_-]/.test(word));
}

/**
 * @param {Hit} hit
 * @param {Map<string, Hit>} found
 */
function keep(hit, found) {
  const asset = hit.find.base ?? hit.find.bare ?? "";
  const other = found.get(asset);
  if (!other || hit.trust > other.trust) found.set(asset, hit);
}

/**
 * A find with the market that the words around it name: on its line, after it, or else before it.
 * @param {Find} find
 * @param {string} page
 * @param {number} start
 * @param {number} end
 * @returns {Find}
 */
function withMarket(find, page, start, end) {
  if (find.market || find.exchange) return find;
  const right = page.slice(end, end + NEAR + TAIL).split(BREAK, 1)[0].match(MARKET);
  const left =
    page
      .slice(Math.max(0, start - NEAR), start)
      .split(BREAK)
      .pop() ?? "";
  const after = right && (right.index ?? 0) + right[0].length <= NEAR ? right[0] : null;
  const word = after ?? [...left.matchAll(MARKETS)].pop()?.[0];
  const market = word && marketOf.get(word.toLowerCase());
  return market ? makeFind({ ...find, market, pattern: undefined }) : find;
}

/**
 * Latin words count whole, and not as a name (PERP/USDT, $PERP); the others wherever they stand:
 * their languages bend or join them.
 * @param {string} word
 * @returns {string}
 */
function wholeWord(word) {
  return /^[a-z]+$/.test(word) ? `(?<![$#])\\b${word}\\b(?![-_/]usd)` : word;
}
