/** This file knows the address bar's keyword `ms`: letters in, tickers of the terminal out. */

import { api, say, sidebarAction } from "../browser.js";
import { findOf } from "../find.js";
import { isBinding } from "../settings.js";

const LIMIT = 8;
const MAX_TEXT = 60;

/** @typedef {{content: string, description: string}} Suggestion */

export class Omnibox {
  /** What the suggestions shown last mean. @type {Map<string, any>} */
  #rows = new Map();
  #asked = 0;

  /** @param {import("../relay.js").Relay} relay */
  constructor(relay) {
    this.relay = relay;
  }

  /**
   * @param {string} typed @param {(list: Suggestion[]) => void} suggest
   */
  async changed(typed, suggest) {
    const mine = (this.#asked += 1);
    const { binding, text } = partsOf(typed);
    const rows = together(text ? await this.#ask(text) : []);
    if (mine !== this.#asked) return;
    const prefix = binding ? `${binding} ` : "";
    const list = (rows ?? []).map((row) => this.#one(row, prefix, text));
    api.omnibox.setDefaultSuggestion({ description: hint(rows, list, text) });
    suggest(list.filter(({ content }) => content !== typed));
  }

  /**
   * What an accepted text means: what was suggested under it, else the best that there is.
   * @param {string} typed
   * @returns {Promise<{find: any, binding: string | null}>} find: null when there is nothing
   */
  async entered(typed) {
    const { binding, text } = partsOf(typed);
    const row = this.#rows.get(text) ?? (await this.#ask(text))?.[0];
    if (row) return { binding, find: findOf(row.exchange, row.market, row.symbol, row.pattern) };
    return { binding, find: null };
  }

  /** @param {string} text @returns {Promise<any[] | null>} null when nobody answers */
  async #ask(text) {
    const told = await this.relay.request("suggest", { text, limit: LIMIT }).catch(() => null);
    return Array.isArray(told?.rows) ? told.rows : null;
  }

  /** @param {any} row @param {string} prefix @param {string} text @returns {Suggestion} */
  #one(row, prefix, text) {
    if (this.#rows.size > 200) this.#rows.clear();
    this.#rows.set(row.pattern, row);
    return { content: `${prefix}${row.pattern}`, description: described(row, text) };
  }
}

/**
 * One row for each pattern. Of two accounts on one exchange the terminal takes one itself, so a row
 * of its own for each would promise what nobody can ask for.
 * @template {any[] | null} Rows @param {Rows} rows @returns {Rows}
 */
function together(rows) {
  /** @type {Map<string, any>} */
  const found = new Map();
  for (const row of rows ?? []) {
    const first = found.get(row.pattern);
    const both = first && `${first.connection}, ${row.connection}`;
    found.set(row.pattern, first ? { ...first, connection: both } : row);
  }
  return /** @type {Rows} */ (rows && [...found.values()]);
}

/** "003 btc" opens in a binding, "btc" where the tab's clicks do. @param {string} typed */
export function partsOf(typed) {
  const text = typed.trim().slice(0, MAX_TEXT);
  const [first, ...rest] = text.split(/\s+/);
  return rest.length && isBinding(first) ? { binding: first, text: rest.join(" ") }
    : { binding: null, text };
}

/** Chromium's descriptions are XML, Firefox's plain text. @param {any} row @param {string} text */
function described(row, text) {
  if (sidebarAction) return `${row.symbol} — ${row.connection}`;
  const at = row.symbol.toUpperCase().indexOf(text.toUpperCase());
  const name = at < 0 || !text ? escaped(row.symbol)
    : `${escaped(row.symbol.slice(0, at))}<match>${escaped(row.symbol.slice(at, at + text.length))}`
      + `</match>${escaped(row.symbol.slice(at + text.length))}`;
  return `${name} <dim>${escaped(row.connection)}</dim>`;
}

/** @param {any[] | null} rows @param {Suggestion[]} list @param {string} text */
function hint(rows, list, text) {
  if (rows === null) return plain(say("omnibox_away"));
  if (!text) return plain(say("omnibox_hint"));
  return list[0]?.description ?? plain(say("omnibox_nothing", [text]));
}

/** @param {string} text */
const plain = (text) => (sidebarAction ? text : escaped(text));

/** @param {string} text */
export function escaped(text) {
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "")
    .replace(/[&<>"']/g, (one) => names[/** @type {"&"} */ (one)]);
}
