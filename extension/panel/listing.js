/**
 * This file knows which rows a section lists and in which order: kept as long as no row comes or
 * goes, however often their numbers change.
 */

import { isZero } from "./format.js";

const NATURAL = { numeric: true };

/**
 * @typedef {{text: string, connection: string, side: string, hideZero: boolean,
 *   grouped: boolean}} Filter text: upper case; empty strings leave everything in. connection and
 *   side are of the orders alone
 * @typedef {{connection: string, keys: string[]}} Group
 */

export class Listing {
  /** @type {Group[]} */
  groups = [];
  /** How many rows are listed, and of how many. */
  shown = 0;
  all = 0;
  #sign = "";
  /** @type {Map<string, string>} */
  #ranks = new Map();

  /**
   * @param {string} kind @param {Map<string, any>} rows
   * @param {number} members changes when a row comes or goes @param {Filter} filter
   * @returns {boolean} whether anything but numbers has changed
   */
  refresh(kind, rows, members, filter) {
    const byValue = kind === "balances" && filter.hideZero;
    const sign = `${members} ${JSON.stringify(filter)}`;
    if (sign === this.#sign && !byValue) return false;
    this.#sign = sign;
    this.#forget(rows);
    const wanted = [...rows.values()].filter((row) => fits(kind, row, filter));
    this.all = rows.size;
    this.shown = wanted.length;
    this.groups = filter.grouped ? this.#grouped(wanted) : this.#flat(wanted);
    return true;
  }

  /** @param {any[]} rows @returns {Group[]} */
  #flat(rows) {
    return rows.length ? [{ connection: "", keys: this.#ordered(rows) }] : [];
  }

  /** @param {any[]} rows @returns {Group[]} */
  #grouped(rows) {
    /** @type {Map<string, any[]>} */
    const found = new Map();
    for (const row of rows) {
      const id = String(row.connection);
      const group = found.get(id);
      if (group) group.push(row);
      else found.set(id, [row]);
    }
    const sorted = [...found].sort(([one], [other]) => one.localeCompare(other, "en", NATURAL));
    return sorted.map(([connection, members]) => ({ connection, keys: this.#ordered(members) }));
  }

  /** @param {any[]} rows @returns {string[]} */
  #ordered(rows) {
    const placed = rows.map((row) => ({ key: row.key, rank: this.#rank(row) }));
    placed.sort((one, other) => (one.rank < other.rank ? -1 : 1));
    return placed.map(({ key }) => key);
  }

  /** A place that no change of a number moves. @param {any} row */
  #rank(row) {
    const known = this.#ranks.get(row.key);
    if (known) return known;
    const rank = `${row.ticker ?? row.coin}\u0000${row.created ?? ""}\u0000${row.key}`;
    this.#ranks.set(row.key, rank);
    return rank;
  }

  /** @param {Map<string, any>} rows */
  #forget(rows) {
    if (this.#ranks.size <= rows.size * 2 + 100) return;
    for (const key of this.#ranks.keys()) if (!rows.has(key)) this.#ranks.delete(key);
  }
}

/** @param {string} kind @param {any} row @param {Filter} filter */
function fits(kind, row, { text, connection, side, hideZero }) {
  if (kind === "balances" && hideZero && isZero(row.total)) return false;
  if (text && !(row.ticker ?? row.coin).toUpperCase().includes(text)) return false;
  // What is chosen above the orders is out of sight beside a position, which it must not hide.
  if (kind !== "orders") return true;
  return (!connection || String(row.connection) === connection) && (!side || row.side === side);
}
