/**
 * This file knows how an outcome is told: codes and values in, sentences of the reader's
 * language out.
 */

import { say } from "./browser.js";

/** @typedef {import("./relay.js").RelayFailure} RelayFailure */

/** What the person runs when the relay is missing or broken. */
export const INSTALL = "metascalp-relay install";
export const DOCTOR = "metascalp-relay doctor";

/**
 * Code -> the values its sentence takes, in order. Each code is `outcome_<code>` in _locales.
 * @type {Record<string, string[]>}
 */
const SENTENCES = {
  switched: ["symbol", "connection"],
  "combo-opened": ["symbol"],
  "chart-opened": ["symbol"],
  "closed-opened": ["count"],
  "nothing-opened": [],
  "panel-pointed": ["symbol", "connection", "tab"],
  "alert-set": ["symbol", "price"],
  notified: ["symbol"],
  cancelled: ["symbol"],
  "cancelled-all": ["symbol", "count"],
  "one-of-accounts": ["symbol", "count", "exchange"],
  dispatched: ["symbol"],
  "terminal-not-found": [],
  "terminal-other": ["address"],
  "no-connection": ["exchange"],
  "no-ticker": ["symbol"],
  unread: ["symbol"],
  "view-mode": ["symbol"],
  "not-connected": ["exchange"],
  "need-exchange": ["symbol"],
  ambiguous: ["symbol"],
  "combo-elsewhere": ["symbol", "connection"],
  "bad-find": ["symbol"],
  "binding-not-found": ["binding"],
  "panel-locked": ["tab"],
  "panel-not-found": [],
  "not-in-build": [],
  "terminal-refused": ["text"],
  "orders-view-only": [],
  "order-type-unknown": [],
  "no-answer": ["symbol"],
  stale: [],
  busy: [],
  "bad-frame": [],
  "bad-request": [],
  "unknown-method": [],
  "bad-params": ["field"],
  "bad-ticker": ["symbol"],
  "bad-config": ["text"],
  "too-large": [],
  "relay-broken": ["detail"],
  "activity-unread": [],
  "host-missing": [],
  "host-forbidden": [],
  "host-exited": [],
  "host-broken": [],
  "host-protocol": [],
  "relay-too-old": [],
  "extension-too-old": [],
  "no-find": [],
  "no-price": [],
  "price-unknown": ["symbol"],
  "follow-elsewhere": [],
  "follow-too-often": [],
  internal: ["code"],
};

/** What a page shows while there is no outcome yet; `pending` is no code of the relay.
 * @type {Toast} */
export const PENDING = { state: "dispatched", code: "pending", token: "", ms: null, demo: false,
  checkedMs: 0, chips: [], copy: null, command: null,
  get title() {
    return say("toast_pending");
  } };

/** Code -> the command that helps. @type {Record<string, string>} */
const COMMANDS = {
  "host-missing": INSTALL,
  "host-forbidden": INSTALL,
  "host-protocol": INSTALL,
  "relay-too-old": INSTALL,
  "host-exited": DOCTOR,
  "host-broken": DOCTOR,
  "relay-broken": DOCTOR,
  "bad-frame": DOCTOR,
  "bad-request": DOCTOR,
  "unknown-method": INSTALL,
};

/** Whys of a candidate that cannot be opened; shown, not offered. */
const CLOSED = ["view-mode", "not-connected"];
const MAX_CHIPS = 6;
const MAX_VALUE = 200;

/**
 * One sentence for an outcome.
 * @param {any} outcome
 * @param {any} [find] what was asked for; names the ticker when the outcome does not
 * @returns {string}
 */
export function sentence(outcome, find = null) {
  const code = Object.hasOwn(SENTENCES, outcome.code) ? outcome.code : unnamed(outcome);
  const values = valuesOf(outcome, find);
  // What is not on one market may be on another, and be offered below.
  const where = code === "no-ticker" && values.market ? "_market" : "";
  const key = `outcome_${code.replaceAll("-", "_")}${where}`;
  return say(key, SENTENCES[code].map((name) => values[name] ?? "?"));
}

/**
 * What is said when the terminal opened a row's ticker on another account than the row's: it is asked
 * by exchange and market, of which it may have two, and takes one itself. Null where it did not.
 * @param {any} outcome @param {any} wanted the connection of the row
 * @returns {string | null}
 */
export function strayed(outcome, wanted) {
  const opened = outcome.connection;
  const fine = outcome.state === "done" || outcome.state === "dispatched";
  if (!fine || !opened || !wanted || String(opened.id) === String(wanted.id)) return null;
  const { symbol = "?" } = valuesOf(outcome, null);
  return say("opened_elsewhere", [symbol, plain(opened.name), plain(wanted.name)]);
}

/** The command that helps with a code, or null. @param {string} code @returns {string | null} */
export const commandFor = (code) => COMMANDS[code] ?? null;

/** A sentence and the command that helps, for where that has no place of its own.
 * @param {string} title @param {string | null} command */
export function withCommand(title, command) {
  if (!command) return title;
  return title.endsWith(":") ? `${title} ${command}` : `${title} · ${command}`;
}

/** One sentence with all that it leads to. @param {any} outcome @param {any} [find] */
export const fullSentence = (outcome, find = null) =>
  withCommand(sentence(outcome, find), commandFor(outcome.code));

/**
 * What a page shows of an outcome. chips: places a refusal offers, `index` null where it cannot
 * be opened. copy: what is worth having on the clipboard. command: what the person may run.
 * token: which toast a press on a chip comes from. checkedMs: part of the time since the click that
 * went into reading the terminal's screen. showMs, theme: as the settings want it.
 * @param {any} outcome @param {any} [find] @param {string} [token]
 * @returns {Toast}
 *
 * @typedef {{state: string, code: string, title: string, token: string, ms: number | null,
 *   checkedMs: number, demo: boolean, showMs?: number, theme?: string,
 *   words?: Record<string, string>,
 *   chips: {label: string, note: string, index: number | null}[], copy: string | null,
 *   command: string | null}} Toast
 */
export function toastOf(outcome, find = null, token = "") {
  const refused = outcome.state === "refused";
  const command = commandFor(outcome.code);
  const offered = refused ? (outcome.alternatives ?? []).slice(0, MAX_CHIPS) : [];
  return {
    state: outcome.state,
    code: outcome.code,
    title: [sentence(outcome, find), ...whereOf(outcome)].join(" · "),
    token,
    ms: outcome.state === "done" || outcome.state === "dispatched" ? outcome.ms ?? null : null,
    checkedMs: Number(outcome.checkedMs) || 0,
    demo: outcome.connection?.demoMode === true,
    chips: offered.map(chipOf),
    copy: refused && !command ? outcome.pattern ?? null : null,
    command,
  };
}

/**
 * A request that failed on its way, told as an outcome. What may have been carried out is
 * unknown, never refused.
 * @param {RelayFailure | Error} failure @param {any} [find]
 */
export function outcomeOf(failure, find = null) {
  const { code = "internal", sent = false, data = {} } = /** @type {any} */ (failure);
  const lost = sent && (code === "no-answer" || /^(host|relay)-/.test(code));
  return {
    state: lost ? "unknown" : "refused",
    code: lost ? "no-answer" : code,
    params: { ...data },
    text: failure.message,
    ticker: null,
    symbol: null,
    connection: null,
    ms: null,
    alternatives: [],
    pattern: lost ? null : find?.pattern ?? null,
  };
}

/** What we refuse ourselves, without asking the relay. @param {string} code @returns {Toast} */
export const refusal = (code) => toastOf({ state: "refused", code, params: {}, text: code });

/** In which binding, and in how many panels the terminal shows it now. @param {any} outcome */
function whereOf({ state, binding, panels }) {
  if (state !== "done" && state !== "dispatched") return [];
  const count = panels?.length ?? 0;
  return [binding ? say("toast_binding", [binding]) : "",
    count > 1 ? say("toast_panels", [String(count)]) : ""].filter(Boolean);
}

/** @param {any} candidate @param {number} index */
function chipOf(candidate, index) {
  const closed = CLOSED.includes(candidate.why);
  return {
    label: plain(`${candidate.symbol} · ${candidate.connection}`),
    note: closed ? say(`why_${candidate.why.replaceAll("-", "_")}`) : "",
    index: closed ? null : index,
  };
}

/** @param {any} outcome */
const unnamed = (outcome) => (outcome.state === "dispatched" ? "dispatched" : "internal");

/** @param {any} outcome @param {any} find @returns {Record<string, string>} */
function valuesOf(outcome, find) {
  const params = outcome.params ?? {};
  const symbol = outcome.symbol ?? params.symbol ?? outcome.ticker ?? params.ticker
    ?? find?.pattern ?? find?.bare ?? find?.base ?? outcome.pattern;
  const values = {
    ...params,
    symbol,
    connection: outcome.connection?.name ?? params.connection,
    exchange: params.exchange || find?.exchange || symbol,
    binding: outcome.binding ?? params.binding,
    count: outcome.count ?? params.count,
    text: params.text ?? outcome.text,
    address: params.address ?? say("another_port"), // what was noted is without
    detail: params.detail ?? outcome.text,
    code: outcome.code,
  };
  const told = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(told.map(([name, value]) => [name, plain(value).slice(0, MAX_VALUE)]));
}

/** Without the characters that turn the direction of what stands around them.
 * @param {unknown} value */
function plain(value) {
  return String(value).replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
}

/** What a tab without a link of its own opens in. @param {string} binding of the settings; "" is
 * the active window */
export const usualName = (binding) => (binding ? say("link_usual", [binding])
  : say("menu_active_window"));
