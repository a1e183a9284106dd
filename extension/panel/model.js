/**
 * This file knows what the panel knows: connections and rows by key, as the events tell them.
 * Pure; painting is elsewhere.
 */

export const KINDS = ["orders", "positions", "balances"];
/** What a cancel may name; of a type that is new it names the number. */
export const ORDER_TYPES = ["limit", "stop", "stop-loss", "take-profit", "market"];

/** @typedef {Record<string, Map<string, any>>} Rows */

export class Model {
  /** @type {any} */
  status = null;
  /** @type {any} */
  link = { state: "connecting", code: null };
  rows = emptyRows();
  /** Ids of connections whose rows are the last known ones. @type {Set<string>} */
  stale = new Set();
  /** Tickers whose orders are known, or null before the relay said so. @type {number | null} */
  known = null;
  /**
   * Whether the relay has begun to read: it is connected a moment before, with no row and no
   * doubt, which looks the same as an account with nothing in it.
   */
  begun = false;
  /** Connections by id, as last told. @type {Map<string, any>} */
  #places = new Map();
  /** Parts of an event that is not whole yet. @type {any[]} */
  #parts = [];
  /** The scan for more orders, as last told. @type {any} */
  scan = null;
  /** The newest entry of the activity that we were told of. */
  entries = 0;
  /** Grows per kind whenever a row comes or goes. @type {Record<string, number>} */
  members = { orders: 0, positions: 0, balances: 0 };

  /** Grows whenever something beside the rows has changed. */
  version = 0;

  /** What the native link does. @param {any} link */
  linked(link) {
    this.link = link;
    this.version += 1;
    if (link.state !== "down") return;
    this.#parts = [];
    this.begun = false;
  }

  /** @param {string} topic @param {any} data @returns {boolean} whether it is time to paint */
  heard(topic, data) {
    if (topic === "status") this.#stand(data);
    if (topic === "scan") this.scan = data;
    if (topic === "activity") this.entries = Math.max(this.entries, Number(data.last) || 0);
    if (topic !== "account") return true;
    this.#parts.push(data);
    if (data.more) return false;
    this.#parts.splice(0).forEach((part) => this.#apply(part));
    return true;
  }

  /** Whether nothing can be heard of the terminal now. */
  get isAway() {
    return this.link.state !== "ready" || this.status?.terminal.state !== "connected";
  }

  /** Where a terminal answers that is not taken for ours, which is gone; or null. */
  get other() {
    const others = this.link.state === "ready" ? this.status?.terminal.others ?? [] : [];
    return others.length ? others.join(", ") : null;
  }

  /**
   * What can be said when there are no rows: "away", "unknown" (nothing can be read), "reading",
   * "partly" (all but `unread` are read), or "none" for certain.
   */
  get silence() {
    if (this.isAway) return "away";
    const { connections, relay } = this.status;
    if (relay.broken) return "unknown";
    if (!this.begun) return "reading";
    const live = connections.filter(isLive);
    if (live.length === 0) return "unknown";
    if (this.unread.length === 0) return "none";
    return this.unread.length < live.length ? "partly" : "reading";
  }

  /** Live connections that are still to be read. @returns {any[]} */
  get unread() {
    return (this.status?.connections ?? []).filter((/** @type {any} */ one) =>
      isLive(one) && this.stale.has(String(one.id)));
  }

  /** Whether rows of a connection may be out of date. @param {string} connection */
  isStale(connection) {
    return this.isAway || this.stale.has(connection);
  }

  /** @param {string} id @returns {any} the connection, or null when it is gone */
  connection(id) {
    return this.#places.get(id) ?? null;
  }

  /** All connections there are now, by id. */
  get places() {
    return [...this.#places.values()];
  }

  /** How many orders of a ticker are known on a connection. @param {any} order */
  ordersOf({ connection, ticker }) {
    let found = 0;
    for (const row of this.rows.orders.values()) {
      if (row.ticker === ticker && String(row.connection) === String(connection)) found += 1;
    }
    return found;
  }

  /** Whether an order may be cancelled from here. @param {any} order */
  mayCancel(order) {
    return this.against(order) === null;
  }

  /** What stands against cancelling an order, as a code. @param {any} order */
  against({ connection, type }) {
    const place = this.connection(String(connection));
    if (this.isAway) return this.other ? "terminal-other" : "terminal-not-found";
    if (this.status.orders !== "cancel") return "orders-view-only";
    if (place?.viewMode) return "view-mode";
    if (place === null || this.isStale(String(connection))) return "not-connected";
    return ORDER_TYPES.includes(type) || /^\d/.test(type) ? null : "order-type-unknown";
  }

  /** @param {string[]} stale */
  #doubt(stale) {
    if (stale.join() === [...this.stale].join()) return;
    this.stale = new Set(stale);
    this.version += 1;
  }

  /** A terminal that is away has removed nothing: its connections keep their names. */
  #stand(/** @type {any} */ status) {
    this.status = status;
    this.version += 1;
    if (status.terminal.state !== "connected" && status.connections.length === 0) return;
    this.#places = new Map();
    for (const one of status.connections) this.#places.set(String(one.id), one);
  }

  /** @param {any} part */
  #apply({ reset, put = {}, drop = {}, stale, known }) {
    if (reset) this.rows = emptyRows();
    for (const kind of KINDS) {
      const rows = this.rows[kind];
      let moved = Boolean(reset);
      for (const key of drop[kind] ?? []) moved = rows.delete(key) || moved;
      for (const row of put[kind] ?? []) {
        moved ||= !rows.has(row.key);
        rows.set(row.key, row);
      }
      if (moved) this.members[kind] += 1;
    }
    if (stale) this.#doubt(stale.map(String));
    this.begun ||= this.stale.size > 0 || KINDS.some((kind) => this.rows[kind].size > 0);
    if (known) this.known = known.tickers;
  }
}

/** @param {any} connection */
const isLive = ({ state }) => state === "connected";

/** @returns {Rows} */
function emptyRows() {
  return Object.fromEntries(KINDS.map((kind) => [kind, new Map()]));
}
