/** This file knows the bindings that really exist in the terminal, as they were last told. */

const OLD_MS = 5000;
const MAX_SHOWN = 24;

/**
 * source: as the relay tells it; "none" where the build does not list them, "away" without one.
 * rows: each binding with what it shows now.
 * @typedef {{source: string, rows: {binding: string, shows: string}[]}} Listed
 */

export class Targets {
  #at = -Infinity;
  /** @type {Listed} */
  #listed = { source: "away", rows: [] };
  /** @type {Promise<Listed> | null} */
  #asking = null;

  /** @param {import("../relay.js").Relay} relay */
  constructor(relay) {
    this.relay = relay;
  }

  /** What was told last; never waits. */
  get last() {
    return this.#listed;
  }

  /** The list, not older than five seconds. @param {number} [now] @returns {Promise<Listed>} */
  list(now = Date.now()) {
    if (now - this.#at < OLD_MS) return Promise.resolve(this.#listed);
    this.#asking ??= this.#ask(now).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** @param {number} now */
  async #ask(now) {
    const told = await this.relay.request("bindings", {}).catch(() => null);
    this.#at = told ? now : -Infinity;
    this.#listed = told ? { source: told.source, rows: rowsOf(told.bindings) }
      : { source: "away", rows: [] };
    return this.#listed;
  }
}

/** @param {any} bindings */
function rowsOf(bindings) {
  if (!Array.isArray(bindings)) return [];
  return bindings.slice(0, MAX_SHOWN).map(({ binding, panels }) => {
    const tickers = (panels ?? []).map((/** @type {any} */ panel) => panel.ticker).filter(Boolean);
    return { binding: String(binding), shows: [...new Set(tickers)].slice(0, 3).join(", ") };
  });
}
