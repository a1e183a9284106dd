/** This file knows every setting: its default, what it may be, and where it is kept. */

import { api } from "./browser.js";

/**
 * modifier: the key held while clicking a ticker. theme: of the panel; "auto" follows the browser.
 * hideZero: leave empty balances out. folded: sections of the panel that are closed.
 */
const TABLE = {
  modifier: { standard: "alt", allowed: ["alt", "ctrl", "shift", "meta"] },
  theme: { standard: "auto", allowed: ["auto", "dark", "light"] },
  hideZero: { standard: true, allowed: [true, false] },
  folded: { standard: /** @type {string[]} */ ([]), allowed: null },
};

/** @typedef {{modifier: string, theme: string, hideZero: boolean, folded: string[]}} Settings */

/** @param {Record<string, any>} stored @returns {Settings} */
export function checked(stored) {
  const fits = (/** @type {any} */ rule, /** @type {any} */ value) =>
    rule.allowed ? rule.allowed.includes(value) : isNames(value);
  const pairs = Object.entries(TABLE).map(([name, rule]) =>
    [name, fits(rule, stored[name]) ? stored[name] : rule.standard]);
  return Object.fromEntries(pairs);
}

/** @returns {Promise<Settings>} */
export async function readSettings() {
  return checked(await api.storage.local.get(Object.keys(TABLE)));
}

/** @param {Partial<Settings>} change @returns {Promise<void>} */
export function writeSettings(change) {
  return api.storage.local.set(change);
}

/** @param {(settings: Settings) => void} changed @param {{signal?: AbortSignal}} [life] */
export function watchSettings(changed, { signal } = {}) {
  const heard = async (/** @type {unknown} */ _, /** @type {string} */ area) => {
    if (area === "local") changed(await readSettings());
  };
  api.storage.onChanged.addListener(heard);
  signal?.addEventListener("abort", () => api.storage.onChanged.removeListener(heard));
}

/** @param {any} value */
function isNames(value) {
  return Array.isArray(value) && value.length <= 16
    && value.every((name) => typeof name === "string");
}
