/**
 * This file knows every setting of this browser: its default, what it may be, and where it is kept.
 * What the relay keeps (order of exchanges, what a panel may do) is in its own settings file.
 */

import { api } from "./browser.js";

/**
 * kind "choice": one of `options`. "number": a whole number from `least` to `most`. "binding": a
 * name such as "001", or "" for the active window. "switch": on or off. "names": a list of words.
 * @typedef {{kind: "choice", standard: string, options: readonly string[]}} Choice
 * @typedef {{kind: "number", standard: number, least: number, most: number}} Range
 * @typedef {{kind: "binding", standard: string}} Target
 * @typedef {{kind: "switch", standard: boolean}} Switch
 * @typedef {{kind: "names", standard: readonly string[]}} Names
 * @typedef {Choice | Range | Target | Switch | Names} Rule
 */

/**
 * modifier: the keys held while clicking a ticker. marks: a small mark beside the ticker under the
 * pointer; "key" shows it while the modifier is held, "hover" always. target: where a click, a key
 * or the menu opens a ticker, unless the tab has a binding of its own. followDelayMs: how long a
 * page's symbol must stay the same before the terminal follows. toasts: "problems" keeps quiet
 * about what went well, "off" leaves everything to the toolbar button. toastSeconds: how long one
 * stays. language: of our own texts; "auto" is the browser's. theme: "auto" is the browser's.
 * sitesOff: ids of sites that are not read. hideZero: leave empty balances
 * out. folded: sections of the panel that are closed. view: the one that is shown alone, or "all".
 * grouped: rows by connection.
 * @type {Readonly<Record<string, Rule>>}
 */
export const TABLE = Object.freeze({
  modifier: choice("alt", ["alt", "ctrl", "shift", "meta", "ctrl+alt", "alt+shift", "ctrl+shift",
    "alt+meta", "shift+meta"]),
  marks: choice("key", ["off", "key", "hover"]),
  target: Object.freeze({ kind: "binding", standard: "" }),
  followDelayMs: Object.freeze({ kind: "number", standard: 400, least: 100, most: 5000 }),
  toasts: choice("all", ["all", "problems", "off"]),
  toastSeconds: Object.freeze({ kind: "number", standard: 4, least: 1, most: 20 }),
  language: choice("auto", ["auto", "en", "ru"]),
  theme: choice("auto", ["auto", "dark", "light"]),
  sitesOff: Object.freeze({ kind: "names", standard: Object.freeze([]) }),
  hideZero: Object.freeze({ kind: "switch", standard: true }),
  folded: Object.freeze({ kind: "names", standard: Object.freeze([]) }),
  view: choice("all", ["all", "here", "orders", "positions", "balances", "activity"]),
  grouped: Object.freeze({ kind: "switch", standard: true }),
});

/**
 * @typedef {{modifier: string, marks: string, target: string, followDelayMs: number,
 *   toasts: string, toastSeconds: number, language: string, theme: string, sitesOff: string[],
 *   hideZero: boolean, folded: string[], view: string, grouped: boolean}} Settings
 */

/** Whether a value is one that a setting may have. @param {string} name @param {unknown} value */
export function fits(name, value) {
  const rule = Object.hasOwn(TABLE, name) ? TABLE[name] : null;
  if (!rule) return false;
  if (rule.kind === "choice") return rule.options.includes(/** @type {string} */ (value));
  if (rule.kind === "number") {
    return Number.isInteger(value) && Number(value) >= rule.least && Number(value) <= rule.most;
  }
  if (rule.kind === "binding") return value === "" || isBinding(value);
  return rule.kind === "switch" ? typeof value === "boolean" : isNames(value);
}

/** "001" to "500", as the terminal names them (MetaScalp API, edition 3, 2026-08).
 * @param {unknown} value */
export function isBinding(value) {
  return typeof value === "string" && /^\d{3}$/.test(value) && value >= "001" && value <= "500";
}

/** What is stored, with the default wherever it cannot be meant.
 * @param {Record<string, any>} stored @returns {Settings} */
export function checked(stored) {
  const pairs = Object.entries(TABLE).map(([name, rule]) =>
    [name, fits(name, stored[name]) ? stored[name] : rule.standard]);
  return Object.fromEntries(pairs);
}

/** @returns {Promise<Settings>} */
export async function readSettings() {
  return checked(await api.storage.local.get(Object.keys(TABLE)));
}

/** A value that a setting cannot have is refused, and nothing of the change is stored.
 * @param {Partial<Settings>} change @returns {Promise<void>} */
export async function writeSettings(change) {
  const wrong = Object.entries(change).find(([name, value]) => !fits(name, value));
  if (wrong) throw new RangeError(`${wrong[0]} cannot be ${JSON.stringify(wrong[1])}`);
  await api.storage.local.set(change);
}

/** @param {(settings: Settings) => void} changed @param {{signal?: AbortSignal}} [life] */
export function watchSettings(changed, { signal } = {}) {
  const heard = async (/** @type {object} */ changes, /** @type {string} */ area) => {
    const ours = Object.keys(changes).some((name) => Object.hasOwn(TABLE, name));
    if (area === "local" && ours) changed(await readSettings());
  };
  api.storage.onChanged.addListener(heard);
  signal?.addEventListener("abort", () => api.storage.onChanged.removeListener(heard));
}

/** @param {string} standard @param {string[]} options @returns {Choice} */
function choice(standard, options) {
  return Object.freeze({ kind: "choice", standard, options: Object.freeze(options) });
}

/** @param {any} value */
function isNames(value) {
  return Array.isArray(value) && value.length <= 200
    && value.every((name) => typeof name === "string" && name.length <= 40);
}
